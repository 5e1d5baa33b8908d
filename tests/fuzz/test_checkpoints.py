"""A damaged or hostile checkpoint is refused in a sentence or is a model that runs, within bounded memory and time."""

import io
import pickletools
import struct
import zipfile
from random import Random

import pytest
import torch

from s2s.bundle.load import load
from s2s.inference.translator import Translator
from tests.bundle.test_checkpoint import checkpoint
from tests.fuzz.bounded import alarm, bounded
from tests.fuzz.cases import Outcomes, cases
from tests.tiny import tiny_bundle

pytestmark = pytest.mark.fuzz


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A checkpoint's bytes, where they are, and where cases are written."""
    folder = tmp_path_factory.mktemp("checkpoints")
    return checkpoint(tiny_bundle(max_source=30), folder).read_bytes(), folder / "case.ckpt"


def use(path):
    with alarm():
        Translator.from_bundle(load(path))(["A dog"])


def entries(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def archive(files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", compression) as out:
        for name, content in files.items():
            out.writestr(name, content)
    return written.getvalue()


def flipped(content: bytes, random: Random, start: int = 0) -> bytes:
    changed = bytearray(content)
    for _ in range(random.choice([1, 1, 2, 8])):
        changed[random.randrange(start, len(changed))] = random.choice([0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)])
    return bytes(changed)


def bytes_changed(content: bytes, random: Random) -> bytes:
    return flipped(content, random)


def directory_changed(content: bytes, random: Random) -> bytes:
    return flipped(content, random, content.index(b"PK\1\2"))


def cut(content: bytes, random: Random) -> bytes:
    return content[: random.randrange(len(content))]


def pickle_changed(content: bytes, random: Random) -> bytes:
    files = entries(content)
    name = next(name for name in files if name.endswith("data.pkl"))
    return archive(files | {name: flipped(files[name], random)})


def opcode_changed(content: bytes, random: Random) -> bytes:
    """One instruction of the pickle left out, repeated, or with another number behind it."""
    files = entries(content)
    name = next(name for name in files if name.endswith("data.pkl"))
    places = [place for _, _, place in pickletools.genops(files[name])] + [len(files[name])]
    at = random.randrange(1, len(places) - 1)
    before, one, after = (
        files[name][: places[at]],
        files[name][places[at] : places[at + 1]],
        files[name][places[at + 1] :],
    )
    new = random.choice([b"", one * 2, b"J" + struct.pack("<i", random.choice([-1, 0, 2**31 - 1])), b"N", b"}", b"]"])
    return archive(files | {name: before + new + after})


def entry_changed(content: bytes, random: Random) -> bytes:
    """One entry emptied, cut, doubled, or gone."""
    files = entries(content)
    name = random.choice(list(files))
    old = files.pop(name)
    return archive(
        files | random.choice([{}, {name: b""}, {name: old[:-1]}, {name: old * 2}, {name: old, name + "x": old}])
    )


VALUES = [
    None,
    True,
    -1,
    2**70,
    float("inf"),
    float("nan"),
    "",
    "x" * 9,
    "[" * 5000,
    "{}",
    [],
    {},
    [[]],
    {"a": 1},
    b"a",
]


def value_changed(content: bytes, random: Random) -> bytes:
    """Anything in the place of anything that it holds, or a tensor of another kind in the place of a tensor."""
    holds = torch.load(io.BytesIO(content), weights_only=True)
    place = random.choice([holds, holds["s2s"], holds["s2s"], holds["s2s"], holds["state_dict"]])
    key = random.choice(list(place))
    tensors = [
        torch.zeros(9),
        torch.zeros(2, 2, dtype=torch.int64),
        torch.zeros(1).expand(10**9),
        torch.zeros(3, dtype=torch.uint8),
    ]
    if isinstance(place[key], torch.Tensor):
        old = place[key]
        tensors += [old.to(torch.complex64), old.bool(), old.half(), old.double(), old[:0], old.to("meta"), old * 0 - 1]
    if isinstance(place[key], str) and random.random() < 0.5:
        place[key] = flipped(place[key].encode(), random).decode("latin-1")
    else:
        place[key] = random.choice([*VALUES, *tensors])
    written = io.BytesIO()
    torch.save(holds, written)
    return written.getvalue()


def compressed(content: bytes, random: Random) -> bytes:
    return archive(entries(content) | {"archive/data/0": bytes(10**7)}, zipfile.ZIP_DEFLATED)


def calls(content: bytes, random: Random) -> bytes:
    """A pickle that calls something that torch allows and that takes memory, or what it does not allow."""
    what = random.choice(
        ["builtins\nbytearray", "torch\nTensor", "torch.storage\nUntypedStorage", "builtins\nset", "os\nsystem"]
    )
    argument = random.choice([b"\x8a\x06" + struct.pack("<Q", 10**11)[:6], b"X\x02\0\0\0ls", b"]"])
    files = {"archive/data.pkl": b"\x80\x02c" + what.encode() + b"\n" + argument + b"\x85R.", "archive/version": b"3\n"}
    return archive(files)


CHANGES = [
    bytes_changed,
    directory_changed,
    cut,
    pickle_changed,
    opcode_changed,
    entry_changed,
    value_changed,
    compressed,
    calls,
]


def test_a_damaged_checkpoint_is_refused_or_runs(sound):
    content, path = sound
    with Outcomes("checkpoints") as outcomes, bounded():
        for random in cases(25):
            change = random.choice(CHANGES)
            path.write_bytes(change(content, random))
            outcomes.add(change.__name__, lambda: use(path))
