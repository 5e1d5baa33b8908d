"""Configs that models and runs stored before some key existed: what was done then goes on being done."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from s2s.config.experiment import Experiment
from s2s.config.idle import without_idle
from s2s.config.vocabulary import Pieces


def is_unnormalised(values: Mapping[str, Any]) -> bool:
    """Whether the plain values are those of a translation stored before there was `subwords.normalization`."""
    subwords = values.get("subwords")
    return isinstance(subwords, Mapping) and "normalization" not in subwords


def complete(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The plain values of a stored config, with what held before a key existed where it lacks that key."""
    if not is_unnormalised(values):
        return without_idle(values, stored=True)
    return {**values, "subwords": {**values["subwords"], "normalization": "none"}}


def without_normalisation(config: Experiment) -> Experiment:
    """The experiment with its texts left as they are."""
    sides: dict[str, Any] = {}
    for side in ("source", "target"):
        part: Any = getattr(config, side)
        if isinstance(getattr(part, "vocabulary", None), Pieces):
            sides[side] = replace(part, vocabulary=replace(part.vocabulary, normalization="none"))
    return replace(config, **sides)
