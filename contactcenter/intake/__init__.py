"""Doors. What arrives is stored first, acknowledged second, understood third."""
