"""What a model reads that reads series: rows of numbers, one after the other in time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from s2s.config.checks import at_least, probability
from s2s.config.model import Recurrent
from s2s.config.training import Batches, RowBatches

PEN_FEATURES = ("dx", "dy", "cos", "sin", "y", "lift")
"""What a point of a pen stroke becomes; see `s2s.data.series.features`."""


@dataclass(frozen=True)
class SeriesAugmentation:
    """What is done to training series, anew in every epoch."""

    scale: float = 0.0
    """Each column times a factor of its own between 1 - scale and 1 + scale."""
    rotation: float = 0.0
    """Pen: most degrees that all points are turned by, either way."""
    shear: float = 0.0
    """Pen: most that writing is slanted: x moves by up to this share of y, either way."""
    noise: float = 0.0
    """Standard deviation of normal noise on every standardised feature."""
    masked_rows: int = 0
    """Most rows that each of two masks hides behind the mean (SpecAugment, Park et al. 2019); 0 is off."""
    masked_features: int = 0
    """Most features side by side that each of two masks hides, likewise."""

    def __post_init__(self) -> None:
        at_least(0, self, "rotation", "shear", "noise", "masked_rows", "masked_features")
        probability(self, "scale")


@dataclass(frozen=True)
class FrontEnd:
    """Convolutions over time, each with layer norm and GELU, before the recurrent layers."""

    width: int = 64
    """Channels."""
    layers: int = 2
    """Convolutions; from the second on each adds its input to its output."""
    kernel: int = 5
    """Rows that each looks at, an odd number; 1 is a plain projection."""
    stride: int = 1
    """Rows that become one step, by the first convolution."""
    dropout: float = 0.0
    """Dropout of whole features on the way into the recurrent layers, the same ones at every step."""

    def __post_init__(self) -> None:
        at_least(1, self, "width", "layers", "kernel", "stride")
        probability(self, "dropout")
        if self.kernel % 2 == 0:
            raise ValueError(f"kernel must be odd, not {self.kernel}")
        if self.stride > self.kernel:
            raise ValueError(f"stride {self.stride} would pass over rows that a kernel of {self.kernel} does not see")


@dataclass(frozen=True)
class SeriesSource:
    """Rows of numbers, each column standardised by its mean and deviation in the training split."""

    kind: Literal["series"] = "series"
    """Series."""
    features: Literal["values", "deltas", "pen"] = "values"
    """What is made of a row. values: its numbers. deltas: these, their slopes over five rows, and the slopes of these.
    pen: of x, y and whether the pen lifts after the point, the way to it, its direction, its height in the writing and
    whether the way leads through the air."""
    centred: bool = False
    """Take each series' own mean off its columns first: the level of a sensor or the colour of a microphone goes."""
    augmentation: SeriesAugmentation = field(default_factory=SeriesAugmentation)
    """What is done to training series, anew in every epoch."""
    front: FrontEnd = field(default_factory=FrontEnd)
    """From rows to steps."""

    unit: ClassVar[str] = "rows"
    speed: ClassVar[str] = "examples"
    batches: ClassVar[type[Batches]] = RowBatches
    encoder: ClassVar[type[Recurrent]] = Recurrent
    defaults: ClassVar[Mapping[str, Any]] = {
        "model": {"encoder": {"hidden": 96, "layers": 2, "dropout": 0.1}},
        "loss": {"label_smoothing": 0.0},
        "decoding": {"batch": 32_768},
    }

    def __post_init__(self) -> None:
        if self.features != "pen" and (self.augmentation.rotation or self.augmentation.shear):
            raise ValueError("augmentation.rotation and shear turn and slant points of a pen; set features to pen")

    def features_of(self, columns: int) -> int:
        """How many features a row of so many columns becomes. ValueError where it cannot be."""
        if self.features == "pen" and columns not in (2, 3):
            raise ValueError(
                f"source.features pen is for the columns x and y, with or without a third that is 1 where the pen "
                f"lifts, and the data has {columns}; set source.features to values"
            )
        return {"values": columns, "deltas": 3 * columns, "pen": len(PEN_FEATURES)}[self.features]
