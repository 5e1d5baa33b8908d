"""What models of text answer."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Candidate:
    """One output text and its score."""

    text: str
    score: float
    """Log-probability under the length and coverage penalties; of a split line, the mean over its tokens' parts."""
    tokens: list[str] = field(default_factory=list)
    """Its subwords, for display."""
    alignment: list[list[float]] | None = None
    """With alignment, unless the model has no attention: for each of `tokens` its weight on each source token."""


@dataclass(frozen=True)
class Result:
    """The answer to one input text."""

    text: str
    """The best output; empty for a blank input."""
    score: float
    """Its score; 0 for a blank input."""
    tokens: list[str]
    """The subwords of the best output, for display."""
    n_best: list[Candidate]
    """The best outputs, the best first, as many as were asked for and found."""
    parts: int = 1
    """More than 1 if the input was longer than what training saw and was translated in so many parts."""
    cut: bool = False
    """True if the limit on the output's length, not the model, ended it."""
    source_tokens: list[str] | None = None
    """With alignment: the subwords of the input, each part's end of sentence included."""
    alignment: list[list[float]] | None = None
    """With alignment, unless the model has no attention: for each of `tokens` its weight on each of `source_tokens`."""
    log_prob: float = 0.0
    """Mean log-probability of a subword of the best output, its end included, whatever the penalties."""
    byte_share: float = 0.0
    """Share of the input's subwords that are single bytes, which spell what the vocabulary does not have."""
    unlike_training: str | None = None
    """Why the input looks unlike what the model was trained on; None if it does not, or the model has no measure."""
    missed: list[str] = field(default_factory=list)
    """With phrases: those that the output should have and does not, and those that it should not and does."""


@dataclass(frozen=True)
class Scored:
    """How likely a model holds a line, its end included."""

    log_prob: float
    """Natural logarithm of its probability."""
    tokens: int
    """Its tokens, the end mark included."""
    characters: int
    """Its characters as the model sees them, the line break included."""
