"""What labels hold against what a charset knows: printed before the first step of training, and by `s2s check`."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from s2s.config.plural import counted
from s2s.text.charset import Charset, describe, nfc, show

EXAMPLES = 3
"""Names given for each finding; the counts are complete."""
LISTED = 10
"""Unknown characters that the report lists, the most frequent ones; the others are counted."""


@dataclass
class Finding:
    """How often something was met, and where first."""

    count: int = 0
    """Occurrences."""
    examples: int = 0
    """Labels it occurs in."""
    names: list[str] = field(default_factory=list)
    """The first few of them."""

    def add(self, name: str, count: int) -> None:
        """Count `count` occurrences in the label called `name`."""
        self.count += count
        self.examples += 1
        if len(self.names) < EXAMPLES:
            self.names.append(name)

    def where(self) -> str:
        """`in 7 labels: a.png, b.png, c.png, ...`."""
        more = ", ..." if self.examples > EXAMPLES else ""
        return f"in {counted(self.examples, 'label')}: {', '.join(self.names)}{more}"


@dataclass
class Survey:
    """The characters of a set of labels."""

    labels: int
    """Labels seen."""
    empty: int
    """Labels without a character."""
    known: Counter[str]
    """Occurrences of every character that the charset has."""
    unknown: dict[str, Finding]
    """Every character it lacks: those will be read as unknown, the labels stay as they are."""
    changed: Finding
    """Labels that were not in NFC; they are learned and compared in NFC."""
    missing: str
    """Characters of the charset that no label holds, so that they cannot be learned."""

    def lines(self) -> list[str]:
        """The report for the screen, most frequent first."""
        report = [
            f"{counted(self.labels, 'label')}, {self.empty} empty, {sum(self.known.values())} characters known, "
            f"{sum(f.count for f in self.unknown.values())} unknown"
        ]
        if self.missing:
            report.append(f"never seen: {len(self.missing)} characters of the charset: {show(self.missing)}")
        for character, finding in sorted(self.unknown.items(), key=lambda item: -item[1].count)[:LISTED]:
            report.append(f"unknown: {describe(character)}, {counted(finding.count, 'time')} {finding.where()}")
        if len(self.unknown) > LISTED:
            report.append(f"unknown: {counted(len(self.unknown) - LISTED, 'more character')}")
        if self.changed.count:
            report.append(f"changed to NFC: {self.changed.where()}")
        return report


def survey(labels: Iterable[tuple[str, str]], charset: Charset) -> Survey:
    """Count the characters of (name, text) pairs against a charset. Nothing is dropped."""
    known: Counter[str] = Counter()
    unknown: dict[str, Finding] = {}
    changed = Finding()
    total = empty = 0
    for name, text in labels:
        composed = nfc(text)
        total += 1
        empty += not composed
        if composed != text:
            changed.add(name, 1)
        for character, count in Counter(composed).items():
            if character in charset:
                known[character] += count
            else:
                unknown.setdefault(character, Finding()).add(name, count)
    missing = "".join(character for character in charset.characters if character not in known)
    return Survey(total, empty, known, unknown, changed, missing)
