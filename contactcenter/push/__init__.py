"""Calling somebody whose desk isn't open: Web Push to the browsers in which they asked for it. Nothing personal leaves."""
