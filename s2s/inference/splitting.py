"""Cutting a text that is too long for the model into parts that are not."""

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator

UNSPACED = frozenset({"ja", "zh", "yue", "th", "lo", "km", "my", "bo", "dz"})
"""Languages (BCP 47 primary codes) that are written without spaces between words."""

# A mark, whatever closes behind it, and then space; marks of scripts without spaces need none. A run of marks or of
# spaces is looked at once, from its beginning and without going back: else a line of dots would take quadratic time.
_SENTENCE = re.compile(r"""(?<![.!?…؟۔।॥])[.!?…؟۔।॥]++["'”’»)\]]*+\s++|[。！？｡]+["'”’」』）】]*\s*""")
_CLAUSE = re.compile(r"(?<![,;:،؛–—])[,;:،؛–—]++\s++|(?<!\s)\s++[–—-]\s++|[、，；：]\s*")
_SPACE = re.compile(r"\s+")
# "z. B.", "am 3. Oktober", "J. S. Bach": a dot behind a single letter or a number rarely ends a sentence.
_ABBREVIATED = re.compile(r"(?:^|[\s(.])(?:\w|\d+)\.$")


def split(text: str, fits: Callable[[str], bool]) -> list[str]:
    """Parts of `text`, in order, each of which `fits` if that can be had, stripped of space and never blank.

    A text that does not fit is cut once, near its middle: at the end of a sentence, else of a clause, else at a space,
    else between two characters; and so on with both halves. `fits` must hold for every part of what it holds for. Where
    a text can be cut is looked up once, so the time is nearly linear in its length.
    """
    text = text.strip()
    if not text:
        return []
    if len(text) == 1 or fits(text):
        return [text]
    kinds = [_Places(_sentences(text)), _Places(_CLAUSE.finditer(text)), _Places(_SPACE.finditer(text))]
    parts, left = [], [(0, len(text))]
    while left:
        start, stop = left.pop()
        while start < stop and text[start].isspace():
            start += 1
        while start < stop and text[stop - 1].isspace():
            stop -= 1
        part = text[start:stop]
        if len(part) < 2 or fits(part):
            parts += [part] if part else []
            continue
        found = (place for kind in kinds if (place := kind.nearest(start, stop)))
        place = next(found, 0) or start + next(_between(part), max(1, len(part) // 2))
        left += [(place, stop), (start, place)]
    return parts


def join(texts: Iterable[str], language: str | None) -> str:
    """The outputs of the parts as one, with spaces between them if the language has any."""
    return (" " if is_spaced(language) else "").join(text for text in texts if text)


def is_spaced(language: str | None) -> bool:
    """Whether a language, by its code, has spaces between words; one that is not known has."""
    return language is None or re.split("[-_]", language)[0].lower() not in UNSPACED


class _Places:
    """Where a text can be cut, by one kind of mark: behind each match."""

    def __init__(self, matches: Iterable[re.Match[str]]) -> None:
        self._starts, self._ends = array("q"), array("q")
        for match in matches:
            self._starts.append(match.start())
            self._ends.append(match.end())

    def nearest(self, start: int, stop: int) -> int:
        """The place that is nearest to the middle between two others, the first of two; 0 where there is none."""
        first = bisect_left(self._starts, start)
        last = bisect_left(self._ends, stop)
        after = bisect_left(self._ends, (start + stop) / 2, first, max(first, last))
        beside = [self._ends[place] for place in (after - 1, after) if first <= place < last]
        return min(beside, key=lambda end: abs(2 * end - start - stop), default=0)


def _sentences(text: str) -> Iterator[re.Match[str]]:
    for match in _SENTENCE.finditer(text):
        before = text[max(0, match.start() - 11) : match.start() + 1]
        after = text[match.end() : match.end() + 1]
        if not after.islower() and not _ABBREVIATED.search(before):
            yield match


def _between(text: str) -> Iterator[int]:
    """Places between two characters, the middle-most first, where no accent, joiner or half of an emoji is torn off."""
    half, odd = divmod(len(text), 2)
    for step in range(half):
        for place in (half - step, half + odd + step):
            joined = unicodedata.category(text[place]).startswith("M") or "\u200d" in text[place - 1 : place + 1]
            if not joined:
                yield place
