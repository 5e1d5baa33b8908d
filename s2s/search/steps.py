"""What a search drives: anything that can start, step and select."""

from typing import Protocol, TypeVar

import torch
from torch import Tensor

from s2s.nn.decoders import RecurrentDecoder
from s2s.nn.memory import Bound, DecoderState

Inputs = TypeVar("Inputs", contravariant=True)
State = TypeVar("State")


class Steps(Protocol[Inputs, State]):
    """A model, an ensemble, a model fused with a language model. It keeps nothing on itself: all is in the state."""

    def start(self, inputs: Inputs) -> State:
        """State before the first token, with one hypothesis (K = 1) a sentence."""
        ...

    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, Tensor | None, State]:
        """Read tokens (B,K); give log-probabilities (B,K,V) of the next, none above 0, attention (B,K,S) and a state.

        Log-probabilities are float32 or better, and the search may write into them. Attention is None without any.
        """
        ...

    def select(self, state: State, sentences: Tensor | None, parents: Tensor) -> State:
        """Keep sentences (B',), all in their order if None, and for each the hypotheses parents (B',K') among its K."""
        ...


ModelState = tuple[Bound, DecoderState]


class ModelSteps:
    """One encoder-decoder. Its inputs are what `model.encode` returns; its state is that and the decoder's state."""

    def __init__(self, decoder: RecurrentDecoder) -> None:
        self.decoder = decoder

    def start(self, inputs: Bound) -> ModelState:
        """State before the first token."""
        return inputs, self.decoder.start(inputs, inputs.memory.mask.shape[0])

    def step(self, tokens: Tensor, state: ModelState) -> tuple[Tensor, Tensor | None, ModelState]:
        """One decoder step, normalised in float32 at least."""
        bound, decoder_state = state
        output = self.decoder.step(tokens, bound, decoder_state)
        logits = output.logits
        wide = torch.promote_types(logits.dtype, torch.float32)
        return logits.log_softmax(-1, dtype=wide), output.attention, (bound, output.state)

    def select(self, state: ModelState, sentences: Tensor | None, parents: Tensor) -> ModelState:
        """Reorder hypotheses; the memory is touched only when sentences leave."""
        bound, decoder_state = state
        if sentences is None:
            sentences = torch.arange(parents.shape[0], device=parents.device)
        else:
            bound = bound.select(sentences)
        return bound, decoder_state.select(sentences, parents)
