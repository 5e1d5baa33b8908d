"""What an output may look like, sentence by sentence."""

from dataclasses import dataclass

import torch
from torch import Tensor

from s2s.config.decoding import Search
from s2s.search.demands import Demand
from s2s.search.written import Prefixes
from s2s.text.vocabulary import EOS


def most_tokens(steps: Tensor, decoding: Search) -> Tensor:
    """(B,) the most tokens of each output, its end counted, for inputs of so many `steps` (B,) of their own.

    A least length of the output prevails: `max_extra` tokens may follow it.
    """
    extra = decoding.max_extra
    return (steps.double() * decoding.max_ratio + extra).long().clamp(min=max(1, decoding.min_length + extra)) + 1


@dataclass(frozen=True)
class Rules:
    """Limits of a batch of B sentences, each with its own, so that the rest of the batch cannot change its output."""

    limits: Tensor
    """(B,) long, 1 or more: the most tokens of an output, its end of sentence counted."""
    suppressed: Tensor
    """(N,) long: ids that are not to be emitted. The others keep their probabilities, so scores stay the model's."""
    sources: Tensor | None = None
    """(B,S) bool, True at real source positions: what attention is cut to and the coverage penalty sums over."""
    demands: tuple[Demand, ...] = ()
    """What else is asked of the outputs. Where they leave no token at all, the output may end."""
    prefixes: Prefixes | None = None
    """What outputs begin with; demands are for what follows."""

    def forbid(self, log_probs: Tensor, tokens: Tensor) -> Tensor:
        """`log_probs` (B,K,V) after `tokens` (B,K,t) with what may not come put to minus infinity, in place."""
        log_probs.index_fill_(-1, self.suppressed, -torch.inf)
        plain = None if self.prefixes is None else log_probs.clone()
        if self.demands:
            ends = log_probs[:, :, EOS].clone()
            for demand in self.demands:
                demand.lower(log_probs, tokens)
            stuck = (log_probs == -torch.inf).all(2)
            log_probs[:, :, EOS] = torch.where(stuck, ends, log_probs[:, :, EOS])
        if self.prefixes is not None and plain is not None:
            self.prefixes.keep(log_probs, plain, tokens)
        return log_probs

    def select(self, sentences: Tensor) -> "Rules":
        """The rules of some of the sentences (B',)."""
        return Rules(
            self.limits[sentences],
            self.suppressed,
            None if self.sources is None else self.sources[sentences],
            tuple(demand.select(sentences) for demand in self.demands),
            None if self.prefixes is None else self.prefixes.select(sentences),
        )
