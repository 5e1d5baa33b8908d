"""Shallow fusion (Gulcehre et al. 2015): a model and a language model of its target side in one search.

The score of an output is log p(y | x) + weight log p(y), token by token. Neither term is above 0 and the weight is not
negative, so that no hypothesis gains by going on: what `Slots.settled` proves of a model alone holds here too.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import torch
from torch import Tensor

from s2s.nn.decoders import RecurrentDecoder
from s2s.nn.memory import DecoderState
from s2s.search.steps import Steps
from s2s.text.vocabulary import BOS, EOS

Inputs = TypeVar("Inputs")
State = TypeVar("State")


class FusedSteps(Generic[Inputs, State]):
    """Any steps together with a language model of the same vocabulary.

    The language model begins where a line of its text begins: without memory, after the end of a line.

    Args:
        steps: what the language model is added to.
        language: its decoder.
        weight: of its log-probabilities. ValueError if it is negative.
    """

    def __init__(self, steps: Steps[Inputs, State], language: RecurrentDecoder, weight: float) -> None:
        if not weight >= 0:
            raise ValueError(f"the weight of a language model must not be negative, and {weight} is")
        self.steps, self.language, self.weight = steps, language, weight

    def start(self, inputs: Inputs) -> tuple[State, DecoderState | None]:
        """State before the first token; the language model's is made when it is known how many sentences there are."""
        return self.steps.start(inputs), None

    def step(
        self, tokens: Tensor, state: tuple[State, DecoderState | None]
    ) -> tuple[Tensor, Tensor | None, tuple[State, DecoderState | None]]:
        """One step of both; see Steps."""
        own, language = state
        log_probs, attention, own = self.steps.step(tokens, own)
        if language is None:
            language = self.language.start(None, len(tokens))
        output = self.language.step(tokens.masked_fill(tokens == BOS, EOS), None, language)
        wide = torch.promote_types(output.logits.dtype, torch.float32)
        fused = log_probs + self.weight * output.logits.log_softmax(-1, dtype=wide)
        return fused, attention, (own, output.state)

    def select(
        self, state: tuple[State, DecoderState | None], sentences: Tensor | None, parents: Tensor
    ) -> tuple[State, DecoderState | None]:
        """Both states reordered; see Steps."""
        own, language = state
        rows = torch.arange(len(parents), device=parents.device) if sentences is None else sentences
        return self.steps.select(own, sentences, parents), None if language is None else language.select(rows, parents)
