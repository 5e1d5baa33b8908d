"""Pictures to text with a trained model."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import islice
from math import exp
from typing import cast, overload

import torch

from s2s.bundle.bundle import RecognitionBundle
from s2s.bundle.onnx_model import OnnxRecognizer
from s2s.config.errors import RequestError
from s2s.config.recognition import Decoding, Recognition
from s2s.data.images.batches import stack
from s2s.image.form import fit, natural_width
from s2s.image.geometry import bucket
from s2s.image.load import Pixels
from s2s.image.page import find_page
from s2s.inference.jobs import Spread, here
from s2s.inference.margins import closer, doubted
from s2s.inference.options import check_whole
from s2s.inference.pages import cut, put_together
from s2s.inference.picture import Picture, is_picture, open_picture
from s2s.inference.reading import read_characters, read_labels
from s2s.inference.transcript import Character, Transcript
from s2s.nn.backbones.convolution import fold_norms
from s2s.nn.model import CTCRecognizer, EncoderDecoder
from s2s.nn.shortage import memory_for
from s2s.search.ctc import Reading
from s2s.text.charset import Charset


@dataclass(frozen=True)
class Strip:
    """Pictures that go through the model together."""

    images: list[Pixels]
    """Of one height."""
    width: int
    """To which they are padded."""
    beam: int
    """Hypotheses kept."""


class Recognizer:
    """Reads pictures of words or lines; what one says does not depend on the others.

    Args:
        model: its weights may go on changing; it stays where it is, unless `device` is another place.
        config: of the model; `decoding` says how to search.
        charset: what it can write.
        device: where to compute; by default where the model is.
    """

    def __init__(
        self,
        model: CTCRecognizer | EncoderDecoder,
        config: Recognition,
        charset: Charset,
        device: torch.device | None = None,
    ) -> None:
        self.model = model if device is None else model.to(device)
        self.config, self.charset = config, charset
        self.spread: Spread = here
        """Who does the batches."""

    @classmethod
    def from_bundle(cls, bundle: RecognitionBundle, device: torch.device | None = None) -> "Recognizer":
        """The recogniser of a loaded model, made faster for reading; the bundle stays as it is."""
        model = bundle.model
        if not isinstance(model, OnnxRecognizer):  # whose norms were folded when it was made
            model = deepcopy(model).eval()
            fold_norms(model)
        return cls(model, bundle.config, bundle.charset, device)

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return self.model.device

    @overload
    def __call__(  # type: ignore[overload-overlap]  # str and bytes are sequences too, but nobody means that
        self, pictures: Picture, *, beam: int | None = None, batch_pixels: int | None = None, pages: bool = True
    ) -> Transcript: ...

    @overload
    def __call__(
        self,
        pictures: Iterable[Picture],
        *,
        beam: int | None = None,
        batch_pixels: int | None = None,
        pages: bool = True,
    ) -> list[Transcript]: ...

    def __call__(
        self,
        pictures: Picture | Iterable[Picture],
        *,
        beam: int | None = None,
        batch_pixels: int | None = None,
        pages: bool = True,
    ) -> Transcript | list[Transcript]:
        """Read one picture, or many: one transcript each, in their order.

        A picture of which the model is not sure, and whose ink has a wide margin around it, is also read without the
        margin; the transcript is of the reading that it is surer of.

        Args:
            pictures: files, bytes, PIL images or pixels.
            beam: hypotheses kept; 1 is greedy. By default the config's.
            batch_pixels: most padded pixels a batch; texts do not depend on it, speed and memory do.
            pages: pictures that look like pages are cut into lines; else every picture is read as one line.

        Raises:
            RequestError: a picture cannot be read (`BadImage` names it), or options that cannot be.
            TypeError: something that is not a picture.
        """
        if is_picture(pictures):
            return self([pictures], beam=beam, batch_pixels=batch_pixels, pages=pages)[0]
        colour = self.config.picture.colour
        images = [open_picture(picture, colour) for picture in cast("Iterable[Picture]", pictures)]
        form = self.config.picture
        parts = [list(cut(image, find_page(image), form)) if pages else [] for image in images]
        flat = [
            one for image, cuts in zip(images, parts, strict=True) for one in ([part.image for part in cuts] or [image])
        ]

        def read(some: Sequence[Pixels]) -> list[Transcript]:
            fitted = [fit(image, self.config.picture) for image in some]
            readings = self.read(fitted, beam, batch_pixels)
            return [self._transcript(*each) for each in zip(readings, some, fitted, strict=True)]

        texts = iter(read(flat))
        answers = [put_together(cuts, list(islice(texts, len(cuts)))) if cuts else next(texts) for cuts in parts]
        whole = [place for place, cuts in enumerate(parts) if not cuts]
        nearer = closer([images[place] for place in whole], [answers[place] for place in whole], read)
        for place, one in zip(whole, nearer, strict=True):
            answers[place] = one
        return [doubted(image, one) for image, one in zip(images, answers, strict=True)]

    def read(self, images: Sequence[Pixels], beam: int | None = None, batch_pixels: int | None = None) -> list[Reading]:
        """Read pictures that `s2s.image.form.fit` has brought to the model's form; spans are in the model's steps."""
        decoding = self._decoding(beam, batch_pixels)
        dealt = list(batches(images, decoding.batch_pixels))
        jobs = [Strip([images[place] for place in places], width, decoding.beam) for width, places in dealt]
        results: dict[int, Reading] = {}
        for (_, places), found in zip(dealt, self.spread(self.search, jobs), strict=True):
            results.update(zip(places, found, strict=True))
        return [results[place] for place in range(len(images))]

    def search(self, job: Strip) -> list[Reading]:
        """What a batch says."""
        training = self.model.training
        self.model.eval()
        try:
            with torch.inference_mode(), memory_for(lambda: _told(job)):
                count = len(job.images)
                images = [*job.images, *[job.images[-1]] * (_rows(count) - count)]
                widths = torch.tensor([image.shape[1] for image in images], device=self.device)
                inputs = stack(images, job.width).to(self.device)
                if isinstance(self.model, CTCRecognizer):
                    return read_labels(self.model, inputs, widths, job.beam)[:count]
                return read_characters(self.model, inputs, widths, job.beam, self.charset.never)[:count]
        finally:
            self.model.train(training)

    def _decoding(self, beam: int | None, batch_pixels: int | None) -> Decoding:
        own = self.config.decoding
        check_whole(beam=beam, batch_pixels=batch_pixels)
        try:
            return replace(
                own,
                beam=own.beam if beam is None else beam,
                batch_pixels=own.batch_pixels if batch_pixels is None else batch_pixels,
            )
        except ValueError as error:
            raise RequestError(str(error)) from None

    def _transcript(self, reading: Reading, image: Pixels, fitted: Pixels) -> Transcript:
        """What was read, in the pixels of the picture as it was given."""
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
        return Transcript(text, confidence, characters, (), tuple(self._doubts(image, reading)))

    def _doubts(self, image: Pixels, reading: Reading) -> Iterator[str]:
        form = self.config.picture
        natural = natural_width(image, form.height)
        if natural > form.max_width:
            yield f"{natural:,} pixels wide at a height of {form.height}; squeezed to {form.max_width:,}"
        if reading.cut:
            yield f"the text was cut off after {len(reading.tokens):,} characters, the most for a picture of this width"


def _told(job: Strip) -> str:
    """A batch that is too large, and what to do."""
    return (
        f"a batch of {len(job.images):,} pictures of {job.images[0].shape[0]} x {job.width:,} pixels; lower "
        f"--batch-pixels (decoding.batch_pixels), or use a smaller beam than {job.beam}"
    )


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
