"""Calls, whoever carries them. Today: what was promised to be called back; an agent dials on their own telephone."""
