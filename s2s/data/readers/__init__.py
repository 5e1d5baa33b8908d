"""Readers of parallel text, one a format; each returns a `Reading`."""
