"""Random values, and how either language says them: every function draws one and returns how to say it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

from s2s.data.phrases.names import UNITS, Names
from s2s.data.phrases.voice import Length, Unit, Voice

Expression = Callable[[Voice], str]
"""A value already drawn; called with a voice it is said in that language."""

# The long and the full date only: English says 5 May alike in medium and long, German does not.
_EPOCH = date(1980, 1, 1)
_DAYS = 60 * 365
_LENGTHS: tuple[Length, ...] = ("full", "long")
_SPANS: dict[Unit, tuple[timedelta, int]] = {
    "minute": (timedelta(minutes=1), 60),
    "hour": (timedelta(hours=1), 48),
    "day": (timedelta(days=1), 60),
    "week": (timedelta(weeks=1), 40),
    "month": (timedelta(days=30), 18),
    "year": (timedelta(days=365), 50),
}


def day(random: Random, names: Names) -> Expression:
    """Draw a day, with its weekday or without."""
    value, length = _day(random), random.choice(_LENGTHS)
    return lambda voice: voice.date(value, length)


def moment(random: Random, names: Names) -> Expression:
    """Draw a day and a time of it."""
    value, length = _moment(random), random.choice(_LENGTHS)
    return lambda voice: voice.date_and_time(value, length)


def time(random: Random, names: Names) -> Expression:
    """Draw an hour and minute."""
    value = _moment(random).time()
    return lambda voice: voice.time(value)


def hours(random: Random, names: Names) -> Expression:
    """Draw two times, the earlier first."""
    first, last = sorted((_moment(random).time(), _moment(random).time()))
    return lambda voice: f"{voice.time(first)} – {voice.time(last)}"


def days(random: Random, names: Names) -> Expression:
    """Draw a first and a last day, some days or weeks apart."""
    first = _day(random)
    last = first + timedelta(days=random.randint(1, 90))
    return lambda voice: voice.span(first, last)


def distance(random: Random, names: Names) -> Expression:
    """Draw a distance in time from now: `3 weeks ago`, `in 2 years`."""
    unit = random.choice(tuple(_SPANS))
    one, most = _SPANS[unit]
    duration = random.choice((-1, 1)) * random.randint(1, most) * one
    return lambda voice: voice.distance(duration, unit)


def percent(random: Random, names: Names) -> Expression:
    """Draw a percentage, some with a decimal."""
    value = random.randint(1, 99) / 100 if random.random() < 0.5 else random.randint(1, 999) / 1000
    return lambda voice: voice.percent(value)


def number(random: Random, names: Names) -> Expression:
    """Draw a large whole number."""
    value = _large(random)
    return lambda voice: voice.number(value)


def money(random: Random, names: Names) -> Expression:
    """Draw an amount in one of the world's currencies."""
    currency = random.choice(names.currencies)
    value = _large(random) if random.random() < 0.3 else random.randint(1, 199) / 2
    return lambda voice: voice.money(value, currency)


def quantity(kind: str) -> Callable[[Random, Names], Expression]:
    """Return what draws a measure of one kind of `UNITS`: mostly a whole number, sometimes a half."""

    def draw(random: Random, names: Names) -> Expression:
        unit = random.choice([unit for unit in names.units if unit.startswith(f"{kind}-")])
        value = random.randint(1, 99) if random.random() < 0.7 else random.randint(1, 199) / 2
        return lambda voice: voice.quantity(value, unit)

    return draw


def country(random: Random, names: Names) -> Expression:
    """Draw a country or territory."""
    code = random.choice(names.countries)
    return lambda voice: voice.country(code)


def language(random: Random, names: Names) -> Expression:
    """Draw a language."""
    code = random.choice(names.languages)
    return lambda voice: voice.language(code)


DRAWS: dict[str, Callable[[Random, Names], Expression]] = {
    draw.__name__: draw
    for draw in (day, moment, time, hours, days, distance, percent, number, money, country, language)
} | {kind: quantity(kind) for kind in UNITS}
"""Every kind of value by its name in the frames of sentences."""


def _day(random: Random) -> date:
    return _EPOCH + timedelta(days=random.randrange(_DAYS))


def _moment(random: Random) -> datetime:
    return datetime.combine(_day(random), datetime.min.time()) + timedelta(minutes=5 * random.randrange(288))


def _large(random: Random) -> int:
    """Draw two leading digits and two to five zeros: numbers as people round them."""
    return random.randint(10, 99) * 10 ** random.randint(2, 5)
