"""Pictures of text at one height and a free width: one rule for training, evaluation and a single picture."""

from itertools import pairwise

import cv2
import numpy as np

from s2s.image.load import Pixels

BUCKET = 32
"""Widths are padded up to a multiple of this; a batch holds one such width."""


def to_height(image: Pixels, height: int, min_width: int = 1, max_width: int | None = None) -> Pixels:
    """Scale to `height` pixels, the width in proportion but not under `min_width` or over `max_width`."""
    rows, columns = image.shape[:2]
    width = max(min_width, round(columns * height / rows), 1)
    if max_width is not None:
        width = min(width, max_width)
    if (rows, columns) == (height, width):
        return image
    # Area averaging where pixels are dropped; it would blur to blocks where they are invented.
    method = cv2.INTER_AREA if height < rows or width < columns else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, (width, height), interpolation=method), dtype=np.uint8)


def bucket(width: int, step: int = BUCKET) -> int:
    """The width rounded up to a multiple of `step`."""
    return -(-width // step) * step


def pad_right(image: Pixels, width: int) -> Pixels:
    """Continue the last column up to `width`: no edge for the network to take for a stroke."""
    missing = width - image.shape[1]
    if missing <= 0:
        return image
    return np.asarray(cv2.copyMakeBorder(image, 0, 0, 0, missing, cv2.BORDER_REPLICATE), dtype=np.uint8)


def needed_steps(text: str) -> int:
    """CTC steps that the text needs: its characters and a blank between equal neighbours (Graves et al. 2006)."""
    return len(text) + sum(a == b for a, b in pairwise(text))


def needed_width(text: str, stride: int) -> int:
    """Width at which a network with one step every `stride` pixels can write the text."""
    return stride * needed_steps(text)


def light_on_dark(image: Pixels) -> bool:
    """Whether the text is lighter than its ground: the ground is what the outermost pixels mostly are."""
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    threshold, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    ring = np.concatenate((grey[0], grey[-1], grey[:, 0], grey[:, -1]))
    return bool((ring > threshold).mean() < 0.5)


def to_dark_on_light(image: Pixels) -> Pixels:
    """The picture, inverted if its text is light on dark."""
    return np.subtract(255, image, dtype=np.uint8) if light_on_dark(image) else image


def turned(image: Pixels, degrees: int) -> Pixels:
    """A picture turned clockwise by 0, 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(image, -degrees // 90)) if degrees else image
