"""The picture with what was read drawn over it: each word in its box, coloured by how sure the model is."""

import io
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from s2s.image.load import Pixels
from s2s.image.render.fonts import embedded_folder
from s2s.inference.documents.words import lines_of, words_of
from s2s.inference.transcript import Transcript

SURE, UNSURE = (0, 90, 181), (220, 50, 32)
"""Colours of the ends, which differ for every kind of colour vision."""
_DOUBT = 0.8
"""Confidence from which down a word is unsure."""
_PALE = 0.35
"""Share of the picture that shows under the words."""


def overlay(transcript: Transcript, pixels: Pixels) -> bytes:
    """A PNG: the picture paled, the box of each word and its text, blue if the model is sure and red if it is not."""
    picture = Image.fromarray(pixels).convert("RGB")
    drawn = Image.blend(Image.new("RGB", picture.size, "white"), picture, _PALE)
    pen = ImageDraw.Draw(drawn)
    for line in lines_of(transcript):
        for word in words_of(line):
            colour, box = SURE if word.confidence > _DOUBT else UNSURE, word.box
            pen.rectangle((box.left, box.top, box.right - 1, box.bottom - 1), outline=colour)
            font = _font(max(6, round(0.7 * box.height)))
            wide = pen.textlength(word.text, font)
            if wide > box.width:
                font = _font(max(6, round(0.7 * box.height * box.width / wide)))
            pen.text((box.left + 1, (box.top + box.bottom) / 2), word.text, colour, font, anchor="lm")
    written = io.BytesIO()
    drawn.save(written, "PNG")
    return written.getvalue()


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(embedded_folder() / "DejaVuSans.ttf", size)
