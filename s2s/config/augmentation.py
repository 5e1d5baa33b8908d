"""What is done anew to every training picture in every epoch. Pairs are ranges from which a value is drawn evenly."""

from dataclasses import dataclass

from s2s.config.ranges import Range, check_chances_and_ranges


@dataclass(frozen=True)
class Augmentation:
    """Chances are probabilities; lengths are shares of the picture's height; angles are degrees."""

    warp_chance: float = 0.5
    """Rotation, shear and perspective in one warp."""
    rotation: float = 3.0
    """Standard deviation of the rotation; three of them are the limit."""
    shear: float = 0.15
    """Largest horizontal shift over the height."""
    corner: float = 0.06
    """Largest move of a corner: perspective."""
    stretch: Range = (0.9, 1.15)
    """Horizontal scale."""
    blur_chance: float = 0.2
    """Gaussian blur, or half the time motion blur."""
    blur: Range = (0.01, 0.035)
    """Its standard deviation; a motion is four times as long."""
    tone_chance: float = 0.4
    """Gamma, contrast and brightness."""
    gamma: Range = (0.7, 1.4)
    """Exponent."""
    contrast: Range = (0.6, 1.25)
    """Factor around mid-grey."""
    brightness: Range = (-30.0, 30.0)
    """Grey levels added."""
    invert_chance: float = 0.05
    """Light and dark exchanged."""
    resample_chance: float = 0.1
    """Reduced and enlarged again."""
    resample: Range = (0.35, 0.7)
    """Height in between, as a share."""
    noise_chance: float = 0.3
    """Gaussian noise."""
    noise: Range = (2.0, 12.0)
    """Its standard deviation in grey levels."""
    jpeg_chance: float = 0.2
    """JPEG compression."""
    jpeg: tuple[int, int] = (20, 90)
    """Its quality."""
    occlusion_chance: float = 0.1
    """A patch of one colour over the text."""
    occlusion: Range = (0.05, 0.25)
    """Its width and height, each drawn on its own."""

    def __post_init__(self) -> None:
        check_chances_and_ranges(self)
        if min(self.rotation, self.shear, self.corner) < 0:
            raise ValueError("rotation, shear and corner must not be negative")
        if self.stretch[0] <= 0:
            raise ValueError(f"stretch must be above 0, not {self.stretch}")
