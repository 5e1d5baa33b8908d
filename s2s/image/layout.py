"""How many lines of text a picture seems to hold, by the ink of its rows."""

import cv2
import numpy as np

from s2s.image.geometry import to_dark_on_light
from s2s.image.load import Pixels
from s2s.image.preprocessing import recolour

_WIDTH = 400  # pixels to which wide pictures are reduced before they are looked at
_GAP = 0.02  # a row with less ink than this share of the inkiest is between lines
_LIKE = 0.4  # a line is at least this share of the highest one


def count_lines(image: Pixels) -> int:
    """Bands of rows with ink, of similar height, between rows without: the lines of a page; 1 for a line or a word.

    A picture whose background has ink everywhere counts as one line: this errs towards silence.
    """
    grey = recolour(image, False)
    if grey.shape[1] > _WIDTH:
        scale = _WIDTH / grey.shape[1]
        grey = cv2.resize(grey, (_WIDTH, max(1, round(grey.shape[0] * scale))), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    grey = to_dark_on_light(grey)
    _, ink = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    profile = ink.sum(1, dtype=np.int64)
    filled = np.concatenate([[False], profile > _GAP * max(1, int(profile.max())), [False]])
    edges = np.flatnonzero(filled[1:] != filled[:-1])
    heights = edges[1::2] - edges[::2]
    return max(1, int((heights >= max(4, _LIKE * heights.max(initial=0))).sum()))
