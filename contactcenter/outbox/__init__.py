"""What must leave: written with the change, sent outside any transaction, never lost and never blindly sent twice."""
