"""The hypotheses of a batch while a search goes on."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from s2s.search.hypothesis import Hypothesis
from s2s.search.rules import Rules
from s2s.search.scoring import Penalties
from s2s.text.codec import BOS, EOS


class Growth(NamedTuple):
    """How a search fills the K' slots of each of B sentences after a step; every tensor is (B,K')."""

    parents: Tensor | None
    """The slot each grew from or stayed in; None: slot by slot."""
    tokens: Tensor
    """The new token."""
    log_probs: Tensor
    """Log-probability of the whole hypothesis; minus infinity leaves the slot empty."""
    stays: Tensor
    """True where a closed hypothesis keeps its slot."""


@dataclass
class Slots:
    """B sentences with K slots each: live, closed or empty. Scores are float64 whatever the model computes in."""

    rows: Tensor
    """(B,) place of the sentence in the whole batch."""
    tokens: Tensor
    """(B,K,t) from BOS on; a closed slot goes on with EOS."""
    log_probs: Tensor
    """(B,K); minus infinity in an empty slot."""
    lengths: Tensor
    """(B,K) scored tokens."""
    scores: Tensor
    """(B,K), of the closed."""
    closed: Tensor
    """(B,K) bool."""
    finished: Tensor
    """(B,K) bool: closed by EOS."""
    coverage: Tensor | None = None
    """(B,K,S) attention received so far, if it is penalised."""
    attention: Tensor | None = None
    """(B,K,t-1,S), if it is asked for."""

    @classmethod
    def start(cls, sentences: int, device: torch.device) -> "Slots":
        """One live slot a sentence, holding BOS."""
        rows = torch.arange(sentences, device=device)
        zeros = rows.new_zeros(sentences, 1)
        return cls(rows, (zeros + BOS).unsqueeze(2), zeros.double(), zeros, zeros.double(), zeros > 0, zeros > 0)

    @property
    def live(self) -> Tensor:
        """(B,K) bool: can still grow."""
        return ~self.closed & (self.log_probs > -torch.inf)

    def select(self, sentences: Tensor) -> "Slots":
        """The slots of some of the sentences (B',)."""
        return Slots(**{name: part[sentences] for name, part in vars(self).items() if part is not None})

    def reorder(self, parents: Tensor) -> "Slots":
        """The slots `parents` (B,K') of each sentence."""
        sentences = torch.arange(len(parents), device=parents.device).unsqueeze(1)
        parts = {name: part for name, part in vars(self).items() if part is not None and name != "rows"}
        return Slots(self.rows, **{name: part[sentences, parents] for name, part in parts.items()})

    def grow(self, growth: Growth, weights: Tensor | None, keep_coverage: bool, keep_attention: bool) -> "Slots":
        """The slots after a step whose attention was `weights` (B,K,S), before any closes."""
        if weights is not None and keep_coverage:
            self.coverage = torch.zeros_like(weights) if self.coverage is None else self.coverage
            self.coverage = self.coverage + weights.masked_fill(self.closed.unsqueeze(2), 0)
        if weights is not None and keep_attention:
            now = weights.unsqueeze(2)
            self.attention = now if self.attention is None else torch.cat([self.attention, now], 2)
        grown = self if growth.parents is None else self.reorder(growth.parents)
        grown.tokens = torch.cat([grown.tokens, growth.tokens.unsqueeze(2)], 2)
        grown.log_probs = growth.log_probs
        grown.lengths = grown.lengths + ~growth.stays
        grown.closed, grown.finished = grown.closed & growth.stays, grown.finished & growth.stays
        return grown

    def close(self, rules: Rules, step: int, penalties: Penalties, divisor: float) -> None:
        """Close what ended at this `step` or has reached its limit, and score it."""
        live = self.live
        ends = live & (self.tokens[:, :, -1] == EOS)
        closing = ends | (live & (step >= rules.limits).unsqueeze(1))
        scores = self.log_probs / divisor
        if self.coverage is not None and rules.sources is not None:
            scores = scores + penalties.uncovered(self.coverage, rules.sources)
        self.scores = torch.where(closing, scores, self.scores)
        self.closed, self.finished = self.closed | closing, self.finished | ends

    def settled(self, n_best: int, longest: Tensor) -> Tensor:
        """Sentences (B,) whose first `n_best` nothing live can change; `longest` (B,) divisors at the limits.

        A live hypothesis with log-probability s can only close with log_prob <= s, because log-probabilities are not
        above 0, and with length <= limit. As s <= 0 and divisors do not fall with the length, log_prob /
        divisor(length) <= s / divisor(limit); the coverage term is not above 0; and correctly rounded sums and
        quotients keep these inequalities. So once `n_best` finished hypotheses score max(s) / divisor(limit) or more,
        whatever closes later ranks after them: unfinished ones do anyway, and of equal scores the slot that closed
        earlier comes first.
        """
        live = self.live
        if live.shape[1] < n_best:
            return ~live.any(1)
        worst = self.scores.masked_fill(~self.finished, -torch.inf).topk(n_best, 1).values[:, -1]
        bound = self.log_probs.masked_fill(~live, -torch.inf).amax(1) / longest
        return bound <= worst

    def best(self, n_best: int, rules: Rules) -> list[list[Hypothesis]]:
        """The closed hypotheses of each sentence, finished before cut, best first, at most `n_best` of them."""
        parts = (self.tokens, self.log_probs, self.lengths, self.scores, self.closed, self.finished)
        found = []
        for number, sentence in enumerate(zip(*(part.tolist() for part in parts), strict=True)):
            slots = [slot for slot in enumerate(zip(*sentence, strict=True)) if slot[1][4]]
            slots.sort(key=lambda slot: (slot[1][5], slot[1][3]), reverse=True)  # stable: earlier closed first
            hypotheses = []
            for place, (tokens, log_prob, length, score, _, finished) in slots[:n_best]:
                tokens = tokens[1 : length + (not finished)]
                attention = None
                if self.attention is not None:
                    attention = self.attention[number, place, : len(tokens)]
                    attention = (attention if rules.sources is None else attention[:, rules.sources[number]]).cpu()
                hypotheses.append(Hypothesis(tokens, score, log_prob, finished, attention))
            found.append(hypotheses)
        return found
