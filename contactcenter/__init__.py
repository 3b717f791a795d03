"""What happens to a contact from the door to the answer. Each room owns its models, verbs, pages and tests."""
