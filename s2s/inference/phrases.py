"""Phrases that outputs must or must not have, whatever their text or only where its source has another."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from s2s.config.errors import RequestError
from s2s.inference.splitting import is_spaced
from s2s.search.phrases import Phrase
from s2s.text.lines import read_lines


@dataclass(frozen=True)
class Phrases:
    """What a translator's outputs must and must not have. RequestError for what cannot be.

    A phrase stands by itself in languages with spaces: "Hund" does not stand in "Hunde". Case counts.
    """

    require: Sequence[str] = ()
    """Every output has each of them."""
    forbid: Sequence[str] = ()
    """No output has any of them."""
    glossary: str | Path | None = None
    """A file of lines of a phrase of the source, a tab, and what an output has if the phrase stands in its source. Of
    several lines for one phrase, an output has one. A phrase in lower case stands for itself in any case."""

    def __post_init__(self) -> None:
        for name in ("require", "forbid"):
            phrases = getattr(self, name)
            if isinstance(phrases, str) or not all(isinstance(one, str) for one in phrases):
                raise RequestError(f"{name} must be a list of phrases, not {phrases!r}")
            for one in phrases:
                if not one.strip() or one != one.strip() or not one.isprintable():
                    raise RequestError(
                        f"a phrase to {name} is text without space around it or line breaks, not {one!r}"
                    )
        self._check([*((one,) for one in self.require), *self.terms.values()])

    @cached_property
    def terms(self) -> dict[str, tuple[str, ...]]:
        """The glossary: what may be written for each phrase of a source."""
        terms: dict[str, tuple[str, ...]] = {}
        if self.glossary is None:
            return terms
        for number, line in enumerate(read_lines(Path(self.glossary)), start=1):
            fields = [field.strip() for field in line.split("\t")]
            if not line.strip():
                continue
            if len(fields) != 2 or not all(fields):
                raise RequestError(
                    f"{self.glossary}, line {number:,}: not a phrase, a tab and its translation: {line.strip()[:80]!r}"
                )
            terms[fields[0]] = (*terms.get(fields[0], ()), fields[1])
        if not terms:
            raise RequestError(f"{self.glossary} is empty; a glossary has a phrase, a tab and its translation a line")
        return terms

    def wishes(self, text: str, language: str | None, form: Callable[[str], str]) -> tuple[tuple[str, ...], ...]:
        """Of what the output of a text has one each; `form` puts phrases into the Unicode form of outputs."""
        terms = self.terms
        found = [terms.get(one) or terms[one.lower()] for one in self._matches(text, language)]
        wishes = [*((one,) for one in self.require), *found]
        return tuple(dict.fromkeys(tuple(map(form, wish)) for wish in wishes))

    def _matches(self, text: str, language: str | None) -> list[str]:
        """Phrases of the glossary in a text, from left to right, the longest at each place."""
        if not self.terms:
            return []
        longest_first = sorted(self.terms, key=len, reverse=True)
        cased = (re.escape(one) if one != one.lower() else f"(?i:{re.escape(one)})" for one in longest_first)
        edges = (r"(?<!\w)", r"(?!\w)") if is_spaced(language) else ("", "")
        return re.findall(f"{edges[0]}(?:{'|'.join(cased)}){edges[1]}", text)

    def _check(self, wishes: Sequence[tuple[str, ...]]) -> None:
        for wish in wishes:
            for other in self.forbid:
                if all(Phrase(other, True).stands_in(one.encode()) for one in wish):
                    raise RequestError(f'"{wish[0]}" cannot be required where "{other}" is forbidden; leave out one')


def missed(text: str, wishes: Sequence[Sequence[str]], forbid: Sequence[str], spaced: bool) -> list[str]:
    """The phrases that an output should have and does not, and those that it should not and does."""
    every = {*(one for wish in wishes for one in wish), *forbid}
    stands = {one for one in every if Phrase(one, spaced).stands_in(text.encode())}
    return [wish[0] for wish in wishes if stands.isdisjoint(wish)] + [one for one in forbid if one in stands]
