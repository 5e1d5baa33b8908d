"""A translator's piece of work."""

import hashlib
from dataclasses import dataclass

from s2s.config.decoding import Search
from s2s.inference.options import Sampling


@dataclass(frozen=True)
class Sentences:
    """Inputs that go through the model together, and what is wanted of them."""

    sources: list[list[int]]
    """The subwords of each, and EOS."""
    keys: list[int]
    """What distinguishes each from others when outputs are drawn; nothing where they are not."""
    decoding: Search
    n_best: int
    sampling: Sampling | None
    alignment: bool
    targets: list[list[int]] | None = None
    """The subwords of an output of each that is to be scored; then nothing is searched."""


def key(text: str) -> int:
    """What distinguishes a text from others when outputs are drawn."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little", signed=True)
