"""Many pictures, some of which cannot be read, a group at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Protocol

from s2s.image.load import BadImage, Pixels
from s2s.inference.recognizer import Recognizer
from s2s.inference.transcript import Transcript

GROUP = 256
"""Pictures that are in memory together, and batched by width."""


class Loadable(Protocol):
    """A picture that can be read when it is needed."""

    def load(self, colour: bool = True) -> Pixels:
        """Pixels (H, W, 3) in RGB or (H, W) grey. Raises BadImage."""
        ...


def read_each(reader: Recognizer, pictures: Iterable[Loadable], pages: bool = True) -> Iterator[Transcript | BadImage]:
    """A transcript of every picture, in their order, or what is wrong with it; `pages` as the reader's."""
    remaining = iter(pictures)
    while group := list(islice(remaining, GROUP)):
        loaded = [_load(picture, reader.source.colour) for picture in group]
        read = iter(reader([image for image in loaded if not isinstance(image, BadImage)], pages=pages))
        for image in loaded:
            yield image if isinstance(image, BadImage) else next(read)


def _load(picture: Loadable, colour: bool) -> Pixels | BadImage:
    try:
        return picture.load(colour)
    except BadImage as error:
        return error
