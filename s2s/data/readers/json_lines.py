"""One JSON object a line."""

import json
from typing import Any

from s2s.config.errors import RequestError
from s2s.config.plain_json import parse_json
from s2s.config.recipe import Json
from s2s.data.pairs import Pairs, Reading, one_line
from s2s.data.place import Place
from s2s.text.lines import read_lines


def read_json_lines(recipe: Json, place: Place) -> Reading:
    """Read every split's objects; raises RequestError for a missing file, a line that is no object or lacks a text."""
    reading = Reading({})
    for name, file in recipe.splits.items():
        path = place.need(file)
        pairs = reading.splits[name] = Pairs([], [])
        for number, line in enumerate(read_lines(path, pairs.changed), start=1):
            if not line.strip():  # a blank pair, which cleaning counts as one
                pairs.source.append("")
                pairs.target.append("")
                continue
            where = f"{path}, line {number}"
            try:
                row = parse_json(line)
            except json.JSONDecodeError as error:
                raise RequestError(f"{where}: not a JSON object ({error.msg}, character {error.pos + 1})") from None
            except ValueError as error:
                raise RequestError(f"{where}: not a JSON object ({error})") from None
            pairs.source.append(one_line(pick(row, recipe.source, where), pairs.changed))
            pairs.target.append(one_line(pick(row, recipe.target, where), pairs.changed))
    return reading


def pick(row: Any, key: str, where: str) -> str:
    """Return the text under a dotted key of nested objects; raises RequestError, opening with `where`, without one."""
    value = row
    for part in key.split("."):
        if not isinstance(value, dict) or part not in value:
            known = (
                ", ".join(map(str, value)) if isinstance(value, dict) else f"a {type(value).__name__}, not an object"
            )
            raise RequestError(f'{where}: no "{part}" for the key "{key}"; there is {known}')
        value = value[part]
    if not isinstance(value, str):
        raise RequestError(f'{where}: "{key}" is a {type(value).__name__}, not a text')
    return value
