"""A text-to-text experiment: everything `s2s train` needs to know besides the data."""

from dataclasses import dataclass, field
from typing import Literal

from s2s.config.checks import at_least, at_most, probability
from s2s.config.model import EncoderDecoder
from s2s.config.training import Batches, Loss, Optimizer, Schedule, Training, Validation


@dataclass(frozen=True)
class Subwords:
    """The vocabulary, trained by `s2s train` from the training split."""

    model: Literal["unigram", "bpe", "char", "word"] = "unigram"
    """SentencePiece model type."""
    size: int = 6000
    """Pieces, specials and byte pieces included; fewer are used, and said, if the text does not support so many."""
    joint: bool = True
    """One vocabulary for both sides."""
    normalization: Literal["nfc-spaces", "nfkc", "none"] = "nfc-spaces"
    """What is done to every text before subwords, in training and in use. nfc-spaces: letters and accents composed as
    in Unicode NFC, every kind of space, tab and line break a plain space; other control characters, soft hyphen, zero
    width space, word joiner and byte order mark taken away (joiners and direction marks stay). nfkc: NFKC instead of
    NFC, which also makes plain letters and digits of full-width, ligature and superscript ones. none: nothing."""
    coverage: float = 1.0
    """Share of characters with a piece of their own; the others are spelled in bytes."""
    sample: float = 0.0
    """Probability that a word of a training example is segmented at random, anew every epoch; 0 is off."""
    alpha: float = 0.3
    """unigram: power of the alternatives' probabilities (Kudo 2018); bpe: merge dropout (Provilkov et al. 2020)."""

    def __post_init__(self) -> None:
        at_least(8, self, "size")
        if not 0.9 <= self.coverage <= 1:
            raise ValueError(f"coverage must be between 0.9 and 1, not {self.coverage}")
        if not 0 <= self.sample <= 1:
            raise ValueError(f"sample must be between 0 and 1, not {self.sample}")
        if self.model == "bpe":
            probability(self, "alpha")


@dataclass(frozen=True)
class Decoding:
    """How the trained model translates unless told otherwise."""

    beam: int = 5
    """Hypotheses kept; 1 is greedy."""
    length_penalty: float = 1.0
    """Exponent alpha of ((5 + length) / 6) ** alpha, which divides the log-probability (Wu et al. 2016)."""
    coverage_penalty: float = 0.0
    """Weight beta of the coverage penalty (Wu et al. 2016); needs attention."""
    max_ratio: float = 3.0
    """Longest output in subwords: max_ratio x the sentence's own source length + max_extra."""
    max_extra: int = 20
    """See max_ratio."""
    batch_tokens: int = 4096
    """Most padded source tokens a batch."""

    def __post_init__(self) -> None:
        at_least(1, self, "beam", "batch_tokens")
        at_least(0, self, "length_penalty", "coverage_penalty", "max_ratio", "max_extra")
        at_most(10, self, "length_penalty", "coverage_penalty")
        at_most(1000, self, "beam", "max_ratio")  # beyond what is of use, before what brings a machine down
        at_most(100_000, self, "max_extra")


@dataclass(frozen=True)
class Translation:
    """A text-to-text experiment."""

    task: Literal["translation"] = "translation"
    """What the model does."""
    subwords: Subwords = field(default_factory=Subwords)
    """Vocabulary."""
    model: EncoderDecoder = field(default_factory=EncoderDecoder)
    """Architecture."""
    loss: Loss = field(default_factory=Loss)
    """Training objective."""
    batches: Batches = field(default_factory=Batches)
    """Batching."""
    optimizer: Optimizer = field(default_factory=Optimizer)
    """AdamW."""
    schedule: Schedule = field(default_factory=Schedule)
    """Learning rate over time."""
    training: Training = field(default_factory=Training)
    """Length and habits of the run."""
    validation: Validation = field(default_factory=Validation)
    """When and how the model is judged."""
    decoding: Decoding = field(default_factory=Decoding)
    """How the trained model translates."""

    def __post_init__(self) -> None:
        if self.model.share_embeddings and not self.subwords.joint:
            raise ValueError("model.share_embeddings needs subwords.joint: true")
        if self.decoding.coverage_penalty and self.model.attention.kind == "none":
            raise ValueError("decoding.coverage_penalty needs attention, and model.attention.kind is none")
