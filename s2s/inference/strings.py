"""Texts as they are passed to a predictor."""

from collections.abc import Iterable, Mapping


def strings(texts: object) -> list[str]:
    """The texts as a list. TypeError, naming the first, where there is something else among them."""
    if isinstance(texts, str):
        return [texts]
    if not isinstance(texts, Iterable) or isinstance(texts, Mapping | set | frozenset | bytes | bytearray):
        raise TypeError(f"texts must be a string or a sequence of strings, not {type(texts).__name__}")
    found = []
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"texts[{place}] must be a string, not {type(text).__name__}")
        found.append(text)
    return found
