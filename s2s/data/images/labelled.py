"""A picture with its label, and what is wrong with one."""

from collections.abc import Sequence
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

_LEVEL, _STEEP = 0.5, 45.0
"""Degrees between which a line is turned level; a steeper one is a word of two letters, or written downwards."""

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
    polygon: tuple[float, ...] | None = None
    """x1, y1, x2, y2 ... around the text instead of a quadrilateral; what is outside is no part of it."""

    def load(self, colour: bool = True) -> Pixels:
        """Pixels of the text, (H, W, 3) RGB or (H, W) grey. Raises BadImage."""
        pixels = load(self.path, colour, self.name)
        if self.polygon is not None:
            return cut_out(pixels, self.polygon, self.name)
        return pixels if self.quad is None else cut(pixels, self.quad, self.name)

    def content(self) -> bytes:
        """The picture file's bytes; a cut of it as PNG if it holds more than the text. Raises BadImage."""
        if self.quad is not None or self.polygon is not None:
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


def cut_out(pixels: Pixels, polygon: Sequence[float], name: str) -> Pixels:
    """What is inside of a polygon, turned level, on the paper's colour. Raises BadImage where it has no area."""
    corners = np.array(polygon, np.float32).reshape(-1, 2)
    size = np.array([pixels.shape[1], pixels.shape[0]])
    if not np.isfinite(corners).all() or (corners.max(0) <= 0).any() or (corners.min(0) >= size).any():
        raise BadImage(f"{name}: its polygon does not lie in the picture")
    inside = np.clip(corners, 0, size - 1)
    left, top = inside.min(0).astype(int)
    right, bottom = inside.max(0).astype(int) + 1
    if min(right - left, bottom - top) < 2:
        raise BadImage(f"{name}: its polygon has no area")
    part = pixels[top:bottom, left:right]
    mask = np.zeros(part.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(inside - (left, top)).astype(np.int32)], 255)
    paper = np.median(part[mask > 0].reshape(np.count_nonzero(mask), -1), axis=0)
    part = np.where((mask > 0)[..., None] if part.ndim == 3 else mask > 0, part, paper).astype(np.uint8)
    (x, y), (wide, high), angle = cv2.minAreaRect(np.asarray(inside - (left, top), np.float32))
    if wide < high:
        wide, high, angle = high, wide, angle - 90
    angle = (angle + 90) % 180 - 90  # OpenCV 4 and 5 count from other sides
    if abs(angle) < _LEVEL or abs(angle) > _STEEP or min(wide, high) < 2:
        return part
    matrix = cv2.getRotationMatrix2D((x, y), angle, 1.0)
    matrix[:, 2] += np.array([wide / 2 - x, high / 2 - y])
    shade = tuple(float(value) for value in np.atleast_1d(paper))
    turned = cv2.warpAffine(part, matrix, (round(wide), round(high)), borderMode=cv2.BORDER_CONSTANT, borderValue=shade)
    return np.asarray(turned, np.uint8)
