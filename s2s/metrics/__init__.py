"""Scores of strings against strings. No torch."""
