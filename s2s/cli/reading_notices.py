"""What `s2s transcribe` prints on standard error of many pictures: each fault, ten doubts, and counts."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from s2s.cli.printing import notice

if TYPE_CHECKING:
    from s2s.image.load import BadImage
    from s2s.inference.transcript import Transcript

MANY = 100
"""From so many pictures on, their speed is printed."""
NAMED = 10
"""Pictures whose doubts are printed; the others are counted."""


class Notices:
    """Prints what is wrong with pictures as they come, and counts."""

    def __init__(self) -> None:
        self.done = self.broken = 0
        self._doubtful = self._pages = self._lines = 0

    def add(self, path: str, result: "Transcript | BadImage") -> None:
        """Count a picture, and print what is wrong with it."""
        from s2s.image.load import BadImage

        self.done += 1
        if isinstance(result, BadImage):
            self.broken += 1
            notice(result)
            return
        self._pages += bool(result.lines)
        self._lines += len(result.lines)
        self._doubtful += bool(result.warnings)
        if self._doubtful <= NAMED:
            for warning in result.warnings:
                notice(f"{path}: {warning}")

    def summary(self, seconds: float) -> Iterator[str]:
        """Counts of what there was to say."""
        if self._doubtful > NAMED:
            yield f"and {self._doubtful - NAMED:,} more with warnings; --format jsonl has those of every picture"
        if self._pages == 1:
            yield f"1 picture looks like a page, and its {self._lines:,} lines were read one by one; see --whole"
        elif self._pages:
            yield (
                f"{self._pages:,} pictures look like pages, and their {self._lines:,} lines were read one by one; "
                "see --whole"
            )
        if self.done >= MANY:
            yield f"{self.done:,} pictures in {seconds:.1f} s, {self.done / seconds:.0f} a second"
        if self.broken and self.done > 1:
            yield f"{self.broken:,} of {self.done:,} pictures could not be read"
