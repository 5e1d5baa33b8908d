"""Folders and files that appear whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from s2s.config.errors import RequestError, WorkError


def check_new(out: Path) -> None:
    """Raise RequestError unless a dataset can be made there: nothing, or an empty folder."""
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise RequestError(f"--out {out} exists; name a new folder, or remove it first")
    check_place(out)


def check_place(out: Path) -> None:
    """Raise RequestError where no folder can be made, before there is anything to put into it."""
    standing = next(place for place in (out, *out.parents) if place.exists())
    if not standing.is_dir():
        raise RequestError(f"--out {out} cannot be made: {standing} is not a folder")
    if not os.access(standing, os.W_OK):
        raise RequestError(f"--out {out} cannot be made: there is no permission to write into {standing}")


@contextmanager
def appearing(out: Path) -> Iterator[Path]:
    """A folder beside `out` that becomes it at the end of the block. WorkError where the disk fails."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        try:
            partial.chmod(0o755)  # mkdtemp's own folders are private
            yield partial
            partial.rename(out)  # takes the place of an empty folder too
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        raise WorkError(f"--out {out} cannot be written: {error.strerror or error}") from None


def append(path: Path, text: str) -> None:
    """Write at the end of a text file. WorkError where the disk fails."""
    try:
        with path.open("ab") as file:
            file.write(text.encode("utf-8"))
    except OSError as error:
        raise WorkError(f"cannot write {path}: {error.strerror or error}") from None


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file in place of an older one: whenever the process dies, the old or the new one is there."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise WorkError(f"cannot write {path}: {error.strerror or error}") from None
