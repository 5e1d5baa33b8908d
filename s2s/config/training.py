"""How any model is trained: batches, loss, optimiser, schedule, length of the run, validation. No torch."""

from dataclasses import dataclass
from typing import Literal

from s2s.config.checks import at_least, at_most, probability

AUTO = "auto"
"""The metric of a recogniser or a tagger that is chosen by its labels."""
LOSS = "loss"
"""The score that every validation gives: the mean negative log-likelihood of a reference token."""


@dataclass(frozen=True)
class Batches:
    """What goes into a step."""

    accumulate: int = 1
    """Batches whose gradients make one optimiser step."""
    workers: int = 0
    """Loader processes; the batches are the same for any number."""

    def __post_init__(self) -> None:
        at_least(1, self, "accumulate")
        at_least(0, self, "workers")

    @property
    def budget(self) -> int:
        """Most padded units of the source a batch."""
        raise AssertionError("each unit has its class")


@dataclass(frozen=True)
class TokenBatches(Batches):
    """Sequences of tokens of similar lengths."""

    tokens: int = 2048
    """Most padded tokens a batch on the wider side: rows x longest sequence."""
    max_length: int = 200
    """Longest sequence in tokens, either side; longer examples are left out of training, counted and reported."""

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, self, "tokens", "max_length")

    @property
    def budget(self) -> int:
        """See Batches."""
        return self.tokens


@dataclass(frozen=True)
class StreamBatches(Batches):
    """Windows of text that is read in order, as so many streams side by side."""

    tokens: int = 4096
    """Tokens a batch: streams x target.window; the text is cut into so many streams, each read from end to end."""

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, self, "tokens")
        if self.accumulate != 1:
            raise ValueError("accumulate must be 1 for text read in order; raise tokens for larger steps")

    @property
    def budget(self) -> int:
        """See Batches."""
        return self.tokens


@dataclass(frozen=True)
class PixelBatches(Batches):
    """Pictures of one width bucket (a multiple of 32)."""

    pixels: int = 262144
    """Most padded pixels a batch: pictures x height x width."""

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, self, "pixels")

    @property
    def budget(self) -> int:
        """See Batches."""
        return self.pixels


@dataclass(frozen=True)
class RowBatches(Batches):
    """Series of similar lengths."""

    rows: int = 8192
    """Most padded rows a batch: series x longest series."""
    max_length: int = 4096
    """Longest series in rows; longer ones are left out of training, counted and reported."""

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, self, "rows", "max_length")
        if self.rows < self.max_length:
            raise ValueError(f"rows {self.rows} has no room for one series of max_length {self.max_length}; raise it")

    @property
    def budget(self) -> int:
        """See Batches."""
        return self.rows


@dataclass(frozen=True)
class Loss:
    """What is minimised."""

    label_smoothing: float = 0.1
    """Share of the probability spread evenly over all labels: at every token (Szegedy 2016) or CTC step (Kim 2017)."""

    def __post_init__(self) -> None:
        probability(self, "label_smoothing")


@dataclass(frozen=True)
class DecoderLoss(Loss):
    """The cross-entropy of a decoder and what is added to it."""

    r_drop: float = 0.0
    """Weight of the symmetric KL between two dropout passes (Liang et al. 2021); 0 is off, else steps cost double."""
    teacher_forcing: float = 1.0
    """Share of gold decoder inputs at the end of training; the rest are the model's own predictions (parallel scheduled
    sampling: predictions of a first pass over the gold prefix). The share falls linearly from 1."""

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(0, self, "r_drop")
        if not 0 <= self.teacher_forcing <= 1:
            raise ValueError(f"teacher_forcing must be between 0 and 1, not {self.teacher_forcing}")


@dataclass(frozen=True)
class Optimizer:
    """AdamW, fused."""

    lr: float = 1e-3
    """Peak learning rate."""
    beta1: float = 0.9
    """Decay of the first moment."""
    beta2: float = 0.98
    """Decay of the second moment."""
    eps: float = 1e-8
    """Added to the denominator."""
    weight_decay: float = 0.0
    """Decoupled decay of matrices; biases and norms are spared."""
    clip_norm: float = 1.0
    """Clip the gradient's global norm; 0 is off."""
    clip_value: float = 0.0
    """Clip each gradient element; 0 is off."""

    def __post_init__(self) -> None:
        at_least(0, self, "weight_decay", "clip_norm", "clip_value")
        probability(self, "beta1", "beta2")
        if self.lr <= 0 or self.eps <= 0:
            raise ValueError("lr and eps must be above 0")
        if self.clip_norm and self.clip_value:
            raise ValueError("clip_norm and clip_value exclude each other; set one of them to 0")


@dataclass(frozen=True)
class Schedule:
    """The learning rate over optimiser steps."""

    kind: Literal["constant", "inverse_sqrt", "cosine", "one_cycle"] = "cosine"
    """Shape after the warm-up; one_cycle also lowers the momentum as the rate rises (Smith 2018)."""
    warmup: int = 400
    """Steps of linear warm-up."""
    final: float = 0.02
    """Share of the peak left at the last step (cosine, one_cycle)."""

    def __post_init__(self) -> None:
        at_least(0, self, "warmup")
        if not 0 <= self.final <= 1:
            raise ValueError(f"final must be between 0 and 1, not {self.final}")


@dataclass(frozen=True)
class Training:
    """Length and habits of a run."""

    steps: int = 10000
    """Optimiser steps."""
    seed: int = 1
    """Seed of the weights, the order of examples, dropout and sampling."""
    precision: Literal["32", "64", "bf16", "16"] = "32"
    """Floating point of the run; bf16 and 16 are mixed precision, and 16 needs a GPU."""
    ema: float = 0.0
    """Decay of an exponential moving average of the weights, which is what is validated and kept; 0 is off."""
    average: int = 0
    """Keep the plain mean of the last so many validated weights as the model; 0 is off. Excludes `ema`."""
    patience: int = 0
    """Stop after so many validations without a better score; 0 is off."""

    def __post_init__(self) -> None:
        at_least(1, self, "steps")
        at_least(0, self, "average", "patience", "seed")
        at_most(2**63 - 1, self, "seed")
        probability(self, "ema")
        if self.ema and self.average:
            raise ValueError("ema and average exclude each other; set one of them to 0")


@dataclass(frozen=True)
class Validation:
    """Real decoding of the validation split, through the same code as `translate`."""

    every: int = 500
    """Optimiser steps between validations; the last step always validates."""
    metric: str = LOSS
    """Score that picks the best model, of equal readers the one with the lower CER: any name of s2s.metrics, or `loss`.
    auto, for readers: word_accuracy where labels are made of 0-9 and a-z alone, else word_accuracy_exact, which sees
    case and marks; for taggers: chunk_f1 where tags are B- and I- of chunks, else tag_accuracy. By default bleu for
    translation, auto for readers and taggers, accuracy for classes and perplexity for language models."""
    samples: int = 3
    """Sample outputs shown and logged at each validation."""

    def __post_init__(self) -> None:
        at_least(1, self, "every")
        at_least(0, self, "samples")


@dataclass(frozen=True)
class AnswerValidation(Validation):
    """Scores of what the model answers to each example."""

    examples: int = 0
    """Decode only so many examples, drawn by the seed; 0 is all."""

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(0, self, "examples")


@dataclass(frozen=True)
class SearchValidation(AnswerValidation):
    """Scores of answers that are searched for."""

    beam: int = 1
    """Beam of validation decoding."""

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, self, "beam")
        at_most(1000, self, "beam")
