"""Settings: what an administrator sees and changes."""
