"""How a trained model answers unless a call asks for something else."""

from dataclasses import dataclass

from s2s.config.checks import at_least, at_most

MOST_BEAM = 1000
"""Beyond what is of use, before what brings a machine down."""


@dataclass(frozen=True)
class Decoding:
    """What all models have."""

    batch: int = 4096
    """Most padded units of the source a batch: tokens of text, pixels of pictures."""

    def __post_init__(self) -> None:
        at_least(1, self, "batch")


@dataclass(frozen=True)
class CtcDecoding(Decoding):
    """The labels of connectionist temporal classification."""

    beam: int = 1
    """Prefixes kept; 1 is greedy."""

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, self, "beam")
        at_most(MOST_BEAM, self, "beam")


@dataclass(frozen=True)
class Search(Decoding):
    """Token by token, by a decoder."""

    beam: int = 5
    """Hypotheses kept; 1 is greedy."""
    length_penalty: float = 1.0
    """Exponent alpha of ((5 + length) / 6) ** alpha, which divides the log-probability (Wu et al. 2016)."""
    coverage_penalty: float = 0.0
    """Weight beta of the coverage penalty (Wu et al. 2016); needs attention."""
    max_ratio: float = 3.0
    """Longest output in tokens: max_ratio x the steps of the input's own memory + max_extra."""
    max_extra: int = 20
    """See max_ratio."""
    min_length: int = 0
    """Fewest tokens of an output, its end not counted; prevails over the most."""
    no_repeat_ngram: int = 0
    """No sequence of so many tokens comes twice in an output; 0: any may."""
    repetition_penalty: float = 1.0
    """Multiplies the log-probability of a token that stands in the output already; 1: none."""

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, self, "beam", "repetition_penalty")
        at_least(0, self, "length_penalty", "coverage_penalty", "max_ratio", "max_extra")
        at_least(0, self, "min_length", "no_repeat_ngram")
        at_most(10, self, "length_penalty", "coverage_penalty", "repetition_penalty")
        at_most(MOST_BEAM, self, "beam", "max_ratio", "no_repeat_ngram")
        at_most(100_000, self, "max_extra", "min_length")
