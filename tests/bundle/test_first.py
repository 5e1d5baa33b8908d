"""Models that the first version wrote give the same words for ever.

They are kept in tests/bundle/first and are never to be made anew: a translator of three numbers, trained for 200 steps
as tests/training/tiny.py does, and a reader of bars (tests/bars.py), trained for 50.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from s2s.bundle.load import load as load_bundle
from s2s.inference.load import load
from tests.bars import draw

FIRST = Path(__file__).parent / "first"
WORDS = json.loads((FIRST / "words.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("beam", [None, 1])
def test_the_translator_gives_the_same_words(beam):
    outputs = load(FIRST / "translation")(list(WORDS["translation"]), beam=beam)
    assert [output.text for output in outputs] == list(WORDS["translation"].values())


@pytest.mark.parametrize("beam", [None, 5])
def test_the_reader_gives_the_same_words(beam):
    outputs = load(FIRST / "recognition")([np.array(draw(text)) for text in WORDS["recognition"]], beam=beam)
    assert [output.text for output in outputs] == list(WORDS["recognition"].values())


def test_they_are_the_first_ones_still():
    for name, fingerprint in WORDS["fingerprints"].items():
        bundle = load_bundle(FIRST / name)
        assert bundle.fingerprint == fingerprint
        assert json.loads((FIRST / name / "config.json").read_text(encoding="utf-8"))["s2s"] == "0.1.0"


def test_the_translator_sees_text_as_it_is():
    assert load_bundle(FIRST / "translation").config.source.vocabulary.normalization == "none"
