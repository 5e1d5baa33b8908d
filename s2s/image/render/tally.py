"""What a set of rendered pictures is like: characters, lengths, widths, polarity, refusals, speed."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from s2s.image.render.gate import HEIGHT
from s2s.image.render.renderer import Rendered


@dataclass(frozen=True)
class Entry:
    """A picture without its pixels."""

    name: str
    """Path of the file, relative to the folder."""
    text: str
    kind: str
    face: str
    light_on_dark: bool
    faults: tuple[str, ...]
    plain: bool
    width: float
    """Pixels at a height of 32."""
    seconds: float
    """Processor time it took to render, encode and write."""


def entry(name: str, rendered: Rendered, seconds: float) -> Entry:
    """What is kept of a picture."""
    height, width = rendered.image.shape[:2]
    return Entry(
        name, rendered.text, rendered.kind, rendered.face, rendered.light_on_dark, rendered.faults, rendered.plain,
        width * HEIGHT / height, seconds,
    )  # fmt: skip


@dataclass
class Tally:
    """Counts over pictures."""

    pictures: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    characters: Counter[str] = field(default_factory=Counter)
    faces: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    light_on_dark: int = 0
    plain: int = 0
    lengths: list[int] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def add(self, picture: Entry) -> None:
        """Count a picture."""
        self.pictures += 1
        self.kinds[picture.kind] += 1
        self.characters.update(picture.text)
        self.faces[picture.face] += bool(picture.face)
        self.faults.update(picture.faults)
        self.light_on_dark += picture.light_on_dark
        self.plain += picture.plain
        self.lengths.append(len(picture.text))
        self.widths.append(picture.width)
        self.seconds.append(picture.seconds)

    @property
    def reject_rate(self) -> float:
        """Share of the attempts that the gate refused."""
        refused = sum(self.faults.values())
        return refused / max(1, self.pictures + refused)

    def summary(self, characters: str) -> dict[str, Any]:
        """Everything as plain values; `characters` are those that might have been written."""
        milliseconds = 1000 * np.array(self.seconds or [0.0])
        return {
            "pictures": self.pictures,
            "kinds": dict(self.kinds.most_common()),
            "characters": {c: self.characters[c] for c in sorted(characters)},
            "faces": sum(1 for count in self.faces.values() if count),
            "light_on_dark": self.light_on_dark / max(1, self.pictures),
            "length": _spread(self.lengths),
            "width_at_32": _spread(self.widths),
            "reject_rate": self.reject_rate,
            "refused": dict(self.faults.most_common()),
            "plain": self.plain,
            "ms_a_picture": {"p50": _percentile(milliseconds, 50), "p95": _percentile(milliseconds, 95)},
            "pictures_a_second_and_core": round(1000 / max(float(milliseconds.mean()), 1e-6), 1),
        }

    def lines(self, characters: str) -> list[str]:
        """The summary for the screen."""
        facts = self.summary(characters)
        seen = [(c, n) for c, n in facts["characters"].items() if n]
        absent = "".join(c for c, n in facts["characters"].items() if not n)
        most = sorted(seen, key=lambda item: -item[1])
        length, width, speed = facts["length"], facts["width_at_32"], facts["ms_a_picture"]
        most_and_least = f"most: {_counts(most[:8])}; least: {_counts(most[-8:])}"
        refused = _counts(list(facts["refused"].items())) or "none"
        report = [
            f"pictures     {self.pictures:,} in {facts['faces']:,} faces",
            "kinds        " + ", ".join(f"{kind} {n / self.pictures:.1%}" for kind, n in facts["kinds"].items()),
            f"characters   {len(seen)} of {len(characters)}, {most_and_least}",
            f"lengths      median {length['p50']:g}, 5 % under {length['p5']:g}, 5 % over {length['p95']:g} characters",
            f"widths       median {width['p50']:g}, 5 % under {width['p5']:g}, 5 % over {width['p95']:g} (height 32)",
            f"polarity     {facts['light_on_dark']:.1%} light on dark",
            f"refused      {self.reject_rate:.2%} of the attempts ({refused}), {self.plain} drawn plainly in the end",
            f"speed        {facts['pictures_a_second_and_core']:g} images/s a core, "
            f"p50 {speed['p50']:g} ms, p95 {speed['p95']:g} ms an image",
        ]
        if absent:
            report.insert(3, f"never drawn  {absent!r}: more pictures, or other fonts or words, are needed for them")
        return report


def _counts(items: list[tuple[str, int]]) -> str:
    return ", ".join(f"{name if name != ' ' else 'space'} {count:,}" for name, count in items)


def _spread(values: list[int] | list[float]) -> dict[str, float]:
    numbers = np.array(values or [0.0], np.float64)
    return {f"p{share}": _percentile(numbers, share) for share in (5, 50, 95)}


def _percentile(values: np.ndarray, share: float) -> float:
    return round(float(np.percentile(values, share)), 2)
