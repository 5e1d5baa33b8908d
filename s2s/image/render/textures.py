"""Patterns of surfaces: a few tiles of each kind are made once in a process, and pictures take crops of them."""

import math
from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
from numpy.random import Generator

from s2s.image.imaging import Field
from s2s.image.load import Pixels

HEIGHT, WIDTH = 256, 1024
ZERO, SPREAD = 128, 48
"""Level of a tile that means no change, and levels of one standard deviation."""
SEED = 19970815


def _clouds(rng: Generator) -> Field:
    """Noise with the spectrum 1/f ** slope (natural images have about 1 in amplitude: Field 1987)."""
    slope = rng.uniform(0.8, 1.9)
    y, x = np.fft.fftfreq(HEIGHT)[:, None], np.fft.rfftfreq(WIDTH)[None]
    frequency = np.maximum(np.hypot(y, x), 1 / WIDTH)
    phases = np.exp(2j * math.pi * rng.random(frequency.shape))
    return np.fft.irfft2(phases / frequency**slope, s=(HEIGHT, WIDTH)).astype(np.float32)


def _paper(rng: Generator) -> Field:
    """Grain, fibres and stains."""
    grain = cv2.GaussianBlur(rng.standard_normal((HEIGHT, WIDTH), np.float32), (0, 0), rng.uniform(0.5, 1.5))
    page = _unit(np.asarray(grain)) + _unit(_clouds(rng)) * np.float32(rng.uniform(0.3, 1.5))
    fibres = np.zeros((HEIGHT, WIDTH), np.uint8)
    for x, y, angle, length in rng.random((int(rng.uniform(0, 400)), 4)):
        start = (x * WIDTH, y * HEIGHT)
        end = (start[0] + 25 * length * math.cos(angle * 7), start[1] + 25 * length * math.sin(angle * 7))
        cv2.line(fibres, (int(start[0]), int(start[1])), (int(end[0]), int(end[1])), 255, 1, cv2.LINE_AA)
    return np.asarray(page - fibres * np.float32(rng.uniform(0.002, 0.01)), dtype=np.float32)


