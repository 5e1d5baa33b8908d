"""The words to render: a list with frequencies, indexed by length."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.random import Generator

from s2s.config.errors import RequestError
from s2s.image.render.script import clusters, combining

COMMON = 5
"""Words that must hold a cluster for it to be used in random strings: rarer ones are mostly misspelt."""


class Words:
    """Words drawn with probability ~ count ** power, or evenly among those of a length.

    Raises RequestError if no word is left within the characters.
    """

    def __init__(self, counts: Mapping[str, float], characters: str, power: float) -> None:
        known = set(characters)
        within = sorted(word for word in counts if word and known.issuperset(word) and not word.isspace())
        if not within:
            raise RequestError("none of the words to render lies within the characters; check --charset and --language")
        self.words = within
        self._bounds = np.cumsum(np.array([counts[word] for word in within], np.float64) ** power)
        self._by_length: dict[int, list[str]] = {}
        for word in within:
            self._by_length.setdefault(len(word), []).append(word)

    def draw(self, rng: Generator) -> str:
        """A word by its frequency."""
        place = int(np.searchsorted(self._bounds, rng.random() * self._bounds[-1], side="right"))
        return self.words[min(place, len(self.words) - 1)]

    def draw_length(self, length: int, rng: Generator) -> str | None:
        """A word of exactly `length` characters, all alike; None if there is none."""
        choice = self._by_length.get(length)
        return choice[int(rng.random() * len(choice))] if choice else None

    def units(self, characters: str, rare: float) -> tuple[list[str], np.ndarray]:
        """What random strings are made of, and the cumulated weights.

        Units are the characters that stand alone and, in scripts with marks, the clusters that several words hold; the
        third that words hold least weighs `rare` times as much.
        """
        found = Counter(unit for word in self.words for unit in clusters(word))
        counts = {unit: count for unit, count in found.items() if len(unit) == 1 or count >= COMMON}
        known = set(characters)
        for character in characters:
            if not character.isspace() and not combining(character):
                counts.setdefault(character, 0)
        ordered = sorted((unit for unit in counts if known.issuperset(unit)), key=lambda unit: (-counts[unit], unit))
        weights = np.ones(len(ordered))
        weights[2 * len(ordered) // 3 :] = rare
        return ordered, np.cumsum(weights)


def from_languages(languages: Sequence[str]) -> Mapping[str, float]:
    """Words and frequencies of the languages (ISO 639 codes) by wordfreq. Raises RequestError for an unknown one."""
    import wordfreq

    known = wordfreq.available_languages()
    total: dict[str, float] = {}
    for language in languages:
        if language not in known:
            raise RequestError(f"no word list for the language {language!r}; there are {', '.join(sorted(known))}")
        for word, frequency in wordfreq.get_frequency_dict(language).items():
            # The lists write every digit as 0; numbers are drawn elsewhere.
            if not any(character.isdigit() for character in word):
                total[word] = total.get(word, 0.0) + frequency
    return total


def from_text(lines: Iterable[str]) -> Mapping[str, float]:
    """Words and counts of a text, split at white space."""
    return Counter(word for line in lines for word in line.split())


def letters(counts: Mapping[str, float], least: float = 1e-5) -> str:
    """Letters and marks that make up at least the share `least` of the words' characters, by code point."""
    shares: dict[str, float] = {}
    for word, count in counts.items():
        for character in word:
            if unicodedata.category(character)[0] in "LM":
                shares[character] = shares.get(character, 0.0) + count
    total = sum(shares.values())
    return "".join(sorted(character for character, share in shares.items() if share >= least * total))
