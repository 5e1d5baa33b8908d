"""Label tables of any content: every picture is accounted for, and none comes from outside."""

import json
import random

import pytest
from PIL import Image

from s2s.data.images.store import open_pictures
from s2s.data.images.table import NAMES
from tests.fuzz.cases import Outcomes, cases

pytestmark = pytest.mark.fuzz

NAMED = [
    "a.png",
    "sub/b.png",
    "./a.png",
    "sub/../a.png",
    "../out.png",
    "link.png",
    "sub",
    "",
    "\ud800.png",
    "\0",
    "x" * 5000,
]
TEXTS = ["word", "", "\ud800", "a\nb", "\x1b[2J", "ä", '"', "\\", "\ufeff", "\u2028", "x" * 3000]
RAW = [
    b"\t",
    b",",
    b'"',
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"{",
    b"[" * 2000,
    b"\xef\xbb\xbf",
    b"\x1f\x8b\x08",
    b"9" * 5000,
]


@pytest.fixture
def folder(tmp_path):
    """Two pictures, and one outside that a symlink leads to."""
    (tmp_path / "in" / "sub").mkdir(parents=True)
    for place in ("in/a.png", "in/sub/b.png", "out.png"):
        Image.new("L", (9, 7)).save(tmp_path / place)
    (tmp_path / "in" / "link.png").symlink_to(tmp_path / "out.png")
    return tmp_path / "in"


def table(name: str, values: random.Random) -> bytes:
    rows = [(values.choice(NAMED), values.choice(TEXTS)) for _ in range(values.randrange(8))]
    form = values.choice(["\t", ",", " ", "quoted", "json", "json", "raw"])
    if form == "raw":
        return b"".join(values.choice([*RAW, b"a.png", b"text"]) for _ in range(values.randrange(12)))
    if form == "json":
        written = "\n".join(json.dumps({"file_name": one, "text": text}) for one, text in rows)
    elif form == "quoted":
        written = "\n".join(f'{one}, "{text}"' for one, text in rows)
    else:
        written = "\n".join(f"{one}{form}{text}" for one, text in rows)
    content = bytearray(written.encode("utf-8", "surrogatepass"))
    for _ in range(values.choice([0, 0, 1, 5]) if content else 0):
        content[values.randrange(len(content))] = values.randrange(256)
    return bytes(content)


def test_any_label_table_accounts_for_every_picture_or_is_refused(folder):
    with Outcomes("label tables") as outcomes:
        for values in cases(150):
            name = values.choice(NAMES)
            (folder / name).write_bytes(table(name, values))

            def read() -> object:
                data = open_pictures(folder)
                found = data.read("all")
                seen = {one.path.resolve() for one in found.examples}
                assert all(path.is_relative_to(folder.resolve()) for path in seen)
                named = [problem.name for problem in found.problems]
                for own in (folder / "a.png", folder / "sub" / "b.png", folder / "link.png"):
                    assert own in seen or any(name.endswith(own.name) for name in named)
                json.dumps([str(problem) for problem in found.problems]).encode()
                for problem in found.problems:
                    str(problem).encode()
                    assert len(str(problem).splitlines()) == 1
                return len(data.fingerprint)

            outcomes.add(name.partition(".")[2], read)
            (folder / name).unlink()
