"""What a config dataclass offers: every dotted key with its type, its default and the docstring under its field."""

import ast
import inspect
import textwrap
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from s2s.config.document import Place


@dataclass(frozen=True)
class Key:
    """One key of a config."""

    name: str
    """Dotted, from the top."""
    kind: str
    """Type in words, or the choices."""
    default: Any
    """Its default; dataclasses.MISSING if it must be given."""
    help: str
    """The field's docstring on one line."""


def describe(kind: type, sections: Mapping[Place, type] | None = None) -> tuple[Key, ...]:
    """All keys of a config dataclass, those of its sections included, in the order of their definition.

    `sections` are classes that take the place of those of some fields.
    """
    return tuple(_keys(kind, (), sections or {}))


def in_words(kind: Any) -> str:
    """A type as a user would say it: `number`, `one of a, b`, `list of text`."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return "one of " + ", ".join(map(str, arguments))
    if origin in (Union, UnionType):
        return " or ".join(in_words(argument) for argument in arguments)
    if origin in (list, tuple):
        return f"list of {in_words(arguments[0])}"
    if origin is dict:
        return f"section of {in_words(arguments[1])}"
    names = {int: "whole number", float: "number", str: "text", bool: "true or false", NoneType: "null"}
    return names.get(kind) or "section"


@cache
def field_docs(kind: type) -> dict[str, str]:
    """The docstring under each field of a dataclass, inherited ones included, on one line."""
    docs = {}
    for each in filter(is_dataclass, reversed(kind.__mro__)):
        body = ast.parse(textwrap.dedent(inspect.getsource(each))).body[0]
        assert isinstance(body, ast.ClassDef)
        for statement, following in zip(body.body, body.body[1:], strict=False):
            if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
                continue
            if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
                docs[statement.target.id] = " ".join(str(following.value.value).split())
    return docs


def _keys(kind: type, place: Place, sections: Mapping[Place, type]) -> list[Key]:
    hints, docs = get_type_hints(kind), field_docs(kind)
    found: list[Key] = []
    for field in fields(kind):
        inner = (*place, field.name)
        hint = sections.get(inner, hints[field.name])
        parts: list[type] = [
            one
            for one in (get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,))
            if isinstance(one, type) and is_dataclass(one)
        ]
        if parts:  # of several, the keys that each of them has besides those of the ones before
            for part in parts:
                found += [key for key in _keys(part, inner, sections) if all(key.name != one.name for one in found)]
        else:
            default = field.default if field.default_factory is MISSING else field.default_factory()
            found.append(Key(".".join(map(str, inner)), in_words(hint), default, docs.get(field.name, "")))
    return found
