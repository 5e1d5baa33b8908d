"""Searches over anything that can start and step."""
