"""Delimited columns: TSV and CSV."""

from s2s.config.errors import RequestError
from s2s.config.nearest import did_you_mean
from s2s.config.recipe import Table
from s2s.data.delimited import NAMES, Rows, read_rows
from s2s.data.pairs import Pairs, Reading, one_line
from s2s.data.place import Place
from s2s.text.lines import read_lines

_DELIMITERS = {"tab": "\t", "comma": ",", "semicolon": ";", "bar": "|"}
_HEADINGS = {"source", "target", "src", "tgt", "trg", "text", "translation", "sentence"}


def read_table(recipe: Table, place: Place, languages: tuple[str, str]) -> Reading:
    """Read every split's table; how is put down in `origin`.

    RequestError for a missing file, a column that is not there, or a line with too few.
    """
    reading = Reading({})
    for name, file in recipe.splits.items():
        path = place.need(file)
        pairs = reading.splits[name] = Pairs([], [])
        lines = read_lines(path, pairs.changed)
        numbers = [column for column in (recipe.source, recipe.target) if isinstance(column, int)]
        table = read_rows(lines, str(path), _candidates(recipe, lines), recipe.quoting, max(numbers, default=2))
        header = _has_header(recipe, table, languages)
        source, target = (_column(column, table, str(path)) for column in (recipe.source, recipe.target))
        rows = list(zip(table.lines, table.rows, strict=True))[header:]
        if table.delimiter != "\t" and table.odd:
            raise RequestError(
                f"{path}, line {table.odd[0]}: not {table.usual} {NAMES[table.delimiter]}-separated columns as in most "
                "lines; mend it, or set read.delimiter or read.quoting in the recipe"
            )
        for number, row in rows:
            # A blank line is a blank pair, which cleaning counts as one.
            fields = row if any(field.strip() for field in row) else [""] * max(source, target)
            if len(fields) < max(source, target):
                has = f"{len(fields)} {NAMES[table.delimiter]}-separated column{'s' * (len(fields) > 1)}"
                raise RequestError(f"{path}, line {number}: {has}, but the recipe reads column {max(source, target)}")
            pairs.source.append(one_line(fields[source - 1], pairs.changed))
            pairs.target.append(one_line(fields[target - 1], pairs.changed))
        reading.origin[f"read {path}"] = ", ".join(
            (
                f"{NAMES[table.delimiter]}-separated",
                "quotes enclose fields" if table.quoted else "quotes are text",
                f'header "{table.delimiter.join(table.rows[0])}" skipped' if header else "no header",
                f"{len(rows):,} rows",
            )
        )
    return reading


def _candidates(recipe: Table, lines: list[str]) -> list[str]:
    """The delimiters to try, the likeliest first."""
    if recipe.delimiter != "auto":
        return [_DELIMITERS[recipe.delimiter]]
    if recipe.kind == "tsv" and any("\t" in line for line in lines):
        return ["\t"]
    first = "\t" if recipe.kind == "tsv" else ","
    return sorted(NAMES, key=lambda delimiter: delimiter != first)


def _has_header(recipe: Table, table: Rows, languages: tuple[str, str]) -> bool:
    """Whether the first row names the columns: as the recipe says, or as the fields there are names of such."""
    named = [column for column in (recipe.source, recipe.target) if isinstance(column, str)]
    if named or recipe.header is not None:
        return bool(named) or recipe.header is True
    columns = [column - 1 for column in (recipe.source, recipe.target) if isinstance(column, int)]
    first = table.rows[0] if table.rows else []
    return max(columns) < len(first) and all(
        first[column].strip().casefold() in _names(languages) for column in columns
    )


def _names(languages: tuple[str, str]) -> set[str]:
    """What columns of two languages may be called, in lower case."""
    from babel import Locale, UnknownLocaleError

    names = set(_HEADINGS)
    for code in languages:
        names.add(code.casefold())
        try:
            locale = Locale.parse(code, sep="-" if "-" in code else "_")
        except (ValueError, UnknownLocaleError):
            continue
        names |= {(locale.get_language_name(way) or code).casefold() for way in ("en", code.replace("-", "_"))}
    return names


def _column(column: int | str, table: Rows, where: str) -> int:
    """The number of a column, from 1."""
    if isinstance(column, int):
        return column
    header = [name.strip() for name in table.rows[0]] if table.rows else []
    if column not in header:
        raise RequestError(f'{where}: no column "{column}"{did_you_mean(column, header)}')
    return header.index(column) + 1
