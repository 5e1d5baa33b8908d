"""Text drawn flat and upright: a mask of ink with a box around what a careful person would cut out."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from PIL import Image, ImageFont

from s2s.config.rendering import Glyphs
from s2s.image.imaging import smooth, to_bytes
from s2s.image.load import Pixels
from s2s.image.render.fonts import Face, open_face
from s2s.image.render.script import clusters, joined

PAD = 0.2
"""Room around the ink, in em, for rims and thicker strokes."""
STEP = 8
"""Sizes of the em are multiples of this, so that few faces are open."""
X_HEIGHT, ASCENT, DESCENT = 0.5, 0.73, 0.21
"""Usual heights of small letters, of tall ones, and what hangs below the line, in em."""
SHORT, DEEP = frozenset("acegmnopqrsuvwxyz.,:-_~ "), frozenset("gjpqyQ,;()[]{}|@$_/")
"""Characters without ascender, and with descender."""
SURVIVES = 0.5
"""Share of the ink that thinning must leave."""


@dataclass(frozen=True)
class Run:
    """A piece of drawn text."""

    mask: Pixels
    """Ink (h, w): 0 is none, 255 all."""
    box: tuple[float, float, float, float]
    """Left, top, right, bottom in pixels of the mask: the ink, and at least from the x-height to the baseline."""
    em: int
    """Pixels of the em."""

    @property
    def height(self) -> float:
        """Pixels from the top to the bottom of the box."""
        return self.box[3] - self.box[1]

    @property
    def width(self) -> float:
        """Pixels from the left to the right of the box."""
        return self.box[2] - self.box[0]


def draw(face: Face, text: str, height: int, config: Glyphs, rng: Generator) -> Run | None:
    """Draw the text so that its box is somewhat over `height` pixels high; None if it leaves no ink."""
    em = _size(text, height, config)
    text = _spaced(text, config, rng)
    simple = len(text) > 1 and not any(map(joined, text))
    extra = rng.uniform(*config.tracking) * em if simple and rng.random() < config.tracking_chance else 0.0
    jitter = config.jitter * em if simple and rng.random() < config.jitter_chance else 0.0
    pad = math.ceil(PAD * em)
    if extra or jitter:
        # Single letters need no shaping, and cost half without it.
        mask, baseline = _spread_out(open_face(face.path, em, shaped=False), text, extra, jitter, pad, rng)
    else:
        mask, _, above = raster(open_face(face.path, em), text, pad)
        baseline = -above
    ink = cv2.boundingRect(mask)
    if not ink[2] or not ink[3]:
        return None
    mask = _restroked(mask, em, config, rng)
    top = min(float(ink[1]), baseline - X_HEIGHT * em)
    box = [ink[0], top, ink[0] + ink[2], max(ink[1] + ink[3], baseline)]
    if rng.random() < config.underline_chance and baseline + 0.16 * em < mask.shape[0]:
        place, thickness = baseline + 0.06 * em, rng.uniform(*config.underline) * em
        mask[round(place) : round(place + thickness), ink[0] : ink[0] + ink[2]] = 255
        box[3] = max(box[3], place + thickness)
    return Run(mask, (float(box[0]), float(box[1]), float(box[2]), float(box[3])), em)


def _spaced(text: str, config: Glyphs, rng: Generator) -> str:
    """The text as it is drawn: with wide spaces where lines are justified or cells of a table stand apart."""
    if config.justified_chance and rng.random() < config.justified_chance:
        text = text.replace(" ", " " * int(rng.integers(*config.justified, endpoint=True)))
    elif config.column_chance and rng.random() < config.column_chance and " " in text:
        words = text.split(" ")
        cut = int(rng.integers(1, len(words)))
        gap = " " * int(rng.integers(*config.column, endpoint=True))
        text = " ".join(words[:cut]) + gap + " ".join(words[cut:])
    return text


def _size(text: str, height: int, config: Glyphs) -> int:
    """The em, in steps, at which the text is about `oversampling` x `height` high, going by usual proportions."""
    high = X_HEIGHT
    if not SHORT.issuperset(text):
        high = ASCENT
    if not DEEP.isdisjoint(text):
        high += DESCENT
    return int(np.clip(round(config.oversampling * height / high / STEP) * STEP, *config.size))


def raster(font: ImageFont.FreeTypeFont, text: str, pad: int = 0) -> tuple[Pixels, int, int]:
    """The text's mask with `pad` empty pixels around it, and where its corner lies right of and below the origin."""
    core, (left, above) = font.getmask2(text, mode="L", anchor="ls")
    # Pasting into a picture is how the pixels come out of Pillow's core fastest.
    image = Image.new("L", (core.size[0] + 2 * pad, core.size[1] + 2 * pad))
    image.im.paste(core, (pad, pad, pad + core.size[0], pad + core.size[1]))
    return np.array(image), int(left) - pad, int(above) - pad


def _spread_out(
    font: ImageFont.FreeTypeFont, text: str, extra: float, jitter: float, pad: int, rng: Generator
) -> tuple[Pixels, int]:
    """Letters one by one, `extra` pixels further apart than kerning has it, each moved up or down."""
    pieces = []
    drawn: dict[str, tuple[Pixels, int, int]] = {}
    done, space = "", 0.0
    for piece in clusters(text):
        if piece not in drawn:
            drawn[piece] = raster(font, piece)
        mask, left, above = drawn[piece]
        shift = rng.standard_normal() * jitter if jitter else 0.0
        pieces.append((mask, round(font.getlength(done) + space) + left, round(above + shift)))
        done += piece
        space += extra
    left = min(x for _, x, _ in pieces)
    top = min(y for _, _, y in pieces)
    width = max(x + mask.shape[1] for mask, x, _ in pieces) - left
    height = max(y + mask.shape[0] for mask, _, y in pieces) - top
    whole = np.zeros((height + 2 * pad, width + 2 * pad), np.uint8)
    for mask, x, y in pieces:
        row, column = y - top + pad, x - left + pad
        part = whole[row : row + mask.shape[0], column : column + mask.shape[1]]
        np.maximum(part, mask, out=part)
    return whole, pad - top


def _restroked(mask: Pixels, em: int, config: Glyphs, rng: Generator) -> Pixels:
    """Thicker or thinner strokes, run ink, gaps."""
    dice = rng.random()
    kernel = np.ones((max(2, round(rng.uniform(*config.stroke) * em) + 1),) * 2, np.uint8)
    if dice < config.bold_chance:
        mask = np.asarray(cv2.dilate(mask, kernel), dtype=np.uint8)
    elif dice < config.bold_chance + config.thin_chance:
        thinner = np.asarray(cv2.erode(mask, kernel[:2, :2]), dtype=np.uint8)
        mask = thinner if thinner.sum() > SURVIVES * mask.sum() else mask
    if rng.random() < config.spread_chance:
        blurred = cv2.GaussianBlur(mask, (0, 0), rng.uniform(*config.spread) * em).astype(np.float32)
        rough = smooth(mask.shape, 0.04 * em, rng) * np.float32(rng.uniform(*config.roughness))
        mask = to_bytes((blurred - np.float32(rng.uniform(90, 130)) + rough * (blurred > 8)) * 4 + 128)
    if rng.random() < config.broken_chance:
        holes = smooth(mask.shape, rng.uniform(*config.broken) * em, rng) - np.float32(rng.uniform(1.0, 1.8))
        mask = to_bytes(mask * (1 - np.clip(holes * 4, 0, 1)))
    return mask
