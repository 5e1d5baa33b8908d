import io
import os
import threading
import time

import pytest

from s2s.config.errors import RequestError
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
