"""Line i of a file is line i, whatever its characters; anything else is refused with its place."""

import bz2
import gzip
import io
import lzma
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s2s.config.errors import RequestError, WorkError
from s2s.text.lines import BYTE_ORDER_MARK, CARRIAGE_RETURN, cut, iter_lines, read_lines, write_lines
from s2s.text.packed import unpacked

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


PACK = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}


@pytest.mark.parametrize("kind", PACK)
@given(content=st.binary(max_size=3000), size=st.integers(1, 400))
def test_packed_streams_are_unpacked_however_they_arrive(kind: str, content: bytes, size: int) -> None:
    packed = PACK[kind](content) + PACK[kind](b"more") + b"\0" * 512
    chunks = (packed[start : start + size] for start in range(0, len(packed), size))
    assert b"".join(unpacked(chunks, "it")) == content + b"more"


@given(content=st.one_of(st.binary(max_size=50), st.just(b"BZh"), st.just(b"BZh9 is text")), size=st.integers(1, 9))
def test_what_is_not_packed_stays_as_it_is(content: bytes, size: int) -> None:
    if not content.startswith(b"\x1f\x8b"):
        chunks = (content[start : start + size] for start in range(0, len(content), size))
        assert b"".join(unpacked(chunks, "it")) == content


@pytest.mark.parametrize("kind", PACK)
def test_packed_files_are_known_by_their_content_and_damaged_ones_named(kind: str, tmp_path: Path) -> None:
    packed = PACK[kind](b"one\ntwo\n" * 500)
    (tmp_path / "text").write_bytes(packed)
    assert read_lines(tmp_path / "text") == ["one", "two"] * 500
    for damaged in (packed[:-9], packed[:20] + b"\xff\xff\xff" + packed[23:]):
        (tmp_path / "text").write_bytes(damaged)
        with pytest.raises(RequestError, match=f"text is a damaged {kind} file .*; fetch it again"):
            read_lines(tmp_path / "text")


@given(chunks=st.lists(st.text("a\n", max_size=5).map(str.encode)))
def test_lines_do_not_depend_on_how_a_stream_is_cut(chunks: list[bytes]) -> None:
    assert list(cut(chunks, "t")) == list(io.BytesIO(b"".join(chunks)))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_utf16_is_read_where_it_says_so_and_named_where_it_does_not(encoding: str, tmp_path: Path) -> None:
    path, removed = tmp_path / "text", Counter()
    path.write_bytes("\ufeffläuft 🐕\r\nzwei\n".encode(encoding))
    assert read_lines(path, removed) == ["läuft 🐕", "zwei"]
    assert removed[f"file in {encoding[:6].upper()}"] == 1
    if encoding != "utf-32-le":
        path.write_bytes("läuft\n".encode(encoding))
        order = encoding[-2:].upper()
        with pytest.raises(RequestError, match=f"text looks like UTF-16 .*`iconv -f UTF-16{order} -t UTF-8`"):
            read_lines(path)
    path.write_bytes("\ufeffab".encode(encoding)[:-1])
    with pytest.raises(RequestError, match="is damaged"):
        read_lines(path)


def test_windows_1252_is_named_with_what_it_reads(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes("it’s über".encode("cp1252"))
    with pytest.raises(
        RequestError, match=r'should read "it’s über", it is Windows-1252: .*iconv -f WINDOWS-1252 -t UTF-8'
    ):
        read_lines(path)
    path.write_bytes(b"\x81\x8d")
    with pytest.raises(RequestError, match="convert the file to UTF-8"):
        read_lines(path)


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
