"""A batch as a piece of work, and who does it: this process, or several that each have the model."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

Job = TypeVar("Job")
Found = TypeVar("Found")


class Spread(Protocol):
    """Does what `map` does: `work` of every job, in their order; somewhere else perhaps, where `work` is known."""

    def __call__(self, work: Callable[[Job], Found], jobs: Sequence[Job], /) -> Iterable[Found]:
        """The results, one for each job."""
        ...


def here(work: Callable[[Job], Found], jobs: Sequence[Job], /) -> Iterable[Found]:
    """One after the other, in this process."""
    return map(work, jobs)
