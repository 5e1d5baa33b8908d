"""Every picture opened once: which cannot be read, and which are too narrow for their label."""

from collections.abc import Iterable, Iterator

from s2s.data.images.labelled import Problem
from s2s.data.images.pictures import Example
from s2s.image.geometry import needed_width
from s2s.image.load import BadImage
from s2s.text.charset import nfc


def inspect(examples: Iterable[Example], height: int, stride: int) -> Iterator[tuple[Example, Problem | None]]:
    """For every example what is wrong with it, or None.

    A picture is too narrow if, scaled to `height`, it has fewer CTC steps of `stride` pixels than its label needs.
    """
    for example in examples:
        try:
            pixels = example.load(colour=False)
        except BadImage as error:
            yield example, Problem(example.name, str(error).removeprefix(f"{example.name}: "))
            continue
        width = round(pixels.shape[1] * height / pixels.shape[0])
        text = nfc(example.text)
        needed = needed_width(text, stride)
        if width < needed:
            reason = f"is {width} pixels wide at a height of {height}, and its label of {len(text)} characters"
            yield example, Problem(example.name, f"{reason} needs {needed}; it will be widened")
        else:
            yield example, None
