"""JSON as plain values: the one reader of every JSON file of ours, strict where Python's own is not.

Python's takes NaN and Infinity, numbers beyond every float and the last of repeated keys, and ends deep nesting with a
RecursionError, wherever it then is.
"""

import json
import math
from collections import Counter
from typing import Any, NoReturn

MAX_BYTES = 64 * 2**20
DEEPEST = 64
"""Lists and objects inside one another."""


def parse_json(content: str | bytes, most: int = MAX_BYTES) -> Any:
    """The values in a JSON text, UTF-8, of at most so many bytes (or characters, if it is text).

    ValueError says what is wrong: too much of it, no JSON, a number that is not finite, a key that is there twice, or
    more than `DEEPEST` levels.
    """
    if len(content) > most:
        raise ValueError(f"it has more than {most:,} bytes")
    text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_float=_float, parse_int=_int, parse_constant=_not_finite
        )
    except RecursionError:
        raise ValueError(f"it is nested more than {DEEPEST} levels deep") from None
    _check_depth(value)
    return value


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST + 1):
        inside = [each for each in level if isinstance(each, dict | list)]
        if not inside:
            return
        level = [child for each in inside for child in (each.values() if isinstance(each, dict) else each)]
    raise ValueError(f"it is nested more than {DEEPEST} levels deep")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        key = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the key {json.dumps(key)} is there twice")
    return values


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _not_finite(text)
    return number


def _int(text: str) -> int:
    _float(text)  # before int() meets thousands of digits
    return int(text)


def _not_finite(text: str) -> NoReturn:
    raise ValueError(f"the number {text if len(text) <= 20 else text[:17] + '...'} is not finite")
