"""Cutting a text that is too long for the model into parts that are not."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator

UNSPACED = frozenset({"ja", "zh", "yue", "th", "lo", "km", "my", "bo", "dz"})
"""Languages (BCP 47 primary codes) that are written without spaces between words."""

# A mark, whatever closes behind it, and then space; marks of scripts without spaces need none.
_SENTENCE = re.compile(r"""[.!?…؟۔।॥]+["'”’»)\]]*\s+|[。！？｡]+["'”’」』）】]*\s*""")
_CLAUSE = re.compile(r"[,;:،؛–—]+\s+|\s+[–—-]\s+|[、，；：]\s*")
_SPACE = re.compile(r"\s+")
# "z. B.", "am 3. Oktober", "J. S. Bach": a dot behind a single letter or a number rarely ends a sentence.
_ABBREVIATED = re.compile(r"(?:^|[\s(.])(?:\w|\d+)\.$")


def split(text: str, fits: Callable[[str], bool]) -> list[str]:
    """Parts of `text`, in order, each of which `fits` if that can be had, stripped of space and never blank.

    A text that does not fit is cut once, near its middle: at the end of a sentence, else of a clause, else at a space,
    else between two characters; and so on with both halves. `fits` must hold for every part of what it holds for.
    """
    text = text.strip()
    if not text:
        return []
    if len(text) == 1 or fits(text):
        return [text]
    place = _place(text)
    return [*split(text[:place], fits), *split(text[place:], fits)]


def join(texts: Iterable[str], language: str | None) -> str:
    """The outputs of the parts as one, with spaces between them if the language has any."""
    spaced = language is None or re.split("[-_]", language)[0].lower() not in UNSPACED
    return (" " if spaced else "").join(text for text in texts if text)


def _place(text: str) -> int:
    """Where to cut: the middle-most end of the best kind."""
    middle = len(text) / 2
    for ends in (_sentence_ends(text), _ends(_CLAUSE, text), _ends(_SPACE, text), _between_characters(text)):
        inside = [end for end in ends if 0 < end < len(text)]
        if inside:
            return min(inside, key=lambda end: abs(end - middle))
    return max(1, len(text) // 2)


def _ends(pattern: re.Pattern[str], text: str) -> Iterator[int]:
    return (match.end() for match in pattern.finditer(text))


def _sentence_ends(text: str) -> Iterator[int]:
    for match in _SENTENCE.finditer(text):
        before, after = text[: match.start() + 1], text[match.end() : match.end() + 1]
        if not after.islower() and not _ABBREVIATED.search(before[-12:]):
            yield match.end()


def _between_characters(text: str) -> Iterator[int]:
    """Places before which no accent, joiner or half of an emoji is torn off."""
    for place in range(1, len(text)):
        joined = unicodedata.category(text[place]).startswith("M") or "\u200d" in text[place - 1 : place + 1]
        if not joined:
            yield place
