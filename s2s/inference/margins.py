"""Pictures whose ink stands in a wide margin, or says nothing to the model."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from s2s.image.load import Pixels
from s2s.image.margin import find_ink, without_margin
from s2s.inference.transcript import Transcript

SURE = 0.98
"""Confidence from which a picture is not read once more without its margin: a model that was trained on pictures with
wide margins is sure of them."""

Read = Callable[[Sequence[Pixels]], list[Transcript]]


def closer(images: Sequence[Pixels], first: Sequence[Transcript], read: Read) -> list[Transcript]:
    """The `first` transcripts of the images, or those of the images without their margins where `read` is surer."""
    answers = list(first)
    doubtful = [place for place, one in enumerate(first) if _confidence(one) < SURE]
    cuts = {place: cut for place in doubtful if (cut := without_margin(images[place])) is not None}
    for (place, cut), one in zip(cuts.items(), read([cut.image for cut in cuts.values()]), strict=True):
        same = one.text.casefold() == first[place].text.casefold()  # what is capital shows beside a margin only
        if _confidence(one) > _confidence(first[place]) and not same:
            doubt = "the text is small in a wide margin, and was read without it"
            kept = [warning for warning in first[place].warnings if "squeezed" not in warning]
            answers[place] = replace(one.moved(cut.left), warnings=(*one.warnings, *kept, doubt))
    return answers


def doubted(image: Pixels, one: Transcript) -> Transcript:
    """The transcript; an empty one of a picture that is not empty has a warning and no confidence."""
    if one.text.strip() or find_ink(image) is None:
        return one
    doubt = "nothing was read, although the picture is not empty"
    return replace(one, confidence=0.0, warnings=(*one.warnings, doubt))


def _confidence(one: Transcript) -> float:
    return one.confidence if one.text.strip() else 0.0
