import bz2
import gzip
import io
import lzma
import os
import threading
import time

import pytest

from s2s.config.errors import RequestError
from s2s.inference import arrivals
from s2s.inference.arrivals import PAUSE, groups


@pytest.fixture
def pipe():
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source, os.fdopen(writing, "wb", buffering=0) as sink:
        yield source, sink


@pytest.mark.parametrize("content", [b"", b"a", b"a\n", b"\n\na", b"a\nb\nc\nd\ne\nf\ng", b"x" * 200_000 + b"\ny\n"])
def test_all_lines_come_in_order(content, pipe, tmp_path):
    expected = content.decode().split("\n")
    expected = expected[:-1] if content.endswith(b"\n") or not content else expected
    (tmp_path / "file").write_bytes(content)
    with (tmp_path / "file").open("rb") as file:
        for stream in (io.BytesIO(content), file):
            found = list(groups(stream, "it", 3))
            assert [line for group in found for line in group] == expected
            assert all(0 < len(group) <= 3 for group in found)
            assert len(found) == (len(expected) + 2) // 3  # only a pause cuts a group short


def test_a_pause_ends_a_group(pipe):
    source, sink = pipe

    def write():
        sink.write(b"one\ntwo\n")
        time.sleep(8 * PAUSE)
        sink.write(b"three\nfo")
        time.sleep(8 * PAUSE)
        sink.write(b"ur\n")
        sink.close()

    writer = threading.Thread(target=write)
    writer.start()
    assert list(groups(source, "it", 100)) == [["one", "two"], ["three"], ["four"]]
    writer.join()


def test_lines_before_an_error_are_given_out():
    arriving = groups(io.BytesIO(b"a\nb\n\xff\n"), "input", 100)
    assert next(arriving) == ["a", "b"]
    with pytest.raises(RequestError, match="input, line 3"):
        next(arriving)


PACK = [gzip.compress, bz2.compress, lzma.compress]


class Dripping(io.BytesIO):
    """Gives a byte at a time."""

    def read(self, size=-1):
        return super().read(1)


@pytest.mark.parametrize("pack", PACK)
@pytest.mark.parametrize("text", [b"", b"a", b"one\n\ntwo\n", b"line\n" * 30_000, "größe\n".encode()])
def test_packed_streams_are_unpacked(pack, text, tmp_path):
    (tmp_path / "packed").write_bytes(pack(text) + pack(text))  # what cat makes of two files
    expected = (text + text).decode().split("\n")
    expected = expected if expected[-1] else expected[:-1]
    with (tmp_path / "packed").open("rb") as file:
        assert [line for group in groups(file, "it", 100) for line in group] == expected
    if len(text) < 100:
        assert [line for group in groups(Dripping(pack(text) * 2), "it", 100) for line in group] == expected


@pytest.mark.parametrize("text", [b"B", b"BZh", b"BZh9 is text\n", b"\x1f", b"\x1f\x8b"[:1] + b"\n"])
def test_text_that_begins_like_a_packed_stream_is_text(text):
    assert [line for group in groups(Dripping(text), "it", 9) for line in group] == [text.decode().removesuffix("\n")]


@pytest.mark.parametrize(("pack", "kind"), list(zip(PACK, ("gzip", "bzip2", "xz"), strict=True)))
def test_a_packed_stream_that_is_damaged_is_one_sentence_after_the_lines_before(pack, kind):
    packed = bytearray(pack(b"a line of text\n" * 5000))
    with pytest.raises(RequestError, match=f"^input: damaged {kind} data .*; send the whole file again$"):
        list(groups(io.BytesIO(bytes(packed[:-6])), "input", 100))
    packed[len(packed) // 2] ^= 0xFF
    with pytest.raises(RequestError, match=f"^input: damaged {kind} data"):
        list(groups(io.BytesIO(bytes(packed)), "input", 100))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_line_without_end_is_refused_before_it_fills_the_memory(pack, monkeypatch):
    monkeypatch.setattr(arrivals, "MOST_BYTES", 200_000)
    whole = b"one\n" + b"x" * 190_000 + b"\n"
    assert len(next(groups(io.BytesIO(pack(whole)), "input", 9))) == 2
    arriving = groups(io.BytesIO(pack(whole + bytes(2**22))), "input", 9)
    assert [len(line) for line in next(arriving)] == [3, 190_000]
    with pytest.raises(RequestError, match=r"^input, line 3: longer than 200,000 bytes; cut it into lines$"):
        next(arriving)


def test_the_pieces_of_a_long_line_are_put_together_once(monkeypatch):
    """Copying what has come so far with every piece would take time quadratic in the length."""
    copied = 0

    class Counted(bytes):
        def __add__(self, other):
            nonlocal copied
            copied += len(self)
            return Counted(bytes(self) + other)

    class Source(io.BytesIO):
        def read(self, size=-1):
            return Counted(super().read(size))

    line = b"y" * 2**22
    assert list(groups(Source(line + b"\n"), "it", 9)) == [[line.decode()]]
    assert copied <= 2 * len(line)
