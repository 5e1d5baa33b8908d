"""Tables: what any writer of CSV or TSV writes is read back, and no line gets lost to a stray quotation mark."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from s2s.config.errors import RequestError
from s2s.data.delimited import read_rows

FIELD = st.text('ab ",;.', min_size=1, max_size=8)
ROWS = st.lists(st.tuples(FIELD, FIELD), min_size=1, max_size=12)
QUOTING = {"all": csv.QUOTE_ALL, "minimal": csv.QUOTE_MINIMAL}


def read(text: str, *delimiters: str, quoting: str = "auto"):
    return read_rows(text.removesuffix("\n").split("\n"), "a.tsv", delimiters or ("\t",), quoting, 2)


def written(rows, delimiter: str, quoting: int) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("quoting", QUOTING.values(), ids=QUOTING)
@given(rows=ROWS)
def test_a_table_of_a_spreadsheet_is_read_back(quoting, rows):
    for delimiter in "\t,;":
        text = written(rows, delimiter, quoting)
        assert read(text, delimiter).rows == list(map(list, rows))
        assert read(text, delimiter, quoting="csv").rows == list(map(list, rows))


@given(rows=ROWS)
@example(rows=[('"', '"')])
@example(rows=[('"a', "b"), ("c", 'd"'), ("e", "f")])
def test_no_line_of_a_regular_table_is_lost_whatever_its_quotes(rows):
    found = read("".join(f"{source}\t{target}\n" for source, target in rows))
    assert len(found.rows) == len(rows)
    assert all(len(row) == 2 for row in found.rows)


def test_quotation_marks_of_sentences_stay():
    rows = [
        ["Hi.", "Hallo."],
        ['"Run!" he said.', "Lauf"],
        ['"Go."', '"Los."'],
        ["x", 'a "b"'],
        ['"open', "auf"],
        ["y", 'to"'],
    ]
    found = read("".join("\t".join(row) + "\n" for row in rows))
    assert (found.rows, found.quoted) == (rows, False)
    stray = 'a\tb\n"c\td\ne\tf\ng"\th\n'
    assert len(read(stray).rows) == 4


def test_a_break_inside_a_field_is_one_row_and_lines_are_counted():
    found = read('a\tb\n"one\ntwo"\tc\nd\te\n')
    assert found.rows == [["a", "b"], ["one\ntwo", "c"], ["d", "e"]]
    assert found.lines == [1, 2, 4]


def test_the_delimiter_that_gives_all_rows_as_many_columns_is_taken():
    text = 'en;de\n"a, b";c\nd, e, f;g\n'
    assert (read(text, ",", ";").delimiter, read(text, ",", ";").rows[1]) == (";", ["a, b", "c"])
    assert read('"a, b",c\nd,"e;"\n', ",", ";").delimiter == ","


def test_quoting_that_is_asked_for_and_broken_is_named_with_its_line():
    with pytest.raises(RequestError, match=r"a\.tsv, line 2: .* set read\.quoting to none"):
        read('a\tb\nc "d"\te\n', quoting="csv")
