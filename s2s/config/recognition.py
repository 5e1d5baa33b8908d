"""An image-to-text experiment: everything `s2s train` needs to know besides the data."""

from dataclasses import dataclass, field
from typing import Literal

from s2s.config import model, training
from s2s.config.augmentation import Augmentation
from s2s.config.checks import at_least, at_most, probability
from s2s.config.model import Attention
from s2s.config.training import Optimizer, Schedule, Training


@dataclass(frozen=True)
class Charset:
    """What the model can write; Unicode NFC throughout."""

    kind: Literal["ascii", "data", "given"] = "ascii"
    """ascii: 94 printable characters and the space; data: every character of the training labels; given: a list."""
    characters: str = ""
    """The list of `given`, one after the other."""
    unknown: Literal["refuse", "skip"] = "refuse"
    """Training labels with characters outside of it: refuse to train, or leave those pictures out and say how many."""

    def __post_init__(self) -> None:
        if (self.kind == "given") != bool(self.characters):
            raise ValueError("characters and kind: given go together; set both or neither")


@dataclass(frozen=True)
class Picture:
    """The form in which pictures reach the network: one height, any width. Lengths are in pixels."""

    height: int = 32
    """Height, a multiple of 16 from 32 on; the width follows in proportion."""
    colour: bool = False
    """Red, green and blue instead of grey."""
    min_width: int = 8
    """Narrower pictures are widened to this."""
    max_width: int = 1024
    """Wider pictures are squeezed to this, and counted."""
    dark_on_light: bool = False
    """Invert pictures whose text looks lighter than its ground."""

    def __post_init__(self) -> None:
        if self.height < 32 or self.height % 16:
            raise ValueError(f"height must be a multiple of 16, 32 or more, not {self.height}")
        at_least(1, self, "min_width")
        if self.max_width < self.min_width:
            raise ValueError(f"max_width must be min_width or more, not {self.max_width}")


@dataclass(frozen=True)
class Backbone:
    """The convolutional network that turns a picture into one row of features, a step every four pixels."""

    kind: Literal["light", "vgg", "resnet"] = "light"
    """light: ours, made for CPUs; vgg: of CRNN (Shi et al. 2015); resnet: of Baek et al. 2019."""
    width: float = 1.0
    """Factor on all channels."""
    blocks: tuple[int, int, int, int] = (1, 1, 1, 1)
    """light: residual blocks at a quarter, an eighth and a sixteenth of the height, and after the height is gone."""
    dropout: float = 0.0
    """Dropout of whole features on the way into the recurrent layers, the same ones at every step."""

    def __post_init__(self) -> None:
        at_least(0.01, self, "width")
        probability(self, "dropout")
        if min(self.blocks) < 0:
            raise ValueError(f"blocks must not be negative, not {list(self.blocks)}")
        if self.kind != "light" and self.blocks != (1, 1, 1, 1):
            raise ValueError(f"blocks are those of kind light; {self.kind} is as published")


@dataclass(frozen=True)
class Layers(model.Recurrent):
    """Recurrent layers over the backbone's features."""

    hidden: int = 96
    """Hidden units of each direction."""
    layers: int = 2
    """Recurrent layers."""
    dropout: float = 0.1
    """Locked dropout (one mask a picture) on every layer's output."""


@dataclass(frozen=True)
class CharacterDecoder(model.Decoder):
    """Recurrent layers over the characters written so far."""

    embedding: int = 128
    """Width of the character embeddings."""
    dropout: float = 0.1
    """Locked dropout on every layer's output and on the read-out."""
    embedding_dropout: float = 0.0
    """Locked dropout on the embeddings."""


@dataclass(frozen=True)
class Recognizer:
    """An image-to-text model."""

    backbone: Backbone = field(default_factory=Backbone)
    """From pixels to features."""
    encoder: Layers = field(default_factory=Layers)
    """From features to a memory."""
    decoder: Literal["ctc", "attention"] = "ctc"
    """ctc: a label at every step, a blank being one (Graves et al. 2006); attention: character by character."""
    attention: Attention = field(default_factory=Attention)
    """decoder attention: how it looks at the memory."""
    attention_decoder: CharacterDecoder = field(default_factory=CharacterDecoder)
    """decoder attention: its layers."""

    def __post_init__(self) -> None:
        memory = self.encoder.hidden * (2 if self.encoder.bidirectional else 1)
        hidden = self.attention_decoder.hidden
        if self.decoder == "attention" and self.attention.kind == "dot" and hidden != memory:
            raise ValueError(
                f"attention dot compares the decoder's {hidden} units with the encoder's {memory} outputs, which must "
                "be equal; change a width or use attention general"
            )


@dataclass(frozen=True)
class Loss:
    """CTC or cross-entropy, as the decoder asks."""

    label_smoothing: float = 0.0
    """Share of an even distribution over all labels: at every step of CTC (Kim et al. 2017), at every character of an
    attention decoder (Szegedy et al. 2016)."""

    def __post_init__(self) -> None:
        probability(self, "label_smoothing")


@dataclass(frozen=True)
class Batches:
    """What goes into a step: pictures of one width bucket (a multiple of 32)."""

    pixels: int = 262144
    """Most padded pixels a batch: pictures x height x width."""
    accumulate: int = 1
    """Batches whose gradients make one optimiser step."""
    workers: int = 0
    """Loader processes; the batches are the same for any number."""

    def __post_init__(self) -> None:
        at_least(1, self, "pixels", "accumulate")
        at_least(0, self, "workers")


@dataclass(frozen=True)
class Validation(training.Validation):
    """Real decoding of the validation split, through the same code as `transcribe`."""

    metric: str = training.AUTO
    """Score that picks the best model, of equals the one with the lower CER: any name of s2s.metrics, or `loss`. auto:
    word_accuracy where labels are made of 0-9 and a-z alone, else word_accuracy_exact, which sees case and marks."""


@dataclass(frozen=True)
class Decoding:
    """How the trained model reads unless told otherwise."""

    beam: int = 1
    """Hypotheses kept; 1 is greedy."""
    batch_pixels: int = 524288
    """Most padded pixels a batch."""

    def __post_init__(self) -> None:
        at_least(1, self, "beam", "batch_pixels")
        at_most(1000, self, "beam")


@dataclass(frozen=True)
class Recognition:
    """An image-to-text experiment."""

    task: Literal["recognition"] = "recognition"
    """What the model does."""
    charset: Charset = field(default_factory=Charset)
    """Vocabulary."""
    picture: Picture = field(default_factory=Picture)
    """Form of the pictures."""
    augmentation: Augmentation = field(default_factory=Augmentation)
    """What is done to training pictures, anew in every epoch."""
    model: Recognizer = field(default_factory=Recognizer)
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
    """How the trained model reads."""

    def __post_init__(self) -> None:
        widest = self.picture.height * -(-self.picture.max_width // 32) * 32
        if self.batches.pixels < widest:
            raise ValueError(
                f"batches.pixels {self.batches.pixels} has no room for one picture of picture.max_width "
                f"{self.picture.max_width} ({widest} pixels); raise it or lower picture.max_width"
            )
