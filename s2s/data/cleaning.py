"""What is left out of train, by reason. Other splits are looked at, never changed."""

from collections import Counter
from dataclasses import dataclass, field

from s2s.config.recipe import Cleaning
from s2s.data.pairs import Pairs

BLANK = "blank"
LONG = "too long"
RATIO = "length ratio"
DUPLICATE = "duplicate"
SAME_PAIR = "pair is in another split"
SAME_SOURCE = "source is in another split"

_EXAMPLES = 3


@dataclass
class Findings:
    """Counts of a split's examples by reason, with a few of each: (source, target)."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, reason: str, source: str, target: str) -> None:
        """Count an example."""
        self.counts[reason] += 1
        if self.counts[reason] <= _EXAMPLES:
            self.examples.setdefault(reason, []).append((source, target))


def clean(train: Pairs, others: dict[str, Pairs], cleaning: Cleaning) -> tuple[Pairs, Findings, Findings]:
    """Return what remains of `train`, what was dropped, and what was kept but deserves a look (sources seen elsewhere).

    Each dropped pair is counted once, under the first reason that holds, in the order of the constants above.
    """
    held_out = {
        (_key(s), _key(t)) for pairs in others.values() for s, t in zip(pairs.source, pairs.target, strict=True)
    }
    held_out_sources = {source for source, _ in held_out}
    ratio = sum(map(len, train.target)) / max(1, sum(map(len, train.source))) or 1.0
    dropped, noticed = Findings(), Findings()
    kept: list[int] = []
    seen: set[tuple[str, str]] = set()
    for row, (source, target) in enumerate(zip(train.source, train.target, strict=True)):
        reason = _own_fault(source, target, ratio, cleaning)
        if reason is None and cleaning.duplicates and (source, target) in seen:
            reason = DUPLICATE
        if reason is None and (key := _key(source)) in held_out_sources:
            same_pair = (key, _key(target)) in held_out
            seen_elsewhere = SAME_PAIR if same_pair else SAME_SOURCE
            if cleaning.overlap == "source" or (cleaning.overlap == "pair" and same_pair):
                reason = seen_elsewhere
            else:
                noticed.add(seen_elsewhere, source, target)
        if reason is None:
            seen.add((source, target))
            kept.append(row)
        else:
            dropped.add(reason, source, target)
    return train.keep(kept), dropped, noticed


def notice_blank(pairs: Pairs) -> Findings:
    """Count the blank pairs of a split that is not cleaned."""
    findings = Findings()
    for source, target in zip(pairs.source, pairs.target, strict=True):
        if not source.strip() or not target.strip():
            findings.add(BLANK, source, target)
    return findings


def _own_fault(source: str, target: str, ratio: float, cleaning: Cleaning) -> str | None:
    if not source.strip() or not target.strip():
        return BLANK
    if cleaning.max_characters and max(len(source), len(target)) > cleaning.max_characters:
        return LONG
    if cleaning.max_ratio:
        factor = len(target) / len(source) / ratio
        if max(factor, 1 / factor) > cleaning.max_ratio:
            return RATIO
    return None


def _key(text: str) -> str:
    # A test sentence in other case or spacing is still a test sentence.
    return " ".join(text.casefold().split())
