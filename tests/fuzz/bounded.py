"""Bounds on what a fuzzer's cases may take, in memory and time: beyond them an error is raised, and counted."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

MEMORY = 1_500_000_000
"""Bytes that the process may take on top of what it has."""
SECONDS = 20
"""Longest time of a case, see `alarm`."""


@contextmanager
def bounded(memory: int = MEMORY) -> Iterator[None]:
    """Cap the memory of this process while the block runs, at so many bytes more than it has now."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + memory, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@contextmanager
def alarm(seconds: int = SECONDS) -> Iterator[None]:
    """TimeoutError where the block takes longer."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"it takes more than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
