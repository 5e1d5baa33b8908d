"""The `s2s` command."""

import sys


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    return 0


def script() -> None:
    """Entry point of the installed command."""
    sys.exit(main())
