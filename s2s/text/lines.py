"""Text files as lines: strict UTF-8, cut at line feeds alone, so that line i here is line i for everybody."""

import gzip
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from s2s.config.errors import RequestError, WorkError

BYTE_ORDER_MARK = "byte order mark"
CARRIAGE_RETURN = "carriage return"
MAX_LINE = 1 << 26
"""Bytes of a line of a file."""
MAX_LINES = 200_000_000
"""Lines of a file, which are in memory together."""
_GZIP = b"\x1f\x8b"


def read_lines(path: Path, removed: Counter[str] | None = None) -> list[str]:
    """All lines of a file, plain or gzipped, without their ends; what else was taken away is counted in `removed`.

    RequestError where the file cannot be read or is not UTF-8.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(len(_GZIP)) == _GZIP
            file.seek(0)
            if not packed:
                return list(iter_lines(_bounded(file, str(path)), str(path), removed))
            with gzip.open(file, "rb") as unpacked:
                return list(iter_lines(_bounded(unpacked, str(path)), str(path), removed))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise RequestError(f"{path} is a damaged gzip file ({error}); fetch it again") from None
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror or error}") from None


def _bounded(stream: BinaryIO | gzip.GzipFile, name: str) -> Iterator[bytes]:
    """The raw lines; RequestError for one, or so many, that no text has, before they have taken the memory."""
    number = 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE or number > MAX_LINES:
            what = (
                f"line {number:,} has more than {MAX_LINE:,} bytes" if number <= MAX_LINES else f"{MAX_LINES:,} lines"
            )
            raise RequestError(f"{name} is not a text that can be read: {what}; cut it up")
        yield line


def iter_lines(
    stream: Iterable[bytes] | BinaryIO | gzip.GzipFile, name: str, removed: Counter[str] | None = None
) -> Iterator[str]:
    r"""The lines of an open binary stream, each as soon as it has arrived; a last one without an end counts.

    Only \n ends a line: U+2028, \f and their like are text. A \r before it and a byte order mark at the very start are
    taken away and counted in `removed`. RequestError, with `name` and line, for bytes that are not UTF-8.
    """
    removed = Counter() if removed is None else removed
    for number, raw in enumerate(stream, start=1):
        try:
            line = raw.decode("utf-8").removesuffix("\n")
        except UnicodeDecodeError as error:
            raise RequestError(
                f"{name}, line {number}: byte 0x{raw[error.start]:02X} at place {error.start + 1} is not UTF-8; "
                "convert the file to UTF-8"
            ) from None
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
