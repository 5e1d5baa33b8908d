"""YAML text as plain values, and the line each of them stands on.

The scalars are those of YAML 1.2: `no` is a language and not false, `1e-3` is a number, `12:30` is text. Tags,
anchors and repeated keys are refused, so that a file holds exactly what it shows.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from s2s.config.errors import RequestError
from s2s.config.regular import read_regular

Place = tuple[str | int, ...]
"""Keys and list indices that lead from the top of a document to a value."""

_MOST_BYTES = 2**20  # of a file
_TAG = "tag:yaml.org,2002:"
_SCALARS = {
    "null": (re.compile(r"(?:~|null|)$"), ["~", "n", ""]),
    "bool": (re.compile(r"(?:true|false)$"), list("tf")),
    "int": (re.compile(r"[-+]?[0-9]+$"), list("-+0123456789")),
    "float": (
        re.compile(r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan)$"),
        list("-+.0123456789"),
    ),
}


@dataclass(frozen=True)
class Document:
    """What a YAML file holds."""

    where: str
    """The file's name, for messages."""
    values: Any
    """Mappings with text keys, lists, text, numbers, booleans and None."""
    lines: Mapping[Place, int] = field(default_factory=dict)
    """Line of every value, counted from 1; of a mapping's entry, the line of its key."""


class _Loader(yaml.SafeLoader):
    """PyYAML's parser with the scalars of YAML 1.2 and without anchors."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.MarkedYAMLError(None, None, "anchors and aliases are not supported", event.start_mark)
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {}
for _name, (_pattern, _first) in _SCALARS.items():
    _Loader.add_implicit_resolver(_TAG + _name, _pattern, _first)


class _Dumper(yaml.SafeDumper):
    """Quotes what PyYAML's YAML 1.1 or our 1.2 would read as something other than text."""


_Dumper.add_implicit_resolver(_TAG + "float", *_SCALARS["float"])


def parse(text: str, where: str) -> Document:
    """Parse YAML; RequestError says file, line and what is wrong. An empty document is an empty mapping."""
    lines: dict[Place, int] = {}
    try:
        root = yaml.compose(text, Loader=_Loader)
        values = {} if root is None else _plain(root, (), lines, where)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise RequestError(f"{where}{line}: not valid YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise RequestError(f"{where}: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise RequestError(f"{where}: nested too deeply") from None
    return Document(where, values, lines)


def read_document(path: Path | str) -> Document:
    """Read and parse a YAML file, UTF-8; RequestError if it cannot be read."""
    try:
        text = read_regular(Path(path), _MOST_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RequestError(f"{path} is not UTF-8 text") from None
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from None
    return parse(text, str(path))


def dump(values: Mapping[str, Any]) -> str:
    """Plain values as YAML text that `parse` reads back as the same values."""
    return yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def _plain(node: yaml.Node, place: Place, lines: dict[Place, int], where: str) -> Any:
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, lines, where)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*place, index), lines, where) for index, item in enumerate(node.value)]
    return _scalar(node, where)


def _mapping(node: yaml.MappingNode, place: Place, lines: dict[Place, int], where: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise RequestError(f"{where}, line {line}: a key must be a word")
        key = key_node.value
        if key in values:
            raise RequestError(f'{where}, line {line}: "{key}" is there twice; first in line {lines[*place, key]}')
        lines[*place, key] = line
        values[key] = _plain(value_node, (*place, key), lines, where)
    return values


def _scalar(node: yaml.Node, where: str) -> Any:
    tag, text = node.tag.removeprefix(_TAG), node.value
    if tag == "str":
        return text
    if tag == "null":
        return None
    if tag == "bool" and text in ("true", "false"):
        return text == "true"
    try:
        if tag == "int":
            return int(text)
        if tag == "float":
            return float(text.replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        pass
    line = node.start_mark.line + 1
    raise RequestError(
        f"{where}, line {line}: {text[:60]!r} with the tag {node.tag} is not allowed; write plain values"
    )
