"""A batch that memory cannot hold is named with the option to lower, and the model stays usable."""

import numpy as np
import pytest
import torch

from s2s.config.errors import WorkError
from s2s.inference.recognizer import Recognizer
from s2s.inference.translator import Translator
from tests.bars import draw, random_bundle
from tests.tiny import TEXT, tiny_bundle


def exhaust(*_):
    return torch.empty(1 << 55, dtype=torch.uint8)


def test_translating(monkeypatch):
    translator = Translator.from_bundle(tiny_bundle())
    translator.model.train()
    monkeypatch.setattr(translator.model, "encode", exhaust)
    with pytest.raises(WorkError, match=r"a batch of 2 texts of up to \d+ subwords; lower --batch-tokens .* than 7$"):
        translator(TEXT[:2], beam=7)
    assert translator.model.training
    monkeypatch.undo()
    assert len(translator(TEXT[:2])) == 2


def test_reading(monkeypatch):
    reader = Recognizer.from_bundle(random_bundle())
    monkeypatch.setattr(type(reader.model), "forward", exhaust)
    with pytest.raises(WorkError, match=r"a batch of 3 pictures of 32 x 64 pixels; lower --batch-pixels"):
        reader([np.array(draw("abc"))] * 3)
