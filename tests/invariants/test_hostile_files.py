"""Whatever is in a file: it is read, or refused by a RequestError of one line. Nothing else ever comes out."""

import json
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from s2s.config.errors import RequestError
from s2s.config.experiment import Experiment, read_experiment
from s2s.config.picture_recipe import PictureRecipe
from s2s.config.recipe import Aligned, Json, Lines, Recipe, Table
from s2s.config.recipes import read_recipe
from s2s.data.place import Place
from s2s.data.readers.aligned import read_aligned
from s2s.data.readers.json_lines import read_json_lines
from s2s.data.readers.table import read_table
from s2s.image.load import load
from s2s.text.charset import Charset
from s2s.text.lines import read_lines

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=4),
    max_leaves=12,
)
NASTY = st.sampled_from(
    [
        *(b"\xff\xfe\x00", b"\xef\xbb\xbf", b"\r\n\r", b"\xe2\x80\xa8", b"\xed\xa0\x80", b"\0\0", b"\x1f\x8b\x08"),
        *(b"%YAML 9.9\n---", b"!!python/object/apply:os.system [ls]", b"&a [*a, *a]", b"[" * 3000, b"{a: " * 500),
        *(b"- - - -", b"<<: 3", b"0x", b"1e999", b".nan", b"? ", b"\t", b"x: y: z", b'{"a": 1e400}', b"9" * 5000),
    ]
)
BYTES = (
    st.binary(max_size=60)
    | NASTY
    | st.lists(NASTY, max_size=3).map(b"".join)
    | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
PICTURES = [
    (kind, (lambda file: (Image.new(mode, (9, 7), 77).save(file, kind), file.getvalue())[1])(BytesIO()))
    for kind, mode in (
        ("PNG", "L"),
        ("PNG", "P"),
        ("JPEG", "RGB"),
        ("BMP", "RGB"),
        ("GIF", "P"),
        ("TIFF", "L"),
        ("PPM", "L"),
    )
]


def read_or_refused(read: Callable[[], object]) -> object:
    """What came of it; a refusal must be one line."""
    said = "a line"
    try:
        return read()
    except RequestError as refusal:
        said = str(refusal)
    assert said
    assert "\n" not in said
    return None


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("hostile")


@given(content=BYTES)
def test_lines(folder, content):
    (folder / "x.txt").write_bytes(content)
    lines = read_or_refused(lambda: read_lines(folder / "x.txt"))
    if lines is not None and not content.startswith(b"\x1f\x8b"):
        assert len(lines) == content.count(b"\n") + (content[-1:] not in (b"\n", b""))


@given(one=BYTES, other=BYTES)
def test_parallel_texts(folder, one, other):
    for name, content in (("a", one), ("b", other), ("t", one), ("j", b'{"a": "x", "b": ["y"]}\n' + other)):
        (folder / name).write_bytes(content)
    place = Place(str(folder), "the test")
    for read in (
        lambda: read_aligned(Lines({"train": Aligned("a", "b")}), place),
        lambda: read_table(Table({"train": "t"}), place, ("en", "de")),
        lambda: read_json_lines(Json({"train": "j"}, "a", "b"), place),
    ):
        reading = read_or_refused(read)
        for pairs in () if reading is None else reading.splits.values():
            assert len(pairs.source) == len(pairs.target)
            assert not any("\n" in text for text in (*pairs.source, *pairs.target))


@pytest.mark.parametrize(("read", "kinds"), [(read_recipe, (Recipe, PictureRecipe)), (read_experiment, Experiment)])
@given(content=BYTES | PLAIN.map(lambda values: yaml.safe_dump(values, allow_unicode=True).encode()))
def test_recipes_and_configs(folder, read, kinds, content):
    (folder / "x.yaml").write_bytes(content)
    found = read_or_refused(lambda: read(folder / "x.yaml"))
    assert found is None or isinstance(found, kinds)


@given(content=BYTES | PLAIN.map(lambda values: json.dumps(values, default=str).encode()))
@example(content=b'{"characters": "\\ud800"}')
def test_charsets(folder, content):
    (folder / "charset.json").write_bytes(content)
    found = read_or_refused(lambda: Charset.load(folder / "charset.json"))
    assert found is None or len(found) > 4


@given(picture=st.sampled_from(PICTURES), data=st.data())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_pictures(picture, data):
    content = bytearray(picture[1])
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    pixels = read_or_refused(lambda: load(bytes(content[: data.draw(st.integers(0, len(content)))])))
    assert pixels is None or (pixels.dtype == np.uint8 and pixels.shape[2:] == (3,))
