"""`python -m s2s` is `s2s`."""

from s2s.cli.main import script

script()
