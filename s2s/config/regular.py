"""The gate before files are opened: a named pipe would be waited for without end, a device read without end."""

import stat
from pathlib import Path

from s2s.config.errors import RequestError

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def irregular(path: Path) -> str:
    """What there is instead of a regular file: `a named pipe`. Empty for a regular file, and where there is nothing."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # a name that is too long, or not one at all
        return ""
    return next((name for is_kind, name in _KINDS if is_kind(mode)), "")


def check_regular(path: Path) -> None:
    """Raise RequestError, before it is opened, for what is not a regular file; what is missing is left to `open`."""
    if kind := irregular(path):
        raise RequestError(f"{path} is {kind}, not a file; name a regular file")


def read_regular(path: Path, most: int) -> bytes:
    """The content of a regular file of at most `most` bytes. RequestError for any other; OSError as `open` has it."""
    check_regular(path)
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise RequestError(f"{path} has more than {most:,} bytes, which is the most that is read of such a file")
    return content
