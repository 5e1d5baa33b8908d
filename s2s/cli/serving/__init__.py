"""Models over HTTP: a page to try them, and JSON."""
