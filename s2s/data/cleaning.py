"""What is left out of train, by reason. Other splits are looked at, never changed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from s2s.config.recipe import Cleaning
from s2s.data.pairs import Pairs
from s2s.text.normalisation import differences, is_blank, normalise

BLANK = "blank"
LONG = "too long"
RATIO = "length ratio"
DUPLICATE = "duplicate"
SAME_PAIR = "pair is in another split"
SAME_SOURCE = "source is in another split"
SAME_TEXT = "source and target are the same"
TARGET_IN_TRAIN = "target is in train"
PAIR_IN, SOURCE_IN = "pair is in {} too", "source is in {} too"

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
    """Return what remains of `train`, what was dropped, and what was kept but deserves a look.

    The last are sources seen elsewhere, targets equal to their sources, and texts that are not in normal form. Each
    dropped pair is counted once, under the first reason that holds, in the order of the constants above.
    """
    held_out = {(key(s), key(t)) for pairs in others.values() for s, t in zip(pairs.source, pairs.target, strict=True)}
    held_out_sources = {source for source, _ in held_out}
    ratio = sum(map(len, train.target)) / max(1, sum(map(len, train.source))) or 1.0
    dropped, noticed = Findings(), Findings()
    kept: list[int] = []
    seen: set[tuple[str, str]] = set()
    for row, (source, target) in enumerate(zip(train.source, train.target, strict=True)):
        reason = _own_fault(source, target, ratio, cleaning)
        pair = normalise(source), normalise(target)
        if reason is None and cleaning.duplicates and pair in seen:
            reason = DUPLICATE
        if reason is None and key(source) in held_out_sources:
            same_pair = (key(source), key(target)) in held_out
            seen_elsewhere = SAME_PAIR if same_pair else SAME_SOURCE
            if cleaning.overlap == "source" or (cleaning.overlap == "pair" and same_pair):
                reason = seen_elsewhere
            else:
                noticed.add(seen_elsewhere, source, target)
        if reason is None:
            seen.add(pair)
            kept.append(row)
            _look(source, target, noticed)
        else:
            dropped.add(reason, source, target)
    return train.keep(kept), dropped, noticed


def notice(pairs: Pairs, train: Pairs, others: Mapping[str, Pairs], labelled: bool = False) -> Findings:
    """Count what deserves a look in a split that is not cleaned: in its texts, shared with train, or with `others`.

    That a target is in train deserves none where targets are the names of classes (`labelled`).
    """
    findings = Findings()
    targets = set() if labelled else set(map(key, train.target))
    keys = {
        name: set(zip(map(key, other.source), map(key, other.target), strict=True)) for name, other in others.items()
    }
    sources = {name: {source for source, _ in found} for name, found in keys.items()}
    for source, target in zip(pairs.source, pairs.target, strict=True):
        if is_blank(source) or is_blank(target):
            findings.add(BLANK, source, target)
            continue
        _look(source, target, findings)
        pair = key(source), key(target)
        if pair[1] in targets:
            findings.add(TARGET_IN_TRAIN, source, target)
        for name, found in keys.items():
            if pair[0] in sources[name]:
                findings.add((PAIR_IN if pair in found else SOURCE_IN).format(name), source, target)
    return findings


def key(text: str) -> str:
    """What copies of a text share: a sentence in other case, spacing or Unicode form is still that sentence."""
    return " ".join(normalise(text).casefold().split())


def _look(source: str, target: str, findings: Findings) -> None:
    """Count what deserves a look in a pair by itself."""
    for reason in dict.fromkeys((*differences(source), *differences(target))):
        findings.add(reason, source, target)
    if key(source) == key(target):
        findings.add(SAME_TEXT, source, target)


def _own_fault(source: str, target: str, ratio: float, cleaning: Cleaning) -> str | None:
    if is_blank(source) or is_blank(target):
        return BLANK
    if cleaning.max_characters and max(len(source), len(target)) > cleaning.max_characters:
        return LONG
    if cleaning.max_ratio:
        factor = len(target) / len(source) / ratio
        if max(factor, 1 / factor) > cleaning.max_ratio:
            return RATIO
    return None
