"""Colours that go together well enough to be read: drawn in CIE Lab, checked after clipping to what RGB can show."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from s2s.config.rendering import Colours

Colour = NDArray[np.float32]
"""Red, green, blue in grey levels 0-255."""

SUMS = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue in a grey picture (ITU-R BT.601, as OpenCV and Pillow convert)."""
ATTEMPTS = 6


@dataclass(frozen=True)
class Scheme:
    """The colours of one picture."""

    ground: Colour
    text: Colour
    other: Colour
    """A third colour for rims, panels and what else stands around."""
    light_on_dark: bool

    @property
    def contrast(self) -> float:
        """Grey levels between text and ground, without sign."""
        return abs(float(self.text @ SUMS - self.ground @ SUMS))


def draw(config: Colours, rng: Generator) -> Scheme:
    """Draw a scheme with the wanted polarity and difference in lightness."""
    light = bool(rng.random() < config.light_on_dark)
    least = config.difference if rng.random() < config.difference_share else config.difference / 2
    coloured = rng.random() >= config.grey
    ground = text = other = np.zeros(3, np.float32)
    for _ in range(ATTEMPTS):
        difference = least + (96 - least) * rng.random() ** config.difference_skew
        pure = rng.random() < config.pure_chance
        dark = rng.random() * (98 - difference)
        if pure:
            dark = 98 - difference - 4 * rng.random() if light else 4 * rng.random()
        levels = np.array([max(dark, 0) + difference, max(dark, 0)])
        lab = np.zeros((1, 3, 3), np.float32)
        lab[0, :2, 0] = levels[::-1] if light else levels
        lab[0, 2, 0] = rng.random() * 100
        if coloured:
            lab[0, :, 1:] = [_chroma(config, rng) for _ in range(3)]
            if pure:
                lab[0, 1, 1:] *= 0.1
        rgb = np.clip(cv2.cvtColor(lab, cv2.COLOR_Lab2RGB), 0, 1)
        ground, text, other = rgb[0] * np.float32(255)
        shown = cv2.cvtColor(rgb, cv2.COLOR_RGB2Lab)[0, :, 0]
        greys = rgb[0] @ SUMS
        if (greys[1] > greys[0]) == light and abs(float(shown[1] - shown[0])) >= least:
            break
    else:
        ground, text = (np.full(3, level, np.float32) for level in ((40, 220) if light else (220, 40)))
    return Scheme(ground, text, other, light)


def _chroma(config: Colours, rng: Generator) -> tuple[float, float]:
    """The a and b of a colour: a hue from one of the clusters, and mostly little of it."""
    bounds = np.cumsum([share for _, _, share in config.hues])
    angle, spread, _ = config.hues[int(np.searchsorted(bounds[:-1], rng.random() * bounds[-1], side="right"))]
    hue = math.radians(angle + spread * rng.standard_normal())
    chroma = config.chroma * rng.random() ** config.chroma_skew
    return chroma * math.cos(hue), chroma * math.sin(hue)
