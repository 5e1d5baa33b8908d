"""Which faces can be believed: those whose glyphs look like the letters they claim to be.

Collections of fonts hold pictures, puzzles and codes in the places of letters. A glyph is read here by the nearest mean
glyph of all faces; a face of which most glyphs are read as something else would only teach wrong labels.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
from PIL import ImageFont

from s2s.image.imaging import Field
from s2s.image.render.fonts import Face
from s2s.image.render.glyphs import raster

CASED = "abdeghnqr"
"""Small letters that are no small capitals."""
LATIN = CASED + CASED.upper() + "234579KMST"
PROBES = 28
"""Most glyphs looked at in a face."""
SIZE = 32
"""Pixels of the em at which they are drawn."""
GRID = 12
"""They are compared on a grid of this many cells a side."""
LEAST_FACES = 12
"""Fewer faces have no opinion to share; all are kept then."""
LEGIBLE = 0.4
"""Share of a face's glyphs that must be read as what they are."""
ALIKE = 0.9
"""Correlation from which a small letter is taken for its capital in small."""


def vet(faces: Sequence[Face], characters: str, note: Callable[[str], None] = lambda _: None) -> list[Face]:
    """The legible faces; from those whose small letters are small capitals the small letters are taken away."""
    probes = _probes(characters)
    shapes = [_shapes(face, probes) for face in faces]
    scores = _scores(shapes, len(probes)) if len(faces) >= LEAST_FACES else np.ones(len(faces))
    kept = []
    for face, found, score in zip(faces, shapes, scores, strict=True):
        if score < LEGIBLE:
            note(f"{face.path}: left out, {face.name} is not legible ({score:.0%} of its glyphs look as they should)")
        elif _unicase(found, probes):
            capitals = frozenset(c for c in face.covered if not c.islower())
            kept.append(replace(face, covered=capitals, legibility=float(score)))
        else:
            kept.append(replace(face, legibility=float(score)))
    return kept


def _probes(characters: str) -> str:
    """The glyphs to look at: well-known Latin ones, or an even choice of another script's."""
    latin = "".join(c for c in LATIN if c in characters)
    if len(latin) >= len(CASED):
        return latin
    letters = sorted(c for c in characters if c.isalnum())
    return "".join(letters[:: -(-len(letters) // PROBES) or 1])


def _shapes(face: Face, probes: str) -> dict[int, Field]:
    """For every probe that the face covers its glyph on the grid, of mean 0 and length 1."""
    font = ImageFont.truetype(str(face.path), SIZE, layout_engine=ImageFont.Layout.BASIC)
    shapes = {}
    for number, character in enumerate(probes):
        if character not in face.covered:
            continue
        mask, _, _ = raster(font, character)
        left, top, width, height = cv2.boundingRect(mask)
        if not width or not height:
            continue
        ink = mask[top : top + height, left : left + width]
        cells = cv2.resize(ink, (GRID, GRID), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
        cells -= cells.mean()
        shapes[number] = cells / max(float(np.linalg.norm(cells)), 1e-6)
    return shapes


def _scores(shapes: Sequence[dict[int, Field]], probes: int) -> Field:
    """Share of every face's glyphs whose nearest mean glyph is their own; 1 where a face has none of them."""
    means = np.zeros((probes, GRID * GRID), np.float32)
    for found in shapes:
        for number, shape in found.items():
            means[number] += shape
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-6)
    scores = np.ones(len(shapes), np.float32)
    for place, found in enumerate(shapes):
        if found:
            numbers = np.array(list(found))
            read = (np.stack(list(found.values())) @ means.T).argmax(1)
            scores[place] = (read == numbers).mean()
    return scores


def _unicase(found: dict[int, Field], probes: str) -> bool:
    """Whether most small letters have the shape of their capitals."""
    pairs = [(n, probes.find(c.upper())) for n, c in enumerate(probes) if c in CASED and n in found]
    pairs = [(small, capital) for small, capital in pairs if capital in found]
    alike = sum(float(found[small] @ found[capital]) > ALIKE for small, capital in pairs)
    return bool(pairs) and alike > len(pairs) / 2
