"""From the flat plane where text is drawn to the picture: bend, homography, crop and scale in one warp."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from s2s.config.rendering import Crop, Geometry
from s2s.image.imaging import Field, smooth
from s2s.image.load import Pixels
from s2s.image.render.glyphs import Run

SAMPLES = 9
"""Points along an edge of the box that show how far bent text reaches."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Bend:
    """Text on a circle: `radius` in pixels of the plane, around below the text (sign 1) or above it (-1)."""

    x: float
    y: float
    radius: float
    sign: int

    def forward(self, points: Matrix) -> Matrix:
        """Where points (N, 2) of the straight text come to lie."""
        angle = (points[:, 0] - self.x) / self.radius
        reach = self.radius - (points[:, 1] - self.y) * self.sign
        along, up = reach * np.sin(angle), self.radius - reach * np.cos(angle)
        return np.stack((self.x + along, self.y + up * self.sign), axis=1)

    def backward(self, x: Field, y: Field) -> tuple[Field, Field]:
        """Where points of the bent text came from."""
        along = x - np.float32(self.x)
        down = np.float32(self.radius) - (y - np.float32(self.y)) * np.float32(self.sign)
        angle = np.arctan2(along, down)
        reach = np.sqrt(along * along + down * down)
        straight = (np.float32(self.radius) - reach) * np.float32(self.sign)
        return angle * np.float32(self.radius) + np.float32(self.x), straight + np.float32(self.y)


@dataclass(frozen=True)
class Placement:
    """How the plane is seen in a picture of `height` x `width` pixels."""

    matrix: Matrix
    """Homography (3, 3) from the plane, after the bend, to the picture."""
    height: int
    width: int
    bend: Bend | None
    shift: tuple[Field, Field] | None
    """Elastic displacement in pixels of the plane, (height, width) each."""
    margin: float
    """The least margin, as a share of the text's height; negative where the text may be cut."""
    scale: float
    """Pixels of the picture for one of the plane."""

    def warp(self, mask: Pixels, origin: tuple[float, float] = (0.0, 0.0), border: int = 0) -> Pixels:
        """The mask, whose corner lies at `origin` in the plane, as the picture sees it.

        With a border that many pixels beyond the picture are kept on every side.
        """
        size = (self.width + 2 * border, self.height + 2 * border)
        matrix = _translation(border, border) @ self.matrix if border else self.matrix
        if self.bend is None and self.shift is None:
            whole = matrix @ _translation(*origin)
            return np.asarray(cv2.warpPerspective(mask, whole, size, flags=cv2.INTER_LINEAR), dtype=np.uint8)
        x, y = self._sources(matrix, size, border)
        if origin != (0.0, 0.0):
            x, y = x - np.float32(origin[0]), y - np.float32(origin[1])
        return np.asarray(cv2.remap(mask, x, y, cv2.INTER_LINEAR), dtype=np.uint8)

    def points(self, corners: Sequence[tuple[float, float]]) -> NDArray[np.float32]:
        """Points of the plane (N, 2) in the picture, the elastic displacement left aside."""
        points = np.array(corners, np.float64)
        return _apply(self.matrix, points if self.bend is None else self.bend.forward(points)).astype(np.float32)

    def _sources(self, matrix: Matrix, size: tuple[int, int], border: int) -> tuple[Field, Field]:
        """For every pixel of the picture its place in the plane."""
        inverse = np.linalg.inv(matrix).astype(np.float32)
        columns = np.arange(size[0], dtype=np.float32)[None]
        rows = np.arange(size[1], dtype=np.float32)[:, None]
        depth = 1 / (inverse[2, 0] * columns + (inverse[2, 1] * rows + inverse[2, 2]))
        x = (inverse[0, 0] * columns + (inverse[0, 1] * rows + inverse[0, 2])) * depth
        y = (inverse[1, 0] * columns + (inverse[1, 1] * rows + inverse[1, 2])) * depth
        if self.shift is not None:
            dx, dy = (np.pad(part, border, mode="edge") if border else part for part in self.shift)
            x, y = x + dx, y + dy
        return self.bend.backward(x, y) if self.bend is not None else (x, y)