def _wood(rng: Generator) -> Field:
    """Long grain, and rings that it bends."""
    coarse = rng.standard_normal((HEIGHT // 4, 24), np.float32)
    grain = np.asarray(cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC))
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None]
    slow = cv2.resize(rng.standard_normal((6, 5), np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    rings = np.sin(rows * np.float32(rng.uniform(0.1, 0.6)) + slow * np.float32(rng.uniform(1, 6)))
    return np.asarray(grain + rings * np.float32(rng.uniform(0.3, 1.5)), dtype=np.float32)


def _stripes(rng: Generator) -> Field:
    """Parallel stripes, soft or sharp: shutters, corrugated iron, ruled paper, screens."""
    angle = 0.0 if rng.random() < 0.4 else math.pi / 2 if rng.random() < 0.5 else rng.uniform(0, math.pi)
    x, y = np.arange(WIDTH, dtype=np.float32)[None], np.arange(HEIGHT, dtype=np.float32)[:, None]
    phase = (x * np.float32(math.cos(angle)) + y * np.float32(math.sin(angle))) * np.float32(rng.uniform(0.05, 0.8))
    return np.tanh(np.sin(phase + rng.uniform(0, 6)) * np.float32(rng.uniform(0.5, 6))).astype(np.float32)


def _halftone(rng: Generator) -> Field:
    """A printer's dots, larger where it is darker."""
    pitch = np.float32(rng.uniform(0.5, 1.4))
    x, y = np.arange(WIDTH, dtype=np.float32)[None], np.arange(HEIGHT, dtype=np.float32)[:, None]
    dots = np.cos((x + y) * pitch) + np.cos((x - y) * pitch)
    return np.tanh((dots + _unit(_clouds(rng))) * np.float32(2)).astype(np.float32)


def _leaves(rng: Generator) -> Field:
    """Things in front of one another: the dead-leaves model of natural images (Lee, Mumford & Huang 2001)."""
    scene = np.full((HEIGHT, WIDTH), 128, np.uint8)
    for x, y, size, grey, kind, turn in rng.random((1400, 6)):
        # Sizes fall as r ** -3, which makes the model look alike at every scale.
        radius = min(6 / math.sqrt(1 - size * 0.999), 160)
        centre, level = (int(x * WIDTH), int(y * HEIGHT)), int(255 * grey)
        if kind < 0.4:
            cv2.ellipse(
                scene, centre, (int(radius), int(radius * (0.3 + turn))), 180 * turn, 0, 360, level, -1, cv2.LINE_AA
            )
        else:
            corners = cv2.boxPoints((centre, (2 * radius, radius * (0.2 + 2 * turn)), 90 * float(rng.random()) ** 3))
            cv2.fillConvexPoly(scene, corners.astype(np.int32), level, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(scene, (0, 0), rng.uniform(0.6, 2.5)), dtype=np.float32)


def _bricks(rng: Generator) -> Field:
    """Courses of bricks, tiles or planks, each of its own shade, with joints."""
    high = int(rng.integers(16, 80))
    wide = int(high * rng.uniform(1, 5))
    joint = max(1, int(high * rng.uniform(0.03, 0.12)))
    wall = np.zeros((HEIGHT, WIDTH), np.float32)
    staggered = rng.random() < 0.6
    for row, y in enumerate(range(0, HEIGHT, high)):
        shift = wide // 2 if staggered and row % 2 else 0
        for x in range(-shift, WIDTH, wide):
            wall[y : y + high - joint, max(0, x) : max(0, x + wide - joint)] = 2 + rng.standard_normal() * 0.5
    return np.asarray(wall + _unit(_clouds(rng)) * np.float32(0.4), dtype=np.float32)


KINDS: dict[str, Callable[[Generator], Field]] = {
    "clouds": _clouds,
    "paper": _paper,
    "wood": _wood,
    "stripes": _stripes,
    "halftone": _halftone,
    "leaves": _leaves,
    "bricks": _bricks,
}


@cache
def tile(kind: str, number: int) -> Pixels:
    """Tile `number` of a kind, (256, 1024): a pure function of its arguments."""
    rng = np.random.default_rng([SEED, sorted(KINDS).index(kind), number])
    return np.clip(_unit(KINDS[kind](rng)) * SPREAD + (ZERO + 0.5), 0, 255).astype(np.uint8)


def texture(kind: str, height: int, width: int, tiles: int, rng: Generator) -> Field:
    """A pattern (height, width) of mean about 0 and standard deviation about 1: a crop, scaled and turned at random."""
    whole = tile(kind, int(rng.random() * tiles))
    zoom = math.exp(rng.uniform(math.log(0.4), math.log(3.0)))
    rows, columns = min(HEIGHT, max(8, round(height * zoom))), min(WIDTH, max(8, round(width * zoom)))
    top, left = int(rng.random() * (HEIGHT - rows + 1)), int(rng.random() * (WIDTH - columns + 1))
    crop = whole[top : top + rows, left : left + columns]
    turn = rng.random()
    if turn < 0.75:
        crop = crop[:: 1 if turn < 0.5 else -1, :: 1 if turn < 0.25 else -1]
    method = cv2.INTER_AREA if rows > height else cv2.INTER_LINEAR
    scaled = cv2.resize(np.ascontiguousarray(crop), (width, height), interpolation=method)
    return (scaled.astype(np.float32) - ZERO) * np.float32(1 / SPREAD)


def _unit(values: Field) -> Field:
    """Mean 0 and standard deviation 1."""
    return np.asarray((values - values.mean()) / max(float(values.std()), 1e-6), dtype=np.float32)


def warm(tiles: int) -> None:
    """Make all tiles now."""
    for kind in KINDS:
        for number in range(tiles):
            tile(kind, number)
