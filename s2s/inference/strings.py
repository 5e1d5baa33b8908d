"""Texts as they are passed to a predictor."""

from collections.abc import Iterable, Mapping, Sequence

from s2s.config.errors import RequestError
from s2s.text.normalisation import Normalisation, normalise
from s2s.text.vocabulary import Vocabulary


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


def prefixes(prefix: str | Sequence[str], count: int, vocabulary: Vocabulary, form: Normalisation) -> list[str]:
    """What the outputs of so many texts begin with, in their Unicode form and without space before it.

    RequestError where there are not as many, or one cannot be written.
    """
    every = [prefix] * count if isinstance(prefix, str) else strings(prefix)
    if len(every) != count:
        raise RequestError(f"{count:,} texts cannot have {len(every):,} prefixes")
    found = [normalise(one, form).lstrip() for one in every]
    for one in dict.fromkeys(found):
        if not vocabulary.suppressed.isdisjoint(vocabulary.encode(one)):  # encode refuses half characters
            raise RequestError(f"a prefix has no line breaks, and {one[:80]!r} has")
    return found
