"""What a model writes. Each kind knows the parts it needs and its scores."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from s2s.config.checks import at_least
from s2s.config.decoding import CtcDecoding, Decoding, Search
from s2s.config.model import EncoderDecoder, EncoderHead, LanguageModel, Tagger
from s2s.config.training import AUTO, AnswerValidation, DecoderLoss, Loss, SearchValidation, Validation
from s2s.config.vocabulary import Characters, Pieces, PlainPieces

TRANSLATION = ("bleu", "bleu_lc_tok", "chrf", "ter", "exact")
"""Scores of translations, the one that counts first."""
TIE_BREAKER = "cer"
"""Of two readers with the same score that counts, the one with less of this is better."""
READING = ("word_accuracy", "word_accuracy_exact", "cer", "ned", "wer")
"""Scores of what is read in pictures, likewise."""
LANGUAGE = ("perplexity", "bits_per_character")
"""Scores of language models, likewise: of how well they foresee a text, not of what they write."""

LABELLING = ("accuracy", "macro_f1")
"""Scores of class names, likewise."""

TAGGING = ("tag_accuracy",)
"""Scores of tags, likewise."""
CHUNKING = ("chunk_f1", *TAGGING)
"""Scores of tags that say where a chunk begins, likewise."""

SHOWN = (TIE_BREAKER, "word_accuracy")
"""Those that every validation shows."""


@dataclass(frozen=True)
class TextTarget:
    """Text, token by token, by a decoder that looks at the memory."""

    kind: Literal["text"] = "text"
    """Text by a decoder."""
    vocabulary: Pieces | Characters | Literal["source"] = "source"
    """Subwords, characters, or `source`: the vocabulary of the source, trained on both sides."""

    model: ClassVar[type] = EncoderDecoder
    loss: ClassVar[type[Loss]] = DecoderLoss
    decoding: ClassVar[type[Decoding]] = Search
    validation: ClassVar[type[Validation]] = SearchValidation
    speed: ClassVar[str | None] = None

    @property
    def shown(self) -> tuple[str, ...]:
        """Scores that every validation shows."""
        return SHOWN if isinstance(self.vocabulary, Characters) else ()

    @property
    def tie_breaker(self) -> str | None:
        """The score of which less is better where two models have the same of the one that counts."""
        return TIE_BREAKER if isinstance(self.vocabulary, Characters) else None

    @property
    def metrics(self) -> tuple[str, ...]:
        """Its scores, the most important first."""
        return READING if isinstance(self.vocabulary, Characters) else TRANSLATION

    @property
    def default_metric(self) -> str:
        """The score that picks the best model."""
        return AUTO if isinstance(self.vocabulary, Characters) else self.metrics[0]


@dataclass(frozen=True)
class CtcTarget:
    """Text without a decoder: a label or a blank at every step of the memory (Graves et al. 2006)."""

    kind: Literal["ctc"] = "ctc"
    """Text by connectionist temporal classification."""
    vocabulary: Characters = field(default_factory=Characters)
    """Its characters."""

    model: ClassVar[type] = EncoderHead
    loss: ClassVar[type[Loss]] = Loss
    decoding: ClassVar[type[Decoding]] = CtcDecoding
    validation: ClassVar[type[Validation]] = SearchValidation
    speed: ClassVar[str | None] = None
    shown: ClassVar[tuple[str, ...]] = SHOWN
    tie_breaker: ClassVar[str | None] = TIE_BREAKER
    default_metric: ClassVar[str] = AUTO

    @property
    def metrics(self) -> tuple[str, ...]:
        """Its scores, the most important first."""
        return READING


@dataclass(frozen=True)
class NextTarget:
    """The next token of a text, line after line; a line ends with the end mark, which is a token like the others."""

    kind: Literal["next"] = "next"
    """The text's own next token."""
    vocabulary: PlainPieces = field(default_factory=lambda: PlainPieces("char", 400))
    """Its characters, subwords or words, in the one segmentation that a text has which is read in order."""
    window: int = 128
    """Tokens that gradients flow back through; the state goes on from window to window."""

    model: ClassVar[type] = LanguageModel
    loss: ClassVar[type[Loss]] = Loss
    decoding: ClassVar[type[Decoding]] = Decoding
    validation: ClassVar[type[Validation]] = Validation
    speed: ClassVar[str | None] = None
    shown: ClassVar[tuple[str, ...]] = LANGUAGE
    tie_breaker: ClassVar[str | None] = None
    default_metric: ClassVar[str] = LANGUAGE[0]

    def __post_init__(self) -> None:
        at_least(1, self, "window")

    @property
    def metrics(self) -> tuple[str, ...]:
        """Its scores, the most important first."""
        return LANGUAGE


@dataclass(frozen=True)
class LabelTarget:
    """One class for the whole input. The classes are the labels of the training split, as they stand there."""

    kind: Literal["label"] = "label"
    """A class."""
    pooling: Literal["mean", "max", "last", "attention"] = "mean"
    """What stands for the whole input: the mean or the maximum of the encoder's outputs, its last state in both
    directions, or a mean weighted by learned attention (Yang et al. 2016)."""

    model: ClassVar[type] = EncoderHead
    loss: ClassVar[type[Loss]] = Loss
    decoding: ClassVar[type[Decoding]] = Decoding
    validation: ClassVar[type[Validation]] = AnswerValidation
    speed: ClassVar[str | None] = "examples"
    shown: ClassVar[tuple[str, ...]] = LABELLING
    tie_breaker: ClassVar[str | None] = None
    default_metric: ClassVar[str] = LABELLING[0]
    metrics: ClassVar[tuple[str, ...]] = LABELLING


@dataclass(frozen=True)
class TagsTarget:
    """One tag for every word of a sentence. The tags are those of the training split, as they stand there."""

    kind: Literal["tags"] = "tags"
    """Tags."""
    pooling: Literal["ends", "first", "mean"] = "ends"
    """What stands for a word: the encoder's outputs at its first and its last piece, side by side (Bohnet et al. 2018),
    those at its first piece alone, or the mean of those at all its pieces."""

    model: ClassVar[type] = Tagger
    loss: ClassVar[type[Loss]] = Loss
    decoding: ClassVar[type[Decoding]] = Decoding
    validation: ClassVar[type[Validation]] = AnswerValidation
    speed: ClassVar[str | None] = None
    shown: ClassVar[tuple[str, ...]] = TAGGING
    tie_breaker: ClassVar[str | None] = None
    default_metric: ClassVar[str] = AUTO
    metrics: ClassVar[tuple[str, ...]] = CHUNKING


Target = TextTarget | CtcTarget | NextTarget | LabelTarget | TagsTarget
Named = LabelTarget | TagsTarget
"""Targets whose vocabulary is a list of names."""

CALIBRATED: Mapping[str, Any] = {"loss": {"label_smoothing": 0.0}}
"""Defaults of classes and tags: smoothed labels would make the probabilities too timid to be taken at their word."""

READ_BY_DECODER: Mapping[str, Any] = {
    "target": {"vocabulary": {"kind": "characters"}},
    "model": {"decoder": {"embedding": 128, "dropout": 0.1, "embedding_dropout": 0.0}},
    "decoding": {"beam": 1, "max_ratio": 1.0, "max_extra": 0},
}
"""Defaults of text written from a picture: no more characters than the memory has steps."""


def written_by_head(target: Target) -> str:
    """What a head does, for people: `CTC`, or `mean pooling, a class`."""
    if isinstance(target, Named):
        return f"{target.pooling} pooling, a {'class' if isinstance(target, LabelTarget) else 'tag a word'}"
    return target.kind.upper()
