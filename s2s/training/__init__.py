"""Runs: the only room that knows Lightning."""
