"""One language's way to say a date, an amount, a list: Babel's formatting, with plain spaces."""

import datetime
from collections.abc import Sequence
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_time, format_timedelta, get_datetime_format
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit

from s2s.config.errors import RequestError

Length = Literal["full", "long"]
Unit = Literal["minute", "hour", "day", "week", "month", "year"]

# CLDR typesets with no-break, narrow and thin spaces; text people type has plain ones.
_PLAIN = str.maketrans(dict.fromkeys("\u00a0\u202f\u2009", " ") | dict.fromkeys("\u200e\u200f", ""))


class Voice:
    """Says the same values in one locale; what two voices say of them are translations of each other."""

    def __init__(self, language: str):
        """Raise RequestError where CLDR does not know the language."""
        try:
            self.locale = Locale.parse(language.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            raise RequestError(
                f'languages: CLDR, which phrases are made from, has no "{language}"; use a code such as en, de or pt_BR'
            ) from None

    def date(self, day: datetime.date, length: Length) -> str:
        """Say a day; `length` is full (with its weekday) or long."""
        return _plain(format_date(day, length, self.locale))

    def time(self, clock: datetime.time) -> str:
        """Say hour and minute."""
        return _plain(format_time(clock, "short", locale=self.locale))

    def date_and_time(self, moment: datetime.datetime, length: Length) -> str:
        """Say a day and the hour and minute of it, in the language's order."""
        pattern = str(get_datetime_format(length, self.locale)).replace("'", "")
        return _plain(pattern.replace("{0}", self.time(moment.time())).replace("{1}", self.date(moment, length)))

    def span(self, first: datetime.date, last: datetime.date) -> str:
        """Say from which to which day."""
        return _plain(format_interval(first, last, "yMMMMd", locale=self.locale))

    def distance(self, duration: datetime.timedelta, unit: Unit) -> str:
        """Say how long ago (negative) or in how long, in whole units: `3 weeks ago`."""
        # An unreachable threshold keeps Babel from changing to a larger unit.
        return _plain(format_timedelta(duration, unit, 1e9, add_direction=True, locale=self.locale))

    def number(self, value: float) -> str:
        """Say a number."""
        return _plain(format_decimal(value, locale=self.locale))

    def percent(self, value: float) -> str:
        """Say a share, 0.125, with at most one decimal: `12.5%`."""
        pattern = self.locale.percent_formats[None].pattern.replace("0", "0.#", 1)
        return _plain(format_percent(value, pattern, locale=self.locale))

    def money(self, value: float, currency: str) -> str:
        """Say an amount with the currency's name in full: `3.50 Swiss francs`."""
        return _plain(format_currency(value, currency, locale=self.locale, format_type="name"))

    def quantity(self, value: float, unit: str) -> str:
        """Say a measure with the unit's name in full: `12.5 kilometers`."""
        # CLDR leaves the long name out where it is the short one; Babel then says the unit's code.
        long = format_unit(value, unit, "long", locale=self.locale)
        return _plain(format_unit(value, unit, "short", locale=self.locale) if unit in long else long)

    def country(self, code: str) -> str:
        """Name a country or territory; empty where the language has no name for it."""
        return _plain(self.locale.territories.get(code) or "")

    def language(self, code: str) -> str:
        """Name a language; empty where this one has no name for it."""
        return _plain(self.locale.languages.get(code) or "")

    def join(self, items: Sequence[str], style: str) -> str:
        """Join items as the language joins a list: `A, B, and C` (standard) or `A, B, or C` (or)."""
        patterns = self.locale.list_patterns[style]
        if len(items) < 3:
            return _plain(patterns["2"].format(*items) if len(items) == 2 else items[0])
        text = patterns["start"].format(items[0], items[1])
        for item in items[2:-1]:
            text = patterns["middle"].format(text, item)
        return _plain(patterns["end"].format(text, items[-1]))


def _plain(text: str) -> str:
    return " ".join(text.translate(_PLAIN).split())
