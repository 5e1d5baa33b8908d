"""What recurrent models are made of. Widths are in units, probabilities in [0, 1)."""

from dataclasses import dataclass, field
from typing import Literal

from s2s.config.checks import at_least, probability

Cell = Literal["lstm", "gru", "rnn"]


@dataclass(frozen=True)
class Recurrent:
    """A stack of recurrent layers."""

    cell: Cell = "lstm"
    """Recurrent cell of every layer: lstm, gru or rnn (tanh)."""
    hidden: int = 256
    """Hidden units of each direction."""
    layers: int = 1
    """Recurrent layers."""
    bidirectional: bool = True
    """Read the source in both directions; outputs are concatenated."""
    residual: bool = True
    """Add each layer's input to its output, where the widths agree (from the second layer on)."""
    layer_norm: bool = True
    """Normalise the output of every layer."""
    dropout: float = 0.3
    """Locked dropout (one mask a sentence) on every layer's output."""
    weight_drop: float = 0.0
    """DropConnect on the hidden-to-hidden weights (Merity et al. 2018)."""

    def __post_init__(self) -> None:
        at_least(1, self, "hidden", "layers")
        probability(self, "dropout", "weight_drop")


@dataclass(frozen=True)
class Encoder(Recurrent):
    """A stack of recurrent layers over source embeddings."""

    embedding: int = 256
    """Width of the source embeddings."""
    embedding_dropout: float = 0.3
    """Locked dropout on the embeddings."""
    word_dropout: float = 0.0
    """Probability that a source token's whole embedding is zeroed (Gal & Ghahramani 2016)."""

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, self, "embedding")
        probability(self, "embedding_dropout", "word_dropout")


@dataclass(frozen=True)
class Attention:
    """How the decoder looks at the encoder's outputs."""

    kind: Literal["additive", "dot", "general", "multihead", "none"] = "multihead"
    """additive (Bahdanau 2015), dot and general (Luong 2015), multihead (Vaswani 2017), or none: one summary vector."""
    size: int = 256
    """Width of the keys and queries (additive, multihead)."""
    heads: int = 4
    """Heads of multihead; must divide `size`."""
    dropout: float = 0.0
    """Dropout on the attention weights."""

    def __post_init__(self) -> None:
        at_least(1, self, "size", "heads")
        probability(self, "dropout")
        if self.kind == "multihead" and self.size % self.heads:
            raise ValueError(f"attention size {self.size} is not divisible by {self.heads} heads")


@dataclass(frozen=True)
class PlainDecoder:
    """Recurrent layers over target embeddings."""

    cell: Cell = "lstm"
    """Recurrent cell of every layer: lstm, gru or rnn (tanh)."""
    recurrence: Literal["hidden", "output"] = "hidden"
    """What leads from step to step: the hidden states, or nothing but the last output (Goodfellow et al. 2016, 10.2.1):
    then the layers start every step from the same first state, and no step of training waits for another."""
    embedding: int = 256
    """Width of the target embeddings."""
    hidden: int = 256
    """Hidden units of every layer."""
    layers: int = 1
    """Recurrent layers."""
    residual: bool = True
    """Add each layer's input to its output, from the second layer on."""
    layer_norm: bool = True
    """Normalise the output of every layer."""
    dropout: float = 0.3
    """Locked dropout on every layer's output and on the read-out."""
    embedding_dropout: float = 0.3
    """Locked dropout on the embeddings."""
    word_dropout: float = 0.0
    """Probability that an input token's whole embedding is zeroed."""
    weight_drop: float = 0.0
    """DropConnect on the hidden-to-hidden weights."""
    tied: bool = True
    """Use the target embeddings as the softmax weights (Press & Wolf 2017)."""

    def __post_init__(self) -> None:
        at_least(1, self, "embedding", "hidden", "layers")
        probability(self, "dropout", "embedding_dropout", "word_dropout", "weight_drop")
        if self.recurrence == "output" and self.weight_drop:
            raise ValueError("weight_drop must be 0 with recurrence: output, which carries no hidden state")


@dataclass(frozen=True)
class Decoder(PlainDecoder):
    """Those that look at a memory: the first layer queries the attention, the others read [output; context]."""

    input_feeding: bool = False
    """Feed the previous attentional vector to the first layer (Luong 2015). Training then loops over time: slow."""
    bridge: Literal["project", "zero"] = "project"
    """First state: a projection of the encoder's last hidden and cell states, each on its own, or zeros."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.recurrence == "output" and self.input_feeding:
            raise ValueError("input_feeding must be false with recurrence: output, which carries only tokens")


@dataclass(frozen=True)
class EncoderDecoder:
    """An encoder, and a decoder that looks at its memory."""

    encoder: Recurrent = field(default_factory=Encoder)
    """The source side."""
    attention: Attention = field(default_factory=Attention)
    """The link between the sides."""
    decoder: Decoder = field(default_factory=Decoder)
    """The target side."""
    share_embeddings: bool = False
    """One embedding table for source and target; needs a joint vocabulary and equal embedding widths."""

    def __post_init__(self) -> None:
        memory = self.encoder.hidden * (2 if self.encoder.bidirectional else 1)
        if self.attention.kind == "dot" and self.decoder.hidden != memory:
            raise ValueError(
                f"attention dot compares the decoder's {self.decoder.hidden} units with the encoder's {memory} "
                "outputs, which must be equal; change a width or use attention general"
            )
        if not self.share_embeddings:
            return
        if not isinstance(self.encoder, Encoder):
            raise ValueError("share_embeddings needs a source of text")
        if self.encoder.embedding != self.decoder.embedding:
            raise ValueError(
                f"share_embeddings needs equal widths, but the encoder's embedding is {self.encoder.embedding} "
                f"and the decoder's {self.decoder.embedding}"
            )


@dataclass(frozen=True)
class EncoderHead:
    """An encoder, and a head that turns its memory into labels or values at once."""

    encoder: Recurrent = field(default_factory=Encoder)
    """The source side."""


@dataclass(frozen=True)
class Tagger(EncoderHead):
    """An encoder that reads the pieces of a sentence, and recurrent layers over its words."""

    words: Recurrent = field(default_factory=Recurrent)
    """Layers over the words, each made of what the encoder has at its pieces; see `target.pooling`."""


@dataclass(frozen=True)
class LanguageModel:
    """A decoder alone, which goes on from what it has written."""

    decoder: PlainDecoder = field(default_factory=PlainDecoder)
    """Its layers."""


Model = EncoderDecoder | EncoderHead | LanguageModel
