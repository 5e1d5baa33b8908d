"""The pictures of a split at the network's height, with their labels: read once, looked at in every epoch."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray

from s2s.config.errors import WorkError
from s2s.config.source import ImageSource
from s2s.data.corpus import Ints
from s2s.data.images.labelled import Problem
from s2s.data.images.pictures import Example
from s2s.image.geometry import bucket, needed_width
from s2s.image.load import BadImage, Pixels
from s2s.image.preprocessing import fit, natural_width
from s2s.text.charset import nfc

_CHUNK = 1024  # pictures that are read ahead
_Found = tuple[Pixels, int] | Problem


class ImageDataset:
    """Every picture of a split that can be read, scaled, end to end in an unnamed file that is mapped into memory.

    Args:
        examples: the pictures and their labels.
        form: height and limits of the width.
        stride: pixels a step of CTC, which needs so many steps for a label: pictures too narrow for theirs are widened.
            None widens none.
    """

    def __init__(self, examples: Sequence[Example], form: ImageSource, stride: int | None = None) -> None:
        self.form, self.stride = form, stride
        self.names: list[str] = []
        self.texts: list[str] = []
        """The labels, in Unicode NFC."""
        self.broken: list[Problem] = []
        """Pictures that are left out because they cannot be read."""
        self.hopeless: list[Problem] = []
        """Pictures that are left out because their labels are too long for the greatest width."""
        self.widened: list[Problem] = []
        self.squeezed: list[Problem] = []
        """Pictures wider than the greatest width."""
        widths = []
        with _full_disk_told(), tempfile.TemporaryFile(prefix="s2s-") as file:
            for example, found in _in_order(examples, self._read):
                if isinstance(found, Problem):
                    self.broken.append(found)
                elif self._admit(example, found[1]):
                    self.names.append(example.name)
                    self.texts.append(nfc(example.text))
                    widths.append(found[0].shape[1])
                    file.write(found[0].tobytes())
            file.flush()
            self._pixels: NDArray[np.uint8] = np.memmap(file, np.uint8, "r") if widths else np.zeros(0, np.uint8)
        self.widths: Ints = np.array(widths, np.int64)
        """Columns of every picture (N,)."""
        self._starts = np.concatenate([[0], np.cumsum(self.widths)]) * form.height * (3 if form.colour else 1)

    def _read(self, example: Example) -> _Found:
        """The scaled picture and its natural width, or why there is none."""
        try:
            image = example.load(self.form.colour)
        except BadImage as error:
            return Problem(example.name, str(error).removeprefix(f"{example.name}: "))
        return fit(image, self.form, self.least_width(example.text)), natural_width(image, self.form.height)

    def _admit(self, example: Example, natural: int) -> bool:
        """Note what had to be done to a picture's natural width; False if nothing helps."""
        most, least = self.form.max_width, self.least_width(example.text)
        at = f"is {natural:,} pixels wide at a height of {self.form.height}"
        if least > most:
            reason = f"its label of {len(example.text):,} characters needs {least:,} pixels, and max_width is {most:,}"
            self.hopeless.append(Problem(example.name, reason))
        elif natural > most:
            self.squeezed.append(Problem(example.name, f"{at}; squeezed to {most:,}"))
        elif natural < least:
            self.widened.append(Problem(example.name, f"{at}; widened to {least:,} for its label"))
        return least <= most

    def least_width(self, text: str) -> int:
        """Columns that a picture of this text must have."""
        return 0 if self.stride is None else needed_width(nfc(text), self.stride)

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, row: int) -> Pixels:
        """The picture (H, W) or (H, W, 3)."""
        shape = (self.form.height, int(self.widths[row]), *([3] if self.form.colour else []))
        return np.asarray(self._pixels[self._starts[row] : self._starts[row + 1]]).reshape(shape)

    def buckets(self) -> Ints:
        """The padded width of every picture (N,)."""
        return np.array([bucket(width) for width in self.widths.tolist()], np.int64)


@contextmanager
def _full_disk_told() -> Iterator[None]:
    """WorkError where the unnamed file does not fit: its error names nothing."""
    try:
        yield
    except OSError as error:
        raise WorkError(
            f"cannot write the pictures' pixels into {tempfile.gettempdir()}: {error.strerror or error}; "
            "the environment variable TMPDIR names another place"
        ) from None


def _in_order(examples: Sequence[Example], read: Callable[[Example], _Found]) -> Iterator[tuple[Example, _Found]]:
    """Read pictures in threads, a chunk at a time: decoders leave the interpreter alone meanwhile."""
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        for start in range(0, len(examples), _CHUNK):
            chunk = examples[start : start + _CHUNK]
            yield from zip(chunk, pool.map(read, chunk), strict=True)
