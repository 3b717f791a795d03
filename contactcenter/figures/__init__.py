"""Figures of the contact centre."""
