"""The texts in lines of input: the lines themselves, or a field of JSON lines."""

import json
from collections.abc import Iterable, Iterator

from s2s.config.errors import RequestError
from s2s.config.nearest import did_you_mean

KEY = "source"
"""The field that is read where none is named, as in datasets."""


def plain(lines: Iterable[str], name: str) -> Iterator[str]:
    """The lines of `name` as they are. RequestError where the first that is not blank is a JSON object."""
    first = True
    for number, line in enumerate(lines, start=1):
        if first and line.strip():
            first = False
            found = _object(line)
            if found is not None:
                texts = [key for key, value in found.items() if isinstance(value, str)]
                key = KEY if KEY in texts or not texts else texts[0]
                raise RequestError(
                    f"{name}, line {number}: this looks like JSON lines; translate one field with --input jsonl "
                    f"--key {key}, or the lines as they are with --input text"
                )
        yield line


def field(lines: Iterable[str], name: str, key: str) -> Iterator[str]:
    """The text of the field `key` of each line of `name`, blank for a blank line; RequestError where there is none."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            yield ""
            continue
        found = _object(line)
        if found is None:
            raise RequestError(f"{name}, line {number}: not a JSON object; translate plain text with --input text")
        text = found.get(key)
        if not isinstance(text, str):
            problem = f'"{key}" is not a string' if key in found else f'no field "{key}"'
            texts = [other for other, value in found.items() if isinstance(value, str)]
            raise RequestError(f"{name}, line {number}: {problem} (--key){did_you_mean(key, texts) if texts else ''}")
        yield text


def _object(line: str) -> dict[str, object] | None:
    """The JSON object of a line, if it is one."""
    if not line.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
