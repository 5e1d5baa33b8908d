"""What tokens write, in bytes: which of them can go on a given text, whatever the subwords it is cut into."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence

import torch
from torch import Tensor


class Written:
    """The bytes of each token of a vocabulary, and the tokens by their bytes.

    Args:
        texts: what each token writes; nothing where it is a special.
        suppressed: tokens that a search never emits.
    """

    def __init__(self, texts: Sequence[bytes], suppressed: Collection[int], device: torch.device | None = None) -> None:
        self.texts = texts
        self.sizes = torch.tensor([len(text) for text in texts], device=device)
        """(V,) bytes of each."""
        known = sorted((text, token) for token, text in enumerate(texts) if text and token not in suppressed)
        self._keys = [text for text, _ in known]
        self._tokens = [token for _, token in known]
        self._longest = max(map(len, self._keys), default=0)

    def text(self, tokens: Iterable[int]) -> bytes:
        """What tokens write one after the other."""
        return b"".join([self.texts[token] for token in tokens])

    def within(self, rest: bytes) -> list[int]:
        """Tokens that write a beginning of `rest`, or all of it."""
        found = []
        for size in range(1, min(len(rest), self._longest) + 1):
            at = bisect_left(self._keys, rest[:size])
            while at < len(self._keys) and self._keys[at] == rest[:size]:
                found.append(self._tokens[at])
                at += 1
        return found

    def beyond(self, rest: bytes) -> list[int]:
        """Tokens that write all of `rest`, and perhaps more."""
        found, at = [], bisect_left(self._keys, rest)
        while at < len(self._keys) and self._keys[at].startswith(rest):
            found.append(self._tokens[at])
            at += 1
        return found

    def holding(self, text: bytes) -> list[int]:
        """Tokens that have a text in them."""
        return [token for key, token in zip(self._keys, self._tokens, strict=True) if text in key]


class Prefixes:
    """What the outputs of a batch are to begin with, as text: the last of its subwords may go on beyond it.

    A text is written with a space before it, which is not part of it; an output may leave the space out.

    Args:
        texts: of each sentence, with the space; nothing where an output may begin as it likes.
        written: of the vocabulary.
    """

    def __init__(self, texts: Sequence[bytes], written: Written) -> None:
        self.texts, self.written = texts, written
        self._sizes = torch.tensor([[len(text)] for text in texts], device=written.sizes.device)

    def select(self, sentences: Tensor) -> Prefixes:
        """Those of some of the sentences (B',)."""
        return Prefixes([self.texts[place] for place in sentences.tolist()], self.written)

    def keep(self, log_probs: Tensor, plain: Tensor, tokens: Tensor) -> None:
        """Put into `log_probs` (B,K,V), where a prefix goes on, its tokens as in `plain`, and nothing else.

        `tokens` (B,K,t) are those so far, from BOS on.
        """
        done = self.written.sizes[tokens].sum(2)
        if tokens.shape[2] > 1:  # the space that was left out
            bare = [[self.written.texts[token][:1] != b" " for token in row] for row in tokens[:, :, 1].tolist()]
            done = done + torch.tensor(bare, device=done.device).long()
        inside = done < self._sizes
        if not bool(inside.any()):
            return
        for row, slot in inside.nonzero().tolist():
            rest = self.texts[row][int(done[row, slot]) :]
            allowed = {*self.written.within(rest), *self.written.beyond(rest)}
            if tokens.shape[2] == 1 and len(rest) > 1:
                allowed |= {*self.written.within(rest[1:]), *self.written.beyond(rest[1:])}
            ids = torch.tensor(sorted(allowed), device=done.device)
            log_probs[row, slot] = -torch.inf
            log_probs[row, slot, ids] = plain[row, slot, ids]
