"""A picture file or its bytes to an array of pixels, upright and opaque, or one sentence about what is wrong."""

import io
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from s2s.config.errors import RequestError
from s2s.config.regular import irregular

Pixels = NDArray[np.uint8]

MAX_PIXELS = 120_000_000
"""More are refused before they are decoded: a page of A3 at 600 dpi has 70 million."""
MAX_SIDE = 16_000
"""Longest side in pixels."""
MAX_BYTES = 400_000_000
"""Most bytes of a file, and of its pixels as it stores them: width x height x channels x bytes of each value."""
MIN_SIDE = 3
"""Shortest side in pixels: below it no letter is legible."""

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "JPEG2000", "AVIF")
"""What is read, whatever the file's name says; formats that run programs or load other files are not."""
_STRIP = 1 << 22  # pixels that are converted at a time
ORIENTATION = 0x0112
"""EXIF tag of the camera's orientation."""


class BadImage(RequestError):
    """A picture that cannot be read; the sentence names the file and the fault."""


class TooManyPixels(BadImage):
    """A picture that is too large to be decoded."""


def load(
    source: Path | str | bytes,
    colour: bool = True,
    name: str | None = None,
    page: int | None = None,
    most: int = MAX_PIXELS,
) -> Pixels:
    """Pixels of a picture: (height, width, 3) in RGB, or (height, width) grey; uint8, C-contiguous.

    EXIF orientation is applied, 16 bits are scaled to 8, CMYK and palettes are converted, and transparency is laid on
    white, or on black where the visible part is nearly white. `name` stands for bytes in messages. `page` is one of a
    file of several, counted from 1. Raises BadImage for a missing, empty, truncated, tiny or unknown file, and for
    several pages of which none is chosen; TooManyPixels, before decoding, for an oversized one, or of more than `most`.
    """
    label = name or ("picture" if isinstance(source, bytes) else str(source))
    data = source if isinstance(source, bytes) else read_file(Path(source), label)
    if not data:
        raise BadImage(f"{label}: the file is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of what is checked here, and of harmless metadata
            with Image.open(io.BytesIO(data), formats=_formats()) as image:
                if page is not None:
                    image.seek(page - 1)
                _check(image, label, page is None, most)
                if _plain_jpeg(image, data):
                    return _decode(data, colour)
                return _convert(image, colour)
    except BadImage:
        raise
    except UnidentifiedImageError as error:
        raise BadImage(f"{label}: not a picture{_looks_like(data)}") from error
    except Image.DecompressionBombError as error:
        raise TooManyPixels(f"{label}: has more than {most:,} pixels; make it smaller") from error
    except Exception as error:  # decoders raise OSError, SyntaxError, ValueError, struct.error, EOFError and more
        raise BadImage(f"{label}: the picture is damaged or incomplete ({error or type(error).__name__})") from error


def from_pillow(image: Image.Image, colour: bool = True) -> Pixels:
    """Pixels, as of `load`, of a picture that Pillow has opened or made: of its current frame. Raises BadImage."""
    frame = image.copy()
    _check(frame, "picture")
    return _convert(frame, colour)


@cache
def _formats() -> tuple[str, ...]:
    """Those of FORMATS that this build of Pillow has."""
    Image.init()
    return tuple(kind for kind in FORMATS if kind in Image.OPEN)


def read_file(path: Path, label: str) -> bytes:
    """The bytes of a picture file. Raises BadImage, naming it `label`, where it is not a file of MAX_BYTES at most."""
    if kind := irregular(path):
        raise BadImage(f"{label}: is {kind}, not a picture")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # a name may hold what no system takes
        raise BadImage(f"{label}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(data) > MAX_BYTES:
        raise BadImage(f"{label}: has more than {MAX_BYTES:,} bytes; save it in a smaller format")
    return data


def _check(image: Image.Image, label: str, alone: bool = True, most: int = MAX_PIXELS) -> None:
    """Refuse by the header alone, before any pixel is decoded; several pages where there should be one `alone`."""
    width, height = image.size
    if width * height > most:
        raise TooManyPixels(f"{label}: has {width}x{height} pixels, more than {most:,}; make it smaller")
    depth = 4 if image.mode in ("I", "F") else 2 if image.mode.startswith("I;16") else 1
    if (size := width * height * len(image.getbands()) * depth) > MAX_BYTES:
        raise TooManyPixels(
            f"{label}: its {width}x{height} pixels take {size:,} bytes, more than {MAX_BYTES:,}; make it smaller"
        )
    if max(width, height) > MAX_SIDE:
        raise TooManyPixels(
            f"{label}: is {width}x{height} pixels, and {MAX_SIDE:,} is the longest side; make it smaller"
        )
    if min(width, height) < MIN_SIDE:
        raise BadImage(f"{label}: is {width}x{height} pixels, too small to hold text")
    frames = getattr(image, "n_frames", 1)
    if alone and frames > 1 and image.format != "MPO":  # a camera's MPO holds the photograph first, then its previews
        raise BadImage(f"{label}: holds {frames} frames or pages; save the one to read as a picture of its own")


def _plain_jpeg(image: Image.Image, data: bytes) -> bool:
    """Whether OpenCV's faster decoder may be used: it fills what is missing of a truncated file without a word."""
    return image.format == "JPEG" and image.mode in ("RGB", "L") and b"\xff\xd9" in data[-64:]


def _decode(data: bytes, colour: bool) -> Pixels:
    """A JPEG file by OpenCV, which also turns it upright."""
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR if colour else cv2.IMREAD_GRAYSCALE)
    if pixels is None:
        raise ValueError("the decoder refused it")
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB, pixels) if colour else pixels, dtype=np.uint8)


