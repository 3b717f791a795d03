"""Calendar arithmetic, apart from the database."""
