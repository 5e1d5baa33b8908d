r"""Tables as text: which delimiter, whether quotes enclose fields, and the rows.

Quoting is guessed so that no line can get lost. Quotes enclose, as in RFC 4180, only where every field that begins with
one ends with one, no other field holds one, and either

- the delimiter is no tab, and all rows have as many columns, or
- without quoting some rows have another number of columns, with it none has, and only such rows are joined, or
- rows and columns are the same both ways, and in each column all fields are quoted, or those alone that hold a quote or
  (Excel's way) a comma.

In a table of sentences as Tatoeba's, where a quotation mark is a quotation mark, that does not hold.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from s2s.config.errors import RequestError

_HEADED = 3
_QUOTED_FOR = ({'"'}, {'"', ","}, {'"', ";"})  # what Excel quotes a field for, in any table, by country
NAMES = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}


@dataclass(frozen=True)
class Rows:
    """A table, and how it was read."""

    rows: list[list[str]]
    lines: list[int]
    """The number of the line that each row begins with, from 1."""
    delimiter: str
    quoted: bool

    @property
    def usual(self) -> int:
        """How many columns most rows have."""
        return (
            Counter(len(row) for row in self.rows if any(row)).most_common(1)[0][0] if any(map(any, self.rows)) else 0
        )

    @property
    def odd(self) -> list[int]:
        """The lines of the rows that have another number of columns; blank ones apart."""
        usual = self.usual
        return [line for line, row in zip(self.lines, self.rows, strict=True) if any(row) and len(row) != usual]


def read_rows(lines: Sequence[str], where: str, delimiters: Sequence[str], quoting: str, columns: int) -> Rows:
    """The rows of a table under the first of the `delimiters` that suits it, else under the first of them.

    `quoting` is csv, none or auto; `columns` is the fewest that a row needs. RequestError, with `where` and line, for
    quoting that is asked for and broken.
    """
    tables = [_read(lines, where, delimiter, quoting) for delimiter in delimiters]
    return next((table for table in tables if table.usual >= columns and not table.odd), tables[0])


def _read(lines: Sequence[str], where: str, delimiter: str, quoting: str) -> Rows:
    plain = Rows([line.split(delimiter) for line in lines], list(range(1, len(lines) + 1)), delimiter, quoted=False)
    if quoting == "none" or not any('"' in line for line in lines):
        return plain
    parsed = _parse("\n".join(lines), delimiter)
    if isinstance(parsed, int):
        if quoting == "csv":
            raise RequestError(
                f"{where}, line {parsed}: a field with a quotation mark is not quoted as in CSV, where it is enclosed "
                "in quotes and those inside are doubled; mend it, or set read.quoting to none"
            )
        return plain
    rows, starts, marks = parsed
    table = Rows(rows, starts, delimiter, quoted=True)
    return table if quoting == "csv" or _encloses(plain, table, marks) else plain


def _encloses(plain: Rows, table: Rows, marks: list[list[bool]]) -> bool:
    """Whether the quotes of a table that can be read either way enclose its fields, as the module says."""
    if plain.delimiter != "\t":
        return not table.odd
    if odd := set(plain.odd):
        ends = [*table.lines[1:], len(plain.rows) + 1]
        joined = [range(start, end) for start, end in zip(table.lines, ends, strict=True) if end - start > 1]
        return not table.odd and all(not odd.isdisjoint(lines) for lines in joined)
    if list(map(len, plain.rows)) != list(map(len, table.rows)):
        return False
    for column in range(table.usual):
        fields = [(row[column], one[column]) for row, one in zip(table.rows, marks, strict=True) if len(row) > column]
        body = fields[1:] if len(fields) > _HEADED else fields  # a header may be bare where all else is quoted
        every = all(quoted for text, quoted in body if text)
        if not every and not any(
            all(quoted == bool(special & {*text}) for text, quoted in fields) for special in _QUOTED_FOR
        ):
            return False
    return True


def _parse(text: str, delimiter: str) -> tuple[list[list[str]], list[int], list[list[bool]]] | int:
    """Rows, their first lines, and which fields are quoted; or the line of a field whose quotes cannot enclose."""
    separator = re.escape(delimiter)
    field = re.compile(rf'(?:"((?:[^"]++|"")*+)"|([^"\n{separator}]*+))({separator}|\n|\Z)')
    rows: list[list[str]] = [[]]
    starts, marks = [1], [list[bool]()]
    place, line = 0, 1
    while True:
        found = field.match(text, place)
        if found is None:
            return line
        quoted, plain, end = found.groups()
        rows[-1].append(plain if quoted is None else quoted.replace('""', '"'))
        marks[-1].append(quoted is not None)
        line += found[0].count("\n")
        place = found.end()
        if not end:
            return rows, starts, marks
        if end == "\n":
            rows.append([])
            marks.append([])
            starts.append(line)
