"""Text files as lines: strict UTF-8, packed or not, cut at line feeds alone, so that line i is line i for all."""

import gzip
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from s2s.config.errors import RequestError, WorkError
from s2s.text.encodings import as_utf8, not_utf8
from s2s.text.packed import unpacked

BYTE_ORDER_MARK = "byte order mark"
CARRIAGE_RETURN = "carriage return"
MAX_LINE = 1 << 26
"""Bytes of a line of a file."""
MAX_LINES = 200_000_000
"""Lines of a file, which are in memory together."""
_CHUNK = 1 << 16


def read_lines(path: Path, removed: Counter[str] | None = None) -> list[str]:
    """All lines of a file without their ends; what else was taken away is counted in `removed`.

    The file may be packed by gzip, bzip2 or xz, and in UTF-16 if it has a byte order mark. RequestError where it cannot
    be read or is in another encoding.
    """
    removed = Counter() if removed is None else removed
    try:
        with path.open("rb") as file:
            chunks = unpacked(iter(lambda: file.read(_CHUNK), b""), str(path))
            return list(iter_lines(cut(as_utf8(chunks, str(path), removed), str(path)), str(path), removed))
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror or error}") from None


def cut(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """The lines of a stream with their ends, however it is cut into chunks.

    RequestError for a line, or so many, that no text has, before they have taken the memory.
    """
    begun: list[bytes] = []
    size = number = 0
    for chunk in chunks:
        first, *others = chunk.split(b"\n")
        begun.append(first)
        size += len(first)
        if size > MAX_LINE:
            raise _endless(name, f"line {number + 1:,} has more than {MAX_LINE:,} bytes")
        if others:
            yield b"".join(begun) + b"\n"
            yield from (line + b"\n" for line in others[:-1])
            begun, size = [others[-1]], len(others[-1])
            number += len(others)
            if number > MAX_LINES:
                raise _endless(name, f"it has more than {MAX_LINES:,} lines")
    if last := b"".join(begun):
        yield last


def _endless(name: str, what: str) -> RequestError:
    return RequestError(f"{name} is not a text that can be read: {what}; cut it up")


def iter_lines(stream: Iterable[bytes], name: str, removed: Counter[str] | None = None) -> Iterator[str]:
    r"""The lines of an open binary stream, each as soon as it has arrived; a last one without an end counts.

    Only \n ends a line: U+2028, \f and their like are text. A \r before it and a byte order mark at the very start are
    taken away and counted in `removed`. RequestError, with `name` and line, for bytes that are not UTF-8.
    """
    removed = Counter() if removed is None else removed
    for number, raw in enumerate(stream, start=1):
        try:
            line = raw.decode("utf-8").removesuffix("\n")
        except UnicodeDecodeError as error:
            raise not_utf8(raw, error, f"{name}, line {number}") from None
        if number == 1 and line.startswith("\ufeff"):
            removed[BYTE_ORDER_MARK] += 1
            line = line[1:]
        if line.endswith("\r"):
            removed[CARRIAGE_RETURN] += 1
            line = line[:-1]
        yield line


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write each string as one line of UTF-8, gzipped where the name ends in .gz.

    RequestError, with nothing written, for a string with a line break inside; WorkError where the disk fails.
    """
    content = bytearray()
    for number, line in enumerate(lines, start=1):
        if "\n" in line:
            raise RequestError(f"{path}, line {number}: the text has a line break inside and would become two lines")
        content += line.encode("utf-8") + b"\n"
    try:
        path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    except OSError as error:
        raise WorkError(f"cannot write {path}: {error.strerror}") from None
