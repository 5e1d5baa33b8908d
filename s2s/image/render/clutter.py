"""What surrounds the text in a photograph: other text, faint text, lines and boxes, things in front."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from s2s.config.rendering import Clutter
from s2s.image.imaging import Field
from s2s.image.load import Pixels
from s2s.image.render.blend import blend
from s2s.image.render.colours import Scheme
from s2s.image.render.glyphs import Run
from s2s.image.render.placement import Placement

LEFT, TOP, RIGHT, BOTTOM = range(4)


@dataclass(frozen=True)
class Neighbour:
    """Other text on one side of the label's, in shares of its height."""

    side: int
    gap: float
    reach: float
    slide: float
    """Where it lies along the side, 0 to 1."""

    @property
    def margin(self) -> tuple[int, float]:
        """The side and the margin that lets the neighbour reach into the picture."""
        return self.side, self.gap + self.reach

    def origin(self, run: Run, other: Run) -> tuple[float, float]:
        """Corner of the other run's mask in the plane of the first."""
        left, top, right, bottom = run.box
        gap = self.gap * run.height
        x = left - other.box[0] + (self.slide - 0.5) * 2 * (run.width - other.width)
        y = bottom - other.box[3]
        if self.side == LEFT:
            return left - gap - other.box[2], y
        if self.side == RIGHT:
            return right + gap - other.box[0], y
        if self.side == TOP:
            return x, top - gap - other.box[3]
        return x, bottom + gap - other.box[1]


def neighbour(config: Clutter, rng: Generator) -> Neighbour | None:
    """Decide on a neighbour: above and below more often than beside, where it is taken for part of the text."""
    if rng.random() >= config.neighbour_chance:
        return None
    dice = rng.random()
    side = TOP if dice < 0.35 else BOTTOM if dice < 0.7 else LEFT if dice < 0.85 else RIGHT
    gap = rng.uniform(*(config.neighbour_gap if side in (TOP, BOTTOM) else config.neighbour_space))
    return Neighbour(side, gap, rng.uniform(*config.neighbour), rng.random())


def ghost(
    image: Field, other: Run, run: Run, placement: Placement, scheme: Scheme, config: Clutter, rng: Generator
) -> None:
    """A faint word somewhere behind the text."""
    x = run.box[0] + rng.uniform(-0.3, 0.8) * run.width
    y = run.box[1] - other.box[1] + rng.uniform(-0.7, 0.7) * run.height
    colour = scheme.text if rng.random() < 0.5 else scheme.other
    blend(image, placement.warp(other.mask, (x, y)), colour, rng.uniform(*config.ghost_opacity))


def bleed(
    image: Field, other: Run, run: Run, placement: Placement, scheme: Scheme, config: Clutter, rng: Generator
) -> None:
    """Print of the other side, mirrored and blurred."""
    sigma = run.height * rng.uniform(0.01, 0.04)
    mirrored = np.asarray(cv2.GaussianBlur(np.ascontiguousarray(other.mask[:, ::-1]), (0, 0), sigma), dtype=np.uint8)
    y = run.box[1] - other.box[1] + rng.uniform(-0.6, 0.6) * run.height
    x = run.box[0] + rng.uniform(-0.2, 0.2) * run.width
    blend(image, placement.warp(mirrored, (x, y)), scheme.text, rng.uniform(*config.ghost_opacity))


def shapes(image: Field, run: Run, placement: Placement, scheme: Scheme, config: Clutter, rng: Generator) -> None:
    """A frame, a rule or the edge of something else, behind the text."""
    left, top, right, bottom = run.box
    mask = np.zeros(image.shape[:2], np.uint8)
    thickness = max(1, round(placement.height * rng.uniform(*config.shapes_thickness)))
    room = run.height * rng.uniform(*config.shapes_room)
    dice = rng.random()
    if dice < 0.35:
        upper, lower = (left - room, top - room), (right + room, bottom + room)
        corners = [upper, (lower[0], upper[1]), lower, (upper[0], lower[1])]
        _polyline(mask, placement, corners, True, thickness)
    elif dice < 0.75:
        y = top - room if rng.random() < 0.5 else bottom + room
        _polyline(mask, placement, [(left - run.height, y), (right + run.height, y)], False, thickness)
    else:
        x = left - room if rng.random() < 0.5 else right + room
        _polyline(mask, placement, [(x, top - run.height), (x, bottom + run.height)], False, thickness)
    blend(image, mask, scheme.text if rng.random() < 0.5 else scheme.other, rng.uniform(*config.shapes_opacity))


def occlude(image: Field, scheme: Scheme, config: Clutter, rng: Generator) -> Pixels:
    """Something thin in front: a twig, a wire, a speck. Returns where it lies."""
    height, width = image.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    thickness = max(1, round(rng.uniform(*config.occluder) * height))
    x, y = rng.random() * width, rng.random() * height
    if rng.random() < 0.6:
        angle, reach = rng.uniform(0, math.pi), 2 * height
        dx, dy = reach * math.cos(angle), reach * math.sin(angle)
        cv2.line(mask, (round(x - dx), round(y - dy)), (round(x + dx), round(y + dy)), 255, thickness, cv2.LINE_AA)
    else:
        axes = (thickness, max(1, round(thickness * rng.uniform(0.5, 2))))
        cv2.ellipse(mask, (round(x), round(y)), axes, rng.uniform(0, 180), 0, 360, 255, -1, cv2.LINE_AA)
    blend(image, mask, scheme.other if rng.random() < 0.6 else scheme.ground, rng.uniform(*config.occluder_opacity))
    return mask


def _polyline(
    mask: Pixels, placement: Placement, corners: list[tuple[float, float]], closed: bool, thickness: int
) -> None:
    points = np.round(np.clip(placement.points(corners), -4096, 4096) * 16).astype(np.int32)
    cv2.polylines(mask, [points], closed, 255, thickness, cv2.LINE_AA, shift=4)
