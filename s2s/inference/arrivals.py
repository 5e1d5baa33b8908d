"""Lines of a stream in groups, as they arrive: whoever writes one line and waits gets its answer."""

import bz2
import gzip
import io
import lzma
import os
import select
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import BinaryIO

from s2s.config.errors import RequestError
from s2s.text.lines import iter_lines

PAUSE = 0.05
"""Seconds of silence after which the lines that are there are taken as a group."""
MOST_BYTES = 2**26
"""Bytes of the longest line, so that no stream, packed or not, fills the memory."""
_CHUNK = 1 << 16
_PACKED: dict[bytes, tuple[str, Callable[[BinaryIO], gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile]]] = {
    b"\x1f\x8b\x08": ("gzip", lambda stream: gzip.GzipFile(fileobj=stream)),
    **dict.fromkeys(
        (b"BZh%d%b" % (level, block) for level in range(1, 10) for block in (b"1AY&SY", b"\x17rE8P\x90")),
        ("bzip2", bz2.BZ2File),
    ),
    b"\xfd7zXZ\0": ("xz", lzma.LZMAFile),
}
"""How compressed streams begin, what they are called, and what unpacks them piece by piece."""
_DAMAGED = (EOFError, OSError, zlib.error, lzma.LZMAError)


class Arrivals:
    """The raw lines of a stream, in order, unpacked, and whether the next one lets itself be waited for.

    RequestError, with `name`, for packed data that are damaged, and for a line that is longer than MOST_BYTES.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._name = name
        self._lines: deque[bytes] = deque()
        self._count = 0
        self._rest: list[bytes] = []
        """What has come of a line that has not ended."""
        self._begun = self._ended = False
        try:
            # Not through the stream's buffer: select cannot see what waits in there.
            self._descriptor: int | None = stream.fileno()
            self._read: Callable[[], bytes] = partial(os.read, self._descriptor, _CHUNK)
        except (io.UnsupportedOperation, AttributeError):
            self._descriptor, self._read = None, partial(stream.read, _CHUNK)

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
        chunk = self._read() if self._begun else self._begin()
        first, *others = chunk.split(b"\n")
        self._rest.append(first)
        if others:
            lines = [b"".join(self._rest), *others[:-1]]
            self._rest = others[-1:]
            self._lines.extend(line + b"\n" for line in lines)
            self._count += len(lines)
        if not chunk:
            self._ended = True
            if any(self._rest):
                self._lines.append(b"".join(self._rest))
        elif len(self._rest) * _CHUNK > MOST_BYTES and sum(map(len, self._rest)) > MOST_BYTES:
            raise RequestError(
                f"{self._name}, line {self._count + 1}: longer than {MOST_BYTES:,} bytes; cut it into lines"
            )

    def _begin(self) -> bytes:
        """The first chunk; where it shows that the stream is packed, what it unpacks to."""
        self._begun = True
        head = b""
        while chunk := self._read():
            head += chunk
            if not any(len(head) < len(mark) and mark.startswith(head) for mark in _PACKED):
                break
        for mark, (kind, unpack) in _PACKED.items():
            if head.startswith(mark):
                packed = io.BufferedReader(_Chunks(head, self._read), _CHUNK)
                self._descriptor = None  # that more of it has come does not mean that there is a line
                self._read = partial(self._unpacked, unpack(packed), kind)
                return self._read()
        return head

    def _unpacked(self, stream: gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile, kind: str) -> bytes:
        try:
            return stream.read1(_CHUNK)
        except _DAMAGED as error:
            raise RequestError(f"{self._name}: damaged {kind} data ({error}); send the whole file again") from None


class _Chunks(io.RawIOBase):
    """A stream of bytes of which some have been read."""

    def __init__(self, head: bytes, read: Callable[[], bytes]) -> None:
        self._head, self._read = head, read

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._head = self._head or self._read()
        part, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def groups(
    stream: BinaryIO, name: str, most: int, texts: Callable[[Iterable[str]], Iterator[str]] = iter
) -> Iterator[list[str]]:
    """The lines of a stream in groups of at most `most`, cut short where it pauses; `texts` makes of them what counts.

    RequestError, with `name` and line, for what is not UTF-8, or what `texts` refuses, once the lines before it have
    been given out.
    """
    arrivals = Arrivals(stream, name)
    lines = texts(iter_lines(arrivals, name))
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
