"""LMDB files damaged in every way: each picture is there as it was, or the file or the picture is refused."""

import random
from pathlib import Path

import lmdb
import pytest

from s2s.data.images import lmdb as ours
from s2s.data.images.store import open_pictures
from s2s.image.load import BadImage
from tests.fuzz.cases import Outcomes, cases

pytestmark = pytest.mark.fuzz


def write(folder: Path, values: random.Random) -> bytes:
    """A database with small and large values, some of them replaced, so that it has pages of every kind."""
    folder.mkdir()
    environment = lmdb.open(str(folder), map_size=1 << 26)
    count = values.choice([1, 40, 400])
    for _ in range(2):
        with environment.begin(write=True) as transaction:
            transaction.put(b"num-samples", str(count).encode())
            for number in range(1, count + 1):
                transaction.put(b"label-%09d" % number, b"text %d" % number)
                transaction.put(b"image-%09d" % number, values.randbytes(values.choice([10, 1500, 9000])))
    environment.close()
    return (folder / "data.mdb").read_bytes()


def damage(content: bytes, kind: str, values: random.Random) -> bytes:
    page = 4096 * values.randrange(len(content) // 4096)
    match kind:
        case "cut":
            return content[: values.randrange(len(content))]
        case "bits":
            changed = bytearray(content)
            for _ in range(values.choice([1, 3, 100])):
                changed[values.randrange(len(changed))] ^= 1 << values.randrange(8)
            return bytes(changed)
        case "heads":  # where pages keep their kinds, offsets and numbers
            changed = bytearray(content)
            at = page + values.randrange(128)
            changed[at : at + 4] = values.choice([values.randbytes(4), b"\xff" * 4, bytes(4)])
            return bytes(changed)
        case "pages":
            other = 4096 * values.randrange(len(content) // 4096)
            return content[:page] + content[other : other + 4096] + content[page + 4096 :]
        case _:
            at = content.rindex(b"num-samples") + len(b"num-samples")
            return content[:at] + values.randbytes(3) + content[at + 3 :]


@pytest.mark.parametrize("kind", ["cut", "bits", "heads", "pages", "count"])
def test_a_damaged_database_is_read_or_refused(tmp_path, kind):
    with Outcomes("LMDB") as outcomes:
        for number, values in enumerate(cases(40)):
            folder = tmp_path / str(number)
            content = write(folder, values)
            (folder / "data.mdb").write_bytes(damage(content, kind, values))

            def read(folder: Path = folder) -> int:
                data = open_pictures(folder).read("all")
                read = 0
                for one in data.examples[:50]:
                    try:
                        read += len(one.content())
                    except BadImage as refusal:
                        read += len(str(refusal).splitlines()) == 1
                return read

            outcomes.add(kind, read)
            ours._open.cache_clear()
