"""A picture with its label, and what is wrong with one."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from s2s.config.visible import visible
from s2s.image.load import BadImage, Pixels, load, read_file

SUFFIXES = (
    ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".jp2", ".avif",
    ".ppm", ".pgm", ".pbm", ".pnm",
)  # fmt: skip
"""Names that are taken for pictures."""

Quad = tuple[float, float, float, float, float, float, float, float]


@dataclass(frozen=True)
class LabelledImage:
    """A picture and what it says."""

    name: str
    """Path relative to the folder, with a number where a picture holds several texts."""
    path: Path
    text: str
    """The label as it was found."""
    quad: Quad | None = None
    """x1, y1, ... x4, y4 of the text in the picture, clockwise from its upper left; None is all of it."""
    table: Path | None = None
    """The file that holds its label, where each picture has its own."""

    def load(self, colour: bool = True) -> Pixels:
        """Pixels of the text, (H, W, 3) RGB or (H, W) grey. Raises BadImage."""
        pixels = load(self.path, colour, self.name)
        return pixels if self.quad is None else cut(pixels, self.quad, self.name)

    def content(self) -> bytes:
        """The picture file's bytes; a cut of it as PNG if it holds more than the text. Raises BadImage."""
        if self.quad is not None:
            return bytes(cv2.imencode(".png", cv2.cvtColor(self.load(), cv2.COLOR_RGB2BGR))[1])
        return read_file(self.path, self.name)


@dataclass(frozen=True)
class Problem:
    """A picture or a label that cannot be used as it is."""

    name: str
    """The picture or the file."""
    reason: str

    def __str__(self) -> str:
        return visible(f"{self.name}: {self.reason}")


@dataclass(frozen=True)
class ImageFolder:
    """What a folder was found to hold."""

    layout: str
    """How the labels are kept, for the report."""
    examples: tuple[LabelledImage, ...]
    """In the order of the label file, or by name."""
    problems: tuple[Problem, ...]
    """Everything that is left out, by file."""


def is_image(path: Path) -> bool:
    """Whether a file is a picture by its name."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def cut(pixels: Pixels, quad: Quad, name: str) -> Pixels:
    """The quadrilateral of a picture, straightened. Raises BadImage where it has no area within the picture."""
    corners = np.array(quad, np.float32).reshape(4, 2)
    top, right, bottom, left = (float(np.linalg.norm(corners[i] - corners[(i + 1) % 4])) for i in range(4))
    width, height = round(max(top, bottom)), round(max(left, right))
    size = np.array([pixels.shape[1], pixels.shape[0]])
    outside = (corners.max(0) <= 0).any() or (corners.min(0) >= size).any()
    if outside or width < 2 or height < 2 or max(width, height) > 4 * size.max():
        raise BadImage(f"{name}: the text is to lie at {', '.join(f'{v:g}' for v in quad)}, not in the picture")
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    return np.asarray(cv2.warpPerspective(pixels, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)
