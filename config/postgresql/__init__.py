"""Django's PostgreSQL engine with cursors whose statements the server keeps worked out; see `base`."""
