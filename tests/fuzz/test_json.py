"""Whatever stands in a JSON file of ours: plain values, finite and shallow, or a ValueError of one line."""

import json
import math
from random import Random

import pytest

from s2s.config.errors import RequestError
from s2s.config.plain_json import DEEPEST, parse_json
from s2s.data.report import FILE, read_report
from s2s.text.charset import Charset
from tests.fuzz.cases import Outcomes, cases

pytestmark = pytest.mark.fuzz
PARTS = [
    *'{}[]:,"\\-+.eE019 \n\t',
    '"a"',
    "NaN",
    "Infinity",
    "1e999",
    "9" * 5000,
    "\\ud800",
    "null",
    "true",
    '{"a":',
    "[" * 99,
]
SOUND = [
    b'{"format": 1, "normalisation": "NFC", "characters": "abc"}',
    b'{"languages": ["en", "de"], "splits": {}, "examples": {}, "fingerprint": "0", "format": 1, "s2s": "0"}',
]


def changed(content: bytes, random: Random) -> bytes:
    for _ in range(random.choice([1, 1, 2, 5])):
        at = random.randrange(len(content) + 1)
        part = random.choice(PARTS).encode() if random.random() < 0.8 else random.randbytes(2)
        content = content[:at] + part + content[at + random.choice([0, 0, 1, 9]) :]
    return content


def plain(value, depth: int = 0) -> None:
    assert depth <= DEEPEST
    assert not isinstance(value, float) or math.isfinite(value)
    assert not isinstance(value, int) or math.isfinite(float(value))
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        plain(inner, depth + 1)


def parse(content: bytes) -> None:
    try:
        value = parse_json(content)
    except ValueError as error:
        raise RequestError(str(error)) from None
    plain(value)
    assert value == json.loads(content.decode("utf-8-sig"))


def test_damaged_json_is_refused_or_plain(tmp_path):
    with Outcomes("json") as outcomes:
        for random in cases(300):
            content = changed(random.choice(SOUND), random)
            outcomes.add("values", lambda content=content: parse(content))
            outcomes.add("charset.json", lambda content=content: Charset.parse(content, "here"))
            (tmp_path / FILE).write_bytes(content)
            outcomes.add("report.json", lambda: read_report(tmp_path))
