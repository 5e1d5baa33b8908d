"""Typed dataclasses for every YAML, read strictly. No torch."""
