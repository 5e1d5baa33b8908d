"""The corpus: sentences drawn from a seed, said in both languages, no source twice."""

from random import Random
from string import Formatter

from s2s.config.errors import RequestError
from s2s.data.phrases.expressions import DRAWS, Expression
from s2s.data.phrases.names import Names, shared_names
from s2s.data.phrases.voice import Voice

_FRAMES = (
    "{country}, {day}: {money}",
    "{moment}: {country} ({language})",
    "{days}: {country:standard}",
    "{country} – {country}: {length}, {duration}",
    "{country} ({language:standard}): {number}",
    "{country}, {time}: {temperature}, {pressure}, {percent}",
    "{hours}: {language:or}",
    "{distance}: {money:or}",
    "{mass}, {volume}: {money} ({percent})",
    "{country:or}, {distance}",
    "{day}: {power}, {energy}",
    "{number} ({percent}): {area:standard}",
    "{speed:or}, {distance}",
    "{digital:standard} ({frequency}): {money}",
)
"""How timetables, price lists and notices are set in any language: values and punctuation. `:or` and `:standard` ask
for a list of two or three, joined as the language joins alternatives or members."""


def phrases(languages: tuple[str, str], sizes: dict[str, int], seed: int) -> dict[str, tuple[list[str], list[str]]]:
    """Return source and target lines for each split of `sizes`; a source is in one split only, and once.

    A pure function of its arguments and of Babel's version. Raises RequestError for a language CLDR does not cover.
    """
    if languages[0] == languages[1]:
        raise RequestError(f"languages: both are {languages[0]}; phrases need two")
    voices = Voice(languages[0]), Voice(languages[1])
    names = shared_names(*voices)
    random = Random(seed)
    seen: set[str] = set()
    splits: dict[str, tuple[list[str], list[str]]] = {}
    for split, size in sizes.items():
        sources, targets = splits.setdefault(split, ([], []))
        while len(sources) < size:
            source, target = _sentence(random, names, voices)
            if source not in seen:
                seen.add(source)
                sources.append(source)
                targets.append(target)
    return splits


def _sentence(random: Random, names: Names, voices: tuple[Voice, Voice]) -> tuple[str, str]:
    """Draw two frames, fill them, and say them in both languages."""
    parts = [part for frame in random.sample(_FRAMES, 2) for part in (*_fill(frame, random, names), "; ")][:-1]
    source, target = ("".join(part if isinstance(part, str) else part(voice) for part in parts) for voice in voices)
    return source, target


def _fill(frame: str, random: Random, names: Names) -> list[str | Expression]:
    """Return the frame's punctuation and, between it, values drawn."""
    parts: list[str | Expression] = []
    for punctuation, kind, style, _ in Formatter().parse(frame):
        parts.append(punctuation)
        if kind:
            drawn = [DRAWS[kind](random, names) for _ in range(random.randint(2, 3) if style else 1)]
            parts.append(_joined(drawn, style) if style else drawn[0])
    return parts


def _joined(items: list[Expression], style: str) -> Expression:
    return lambda voice: voice.join([item(voice) for item in items], style)
