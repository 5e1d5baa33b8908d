"""The two readers that come with s2s, and which picture is for which."""

from collections.abc import Iterable, Sequence

from s2s.config.decoding import CtcDecoding, Search
from s2s.config.source import ImageSource
from s2s.image.page import Page
from s2s.inference.picture import Picture, open_picture
from s2s.inference.recognizer import Recognizer
from s2s.inference.transcript import Transcript

WORDS, PRINT = "words", "print"
"""Names of the shipped models: words in photographs; lines and pages of print."""
LONG = 6.0
"""A picture without lines, and so many times as wide as it is high, may be a word or a line: both readers look at it,
and the one that is surer is believed."""


class Readers:
    """Reads pages with one model, single words with another."""

    def __init__(self, words: Recognizer, lines: Recognizer) -> None:
        self.words, self.lines = words, lines
        self.by_lines = 0
        """How many pictures the reader of lines has been believed about."""

    @property
    def source(self) -> ImageSource:
        """What pictures must be like, which is the same for both."""
        return self.words.source

    @property
    def decoding(self) -> CtcDecoding | Search:
        """How they search, likewise."""
        return self.words.decoding

    def __call__(
        self, pictures: Iterable[Picture], *, beam: int | None = None, pages: bool = True, n_best: int = 1
    ) -> list[Transcript]:
        """One transcript a picture, in their order; arguments and errors as of Recognizer."""
        images = [open_picture(picture, self.source.colour) for picture in pictures]
        found = [self.lines.upright(image) if pages else Page(image) for image in images]
        read: list[dict[Recognizer, Transcript]] = [{} for _ in images]
        for reader in (self.words, self.lines):
            places = [place for place in range(len(images)) if reader in self._readers(found[place])]
            answers = reader.read_pages(
                [images[place] for place in places], [found[place] for place in places], beam=beam, n_best=n_best
            )
            for place, answer in zip(places, answers, strict=True):
                read[place][reader] = answer
        best = [max(answers, key=lambda reader: _sure(answers[reader])) for answers in read]
        self.by_lines += sum(reader is self.lines for reader in best)
        return [answers[reader] for answers, reader in zip(read, best, strict=True)]

    def _readers(self, page: Page) -> Sequence[Recognizer]:
        if page.lines:
            return (self.lines,)
        height, width = page.image.shape[:2]
        return (self.words, self.lines) if width >= LONG * height else (self.words,)


def _sure(one: Transcript) -> float:
    return one.confidence if one.text.strip() else 0.0
