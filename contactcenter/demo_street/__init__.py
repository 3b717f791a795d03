"""The pretend town where a newcomer plays the citizen. Demo installations only."""
