"""What a model reads. Each kind says in what it is counted, and what its other sections default to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from s2s.config.augmentation import Augmentation
from s2s.config.checks import at_least, probability
from s2s.config.model import Encoder, Recurrent
from s2s.config.series import SeriesSource
from s2s.config.training import Batches, PixelBatches, StreamBatches, TokenBatches
from s2s.config.vocabulary import Pieces


@dataclass(frozen=True)
class TextSource:
    """Sentences."""

    kind: Literal["text"] = "text"
    """Text."""
    vocabulary: Pieces = field(default_factory=Pieces)
    """Its subwords."""

    unit: ClassVar[str] = "tokens"
    speed: ClassVar[str] = "tokens"
    batches: ClassVar[type[Batches]] = TokenBatches
    encoder: ClassVar[type[Recurrent]] = Encoder
    defaults: ClassVar[Mapping[str, Any]] = {"decoding": {"batch": 4096}}


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
class ImageSource:
    """Pictures, brought to one height and any width. Lengths are in pixels."""

    kind: Literal["image"] = "image"
    """Pictures."""
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
    augmentation: Augmentation = field(default_factory=Augmentation)
    """What is done to training pictures, anew in every epoch."""
    backbone: Backbone = field(default_factory=Backbone)
    """From pixels to features."""

    unit: ClassVar[str] = "pixels"
    speed: ClassVar[str] = "images"
    batches: ClassVar[type[Batches]] = PixelBatches
    encoder: ClassVar[type[Recurrent]] = Recurrent
    defaults: ClassVar[Mapping[str, Any]] = {
        "model": {"encoder": {"hidden": 96, "layers": 2, "dropout": 0.1}},
        "loss": {"label_smoothing": 0.0},
        "decoding": {"batch": 524_288},
    }

    def __post_init__(self) -> None:
        if self.height < 32 or self.height % 16:
            raise ValueError(f"height must be a multiple of 16, 32 or more, not {self.height}")
        at_least(1, self, "min_width")
        if self.max_width < self.min_width:
            raise ValueError(f"max_width must be min_width or more, not {self.max_width}")


@dataclass(frozen=True)
class NoSource:
    """Nothing: what is written goes on from itself."""

    kind: Literal["none"] = "none"
    """Nothing."""

    unit: ClassVar[str] = "tokens"
    speed: ClassVar[str] = "tokens"
    batches: ClassVar[type[Batches]] = StreamBatches
    encoder: ClassVar[type[Recurrent] | None] = None
    defaults: ClassVar[Mapping[str, Any]] = {"loss": {"label_smoothing": 0.0}, "decoding": {"batch": 16_384}}


Source = TextSource | ImageSource | NoSource | SeriesSource
