"""Memory that does not suffice, reported in one sentence wherever torch, NumPy or OpenCV report it in their own words."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from s2s.config.errors import RequestError, WorkError

_WORDS = (
    "can't allocate memory",  # the allocator of the CPU
    "not enough memory",
    "Insufficient memory",  # OpenCV
    "Cannot allocate memory",  # the system
    "ALLOC_FAILED",  # cuBLAS, cuDNN
    "out of memory",
    "is killed by signal",  # a loader's worker; that is how the system frees memory
    "exited unexpectedly",  # the same, noticed later
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory does not suffice."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, Exception) and any(word in str(error) for word in _WORDS)


@contextmanager
def memory_for(what: Callable[[], str]) -> Iterator[None]:
    """Where memory does not suffice inside the block: WorkError, "out of memory for" `what`, and what to do."""
    try:
        yield
    except (RequestError, WorkError):
        raise
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise WorkError(f"out of memory for {what()}") from None
