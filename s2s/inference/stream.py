"""Many pictures, some of which cannot be read, a group at a time."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from s2s.image.load import BadImage, Pixels
from s2s.inference.readers import Readers
from s2s.inference.recognizer import Recognizer
from s2s.inference.transcript import Transcript

GROUP = 256
"""Most pictures that are in memory together, and batched by width."""
PIXELS = 50_000_000
"""Pixels from which there are fewer: some ten scanned pages."""


class Loadable(Protocol):
    """A picture that can be read when it is needed."""

    def load(self, colour: bool = True) -> Pixels:
        """Pixels (H, W, 3) in RGB or (H, W) grey. Raises BadImage."""
        ...


def read_each(
    reader: Recognizer | Readers,
    pictures: Iterable[Loadable],
    pages: bool = True,
    n_best: int = 1,
    beam: int | None = None,
) -> Iterator[Transcript | BadImage]:
    """A transcript of every picture, in their order, or what is wrong with it; the options are the reader's."""
    for loaded in _groups(_load(picture, reader.source.colour) for picture in pictures):
        images = [image for image in loaded if not isinstance(image, BadImage)]
        read = iter(reader(images, beam=beam, pages=pages, n_best=n_best))
        for image in loaded:
            yield image if isinstance(image, BadImage) else next(read)


def _groups(loaded: Iterable[Pixels | BadImage]) -> Iterator[list[Pixels | BadImage]]:
    """As many at a time as may be in memory together."""
    group: list[Pixels | BadImage] = []
    pixels = 0
    for image in loaded:
        group.append(image)
        pixels += 0 if isinstance(image, BadImage) else image.size
        if len(group) >= GROUP or pixels >= PIXELS:
            yield group
            group, pixels = [], 0
    if group:
        yield group


def _load(picture: Loadable, colour: bool) -> Pixels | BadImage:
    try:
        return picture.load(colour)
    except BadImage as error:
        return error
