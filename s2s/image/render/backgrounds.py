"""What the text stands on."""

import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator

from s2s.config.rendering import Backgrounds
from s2s.image.imaging import Field
from s2s.image.load import Pixels, load
from s2s.image.render.blend import blend
from s2s.image.render.colours import SUMS, Colour, Scheme
from s2s.image.render.placement import Placement
from s2s.image.render.textures import texture

PROCEDURAL = (
    "clouds",
    "clouds",
    "leaves",
    "leaves",
    "leaves",
    "paper",
    "paper",
    "wood",
    "stripes",
    "halftone",
    "bricks",
)
"""Kinds of texture, the more likely ones several times."""
TINT = 0.3
"""How far the channels of a texture go their own ways, as a share of its swing."""
PHOTO_SIDE = 768
"""Photographs are reduced to this many pixels on their longer side."""
PHOTOS_KEPT = 64


def draw(
    scheme: Scheme, placement: Placement, box: tuple[float, float, float, float], config: Backgrounds,
    photographs: Sequence[Path], rng: Generator,
) -> Field:  # fmt: skip
    """A ground (H, W, 3) in grey levels. `box` is the text's in the plane, for a panel to stand around."""
    height, width = placement.height, placement.width
    shares = [config.flat, config.gradient, config.procedural, config.photograph, config.panel, config.paper]
    kind = int(np.searchsorted(np.cumsum(shares), rng.random() * sum(shares), side="right"))
    if kind == 1:
        return _gradient(height, width, scheme, config, rng)
    if kind == 3 and photographs:
        return _photograph(height, width, scheme, config, photographs, rng)
    if kind in (2, 3):
        return _textured(height, width, scheme.ground, scheme.contrast, PROCEDURAL, config, rng)
    if kind == 4:
        return _panel(scheme, placement, box, config, rng)
    if kind == 5:
        return _textured(height, width, scheme.ground, scheme.contrast, ("paper", "paper", "clouds"), config, rng)
    return _flat(height, width, scheme.ground)


def _flat(height: int, width: int, colour: Colour) -> Field:
    image = np.empty((height, width, 3), np.float32)
    image[:] = colour
    return image


def _gradient(height: int, width: int, scheme: Scheme, config: Backgrounds, rng: Generator) -> Field:
    """The ground's colour, running into one further from or nearer to the text's."""
    colour = scheme.ground
    end = np.clip(colour + (colour - scheme.text) * np.float32(rng.uniform(*config.gradient_reach)), 0, 255)
    angle = rng.uniform(-math.pi, math.pi)
    x = np.linspace(-1, 1, width, dtype=np.float32)[None] * np.float32(math.cos(angle))
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None] * np.float32(math.sin(angle))
    share = np.clip((x + y + 1) / 2, 0, 1)[..., None]
    return np.asarray(colour + share * (end - colour), dtype=np.float32)


def _textured(
    height: int, width: int, colour: Colour, contrast: float, kinds: Sequence[str], config: Backgrounds, rng: Generator
) -> Field:
    """The colour with a texture whose swing is a share of the contrast to the text."""
    pattern = texture(kinds[int(rng.random() * len(kinds))], height, width, config.tiles, rng)
    swing = max(6.0, contrast) * rng.uniform(*config.strength)
    direction = (1 + rng.standard_normal(3, np.float32) * np.float32(TINT)) * np.float32(swing)
    return colour + pattern[..., None] * direction


def _panel(
    scheme: Scheme, placement: Placement, box: tuple[float, float, float, float], config: Backgrounds, rng: Generator
) -> Field:
    """A plain sign, with or without a rim, on a textured ground."""
    image = _textured(placement.height, placement.width, scheme.other, 160.0, PROCEDURAL, config, rng)
    left, top, right, bottom = box
    room = (bottom - top) * rng.uniform(*config.panel_room)
    beside = room * rng.uniform(1, 2)
    corners = [(left - beside, top - room), (right + beside, top - room), (right + beside, bottom + room)]
    corners.append((left - beside, bottom + room))
    # Corners of a straight panel: the bend is the text's alone.
    polygon = np.round(placement.points(corners) * 16).astype(np.int32)
    mask = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(mask, [polygon], 255, cv2.LINE_AA, shift=4)
    blend(image, mask, scheme.ground)
    if rng.random() < config.panel_rim_chance:
        mask[:] = 0
        cv2.polylines(mask, [polygon], True, 255, int(rng.integers(1, 4)), cv2.LINE_AA, shift=4)
        blend(image, mask, scheme.text if rng.random() < 0.6 else scheme.other)
    return image


@lru_cache(PHOTOS_KEPT)
def _photo(path: Path) -> Pixels:
    """A photograph, reduced."""
    pixels = load(path)
    scale = PHOTO_SIDE / max(pixels.shape[:2])
    if scale < 1:
        pixels = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return pixels


def _photograph(
    height: int, width: int, scheme: Scheme, config: Backgrounds, photographs: Sequence[Path], rng: Generator
) -> Field:
    """A crop of a photograph, brought to the ground's lightness, its swing kept below the contrast to the text."""
    whole = _photo(photographs[int(rng.random() * len(photographs))])
    zoom = math.exp(rng.uniform(math.log(config.photograph_zoom[0]), math.log(config.photograph_zoom[1])))
    rows = min(whole.shape[0], max(4, round(height * zoom)))
    columns = min(whole.shape[1], max(4, round(width * zoom)))
    top = int(rng.random() * (whole.shape[0] - rows + 1))
    left = int(rng.random() * (whole.shape[1] - columns + 1))
    crop = cv2.resize(whole[top : top + rows, left : left + columns], (width, height), interpolation=cv2.INTER_AREA)
    image = crop.astype(np.float32)
    mean = image.mean((0, 1))
    swing = float((image @ SUMS).std())
    limit = max(6.0, scheme.contrast) * config.strength[1]
    # Half of the photograph's own colour stays: grounds are not tinted paper.
    goal = scheme.ground + np.float32(0.5) * ((mean - mean @ SUMS) - (scheme.ground - scheme.ground @ SUMS))
    return goal + (image - mean) * np.float32(min(1.0, limit / max(swing, 1e-3)))
