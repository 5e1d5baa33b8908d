"""A toy language whose next-token distribution is a random table over hashed prefixes; search tests drive it."""

import torch
from torch import Tensor

State = tuple[Tensor, Tensor | None]


class TableSteps:
    """`inputs` are start states (B,); every prefix leads to one of M states, each with its own distribution."""

    def __init__(self, seed: int, vocabulary: int, states: int = 97, sources: Tensor | None = None, peak: float = 2.0):
        generator = torch.Generator().manual_seed(seed)
        logits = torch.randn(states, vocabulary, generator=generator, dtype=torch.float64) * peak
        self.table = logits.log_softmax(1)
        self.sources = sources
        self.looks = None if sources is None else torch.rand(states, sources.shape[1], generator=generator) + 0.01

    def start(self, inputs: Tensor) -> State:
        return inputs.unsqueeze(1), self.sources

    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, Tensor | None, State]:
        now, sources = state
        now = (now * 31 + tokens * 7 + 1) % len(self.table)
        weights = None
        if sources is not None:
            weights = self.looks[now].masked_fill(~sources.unsqueeze(1), 0)
            weights = weights / weights.sum(-1, keepdim=True)
        return self.table[now], weights, (now, sources)

    def select(self, state: State, sentences: Tensor | None, parents: Tensor) -> State:
        now, sources = state
        if sentences is None:
            return now.gather(1, parents), sources
        return now[sentences].gather(1, parents), None if sources is None else sources[sentences]
