"""Queues, what waits in them, and who takes it."""
