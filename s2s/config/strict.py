"""Typed configs from YAML files and plain mappings, and back. Whatever a config does not know is an error.

Every message is one sentence that says where (file and line, or the option of the command line), what is wrong and
what would be right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

from s2s.config.build import Builder
from s2s.config.document import Place, dump, parse, read_document
from s2s.config.errors import RequestError

Config = TypeVar("Config")


def read(path: Path | str, kind: type[Config], overrides: Sequence[tuple[str, str]] = ()) -> Config:
    """Read a YAML file as `kind`, a dataclass; keys it does not have take the defaults.

    `overrides` are dotted keys and their values as text, from the command line; they win over the file.
    RequestError says file, line and key.
    """
    document = read_document(path)
    values = document.values
    if not isinstance(values, dict):
        raise RequestError(f"{path}: must be a mapping of keys to values")
    for key, text in overrides:
        override(values, key, text)
    overridden = frozenset(tuple(key.split(".")) for key, _ in overrides)
    built: Config = Builder(kind, document.where, document.lines, overridden).build(values, kind, ())
    return built


def build(
    values: Any,
    kind: type[Config],
    where: str,
    lines: Mapping[Place, int],
    overridden: frozenset[Place],
    sections: Mapping[Place, type],
) -> Config:
    """A config from plain values; `sections` are classes that take the place of those of the fields."""
    built: Config = Builder(kind, where, lines, overridden, sections).build(values, kind, ())
    return built


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested sections as dotted keys."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return found


def from_dict(mapping: Mapping[str, Any], kind: type[Config], where: str) -> Config:
    """A config from plain values; `where` names their origin in the messages of RequestError."""
    built: Config = Builder(kind, where).build(mapping, kind, ())
    return built


def to_dict(config: Any) -> dict[str, Any]:
    """A config as plain values, every key present: what JSON and YAML can hold and `from_dict` reads back."""
    return {field.name: _to_plain(getattr(config, field.name)) for field in fields(config)}


def to_yaml(config: Any) -> str:
    """A config as YAML text, every key present, that `read` reads back."""
    return dump(to_dict(config))


def _to_plain(value: Any) -> Any:
    if is_dataclass(value):
        return to_dict(value)
    if isinstance(value, Mapping):
        return {key: _to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_to_plain(item) for item in value]
    return value


def override(values: dict[str, Any], key: str, text: str) -> None:
    """Put the value of `--key text` into `values`, making the sections that lead to it."""
    *sections, last = key.split(".")
    for name in sections:
        if not isinstance(values.get(name), dict):
            values[name] = {}
        values = values[name]
    try:
        values[last] = parse(text, f"--{key}").values if text.strip() else text
    except RequestError:
        values[last] = text  # not YAML, so it can only be meant as text
