"""One output of a search."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Hypothesis:
    """Tokens and how probable the model finds them."""

    tokens: list[int]
    """Ids, without BOS and EOS."""
    score: float
    """Log-probability under the length and coverage penalties: what hypotheses are ranked by."""
    log_prob: float
    """Sum of the log-probabilities of the tokens and, if finished, of the end of sentence."""
    finished: bool
    """False if the limit cut it."""
    attention: Tensor | None = None
    """(T,S) attention of each token over the source, on the CPU, if asked for."""


def mean_score(hypotheses: Sequence[Hypothesis]) -> float:
    """The score of a line: its hypothesis's, or the mean over those of its parts by their length."""
    lengths = [len(hypothesis.tokens) + 1 for hypothesis in hypotheses]
    return sum(one.score * length for one, length in zip(hypotheses, lengths, strict=True)) / sum(lengths)
