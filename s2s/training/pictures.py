"""The pictures of a run: the splits to train and to validate on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from s2s.config.errors import RequestError
from s2s.data.images.folder import WHOLE
from s2s.data.images.labelled import Problem
from s2s.data.images.pictures import Example, Pictures
from s2s.training.holding_out import hold_out, validation_split

TRAINING = ("train", "training", WHOLE)
"""Names that a training split goes by."""


@dataclass(frozen=True)
class Labelled:
    """Labelled pictures, not yet read."""

    split: str
    examples: Sequence[Example]
    problems: Sequence[Problem]
    """What is left out already, by file."""


def read_pictures(data: Pictures, seed: int, say: Callable[[str], None]) -> tuple[Labelled, Labelled]:
    """Training and validation pictures; without a validation split, a seeded 5 % of the training split are held out.

    RequestError where there is nothing to train or to validate on.
    """
    name = training_split(data)
    found = data.read(name)
    say(f"{name}: {len(found.examples):,} pictures, {found.layout}")
    if not found.examples:
        why = f", as {found.problems[0]}" if found.problems else ""
        raise RequestError(f"{data.path}: split {name} has no picture that can be used{why}")
    validation = validation_split(data.splits)
    if validation is not None:
        other = data.read(validation)
        say(f"{validation}: {len(other.examples):,} pictures, {other.layout}")
        return (
            Labelled(name, found.examples, found.problems),
            Labelled(validation, other.examples, other.problems),
        )
    # A recipe may repeat pictures, and whoever validates on a copy of what he trains on fools himself.
    copies: dict[tuple[str, str], list[Example]] = {}
    for example in found.examples:
        copies.setdefault((example.name, example.text), []).append(example)
    alike = list(copies.values())
    kept, held_out = hold_out(len(alike), "pictures", data.path, seed, say)
    return (
        Labelled(name, [example for row in kept for example in alike[row]], found.problems),
        Labelled(f"{len(held_out)} pictures held out", [alike[row][0] for row in held_out], ()),
    )


def training_split(data: Pictures) -> str:
    """The split to train on. RequestError where there is none."""
    name = next((name for name in TRAINING if name in data.splits), None)
    if name is None:
        raise RequestError(f"{data.path}: no training split; it has {', '.join(data.splits)}, and train is looked for")
    return name
