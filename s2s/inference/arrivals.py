"""Lines of a stream in groups, as they arrive: whoever writes one line and waits gets its answer."""

import io
import os
import select
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

from s2s.config.errors import RequestError
from s2s.text.lines import iter_lines

PAUSE = 0.05
"""Seconds of silence after which the lines that are there are taken as a group."""
_CHUNK = 1 << 16


class Arrivals:
    """The raw lines of a stream, in order, and whether the next one lets itself be waited for."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lines: deque[bytes] = deque()
        self._rest = b""
        self._ended = False
        try:
            self._descriptor: int | None = stream.fileno()
        except (io.UnsupportedOperation, AttributeError):
            self._descriptor = None

    def __iter__(self) -> Iterator[bytes]:
        while self._lines or not self._ended:
            if self._lines:
                yield self._lines.popleft()
            else:
                self._receive()

    def pause(self) -> bool:
        """True if nothing is there and nothing comes for a while."""
        if self._lines or self._ended or self._descriptor is None:
            return False
        return not select.select([self._descriptor], [], [], PAUSE)[0]

    def _receive(self) -> None:
        # Not through the stream's buffer: select cannot see what waits in there.
        chunk = self._stream.read(_CHUNK) if self._descriptor is None else os.read(self._descriptor, _CHUNK)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        self._lines.extend(line + b"\n" for line in lines)
        if not chunk:
            self._ended = True
            if self._rest:
                self._lines.append(self._rest)


def groups(stream: BinaryIO, name: str, most: int) -> Iterator[list[str]]:
    """The lines of a stream in groups of at most `most`, cut short where it pauses.

    RequestError, with `name` and line, for what is not UTF-8, once the lines before it have been given out.
    """
    arrivals = Arrivals(stream)
    lines = iter_lines(arrivals, name)
    group: list[str] = []
    while True:
        try:
            line = next(lines, None)
        except RequestError:
            if group:
                yield group
            raise
        if line is not None:
            group.append(line)
        if group and (line is None or len(group) >= most or arrivals.pause()):
            yield group
            group = []
        if line is None:
            return
