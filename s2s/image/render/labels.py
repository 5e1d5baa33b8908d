"""What the pictures say: words, numbers, codes, phrases, addresses, lines, all within the characters given."""

import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
from numpy.random import Generator

from s2s.config.rendering import Labels
from s2s.image.render.words import Words

CLOSING = (".", ",", "!", "?", ":", ";", "...", "'s", "-", "%", "*")
AROUND = (("(", ")"), ('"', '"'), ("'", "'"), ("[", "]"), ("<", ">"), ("“", "”"), ("«", "»"))
OPENING = ("#", "@", "&", "-", "*", "+", "$", "/")
DOMAINS = (".com", ".org", ".net", ".de", ".co.uk", ".in", ".info")
NUMBERS = (
    "#", "##", "##", "###", "###", "####", "####", "######", "#.#", "#.##", "##.##", "##,###", "#,###.##", "$#.##",
    "$##", "$##.##", "€##", "£#.##", "##%", "#.##$", "##:##", "#:##", "##:##:##", "##/##", "##/##/##", "##.##.####",
    "####-##-##", "##-##", "####-####", "#/#", "+##", "(###)", "###-####", "(##)##-####", "### ####", "0##-#######",
    "No.##", "@##", "@@###", "@-##", "@@@ ###", "@#@#", "##@", "@##-###", "@@-####", "#x#", "##@@##", "x#", "#####",
    "@@##@@####", "-##", "##+", "#.#.#", "19##", "20##", "'##", "#°", "##km", "##kg", "#st", "#th", "##am", "#pm",
)  # fmt: skip
"""Patterns of numbers: # is a digit, @ a capital letter."""
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
RETRIES = 8


