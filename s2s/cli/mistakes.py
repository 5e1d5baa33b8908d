"""What `s2s evaluate` reports of some tasks besides their scores: mistakes by kind, and what an answer costs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from s2s.bundle.bundle import Bundle
from s2s.metrics.classes import class_confusions
from s2s.metrics.confusions import Confusion, confusions
from s2s.metrics.tags import tag_confusions
from s2s.nn.cost import reading_operations
from s2s.nn.model import LanguageModel

SHOWN = 12
"""Mistakes that are shown on the screen; the report has all."""
PROPORTION = 100 / 32
"""Width by height of the picture that the cost is given for, the one of the literature."""


@dataclass(frozen=True)
class Mistakes:
    """How the mistakes of a task are counted and shown."""

    find: Callable[[Sequence[str], Sequence[str]], list[Confusion]]
    """Every kind of mistake in hypotheses and references, the most frequent first."""
    phrase: Callable[[Confusion], str]
    """One kind as people read it, without its count."""
    cost: Callable[[Bundle], dict[str, Any]] = lambda bundle: {}
    """What the report says of the model's cost."""


def mistakes_line(found: Sequence[Confusion], phrase: Callable[[Confusion], str]) -> str:
    """The most frequent ones: `mistakes: o read as 0 12, l missed 7`."""
    if not found:
        return "no mistakes"
    shown = ", ".join(f"{phrase(one)} {one.count:,}" for one in found[:SHOWN])
    return f"mistakes: {shown}{', ...' if len(found) > SHOWN else ''}"


def mistake_rows(found: Sequence[Confusion]) -> list[dict[str, Any]]:
    """All of them for the report."""
    return [asdict(one) for one in found]


def reading_cost(bundle: Bundle) -> dict[str, Any]:
    """Operations of reading a picture of the usual shape, in thousands of millions."""
    import torch

    picture: Any = bundle.config.source
    shape = (1, 3 if picture.colour else 1, picture.height, round(picture.height * PROPORTION))
    assert not isinstance(bundle.model, LanguageModel)
    image = torch.zeros(shape, dtype=torch.uint8, device=next(bundle.model.encoder.parameters()).device)
    return {"gflop": reading_operations(bundle.model, image) / 1e9, "gflop_of": f"a picture of {shape[2]} x {shape[3]}"}


def read_as(one: Confusion) -> str:
    """Of characters: `o read as 0`, `l missed`, `space added`."""
    meant, read = (" ".join("space" if c == " " else c for c in text) for text in (one.reference, one.hypothesis))
    return f"{meant} missed" if not read else f"{read} added" if not meant else f"{meant} read as {read}"


def taken_for(one: Confusion) -> str:
    """Of classes and tags: `spam taken for ham`."""
    return f"{one.reference} taken for {one.hypothesis or 'no class'}"


MISTAKES: Mapping[str, Mistakes] = {
    "recognition": Mistakes(confusions, read_as, reading_cost),
    "classification": Mistakes(class_confusions, taken_for),
    "tagging": Mistakes(tag_confusions, taken_for),
    "series-classification": Mistakes(class_confusions, taken_for),
    "series-reading": Mistakes(confusions, read_as),
}
"""By task; of others there is nothing to report."""
