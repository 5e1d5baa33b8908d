"""Pictures to text with a trained model."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import islice
from math import exp
from typing import Any, cast, overload

import torch

from s2s.bundle.bundle import Bundle
from s2s.bundle.onnx_model import OnnxRecognizer
from s2s.config.decoding import CtcDecoding, Search
from s2s.config.errors import RequestError
from s2s.config.source import ImageSource
from s2s.data.images.inputs import stack
from s2s.image.geometry import bucket, turned
from s2s.image.load import Pixels
from s2s.image.page import Page, find_page, standing_page
from s2s.image.preprocessing import fit, natural_width
from s2s.inference.margins import closer, doubted
from s2s.inference.options import check_n_best, check_whole
from s2s.inference.pages import cut, put_together
from s2s.inference.picture import Picture, is_picture, open_picture
from s2s.inference.predictor import Predictor
from s2s.inference.reading import read_characters, read_labels, score_characters, score_labels
from s2s.inference.strings import strings
from s2s.inference.transcript import Alternative, Character, Transcript, mean_confidence
from s2s.nn.backbones.convolution import fold_norms
from s2s.nn.model import EncoderDecoder, EncoderHead
from s2s.search.ctc import Reading
from s2s.search.prior import Prior

_DOUBTFUL = 0.8
"""Confidence in a page below which it may stand on its side or on its head, ..."""
_PROBES = 6
"""... by so many of its lines."""
_SURER = 0.2
"""By how much surer of it the model must be when the page is turned."""


@dataclass(frozen=True)
class Strip:
    """Pictures that go through the model together."""

    images: list[Pixels]
    """Of one height."""
    width: int
    """To which they are padded."""
    decoding: CtcDecoding | Search
    """How they are read."""
    n_best: int = 1
    texts: list[list[int]] | None = None
    """What is to be scored of each, instead of what it says."""


class Recognizer(Predictor[Strip, list[Reading]]):
    """Reads pictures of words or lines; what one says does not depend on the others. Arguments: see Predictor."""

    def __init__(self, bundle: Bundle, device: torch.device | None = None) -> None:
        super().__init__(bundle, device)
        assert isinstance(bundle.config.source, ImageSource)
        assert isinstance(bundle.config.decoding, CtcDecoding | Search)
        self.source, self.decoding, self.charset = bundle.config.source, bundle.config.decoding, bundle.charset
        self.prior: Prior[Any] | None = None
        """What is known of texts before a picture is looked at; of readers with a CTC head."""

    @classmethod
    def from_bundle(cls, bundle: Bundle, device: torch.device | None = None) -> "Recognizer":
        """The recogniser of a loaded model, made faster for reading; the bundle stays as it is."""
        if not isinstance(bundle.model, OnnxRecognizer):  # whose norms were folded when it was made
            model = deepcopy(bundle.model).eval()
            fold_norms(model)
            bundle = replace(bundle, model=model)
        return cls(bundle, device)

    @overload
    def __call__(  # type: ignore[overload-overlap]  # str and bytes are sequences too, but nobody means that
        self,
        pictures: Picture,
        *,
        beam: int | None = None,
        batch_pixels: int | None = None,
        pages: bool = True,
        n_best: int = 1,
    ) -> Transcript: ...

    @overload
    def __call__(
        self,
        pictures: Iterable[Picture],
        *,
        beam: int | None = None,
        batch_pixels: int | None = None,
        pages: bool = True,
        n_best: int = 1,
    ) -> list[Transcript]: ...

    def __call__(
        self,
        pictures: Picture | Iterable[Picture],
        *,
        beam: int | None = None,
        batch_pixels: int | None = None,
        pages: bool = True,
        n_best: int = 1,
    ) -> Transcript | list[Transcript]:
        """Read one picture, or many: one transcript each, in their order.

        A picture of which the model is not sure, and whose ink has a wide margin around it, is also read without the
        margin; the transcript is of the reading that it is surer of.

        Args:
            pictures: files, bytes, PIL images or pixels.
            beam: hypotheses kept; 1 is greedy. By default the config's.
            batch_pixels: most padded pixels a batch; texts do not depend on it, speed and memory do.
            pages: pictures that look like pages are cut into lines; else every picture is read as one line.
            n_best: texts wanted of each picture, at most as many as the beam; more than one only without `pages`.

        Raises:
            RequestError: a picture cannot be read (`BadImage` names it), or options that cannot be.
            TypeError: something that is not a picture.
        """
        if is_picture(pictures):
            return self([pictures], beam=beam, batch_pixels=batch_pixels, pages=pages, n_best=n_best)[0]
        check_whole(n_best=n_best)
        if n_best != 1 and pages:
            raise RequestError("a page has no n best; read every picture as one line (--whole, pages=False)")
        images = [open_picture(picture, self.source.colour) for picture in cast("Iterable[Picture]", pictures)]
        found = [self.upright(image) if pages else Page(image) for image in images]
        return self.read_pages(images, found, beam=beam, batch_pixels=batch_pixels, n_best=n_best)

    def upright(self, image: Pixels) -> Page:
        """The lines of a picture that is a page, in the one of four directions in which its longest lines say most."""
        page = find_page(image)
        if not page.lines:
            return page

        def sure(page: Page) -> float:
            longest = sorted(page.lines, key=lambda line: line.letters)[-_PROBES:]
            parts = [part.image for part in cut(replace(page, lines=tuple(longest)), self.source)]
            # A model that is sure of nothing turns nothing.
            return mean_confidence(self._transcripts(parts, self.decoding)) - (_SURER if page.turned else 0)

        found = [(sure(page), page)]
        if found[0][0] < _DOUBTFUL:
            others = {0, 90, 180, 270} - {page.turned}
            pages = [replace(standing_page(turned(image, one)), turned=one) for one in sorted(others)]
            found += [(sure(one), one) for one in pages if one.lines]
        surest, best = max(found, key=lambda one: one[0])
        # What does not look like a page as it stands must say something as another one.
        return Page(image) if page.turned and surest < _DOUBTFUL - _SURER else best

    def read_pages(
        self,
        images: Sequence[Pixels],
        pages: Sequence[Page],
        *,
        beam: int | None = None,
        batch_pixels: int | None = None,
        n_best: int = 1,
    ) -> list[Transcript]:
        """Read pictures whose lines have been found: pages those that have any, one word or line each the others."""
        decoding = self._decoding(beam, batch_pixels, n_best)
        images = [turned(image, page.turned) for image, page in zip(images, pages, strict=True)]
        parts = [list(cut(page, self.source)) for page in pages]
        flat = [
            one for image, cuts in zip(images, parts, strict=True) for one in ([part.image for part in cuts] or [image])
        ]

        def read(some: Sequence[Pixels]) -> list[Transcript]:
            return self._transcripts(some, decoding, n_best)

        texts = iter(read(flat))
        answers = [
            put_together(page, cuts, list(islice(texts, len(cuts)))) if cuts else next(texts)
            for page, cuts in zip(pages, parts, strict=True)
        ]
        whole = [place for place, cuts in enumerate(parts) if not cuts]
        nearer = closer([images[place] for place in whole], [answers[place] for place in whole], read)
        for place, one in zip(whole, nearer, strict=True):
            answers[place] = one
        return [
            replace(doubted(image, one), width=image.shape[1], height=image.shape[0], turned=page.turned)
            for image, one, page in zip(images, answers, pages, strict=True)
        ]

    def _transcripts(
        self, images: Sequence[Pixels], decoding: CtcDecoding | Search, n_best: int = 1
    ) -> list[Transcript]:
        fitted = [fit(image, self.source) for image in images]
        readings = self._read(fitted, decoding, n_best)
        return [self._transcript(*each) for each in zip(readings, images, fitted, strict=True)]

    def read(self, images: Sequence[Pixels], beam: int | None = None, batch_pixels: int | None = None) -> list[Reading]:
        """Read pictures that `s2s.image.preprocessing.fit` has scaled for the model; spans are in the model's steps."""
        return [found[0] for found in self._read(images, self._decoding(beam, batch_pixels))]

    def score(self, pictures: Sequence[Picture], texts: Sequence[str]) -> list[float]:
        """The model's log-probability of a given text of each picture, read as one line.

        It is minus infinity of a text with a character that the model cannot write, or too long for its picture.
        """
        images = [fit(open_picture(one, self.source.colour), self.source) for one in pictures]
        ids = [self.charset.encode(text) for text in strings(texts)]
        return [found[0].log_prob for found in self._read(images, self.decoding, texts=ids)]

    def _read(
        self,
        images: Sequence[Pixels],
        decoding: CtcDecoding | Search,
        n_best: int = 1,
        texts: list[list[int]] | None = None,
    ) -> list[list[Reading]]:
        """What pictures say, or how probable texts of them are."""
        dealt = list(batches(images, decoding.batch))
        jobs = [
            Strip(
                [images[place] for place in places],
                width,
                decoding,
                n_best,
                None if texts is None else [texts[place] for place in places],
            )
            for width, places in dealt
        ]
        return self._deal([places for _, places in dealt], jobs)

    def _search(self, job: Strip) -> list[list[Reading]]:
        count = len(job.images)
        more = _rows(count) - count
        images = [*job.images, *[job.images[-1]] * more]
        widths = torch.tensor([image.shape[1] for image in images], device=self.device)
        inputs, model = stack(images, job.width).to(self.device), self.model
        if job.texts is not None:
            texts = [*job.texts, *[job.texts[-1]] * more]
            score = score_labels if isinstance(model, EncoderHead) else score_characters
            scored = score(cast("Any", model), inputs, widths, texts)[:count]
            return [[Reading(text, one, [], [])] for text, one in zip(job.texts, scored, strict=True)]
        if isinstance(model, EncoderHead):
            return read_labels(model, inputs, widths, job.decoding.beam, job.n_best, self.prior)[:count]
        assert isinstance(model, EncoderDecoder)
        assert isinstance(job.decoding, Search)
        return read_characters(model, inputs, widths, job.decoding, self.charset.suppressed, job.n_best)[:count]

    def _size(self, job: Strip) -> str:
        return (
            f"a batch of {len(job.images):,} pictures of {job.images[0].shape[0]} x {job.width:,} pixels; lower "
            f"--batch-pixels (decoding.batch), or use a smaller beam than {job.decoding.beam}"
        )

    def _decoding(self, beam: int | None, batch_pixels: int | None, n_best: int = 1) -> CtcDecoding | Search:
        own = self.decoding
        check_whole(beam=beam, batch_pixels=batch_pixels)
        try:
            decoding = replace(
                own,
                beam=own.beam if beam is None else beam,
                batch=own.batch if batch_pixels is None else batch_pixels,
            )
        except ValueError as error:
            raise RequestError(str(error)) from None
        if self.prior is not None and decoding.beam == 1:
            raise RequestError("a beam of 1 is greedy, and has no use for a language model or a lexicon; set 2 or more")
        check_n_best(n_best, decoding.beam)
        return decoding

    def _transcript(self, found: Sequence[Reading], image: Pixels, fitted: Pixels) -> Transcript:
        """What was read, in the pixels of the picture as it was given."""
        reading = found[0]
        width = image.shape[1]
        step = self.model.encoder.stride * width / fitted.shape[1]
        characters = [
            Character(text, probability, min(start * step, width), min(end * step, width))
            for text, probability, (start, end) in zip(
                self.charset.pieces(reading.tokens), reading.probabilities, reading.spans, strict=True
            )
        ]
        text = self.charset.decode(reading.tokens)
        confidence = exp(reading.log_prob / max(1, len(characters)))
        n_best = tuple(Alternative(self.charset.decode(one.tokens), one.score) for one in found)
        return Transcript(text, confidence, characters, (), tuple(self._doubts(image, reading)), n_best=n_best)

    def _doubts(self, image: Pixels, reading: Reading) -> Iterator[str]:
        form = self.source
        natural = natural_width(image, form.height)
        if natural > form.max_width:
            yield f"{natural:,} pixels wide at a height of {form.height}; squeezed to {form.max_width:,}"
        if reading.cut:
            yield f"the text was cut off after {len(reading.tokens):,} characters, the most for a picture of this width"


def _rows(count: int) -> int:
    """Rows of the batch that so many pictures are read in: a power of two, or one and a half times one.

    oneDNN keeps a primitive for every shape of a batch that it has seen. With few shapes its memory stops growing
    after some thousand pictures, and it need not make primitives anew.
    """
    power = 1 << (count - 1).bit_length()
    return power * 3 // 4 if count <= power * 3 // 4 else power


def _most(count: int) -> int:
    """The largest number of pictures that are read in `count` rows or fewer."""
    power = 1 << (count.bit_length() - 1)
    return power * 3 // 2 if power > 1 and count >= power * 3 // 2 else power


def batches(images: Sequence[Pixels], pixels: int) -> Iterator[tuple[int, list[int]]]:
    """Padded widths, and the places of the pictures of that width that go together."""
    by_width = defaultdict(list)
    for place, image in enumerate(images):
        by_width[bucket(image.shape[1])].append(place)
    for width, places in sorted(by_width.items(), reverse=True):  # what does not fit into memory fails at once
        size = _most(max(1, pixels // (width * images[places[0]].shape[0])))
        yield from ((width, places[start : start + size]) for start in range(0, len(places), size))