def place(
    run: Run, height: int, geometry: Geometry, crop: Crop, rng: Generator, wide: tuple[int, float] | None = None
) -> Placement:
    """Draw a placement of the run in a picture of `height` pixels.

    `wide` sets one margin: its side (0 left, 1 top, 2 right, 3 bottom) and its share of the run's height.
    """
    left, top, right, bottom = run.box
    x, y = (left + right) / 2, (top + bottom) / 2
    bend = None
    if rng.random() < geometry.curve_chance and run.width > run.height:
        radius = max(run.width / math.radians(rng.uniform(*geometry.arc)), 1.3 * run.height)
        bend = Bend(x, y, radius, 1 if rng.random() < geometry.arch_chance else -1)
    outline = _outline(run.box)
    if bend is not None:
        outline = bend.forward(outline)
    matrix = _homography(run, outline, geometry, rng) @ _translation(-x, -y)
    seen = _apply(matrix, outline)
    (x0, y0), (x1, y1) = seen.min(0), seen.max(0)
    margins = _margins(crop, rng)
    if wide is not None:
        margins[wide[0]] = wide[1]
    x0, x1 = x0 - margins[0] * run.height, x1 + margins[2] * run.height
    y0, y1 = y0 - margins[1] * run.height, y1 + margins[3] * run.height
    scale = height / (y1 - y0)
    width = max(4, round((x1 - x0) * scale))
    matrix = np.diag([scale, scale, 1.0]) @ _translation(-x0, -y0) @ matrix
    shift = None
    if rng.random() < geometry.elastic_chance and width <= crop.width:
        size = rng.uniform(*geometry.elastic) * run.height
        cell = height * rng.uniform(*geometry.elastic_cell)
        shift = (
            smooth((height, width), cell, rng) * np.float32(size),
            smooth((height, width), cell, rng) * np.float32(size),
        )
    return Placement(matrix, height, width, bend, shift, min(margins), scale)


def _homography(run: Run, outline: Matrix, geometry: Geometry, rng: Generator) -> Matrix:
    """Width, shear, rotation and perspective about the origin."""
    angle = float(np.clip(rng.standard_normal() * geometry.rotation, -geometry.rotation_limit, geometry.rotation_limit))
    if rng.random() < geometry.strong_chance:
        angle = rng.uniform(-geometry.strong_limit, geometry.strong_limit)
    stretch = rng.uniform(*geometry.width)
    most = math.degrees(math.asin(min(1.0, geometry.rise * run.height / (run.width * stretch))))
    angle = math.radians(min(max(angle, -most), most))
    shear = rng.uniform(-geometry.shear, geometry.shear) if rng.random() < geometry.shear_chance else 0.0
    cos, sin = math.cos(angle), math.sin(angle)
    matrix = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]]) @ np.array(
        [[stretch, shear, 0], [0, 1, 0], [0, 0, 1]]
    )
    if rng.random() < geometry.corner_chance:
        low, high = outline.min(0), outline.max(0)
        half = (high - low) / 2
        corners = (np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half).astype(np.float32)
        moved = corners + (rng.random((4, 2), np.float32) * 2 - 1) * np.float32(geometry.corner * run.height)
        matrix = matrix @ cv2.getPerspectiveTransform(corners, moved)
    return np.asarray(matrix, dtype=np.float64)


def _margins(crop: Crop, rng: Generator) -> list[float]:
    """Left, top, right and bottom, as shares of the text's height; negative where the text is cut."""
    low, high = crop.margin_limits
    if rng.random() < crop.loose_chance:
        drawn = rng.random(4) * high
    else:
        drawn = np.clip(rng.standard_normal(4) * crop.margin + crop.margin, low, high)
    return [float(margin) for margin in drawn]


def _outline(box: tuple[float, float, float, float]) -> Matrix:
    """Points along the upper and the lower edge of a box."""
    left, top, right, bottom = box
    across = np.linspace(left, right, SAMPLES)
    upper, lower = np.full(SAMPLES, top), np.full(SAMPLES, bottom)
    return np.concatenate((np.stack((across, upper), 1), np.stack((across, lower), 1)))


def _apply(matrix: Matrix, points: Matrix) -> Matrix:
    moved = points @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(moved[:, :2] / moved[:, 2:], dtype=np.float64)


def _translation(x: float, y: float) -> Matrix:
    return np.array([[1.0, 0, x], [0, 1, y], [0, 0, 1]])
