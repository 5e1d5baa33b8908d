"""Line i of a file is line i, whatever its characters; anything else is refused with its place."""

import gzip
import io
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s.config.errors import RequestError, WorkError
from s2s.text.lines import BYTE_ORDER_MARK, CARRIAGE_RETURN, iter_lines, read_lines, write_lines

LINE = st.text().map(lambda text: text.replace("\n", "")).filter(lambda text: not text.endswith("\r"))


@pytest.mark.parametrize("name", ["lines.txt", "lines.txt.gz"])
@given(lines=st.lists(LINE).filter(lambda lines: not lines or not lines[0].startswith("\ufeff")))
def test_written_lines_are_read_back(name: str, lines: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("lines") / name
    write_lines(path, lines)
    removed: Counter[str] = Counter()
    assert read_lines(path, removed) == lines
    assert not removed


def test_only_line_feeds_end_lines(tmp_path: Path) -> None:
    path = tmp_path / "odd.txt"
    path.write_bytes("one\u2028still\x0cone\x85\rend\n\n \nlast".encode())
    assert read_lines(path) == ["one\u2028still\x0cone\x85\rend", "", " ", "last"]


def test_what_windows_adds_is_taken_away_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "windows.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\r\r\nthree\n\xef\xbb\xbffour")
    removed: Counter[str] = Counter()
    assert read_lines(path, removed) == ["one", "two\r", "three", "\ufefffour"]
    assert removed == {BYTE_ORDER_MARK: 1, CARRIAGE_RETURN: 2}


@pytest.mark.parametrize(("content", "lines"), [(b"", []), (b"\n", [""]), (b"\n\n", ["", ""]), (b"a", ["a"])])
def test_line_counts_at_the_edges(content: bytes, lines: list[str]) -> None:
    assert list(iter_lines(io.BytesIO(content), "standard input")) == lines


def test_gzip_is_known_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "packed.txt").write_bytes(gzip.compress(b"one\ntwo\n"))
    assert read_lines(tmp_path / "packed.txt") == ["one", "two"]


def test_a_stream_gives_each_line_as_it_comes() -> None:
    given_out: list[bytes] = []

    def stream():
        for line in (b"one\n", b"two\n"):
            given_out.append(line)
            yield line

    lines = iter_lines(stream(), "standard input")
    assert next(lines) == "one"
    assert given_out == [b"one\n"]


def test_other_encodings_are_refused_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes("one\nläuft\n".encode("latin-1"))
    with pytest.raises(RequestError, match=r"latin\.txt, line 2: byte 0xE4 at place 2 is not UTF-8"):
        read_lines(path)


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(RequestError, match="cannot read"):
            read_lines(path)
    whole = gzip.compress(b"some text " * 1000)
    for damaged in (whole[:-20], whole[:12] + b"\xff\xff\xff" + whole[15:]):
        (tmp_path / "damaged.gz").write_bytes(damaged)
        with pytest.raises(RequestError, match="damaged gzip"):
            read_lines(tmp_path / "damaged.gz")


def test_a_line_break_inside_a_line_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="line 2: the text has a line break"):
        write_lines(tmp_path / "out.txt", ["fine", "not\nfine"])
    assert not (tmp_path / "out.txt").exists()


def test_an_unwritable_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(WorkError, match="cannot write"):
        write_lines(tmp_path / "no" / "folder.txt", ["line"])


def test_a_line_or_a_number_of_lines_that_no_text_has_is_refused_before_it_takes_the_memory(tmp_path, monkeypatch):
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(bytes(100_000_000), 1))
    with pytest.raises(RequestError, match="line 1 has more than 67,108,864 bytes"):
        read_lines(tmp_path / "bomb.gz")
    monkeypatch.setattr("s2s.text.lines.MAX_LINES", 1000)
    (tmp_path / "many.gz").write_bytes(gzip.compress(b"\n" * 1001))
    with pytest.raises(RequestError, match="1,000 lines"):
        read_lines(tmp_path / "many.gz")
