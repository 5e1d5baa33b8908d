"""Pictures whose headers lie: refused in a sentence, or decoded within the bounds."""

import io
import random
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from s2s.image.load import MAX_BYTES, MAX_SIDE, load
from tests.fuzz.cases import Outcomes, cases

pytestmark = pytest.mark.fuzz

KINDS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "JPEG2000")


def plain(kind: str, values: random.Random) -> bytes:
    mode = values.choice(
        {"JPEG": ["L", "RGB", "CMYK"], "GIF": ["P"], "PPM": ["L", "RGB"]}.get(kind, ["L", "RGB", "RGBA"])
    )
    if kind in ("PNG", "TIFF") and values.random() < 0.3:
        mode = "I;16"
    size = values.randrange(3, 20), values.randrange(3, 20)
    with io.BytesIO() as file:
        Image.new("RGB", size, (200, 9, 99)).convert("L" if mode == "I;16" else mode).convert(mode).save(file, kind)
        return file.getvalue()


def png(values: random.Random) -> bytes:
    """A PNG with any header, its checksum right, over a few rows of zeros."""
    sides = [0, 1, 3, 100, MAX_SIDE, MAX_SIDE + 1, 2**31 - 1, 2**32 - 1]
    head = struct.pack(
        ">IIBBBBB",
        *(values.choice(sides), values.choice(sides), values.choice([1, 8, 16, 3]), values.choice([0, 2, 3, 4, 6, 5])),
        *(0, 0, values.choice([0, 1, 2])),
    )
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(values.choice([0, 100, 100_000])))), (b"IEND", b"")]
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("kind", ["header", "bytes", "cut", "spliced"])
def test_a_picture_that_lies_is_refused_or_decoded_within_bounds(kind):
    with Outcomes("pictures") as outcomes:
        for values in cases(120):
            content = bytearray(png(values) if kind == "header" else plain(values.choice(KINDS), values))
            if kind == "bytes":
                for _ in range(values.choice([1, 4, 20])):
                    content[values.randrange(min(len(content), 200))] = values.choice([0, 255, values.randrange(256)])
            elif kind == "cut":
                del content[values.randrange(len(content)) :]
            elif kind == "spliced":
                other = plain(values.choice(KINDS), values)
                content[values.randrange(len(content)) :] = other[values.randrange(len(other)) :]

            def read(content: bytes = bytes(content), colour: bool = values.random() < 0.5) -> None:
                pixels = load(content, colour)
                assert pixels.dtype == np.uint8
                assert pixels.nbytes <= MAX_BYTES
                assert max(pixels.shape) <= MAX_SIDE

            outcomes.add(kind, read)
