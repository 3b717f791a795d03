"""Django's SQLite engine with a line for writers; see `base`."""
