"""A damaged model directory is refused in a sentence or is a model that runs, within bounded memory and time."""

import json
import shutil
import struct
from random import Random

import numpy as np
import pytest

from s2s.bundle.card import card
from s2s.bundle.load import load
from s2s.bundle.save import save
from s2s.inference.recognizer import Recognizer
from s2s.inference.translator import Translator
from tests.bars import draw, random_bundle
from tests.fuzz.bounded import alarm, bounded
from tests.fuzz.cases import Outcomes, cases
from tests.tiny import tiny_bundle

pytestmark = pytest.mark.fuzz
VALUES = [None, True, -1, 0, 3, 2**31, 2**70, 10**400, 0.5, 1e300, "", "x", "\ud800", [], {}, [1, 2], {"a": 1}]


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A translator and a recogniser on disk."""
    folder = tmp_path_factory.mktemp("bundles")
    translator, reader = tiny_bundle(max_source=30), random_bundle()
    for bundle in (translator, reader):
        bundle.info.update(
            data={"path": "data/x", "fingerprint": "0" * 16, "terms": "free"},
            scores={"cer": {"value": 1.5, "low": 1.0, "high": 2.0, "signature": "s", "split": "val"}},
            training={"command": "s2s train", "seed": 1, "step": 3},
        )
        save(folder / bundle.config.task, bundle)
    return folder


def use(path):
    with alarm():
        bundle = load(path)
        card(bundle).encode()
        if bundle.config.task == "translation":
            Translator.from_bundle(bundle)(["A dog"])
        else:
            Recognizer.from_bundle(bundle)([np.array(draw("abc"))])


def flipped(content: bytes, random: Random, most: int) -> bytes:
    changed = bytearray(content)
    for _ in range(random.choice([1, 1, 2, 8])):
        changed[random.randrange(min(len(changed), most))] = random.choice(
            [0, 0x22, 0x2D, 0x39, 0xFF, random.randrange(256)]
        )
    return bytes(changed)


def places(value, path=()):
    """Every place in plain values, as keys and indices that lead to it."""
    yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*path, key))


def config_changed(folder, random: Random) -> str:
    """One value of config.json is another, or its key is another."""
    file = folder / "config.json"
    document = json.loads(file.read_text())
    *way, last = random.choice([place for place in places(document) if place])
    inside = document
    for key in way:
        inside = inside[key]
    if isinstance(inside, dict) and random.random() < 0.2:
        inside[random.choice(["x", "", "task", "charset"])] = inside.pop(last)
    else:
        inside[last] = random.choice(VALUES)
    text = json.dumps(document)
    if random.random() < 0.1:
        text = text.replace(": 1", random.choice([": NaN", ": Infinity", ": 1e999", ': 1, "a": 1, "a"']), 1)
    file.write_text(text)
    return "config, a value"


def header_changed(folder, random: Random) -> str:
    """One value in the header of the weights is another."""
    file = folder / "model.safetensors"
    content = file.read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + size])
    name = random.choice(list(header))
    key = random.choice(list(header[name]))
    number = random.choice([0, -1, 1, 2**31, 2**62, 2**64])
    header[name][key] = random.choice(
        ["F64", "BF16", "I64", "BOOL", "F8_E4M3", [], [number], [number, number], [0, number], None]
    )
    new = json.dumps(header).encode()
    size = random.choice([len(new)] * 4 + [2**63, 2**31, len(new) - 1])
    file.write_bytes(struct.pack("<Q", size) + new + content[8 + struct.unpack("<Q", content[:8])[0] :])
    return "weights, header"


def file_changed(folder, random: Random) -> str:
    """Some bytes of one file are others, most of them at its start, or it is cut, empty or gone."""
    file = random.choice([file for file in sorted(folder.iterdir()) if file.name != "README.md"])
    content = file.read_bytes()
    way = random.choice(["bytes", "bytes", "bytes", "cut", "empty", "gone"])
    if way == "gone":
        file.unlink()
    else:
        changed = flipped(content, random, random.choice([len(content), 2000, 16]))
        file.write_bytes({"bytes": changed, "cut": content[: random.randrange(len(content))], "empty": b""}[way])
    return f"{'vocabulary' if file.name in ('subwords.model', 'charset.json') else file.stem}, {way}"


def test_a_damaged_bundle_is_refused_or_runs(sound, tmp_path):
    with Outcomes("bundles") as outcomes, bounded():
        for random in cases(40):
            folder = tmp_path / "case"
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(sound / random.choice(["translation", "recognition"]), folder)
            kind = random.choice([config_changed, header_changed, file_changed])(folder, random)
            outcomes.add(kind, lambda folder=folder: use(folder))
