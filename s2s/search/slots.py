"""The hypotheses of a batch while a search goes on."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor

from s2s.search.hypothesis import Hypothesis
from s2s.search.rules import Rules
from s2s.search.scoring import Penalties
from s2s.text.vocabulary import BOS, EOS

_NEVER = -torch.inf


class Growth(NamedTuple):
    """How a search fills the K' slots of each of B sentences after a step; every tensor is (B,K')."""

    parents: Tensor | None
    """The slot each grew from or stayed in; None: slot by slot."""
    tokens: Tensor
    """The new token; EOS where a closed hypothesis stays."""
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
    scores: Tensor
    """(B,K); minus infinity unless closed."""
    coverage: Tensor | None = None
    """(B,K,S) attention received so far, if it is penalised."""
    attention: Tensor | None = None
    """(B,K,t-1,S), if it is asked for."""

    @classmethod
    def start(cls, sentences: int, device: torch.device) -> "Slots":
        """One live slot a sentence, holding BOS."""
        rows = torch.arange(sentences, device=device)
        tokens = torch.full((sentences, 1, 1), BOS, device=device)
        nought = torch.zeros(sentences, 1, dtype=torch.float64, device=device)
        return cls(rows, tokens, nought, nought + _NEVER)

    @property
    def closed(self) -> Tensor:
        """(B,K) bool."""
        return self.scores > _NEVER

    @property
    def live(self) -> Tensor:
        """(B,K) bool: can still grow."""
        return (self.log_probs > _NEVER) & ~self.closed

    def select(self, sentences: Tensor) -> "Slots":
        """The slots of some of the sentences (B',)."""
        return Slots(**{name: part[sentences] for name, part in vars(self).items() if part is not None})

    def reorder(self, parents: Tensor) -> "Slots":
        """The slots `parents` (B,K') of each sentence."""

        def pick(part: Tensor | None) -> Tensor | None:
            if part is None:
                return None
            return part.gather(1, parents.view(*parents.shape, *[1] * (part.dim() - 2)).expand(-1, -1, *part.shape[2:]))

        parts = {name: pick(part) for name, part in vars(self).items() if name != "rows"}
        return Slots(self.rows, **{name: part for name, part in parts.items() if part is not None})

    def grow(self, growth: Growth, weights: Tensor | None, keep_coverage: bool, keep_attention: bool) -> "Slots":
        """The slots after a step whose attention was `weights` (B,K,S), before any closes."""
        coverage, attention = self.coverage, self.attention
        if weights is not None and keep_coverage:
            coverage = weights.masked_fill(self.closed.unsqueeze(2), 0)
            coverage = coverage if self.coverage is None else self.coverage + coverage
        if weights is not None and keep_attention:
            attention = weights.unsqueeze(2)
            attention = attention if self.attention is None else torch.cat([self.attention, attention], 2)
        grown = Slots(self.rows, self.tokens, self.log_probs, self.scores, coverage, attention)
        grown = grown if growth.parents is None else grown.reorder(growth.parents)
        grown.tokens = torch.cat([grown.tokens, growth.tokens.unsqueeze(2)], 2)
        grown.log_probs = growth.log_probs
        grown.scores = grown.scores.masked_fill(~growth.stays, _NEVER)
        return grown

    def close(self, rules: Rules, step: int, penalties: Penalties, divisor: float) -> None:
        """Close what ended at this `step` or has reached its limit, and score it."""
        closing = self.live & ((self.tokens[:, :, -1] == EOS) | (step >= rules.limits).unsqueeze(1))
        scores = self.log_probs / divisor
        if self.coverage is not None and rules.sources is not None:
            scores = scores + penalties.uncovered(self.coverage, rules.sources)
        self.scores = torch.where(closing, scores, self.scores)

    def settled(self, n_best: int, longest: Tensor) -> Tensor:
        """Sentences (B,) whose first `n_best` nothing live can change; `longest` (B,) divisors at the limits.

        A live hypothesis with log-probability s can only close with log_prob <= s, because log-probabilities are not
        above 0, and with length <= limit. As s <= 0 and divisors do not fall with the length, log_prob /
        divisor(length) <= s / divisor(limit); the coverage term is not above 0; and correctly rounded sums and
        quotients keep these inequalities. So once `n_best` finished hypotheses score max(s) / divisor(limit) or more,
        whatever closes later ranks after them: unfinished ones do anyway, and of equal scores the slot that closed
        earlier comes first. (While anything is live, the limit has not been reached, so what is closed is finished.)
        """
        bound = self.log_probs.masked_fill(~self.live, _NEVER).amax(1) / longest
        if self.scores.shape[1] < n_best:
            return bound == _NEVER
        worst = self.scores.amax(1) if n_best == 1 else self.scores.topk(n_best, 1).values[:, -1]
        return bound <= worst

    def best(self, n_best: int, rules: Rules) -> list[list[Hypothesis]]:
        """The closed hypotheses of each sentence, finished before cut, best first, at most `n_best` of them."""
        parts = (rules.limits, self.tokens, self.log_probs, self.scores)
        found = []
        for number, (limit, *slots) in enumerate(zip(*(part.tolist() for part in parts), strict=True)):
            hypotheses = []
            for place, (tokens, log_prob, score) in enumerate(zip(*slots, strict=True)):
                if score == _NEVER:
                    continue
                tokens = tokens[1 : limit + 1]
                finished = EOS in tokens
                tokens = tokens[: tokens.index(EOS)] if finished else tokens
                hypotheses.append((finished, score, place, Hypothesis(tokens, score, log_prob, finished)))
            hypotheses.sort(key=lambda one: one[:2], reverse=True)  # stable: of equals, the one that closed earlier
            sources = None if rules.sources is None else rules.sources[number]
            found.append([self._look(number, one[2], one[3], sources) for one in hypotheses[:n_best]])
        return found

    def _look(self, sentence: int, slot: int, hypothesis: Hypothesis, sources: Tensor | None) -> Hypothesis:
        """Add its attention, if that was kept."""
        if self.attention is None:
            return hypothesis
        weights = self.attention[sentence, slot, : len(hypothesis.tokens)]
        return replace(hypothesis, attention=(weights if sources is None else weights[:, sources]).cpu())