def _convert(image: Image.Image, colour: bool) -> Pixels:
    """Any picture by Pillow, in strips, so that nothing but the result is ever there for all of it at once."""
    if image.getexif().get(ORIENTATION, 1) != 1:
        image = ImageOps.exif_transpose(image)
    flatten: Callable[[Image.Image], Image.Image] | None = None
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        flatten = _to_eight_bits(image)
    elif image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        flatten = _opaque(image)
    mode = "RGB" if colour else "L"
    pixels = np.empty((image.height, image.width, 3)[: 3 if colour else 2], np.uint8)
    for place, strip in _strips(image):
        flat = strip if flatten is None else flatten(strip)
        pixels[place] = np.asarray(flat if flat.mode == mode else flat.convert(mode))
    return pixels


def _strips(image: Image.Image) -> Iterator[tuple[slice, Image.Image]]:
    """Rows of a picture, from the top, and what is in them."""
    rows = max(1, _STRIP // image.width)
    for top in range(0, image.height, rows):
        bottom = min(top + rows, image.height)
        whole = bottom - top == image.height
        yield slice(top, bottom), image if whole else image.crop((0, top, image.width, bottom))


def _to_eight_bits(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """16-bit and floating pictures to 8 bits: by the nominal range, or by their own if they exceed or hardly use it."""
    extremes = np.array([[values.min(), values.max()] for values in map(np.asarray, (s for _, s in _strips(image)))])
    low, high = float(extremes[:, 0].min()), float(extremes[:, 1].max())
    top = 1.0 if image.mode == "F" and high <= 1 else 65535.0
    if low < 0 or high > top or high - low < top / 64:
        top = max(high - low, 1e-9)
    else:
        low = 0.0

    def convert(strip: Image.Image) -> Image.Image:
        values = np.asarray(strip).astype(np.float64) - low
        return Image.fromarray((values * (255 / top) + 0.5).astype(np.uint8))

    return convert


def _opaque(image: Image.Image) -> Callable[[Image.Image], Image.Image]:
    """Lay a transparent picture on white, or on black if what is visible would vanish on white."""
    total = count = 0
    least = 255
    for _, strip in _strips(image):
        pixels = np.asarray(strip.convert("RGBA"))
        visible = pixels[..., :3][pixels[..., 3] > 127]
        total, count, least = total + int(visible.sum()), count + visible.size, min(least, int(pixels[..., 3].min()))
    ground = 0 if count and total / count > 200 and least < 128 else 255

    def convert(strip: Image.Image) -> Image.Image:
        base = Image.new("RGBA", strip.size, (ground, ground, ground, 255))
        return Image.alpha_composite(base, strip.convert("RGBA")).convert("RGB")

    return convert


def _looks_like(data: bytes) -> str:
    """A hint at what the bytes are instead."""
    if data.lstrip()[:5].lower() in (b"<?xml", b"<svg ", b"<html", b"<!doc"):
        return " but markup (SVG, XML or HTML)"
    if data.startswith(b"%PDF"):
        return " but a PDF; export its pages as pictures"
    if b"\0" not in data[:512] and data[:512].isascii():
        return " but text, whatever its name says"
    return " of a kind that can be read (" + ", ".join(_formats()) + ")"
