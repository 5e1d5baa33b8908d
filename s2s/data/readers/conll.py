"""Words and tags in columns, a word a line: CoNLL-U and the older CoNLL formats."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from s2s.config.errors import RequestError
from s2s.config.recipe import Columns, Conllu
from s2s.data.pairs import Pairs, Reading
from s2s.data.place import Place
from s2s.text.lines import read_lines
from s2s.text.tags import joined, words

MULTI_WORD = "multi-word token, whose words are read instead"
EMPTY_NODE = "empty node left out"
DOCUMENT = "-DOCSTART- line left out"
SPACE_INSIDE = "space inside a word, now a no-break space"

_ID = re.compile(r"[1-9][0-9]*(?:(-[1-9][0-9]*)|(\.[1-9][0-9]*))?|(0\.[1-9][0-9]*)")
_NAMES = {"lemma": 3, "upos": 4, "xpos": 5, "feats": 6, "deprel": 8}
_FORM = 2

Row = Callable[[str, str, Counter[str]], list[str] | None]
"""A line to the fields that count, or None if it is to be skipped; given also where it stands and what was changed."""


@dataclass
class Sentence:
    """Words and their tags; no tags where only words were asked for."""

    words: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)


def read_conll(recipe: Conllu | Columns, place: Place) -> Reading:
    """Read every split; RequestError, with file and line, for a line that is not as the format says."""
    reading = Reading({})
    rows = conllu_row(_NAMES[recipe.column]) if isinstance(recipe, Conllu) else column_row(recipe.word, recipe.tag)
    for name, file in recipe.splits.items():
        path = place.need(file)
        pairs = reading.splits[name] = Pairs([], [])
        for sentence in sentences(read_lines(path, pairs.changed), str(path), rows, pairs.changed):
            pairs.source.append(joined(sentence.words))
            pairs.target.append(joined(sentence.tags))
    return reading


def sentences(lines: Iterable[str], where: str, row: Row, changed: Counter[str]) -> Iterator[Sentence]:
    """The sentences of a file, which blank lines end; more blank lines are as good as one."""
    found = Sentence()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            if found.words:
                yield found
            found = Sentence()
            continue
        fields = row(line, f"{where}, line {number}", changed)
        if fields is None:
            continue
        word, *tag = fields
        if " " in word:
            changed[SPACE_INSIDE] += 1
        found.words.append(word)
        found.tags += tag
    if found.words:
        yield found


def conllu_row(*columns: int) -> Row:
    """Lines of CoNLL-U: the form, and the fields of `columns`, counted from 1."""

    def row(line: str, where: str, changed: Counter[str]) -> list[str] | None:
        if line.startswith("#"):
            return None
        fields = line.split("\t")
        number = _ID.fullmatch(fields[0])
        if number is None or len(fields) != 10:
            raise RequestError(
                f"{where}: not a word of CoNLL-U, which has ten columns separated by tabs and begins with its number; "
                "read other columns with `kind: columns`"
            )
        multiple, *empty = number.groups()
        if multiple or any(empty):
            changed[MULTI_WORD if multiple else EMPTY_NODE] += 1
            return None
        return _full([fields[column - 1] for column in (_FORM, *columns)], where)

    return row


def column_row(*columns: int) -> Row:
    """Lines of columns, separated by tabs or, in a line without any, by spaces; negative ones count from the end."""

    def row(line: str, where: str, changed: Counter[str]) -> list[str] | None:
        fields = line.rstrip(" \t").split("\t") if "\t" in line else words(line)
        if fields[0] == "-DOCSTART-":
            changed[DOCUMENT] += 1
            return None
        needed = max(abs(column) for column in columns)
        if len(fields) < max(needed, len(columns)):
            has = f"{len(fields)} column{'s' * (len(fields) > 1)}"
            raise RequestError(f"{where}: {has}, but {max(needed, len(columns))} are needed for a word and its tag")
        return _full([fields[column - (column > 0)] for column in columns], where)

    return row


def _full(fields: list[str], where: str) -> list[str]:
    if all(value.strip() for value in fields):
        return fields
    raise RequestError(f"{where}: a word or a tag is blank; give every word its columns")
