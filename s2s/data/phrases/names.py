"""Names that both languages have and that translate one way only."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from babel.core import get_global

from s2s.config.errors import RequestError
from s2s.data.phrases.voice import Voice

UNITS = {
    "area": "acre hectare square-centimeter square-foot square-kilometer square-meter square-mile square-yard",
    "digital": "bit byte gigabyte kilobyte megabyte terabyte",
    "duration": "century day decade hour millisecond minute month second week year",
    "energy": "calorie joule kilocalorie kilojoule kilowatt-hour",
    "frequency": "gigahertz hertz kilohertz megahertz",
    "length": "centimeter foot inch kilometer light-year meter mile millimeter nautical-mile yard",
    "mass": "carat gram kilogram milligram ounce pound ton tonne",
    "power": "horsepower kilowatt megawatt watt",
    "pressure": "atmosphere bar hectopascal millibar",
    "speed": "kilometer-per-hour knot meter-per-second mile-per-hour",
    "temperature": "celsius fahrenheit kelvin",
    "volume": "barrel centiliter cubic-meter gallon hectoliter liter milliliter pint tablespoon teaspoon",
}
"""Measures of everyday texts by kind; `length-mile` is CLDR's name of one."""


@dataclass(frozen=True)
class Names:
    """CLDR codes whose names exist in both languages and are unambiguous from source to target."""

    countries: tuple[str, ...]
    currencies: tuple[str, ...]
    languages: tuple[str, ...]
    units: tuple[str, ...]


def shared_names(source: Voice, target: Voice) -> Names:
    """Return what can be named in both languages.

    Raises RequestError where a kind has none: CLDR covers little of the language.
    """

    def shared(codes: Iterable[str], say: Callable[[Voice, str], str]) -> tuple[str, ...]:
        return _one_way({code: (say(source, code), say(target, code)) for code in sorted(codes)})

    names = Names(
        countries=shared(_countries(source), Voice.country),
        currencies=shared(_tender(), _currency),
        languages=shared(_official_languages(), Voice.language),
        units=shared((f"{kind}-{unit}" for kind in UNITS for unit in UNITS[kind].split()), _unit),
    )
    have = vars(names) | {f"units of {kind}": [u for u in names.units if u.startswith(f"{kind}-")] for kind in UNITS}
    for kind, codes in have.items():
        if not codes:
            raise RequestError(
                f"languages: CLDR has no {kind} that both {source.locale} and {target.locale} name; "
                "choose two languages it covers better"
            )
    return names


def _countries(voice: Voice) -> set[str]:
    # Codes of ISO 3166 that are set aside for users name no country; Kosovo's is the one in common use.
    codes = {str(code) for code in voice.locale.territories}
    reserved = {code for code in codes if code[0] == "X" or code in ("ZZ", "QO", "EU", "EZ", "UN")}
    return {code for code in codes if code.isalpha()} - reserved | {"XK"}


def _tender() -> set[str]:
    """Return the currencies some country pays with today."""
    return {
        currency
        for history in get_global("territory_currencies").values()
        for currency, _, end, tender in history
        if tender and not end
    }


def _official_languages() -> set[str]:
    return {
        language
        for spoken in get_global("territory_languages").values()
        for language, status in spoken.items()
        if status["official_status"] in ("official", "de_facto_official")
    }


# Where a language has no name Babel says the code, which no text would.
def _currency(voice: Voice, code: str) -> str:
    return voice.money(2, code) if voice.locale.currencies.get(code, code) != code else ""


def _unit(voice: Voice, code: str) -> str:
    text = voice.quantity(2, code)
    return "" if code in text else text


def _one_way(names: dict[str, tuple[str, str]]) -> tuple[str, ...]:
    """Return the codes named in both languages, without a remark in brackets, whose source name has one translation."""
    translations = defaultdict(set)
    for source, target in names.values():
        translations[source].add(target)
    return tuple(
        code
        for code, (source, target) in names.items()
        if source and target and "(" not in source + target and len(translations[source]) == 1
    )
