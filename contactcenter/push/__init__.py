"""Notices that reach somebody's device through their browser's maker, while no page of ours is open there."""
