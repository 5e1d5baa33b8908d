"""A language model of characters as a prior of what CTC writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from s2s.nn.decoders import RecurrentDecoder
from s2s.nn.memory import DecoderState
from s2s.text.vocabulary import EOS


@dataclass(frozen=True)
class Read:
    """Texts (B, K), as far as the language model has read them."""

    memory: DecoderState
    log_probs: Tensor
    """(B, K, N) of its tokens next, float64."""


class CharacterModel:
    """weight log p(text) + bonus a character, each text a line of its own; a `Prior`.

    The language model begins where a line of its text begins: without memory, after the end of a line. A line that is
    not blank begins with a token of its own.

    Args:
        language: its decoder.
        tokens: its token for each of CTC's labels but the blank, in their order.
        begin: its token that begins a line.
        weight: of its log-probabilities.
        bonus: what each character adds; without one a language model favours short texts.
    """

    def __init__(
        self, language: RecurrentDecoder, tokens: Sequence[int], begin: int, weight: float, bonus: float = 0.0
    ) -> None:
        self.language, self.begin, self.weight, self.bonus = language, begin, weight, bonus
        device = language.output.weight.device
        self._tokens = torch.tensor([EOS, *tokens], device=device)  # what stands at the blank is never looked at

    def start(self, rows: int, size: int, device: torch.device) -> Read:
        """See Prior."""
        line = torch.full((1, 1), EOS, device=device)
        blank, memory = self._read(line, self.language.start(None, 1))
        log_probs, memory = self._read(torch.full_like(line, self.begin), memory)
        log_probs = log_probs + blank[:, :, self.begin, None]
        log_probs[:, :, EOS] = blank[:, :, EOS]  # a text that ends before its first character is a blank line
        memory = memory.map(lambda part: part.expand(rows, size, -1))
        return Read(memory, log_probs.expand(rows, size, -1))

    def gains(self, state: Read) -> Tensor:
        """See Prior."""
        return self.weight * state.log_probs[:, :, self._tokens] + self.bonus

    def ends(self, state: Read) -> Tensor:
        """See Prior."""
        return self.weight * state.log_probs[:, :, EOS]

    def grow(self, state: Read, parents: Tensor, labels: Tensor, grown: Tensor) -> Read:
        """See Prior."""
        rows = torch.arange(len(parents), device=parents.device)
        memory, log_probs = state.memory.select(rows, parents), state.log_probs[rows.unsqueeze(1), parents]
        at = grown.flatten().nonzero().squeeze(1)
        if not len(at):  # at most steps of CTC nothing grows
            return Read(memory, log_probs)
        before = memory.map(lambda part: part.flatten(0, 1)[at].unsqueeze(1))
        found, after = self._read(self._tokens[labels.flatten()[at]].unsqueeze(1), before)
        log_probs.flatten(0, 1)[at] = found.squeeze(1)
        return Read(_put(memory, at, after), log_probs)

    def _read(self, tokens: Tensor, memory: DecoderState) -> tuple[Tensor, DecoderState]:
        """Log-probabilities (B, K, N) after one more token of each text, and the memory there."""
        output = self.language.step(tokens, None, memory)
        return output.logits.double().log_softmax(2), output.state


def _put(memory: DecoderState, at: Tensor, after: DecoderState) -> DecoderState:
    """A memory of (B, K) texts with those `at` some places, counted along all of them, as in `after` (N, 1)."""
    new = [*(part for layer in after.layers for part in layer), *([] if after.feed is None else [after.feed])]
    queue = iter(new)

    def put(part: Tensor) -> Tensor:
        part.flatten(0, 1)[at] = next(queue).squeeze(1)
        return part

    return memory.map(put)
