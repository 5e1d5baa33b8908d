"""A list of words as a prior of what CTC writes: nothing but its words, or its words preferred.

A text is words with single spaces between them. The words are a tree of their characters, whose nodes are the
beginnings of words; there are two roots, the beginning of a text and the place after a space, where no text ends.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

_START, _SPACE = 0, 1
"""The roots."""


class Lexicon:
    """Words that a text may be made of; a `Prior`.

    Case is not compared: a word of the list may be written in any. Required, everything but the list's words is
    forbidden. With a weight, each word of the list adds it, and nothing is forbidden; a beginning of a word gets it in
    advance, and pays it back if it does not become one.

    Args:
        words: at least one; every character is one of `characters`, in some case, and none is a space.
        characters: those of CTC's labels but the blank, in their order.
        weight: what a word of the list adds; None: others are forbidden.
    """

    def __init__(
        self, words: Sequence[str], characters: str, weight: float | None, device: torch.device | None = None
    ) -> None:
        keys: dict[str, int] = {}
        of_labels = [0, *(1 + keys.setdefault(fold(character), len(keys)) for character in characters)]
        tree: dict[tuple[int, int], int] = {}
        ends = set()
        count = 2
        for word in words:
            node = _START
            for character in word:
                step = (node, 1 + keys[fold(character)])
                if step not in tree:
                    tree[step] = count
                    count += 1
                node = tree[step]
            ends.add(node)
        tree |= {(_SPACE, key): child for (node, key), child in tree.items() if node == _START}
        space = 1 + keys[" "] if " " in keys else -1  # which is the key of nothing
        if " " in keys:
            tree |= {(node, space): _SPACE for node in ends}
        self._off = count
        """The node of what is not on the tree."""
        self._keys = len(keys) + 1
        steps = sorted((node * self._keys + key, child) for (node, key), child in tree.items())
        self._codes, self._children = (torch.tensor(side, device=device) for side in zip(*steps, strict=True))
        self._of_labels = torch.tensor(of_labels, device=device)
        whole = torch.zeros(count + 1, dtype=torch.bool, device=device)
        whole[torch.tensor(sorted(ends), device=device)] = True
        # What a text at a node has besides its finished words, and what it has if it ends there.
        self._held = torch.zeros(count + 1, dtype=torch.float64, device=device)
        self._final = torch.zeros_like(self._held)
        self._required, self._space = weight is None, space
        if weight is None:
            self._final[~whole] = -torch.inf
            self._final[_START] = 0.0  # a picture may say nothing
        else:
            self._held[_SPACE + 1 : self._off] = weight
            self._final[whole] = weight

    def start(self, rows: int, size: int, device: torch.device) -> Tensor:
        """See Prior. A state is nodes (B, K)."""
        return torch.full((rows, size), _START, device=device)

    def gains(self, state: Tensor) -> Tensor:
        """See Prior."""
        labels = torch.arange(len(self._of_labels), device=state.device)
        after = self._follow(state.unsqueeze(2), labels)
        gains = self._held[after] - self._held[state].unsqueeze(2)
        if self._required:
            return gains.masked_fill(after == self._off, -torch.inf)
        kept = (self._final - self._held)[state].unsqueeze(2)  # by a space a word is finished
        return torch.where(self._of_labels == self._space, kept, gains)

    def ends(self, state: Tensor) -> Tensor:
        """See Prior."""
        return (self._final - self._held)[state]

    def grow(self, state: Tensor, parents: Tensor, labels: Tensor, grown: Tensor) -> Tensor:
        """See Prior."""
        before = state.gather(1, parents)
        return torch.where(grown, self._follow(before, labels), before)

    def _follow(self, nodes: Tensor, labels: Tensor) -> Tensor:
        """The nodes after some labels."""
        keys = self._of_labels[labels]
        codes = nodes * self._keys + keys
        at = torch.searchsorted(self._codes, codes).clamp(max=len(self._codes) - 1)
        after = torch.where(self._codes[at] == codes, self._children[at], self._off)
        return after if self._required else after.masked_fill(keys == self._space, _SPACE)


def fold(character: str) -> str:
    """A character without its case, where that is one character too."""
    lower = character.lower()
    return lower if len(lower) == 1 else character
