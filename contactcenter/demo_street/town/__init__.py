"""Roccaverde, the town of the demo: its offices and people, and a week of work that was plausibly done there."""
