"""What a recogniser takes for a picture, and its pixels."""

from collections.abc import Iterable, Mapping, Set
from pathlib import Path
from typing import BinaryIO, TypeGuard

import numpy as np
from PIL import Image

from s2s.config.errors import RequestError
from s2s.image.load import Pixels, from_pillow, load

Picture = str | Path | bytes | BinaryIO | Image.Image | Pixels
"""A file by its path, its bytes or opened in binary mode, a picture of Pillow's, or pixels: (H, W) grey or (H, W, 3)
RGB, uint8."""


def is_picture(pictures: Picture | Iterable[Picture]) -> TypeGuard[Picture]:
    """Whether this is one picture; False for many of them. TypeError for what is neither."""
    if isinstance(pictures, str | Path | bytes | Image.Image | np.ndarray) or hasattr(pictures, "read"):
        return True
    if not isinstance(pictures, Iterable) or isinstance(pictures, Mapping | Set):  # of these the order is not meant
        raise _wrong(pictures)
    return False


def open_picture(picture: Picture, colour: bool) -> Pixels:
    """Its pixels. BadImage or RequestError where it cannot be read, TypeError where it is not a picture."""
    if isinstance(picture, str | Path | bytes):
        return load(picture, colour)
    if isinstance(picture, Image.Image):
        return from_pillow(picture, colour)
    if hasattr(picture, "read"):
        content = picture.read()
        if not isinstance(content, bytes):
            raise _wrong(picture)
        name = getattr(picture, "name", None)
        return load(content, colour, name if isinstance(name, str) else None)
    if not isinstance(picture, np.ndarray):
        raise _wrong(picture)
    if picture.dtype != np.uint8 or picture.ndim not in (2, 3) or picture.shape[2:] not in ((), (3,)):
        raise RequestError(
            f"pixels must be (height, width) or (height, width, 3) of uint8, not {picture.shape} of {picture.dtype}"
        )
    if not picture.size:
        raise RequestError("the picture has no pixels")
    return picture


def _wrong(picture: object) -> TypeError:
    return TypeError(
        "pictures must be paths, bytes of files, files opened in binary mode, PIL images or arrays of pixels, or a "
        f"list of them, not {type(picture).__name__}"
    )
