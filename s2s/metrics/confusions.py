"""Which characters are taken for which others."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein


@dataclass(frozen=True)
class Confusion:
    """An edit between what was meant and what was read, and how often it was needed."""

    reference: str
    """The character that stands there; empty where one was read that does not."""
    hypothesis: str
    """The character that was read; empty where one was missed."""
    count: int


def confusions(hypotheses: Sequence[str], references: Sequence[str]) -> list[Confusion]:
    """All single edits of the shortest ways from each reference to its hypothesis, the most frequent first.

    Their counts add up to the edits that the character error rate counts.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for hypothesis, reference in zip(hypotheses, references, strict=True):
        for edit in Levenshtein.editops(reference, hypothesis):
            meant = "" if edit.tag == "insert" else reference[edit.src_pos]
            read = "" if edit.tag == "delete" else hypothesis[edit.dest_pos]
            counts[meant, read] += 1
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Confusion(meant, read, count) for (meant, read), count in ordered]
