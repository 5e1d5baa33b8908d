"""One run a folder: a lock that is free as soon as its process is gone, however it went."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from s2s.config.errors import RequestError

NAME = "lock"
"""The file in the folder; it says who has it."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Have a folder to oneself for as long as the block lasts; it is made, and taken away again if it stays empty.

    RequestError, naming the other process, where another one has it, or where nothing can be written.
    """
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        descriptor = _take(folder / NAME)
        try:
            yield
        finally:
            with suppress(OSError):
                (folder / NAME).unlink()
            os.close(descriptor)
    finally:
        with suppress(OSError):  # it is not empty, as a rule
            for place in made:
                place.rmdir()


def _take(path: Path) -> int:
    """The open lock file."""
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise RequestError(f"cannot write into {path.parent}: {error.strerror}") from None
        try:
            # A lock of the process, not of the open file (flock): loader workers, which outlive a killed run by
            # seconds, do not inherit it.
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            other = os.read(descriptor, 1000).decode(errors="replace").strip()
            os.close(descriptor)
            raise RequestError(
                f"{path.parent} is in use by {other or 'another process'}; wait until it ends, or stop it"
            ) from None
        except OSError:  # a file system without locks
            return descriptor
        if _is_at(descriptor, path):
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
            return descriptor
        os.close(descriptor)  # its last owner took the file away in between


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
