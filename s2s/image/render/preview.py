"""A sheet of pictures to look at: rows by kind of text."""

from collections.abc import Sequence

import cv2
import numpy as np

from s2s.image.geometry import to_height
from s2s.image.load import Pixels
from s2s.image.render.renderer import Rendered

WIDTH, HEIGHT, GAP = 1500, 48, 4
MARGIN = 78
"""Room for the name of the kind."""


def sheet(pictures: Sequence[Rendered]) -> Pixels:
    """All pictures at one height in rows, those of a kind together under its name; (H, 1500, 3) RGB."""
    kinds: dict[str, list[Rendered]] = {}
    for picture in pictures:
        kinds.setdefault(picture.kind, []).append(picture)
    rows: list[Pixels] = []
    for kind, members in kinds.items():
        row, x = _row(kind), MARGIN
        for picture in members:
            scaled = to_height(picture.image, HEIGHT)[:, : WIDTH - MARGIN - GAP]
            if x + scaled.shape[1] + GAP > WIDTH:
                rows.append(row)
                row, x = _row(""), MARGIN
            row[:HEIGHT, x : x + scaled.shape[1]] = scaled
            x += scaled.shape[1] + GAP
        rows.append(row)
    return np.concatenate(rows) if rows else _row("")


def _row(name: str) -> Pixels:
    row = np.full((HEIGHT + GAP, WIDTH, 3), 255, np.uint8)
    cv2.putText(row, name, (4, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
    return row
