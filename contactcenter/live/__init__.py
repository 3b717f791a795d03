"""Telling open screens to look again: topics, versions, heartbeat."""
