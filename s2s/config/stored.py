"""Configs that models and runs stored before some key existed: what was done then goes on being done."""

from collections.abc import Mapping
from typing import Any


def is_unnormalised(values: Mapping[str, Any]) -> bool:
    """Whether the plain values are those of a translation stored before there was `subwords.normalization`."""
    subwords = values.get("subwords")
    return isinstance(subwords, Mapping) and "normalization" not in subwords


def complete(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The plain values of a stored config, with what held before a key existed where it lacks that key."""
    if not is_unnormalised(values):
        return values
    return {**values, "subwords": {**values["subwords"], "normalization": "none"}}
