"""Whether a drawn picture can be read, and by a network at all."""

import cv2
import numpy as np

from s2s.config.rendering import Gate
from s2s.image.geometry import needed_width
from s2s.image.load import Pixels
from s2s.image.render.script import clusters

HEIGHT = 32
"""Height at which widths are compared."""
EDGE = 3
"""Pixels of the ring around the ink."""


def narrow(text: str, height: int, width: int, config: Gate) -> bool:
    """Whether a picture of this size is too narrow for its text."""
    scaled = width * HEIGHT / height
    return scaled < max(config.pixels * sum(1 for _ in clusters(text)), needed_width(text, config.stride))


def fault(image: Pixels, ink: Pixels, config: Gate) -> str | None:
    """What is wrong with a finished picture (H, W, 3) whose text lies at `ink` (H, W); None if nothing."""
    solid = (ink > 127).view(np.uint8)
    share = cv2.countNonZero(solid) / solid.size
    if not config.ink[0] <= share <= config.ink[1]:
        return "ink"
    ring = cv2.dilate(solid, np.ones((2 * EDGE + 1, 2 * EDGE + 1), np.uint8)) - cv2.dilate(
        solid, np.ones((3, 3), np.uint8)
    )
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    around, unrest = cv2.meanStdDev(grey, mask=np.asarray(ring, dtype=np.uint8))
    difference = abs(cv2.mean(grey, solid)[0] - float(around[0, 0]))
    return "contrast" if difference < max(config.contrast, config.unrest * float(unrest[0, 0])) else None


def inside(wide: Pixels, border: int) -> float:
    """Share of the ink of a mask with a border around the picture that lies within it."""
    total = float(wide.sum())
    return float(wide[border:-border, border:-border].sum()) / total if total else 0.0
