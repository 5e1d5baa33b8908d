"""How far a command that reads lines has come, for people who watch."""

import sys
import time

from s2s.cli.printing import notice

REFRESH = 0.5
"""Seconds between updates."""
_CLEAR = "\r\x1b[K"


class Counter:
    """Shows lines done and lines a second, on a terminal that does not show the output itself.

    Args:
        total: lines in all, if it is known.
    """

    def __init__(self, total: int | None) -> None:
        self._total, self._done = total, 0
        self._begun = time.monotonic()
        self._shown = 0.0
        self._on = sys.stderr.isatty() and not sys.stdout.isatty()

    def add(self, count: int) -> None:
        """So many more lines are done."""
        self._done += count
        now = time.monotonic()
        if self._on and now - self._shown >= REFRESH:
            self._shown = now
            sys.stderr.write(f"{_CLEAR}{self._text()}")
            sys.stderr.flush()

    def say(self, text: str) -> None:
        """Print a line of its own."""
        if self._on:
            sys.stderr.write(_CLEAR)
        notice(text)

    def end(self) -> None:
        """Leave the last state on the screen."""
        if self._on:
            sys.stderr.write(f"{_CLEAR}{self._text()}\n")

    def _text(self) -> str:
        of = "" if self._total is None else f" of {self._total:,}"
        seconds = time.monotonic() - self._begun
        return f"{self._done:,}{of} lines in {seconds:,.0f} s, {self._done / max(seconds, 1e-3):,.1f} a second"
