"""Typed values out of plain ones: where the type of every field of a config is checked."""

import math
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from s2s.config.describe import describe, in_words
from s2s.config.document import Place
from s2s.config.errors import RequestError
from s2s.config.nearest import did_you_mean


def dotted(place: Place) -> str:
    """A place as users write it: `read.splits.train`, `languages[1]`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")


def _shown(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"' if len(value) <= 60 else f'"{value[:57]}..."'
        case Mapping():
            return "a section"
        case list() | tuple():
            return "a list"
        case _:
            return str(value)


@dataclass(frozen=True)
class Builder:
    """Builds typed values; knows where the plain ones came from."""

    root: type
    """The dataclass of the whole config."""
    where: str
    """Name of the origin, for messages."""
    lines: Mapping[Place, int] = field(default_factory=dict)
    """Lines of the values in a file, as far as there is one."""
    overridden: frozenset[Place] = frozenset()
    """Places whose values come from the command line."""
    sections: Mapping[Place, type] = field(default_factory=dict)
    """Classes that take the place of those of some fields, because they depend on other values."""

    def error(self, place: Place, message: str) -> RequestError:
        """An error about the value at `place`."""
        for length in range(len(place), -1, -1):
            if (part := place[:length]) in self.overridden:
                return RequestError(f"--{dotted(part)}: {message}")
            if part and part in self.lines:
                return RequestError(f"{self.where}, line {self.lines[part]}: {message}")
        if made := next((each for each in sorted(self.overridden) if each[: len(place)] == place), None):
            return RequestError(f"--{dotted(made)}: {message}")
        return RequestError(f"{self.where}: {message}")

    def wrong(self, place: Place, kind: Any, value: Any) -> RequestError:
        """An error about a value of another type than `kind`."""
        must = {"text": "text in quotes"} if not isinstance(value, str | Mapping | list | tuple | NoneType) else {}
        words = in_words(kind)
        return self.error(
            place, f"{dotted(place) or 'this'} must be {must.get(words, _article(words))}, not {_shown(value)}"
        )

    def build(self, value: Any, kind: Any, place: Place) -> Any:
        """`value` as `kind`."""
        kind = self.sections.get(place, kind)
        origin = get_origin(kind)
        if is_dataclass(kind):
            return self.section(value, kind, place)
        if origin is Literal:
            return self.choice(value, kind, place)
        if origin in (Union, UnionType):
            return self.alternative(value, kind, place)
        if origin in (list, tuple):
            return self.sequence(value, kind, place)
        if origin is dict:
            if not isinstance(value, Mapping):
                raise self.wrong(place, kind, value)
            return {key: self.build(item, get_args(kind)[1], (*place, key)) for key, item in value.items()}
        return self.scalar(value, kind, place)

    def scalar(self, value: Any, kind: type, place: Place) -> Any:
        """A bool, int, float or str."""
        if kind is float and type(value) is int and abs(value) < 2**1023:
            value = float(value)
        if kind is int and type(value) is float and value.is_integer() and abs(value) <= 2**53:
            value = int(value)  # 1e5
        if type(value) is not kind or (isinstance(value, float) and not math.isfinite(value)):
            raise self.wrong(place, kind, value)
        return value

    def choice(self, value: Any, kind: Any, place: Place) -> Any:
        """One of the values of a Literal; `32` also means "32"."""
        choices = get_args(kind)
        for candidate in (value, str(value)):
            if any(candidate == choice and type(candidate) is type(choice) for choice in choices):
                return candidate
        hint = did_you_mean(str(value), map(str, choices))
        raise self.error(place, f"{dotted(place)} cannot be {_shown(value)}{hint}")

    def sequence(self, value: Any, kind: Any, place: Place) -> Any:
        """A list, a tuple of one type, or a tuple of fixed length."""
        if not isinstance(value, list | tuple):
            raise self.wrong(place, kind, value)
        kinds = get_args(kind)
        if get_origin(kind) is tuple and kinds[-1] is not ...:
            if len(value) != len(kinds):
                raise self.error(place, f"{dotted(place)} must have {len(kinds)} items, not {len(value)}")
        else:
            kinds = (kinds[0],) * len(value)
        items = [self.build(item, kinds[i], (*place, i)) for i, item in enumerate(value)]
        return items if get_origin(kind) is list else tuple(items)

    def alternative(self, value: Any, kind: Any, place: Place) -> Any:
        """None or something, one of several scalars, or one of several dataclasses distinguished by their `kind`."""
        kinds = [alternative for alternative in get_args(kind) if alternative is not NoneType]
        literal = next((one for one in kinds if get_origin(one) is Literal), None)
        if literal is not None:
            if isinstance(value, str):
                return self.choice(value, literal, place)
            kinds.remove(literal)
        if value is None and len(kinds) < len(get_args(kind)):
            return None
        if len(kinds) == 1:
            return self.build(value, kinds[0], place)
        if not all(is_dataclass(alternative) for alternative in kinds):
            for alternative in kinds:
                if type(value) is alternative:
                    return self.scalar(value, alternative, place)
            raise self.wrong(place, kind, value)
        if not isinstance(value, Mapping):
            raise self.wrong(place, kinds[0], value)
        by_name = {name: each for each in kinds for name in get_args(get_type_hints(each)["kind"])}
        if "kind" not in value:
            raise self.error(place, f'{dotted(place)} needs the key "kind", one of {", ".join(by_name)}')
        name = self.choice(value["kind"], Literal[tuple(by_name)], (*place, "kind"))
        return self.section(value, by_name[name], place)

    def section(self, value: Any, kind: Any, place: Place) -> Any:
        """A dataclass; its own ValueError is reported with the line of the key it names."""
        if value is None:
            value = {}  # `encoder:` with nothing under it
        if not isinstance(value, Mapping):
            raise self.wrong(place, kind, value)
        hints, names = get_type_hints(kind), {each.name for each in fields(kind)}
        for key in value:
            if key not in names:
                raise self.unknown(kind, (*place, key))
        absent = {key: None for key in names - value.keys() if (*place, key) in self.sections}
        given = {key: self.build(item, hints[key], (*place, key)) for key, item in {**value, **absent}.items()}
        inside = f" in {dotted(place)}" if place else ""
        for each in fields(kind):
            if each.name not in given and each.default is MISSING and each.default_factory is MISSING:
                raise self.error(place, f'the key "{each.name}" is missing{inside}')
        try:
            return kind(**given)
        except ValueError as error:
            named = next(((key,) for key in given if re.search(rf"\b{key}\b", str(error))), ())
            message = f"in {dotted(place)}: {error}" if place else str(error)
            raise self.error((*place, *named), message) from None

    def unknown(self, kind: type, place: Place) -> RequestError:
        """An error about a key that `kind` does not have; one of that name elsewhere is named."""
        *section, key = place
        inside = f" in {dotted(tuple(section))}" if section else ""
        elsewhere = [f'"{each.name}"' for each in describe(self.root, self.sections) if each.name.split(".")[-1] == key]
        if elsewhere:
            hint = f"; did you mean {' or '.join(elsewhere)}?"
        else:
            hint = did_you_mean(str(key), [each.name for each in fields(kind)])
        return self.error(place, f'unknown key "{key}"{inside}{hint}')


def _article(words: str) -> str:
    return f"a {words}" if words.split()[0] in ("whole", "number", "list", "section") else words
