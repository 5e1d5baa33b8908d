"""What a run is made of, as far as it depends on what is read: vocabularies, examples, and how outputs are made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from s2s.bundle.bundle import Bundle
from s2s.data.batches import Examples
from s2s.data.sampler import Plan, Planner
from s2s.text.vocabulary import Vocabulary


@dataclass(frozen=True)
class Answers:
    """What a model makes of some rows of the validation split, with its weights of the moment."""

    texts: list[str]
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the bundle is to know of them, by name."""


Outputs = Callable[[Sequence[int]], Answers]
"""The answers to some rows."""


@dataclass(frozen=True)
class Validated:
    """The split that is validated on, none of it left out."""

    split: str
    examples: Examples
    plans: Sequence[Plan]
    """Batches of all of it, in order."""
    sources: Sequence[str]
    """What people know each example by."""
    references: Sequence[str]
    """What is to be written."""
    fingerprint: str
    """Of both."""
    characters: int = 0
    """Of the text, ends of lines included, where a language model foresees it."""


@dataclass(frozen=True)
class Material:
    """Everything but the model."""

    vocabularies: Mapping[str, Vocabulary]
    examples: Examples
    """What is trained on."""
    planner: Planner
    """Shares them out over batches."""
    validated: Validated
    outputs: Callable[[Bundle], Outputs]
    """How a model of it answers."""
    account: Callable[[Sequence[Plan], int], list[str]]
    """Lines that say what is trained on, from the first epoch's batches of a process and its number of steps."""
    languages: tuple[str, str] | None = None
    max_source: int | None = None
    doubts: Sequence[str] = ()
    """Warnings."""
    taken: Callable[[nn.Module], dict[str, Tensor] | None] = lambda model: None
    """Where the vocabulary of the model to start from differs: see `start_from`."""