class Sampler:
    """Draws labels. `lines` are used as running text in place of strings of words where they are given."""

    def __init__(self, config: Labels, characters: str, words: Words, lines: Sequence[str] = ()) -> None:
        self.config = config
        self.characters = frozenset(characters)
        self.words = words
        self.lines = [line for line in lines if self.characters.issuperset(line)]
        self._units, self._bounds = words.units(characters, config.rare)
        self._digits = _digit_sets(characters)
        self._singles = [unit for unit in self._units if not unit.isspace()]
        kinds: dict[str, tuple[float, Callable[[Generator], str]]] = {
            "word": (config.word, self._word),
            "number": (config.number, self._number),
            "random": (config.random, self._random),
            "phrase": (config.phrase, self._phrase),
            "affixed": (config.affixed, self._affixed),
            "single": (config.single, self._single),
            "line": (config.line, self._line),
        }
        self._kinds = [(kind, make) for kind, (_, make) in kinds.items()]
        self._shares = np.cumsum([share for share, _ in kinds.values()])

    def draw(self, rng: Generator) -> tuple[str, str]:
        """The kind of text and the text: NFC, within the characters, no space at its ends."""
        if rng.random() < self.config.negative:
            return "negative", ""
        place = int(np.searchsorted(self._shares, rng.random() * self._shares[-1], side="right"))
        kind, make = self._kinds[min(place, len(self._kinds) - 1)]
        for _ in range(RETRIES):
            text = unicodedata.normalize("NFC", make(rng)).strip()
            if text and self.characters.issuperset(text):
                return kind, text
        return "word", self.words.draw(rng)

    def other(self, rng: Generator) -> str:
        """A word for what only surrounds the label."""
        return self._cased(self.words.draw(rng), rng)

    def _word(self, rng: Generator) -> str:
        if rng.random() < self.config.uniform_length:
            length = int(rng.integers(self.config.length[0], self.config.length[1], endpoint=True))
            return self._cased(self.words.draw_length(length, rng) or self._string(length, rng), rng)
        return self._cased(self.words.draw(rng), rng)

    def _cased(self, word: str, rng: Generator) -> str:
        config = self.config
        dice = rng.random() * (config.lower + config.title + config.upper + config.mixed)
        if dice < config.lower:
            changed = word.lower()
        elif dice < config.lower + config.title:
            changed = word[:1].upper() + word[1:]
        elif dice < config.lower + config.title + config.upper:
            changed = word.upper()
        else:
            changed = "".join(
                c.upper() if flip < 0.5 else c for c, flip in zip(word, rng.random(len(word)), strict=True)
            )
        return changed if self.characters.issuperset(changed) else word

    def _number(self, rng: Generator) -> str:
        if not self._digits:
            return self._string(int(rng.integers(1, 8)), rng)
        digits = self._digits[int(rng.random() * len(self._digits))]
        pattern = NUMBERS[int(rng.random() * len(NUMBERS))]
        picks = {"#": digits, "@": CAPITALS}
        return "".join(picks[c][int(rng.random() * len(picks[c]))] if c in picks else c for c in pattern)

    def _string(self, length: int, rng: Generator) -> str:
        """Random units of about `length` characters in all."""
        places = np.searchsorted(self._bounds, rng.random(length) * self._bounds[-1], side="right")
        text = ""
        for place in places:
            if text and len(text) + len(self._units[place]) > length:
                break
            text += self._units[place]
        return text

    def _random(self, rng: Generator) -> str:
        low, high = self.config.length
        # The square keeps most of them short: long ones teach little that short ones do not.
        return self._string(low + int((high - low + 1) * rng.random() ** 2), rng)

    def _phrase(self, rng: Generator) -> str:
        words = [self.words.draw(rng) for _ in range(2 + int(rng.random() * 3))]
        return self._cased(" ".join(words), rng) if rng.random() < 0.5 else " ".join(self._cased(w, rng) for w in words)

    def _affixed(self, rng: Generator) -> str:
        word = self._cased(self.words.draw(rng), rng)
        dice = rng.random()
        if dice < 0.45:
            return word + CLOSING[int(rng.random() * len(CLOSING))]
        if dice < 0.6:
            left, right = AROUND[int(rng.random() * len(AROUND))]
            return left + word + right
        if dice < 0.7:
            return OPENING[int(rng.random() * len(OPENING))] + word
        second = self.words.draw(rng)
        if dice < 0.78:
            return word + "-&/.'_+"[int(rng.random() * 7)] + second
        domain = DOMAINS[int(rng.random() * len(DOMAINS))]
        if dice < 0.92:
            return ("www." if rng.random() < 0.6 else "") + word.lower() + domain
        return word.lower() + "@" + second + domain

    def _single(self, rng: Generator) -> str:
        return self._singles[int(rng.random() * len(self._singles))]

    def _line(self, rng: Generator) -> str:
        low, high = self.config.line_length
        length = int(rng.integers(low, high, endpoint=True))
        if self.lines:
            return _stretch(self.lines[int(rng.random() * len(self.lines))].split(), length, rng)
        text = ""
        capital = rng.random() < 0.5
        while len(text) < length:
            dice = rng.random()
            piece = self._number(rng) if dice < 0.06 else self._affixed(rng) if dice < 0.08 else self.words.draw(rng)
            if not self.characters.issuperset(piece):
                continue
            if (capital or rng.random() < 0.06) and self.characters.issuperset(piece[:1].upper()):
                piece = piece[:1].upper() + piece[1:]
            mark, capital = self._mark(rng)
            text += piece + mark + " "
        return _join(text.split(), length)

    def _mark(self, rng: Generator) -> tuple[str, bool]:
        """Punctuation after a word of running text, and whether a sentence ends with it."""
        dice = rng.random()
        mark = "," if dice < 0.07 else "." if dice < 0.13 else ";:!?"[int(rng.random() * 4)] if dice < 0.16 else ""
        return (mark, mark in ".!?" and mark != "") if self.characters.issuperset(mark) else ("", False)


def _stretch(words: list[str], length: int, rng: Generator) -> str:
    """At most `length` characters of the words, from the first on or from any that leaves enough."""
    whole = len(" ".join(words))
    start = int(rng.random() * len(words) * (1 - length / whole)) if whole > length else 0
    return _join(words[start:], length)


def _join(words: list[str], length: int) -> str:
    """As many of the words as fit in `length` characters, at least one."""
    text = words[0]
    for word in words[1:]:
        if len(text) + 1 + len(word) > length:
            break
        text += " " + word
    return text


def _digit_sets(characters: str) -> list[str]:
    """Complete sets of ten digits among the characters, of any script."""
    sets: dict[int, dict[int, str]] = {}
    for character in characters:
        value = unicodedata.decimal(character, None)
        if value is not None:
            sets.setdefault(ord(character) - value, {})[value] = character
    return ["".join(digits[value] for value in range(10)) for _, digits in sorted(sets.items()) if len(digits) == 10]
