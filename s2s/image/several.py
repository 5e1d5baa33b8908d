"""Files that hold several pictures: PDF and TIFF, a page at a time."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from os.path import exists, isfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from s2s.config.regular import irregular
from s2s.image.load import MAX_PIXELS, MAX_SIDE, MIN_SIDE, BadImage, Pixels, load

if TYPE_CHECKING:
    import pypdfium2

DPI = 300
"""At which a page of a PDF is drawn."""
PDF, TIFF = (".pdf",), (".tif", ".tiff")
_PAGE = re.compile(r"(.+)\[([1-9]\d{0,8})\]", re.DOTALL)


def page_of(name: str) -> tuple[str, int | None]:
    """The file and the page that `scan.pdf[3]` means; no page where it is a file's whole name, or names none."""
    found = _PAGE.fullmatch(name)
    if found is None or exists(name) or not isfile(found[1]):
        return name, None
    return found[1], int(found[2])


def count_pages(path: Path) -> int:
    """How many pictures a file holds; 1 for what cannot hold more. Raises BadImage where a PDF cannot be opened."""
    kind = path.suffix.lower()
    if kind in PDF:
        with _pdf(path) as document:
            return len(document)
    if kind in TIFF and not irregular(path):
        with suppress(Exception), Image.open(path, formats=["TIFF"]) as image:  # what is wrong is reported by `load`
            return int(getattr(image, "n_frames", 1))
    return 1


def load_page(path: Path, number: int, colour: bool = True) -> Pixels:
    """Pixels, as of `s2s.image.load.load`, of the picture of this number, counted from 1. Raises BadImage."""
    label = f"{path}[{number}]"
    if path.suffix.lower() not in PDF:
        return load(path, colour, label, number)
    with _pdf(path) as document:
        if number > len(document):
            raise BadImage(f"{label}: the PDF has {len(document)} pages")
        return _drawn(document, number - 1, colour, label)


def _drawn(document: "pypdfium2.PdfDocument", number: int, colour: bool, label: str) -> Pixels:
    """A page on white paper, what was filled in included."""
    import pypdfium2

    try:
        page = document[number]
        width, height = (round(side * DPI / 72) for side in page.get_size())
        if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE or min(width, height) < MIN_SIDE:
            raise BadImage(
                f"{label}: has {width}x{height} pixels at {DPI} dpi; a picture has {MIN_SIDE} to {MAX_SIDE:,} on a "
                f"side, and at most {MAX_PIXELS:,}"
            )
        drawn = page.render(scale=DPI / 72, grayscale=not colour, rev_byteorder=True, prefer_bgrx=False).to_numpy()
    except pypdfium2.PdfiumError as error:
        raise BadImage(f"{label}: the page is damaged ({error})") from error
    drawn = drawn[:height, :width]  # a side that is a little more than whole pixels is rounded up there
    return np.ascontiguousarray(drawn[..., :3] if colour else drawn.reshape(height, width))


@contextmanager
def _pdf(path: Path) -> Iterator["pypdfium2.PdfDocument"]:
    if find_spec("pypdfium2") is None:
        raise BadImage(f"{path}: to read PDF, s2s needs pypdfium2; pip install 's2s[pdf]'")
    import pypdfium2

    if kind := irregular(path):
        raise BadImage(f"{path}: is {kind}, not a picture")
    if not path.is_file():
        raise BadImage(f"{path}: cannot be read: no such file")
    try:
        document = pypdfium2.PdfDocument(path)  # which reads only what a page needs
    except pypdfium2.PdfiumError as error:
        reason = "it needs a password; save it without one" if "assword" in str(error) else str(error)
        raise BadImage(f"{path}: the PDF cannot be opened ({reason})") from error
    try:
        yield document
    finally:
        document.close()
