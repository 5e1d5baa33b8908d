"""Parallel text in memory: what every reader returns and what is cleaned and stored."""

from collections import Counter
from dataclasses import dataclass, field

LINE_BREAK = "line break inside a text"


@dataclass
class Pairs:
    """One split: `target[i]` translates `source[i]`.

    `references[i]` holds further translations of `source[i]`; it is empty where there are none. `changed` counts, by
    reason, the texts that reading had to change. `tags[i]`, where it is not empty, is a word to put before `source[i]`
    once the pairs are clean; `tags` is empty where there are none.
    """

    source: list[str]
    target: list[str]
    references: list[list[str]] = field(default_factory=list)
    changed: Counter[str] = field(default_factory=Counter)
    tags: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.source)

    def keep(self, rows: list[int]) -> "Pairs":
        """Return the pairs at `rows`, in that order."""
        source, target = ([side[row] for row in rows] for side in (self.source, self.target))
        references = [self.references[row] for row in rows] if self.references else []
        return Pairs(source, target, references, self.changed, [self.tags[row] for row in rows] if self.tags else [])

    def tagged(self) -> "Pairs":
        """Return the pairs with every tag in its place."""
        if not self.tags:
            return self
        source = [f"{tag} {text}" if tag else text for tag, text in zip(self.tags, self.source, strict=True)]
        return Pairs(source, self.target, self.references, self.changed)


@dataclass
class Reading:
    """What a reader found: the splits by name, optional splits that were not there, and what to know of the origin."""

    splits: dict[str, Pairs]
    missing: list[str] = field(default_factory=list)
    origin: dict[str, str] = field(default_factory=dict)


def one_line(text: str, changed: Counter[str]) -> str:
    """Return a text of a format that allows line breaks as one line; count it where it changed."""
    if "\n" not in text and "\r" not in text:
        return text
    changed[LINE_BREAK] += 1
    return " ".join(part.strip() for part in text.replace("\r", "\n").split("\n") if part.strip())
