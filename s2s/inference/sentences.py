"""A translator's piece of work."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from s2s.config.decoding import Search
from s2s.inference.options import Sampling


class Part(NamedTuple):
    """A line, or a part of one, and what is asked of its output."""

    text: str
    prefix: str = ""
    wishes: tuple[tuple[str, ...], ...] = ()

    @property
    def room(self) -> int:
        """Subwords that its output may have more than others; see `s2s.search.allocation.reserve`."""
        return len(self.prefix.encode()) + sum(2 * max(len(one.encode()) + 1 for one in w) + 2 for w in self.wishes)


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
    prefixes: Sequence[bytes] = ()
    """What the output of each begins with, the space before it included; nothing where it may begin as it likes."""
    wishes: Sequence[Sequence[Sequence[str]]] = ()
    """Of what the output of each has one each."""
    forbid: Sequence[str] = ()
    """What no output has."""


def key(text: str) -> int:
    """What distinguishes a text from others when outputs are drawn."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little", signed=True)
