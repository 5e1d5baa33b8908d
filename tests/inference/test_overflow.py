"""Weights that are finite, and overflow as soon as the model computes: a sentence, never a text."""

import math

import numpy as np
import pytest
import torch

from s2s.config.errors import WorkError
from s2s.inference.options import Sampling
from s2s.inference.recognizer import Recognizer
from s2s.inference.translator import Translator
from tests.bars import draw, random_bundle
from tests.tiny import TEXT, tiny_bundle

SENTENCE = "^the model computes probabilities that are not numbers, .*; use another checkpoint or a fresh copy of it$"


def overflowing(model):
    """Make every tensor of weights as large as it can be in turn; gives its name."""
    for name, weights in list(model.named_parameters()):
        if "backbone" in name and "0" not in name:  # they are many, and alike
            continue
        before = weights.detach().clone()
        with torch.no_grad():
            weights.copy_(weights.sign() * 3e38)
        yield name
        with torch.no_grad():
            weights.copy_(before)


@pytest.mark.parametrize("options", [{"beam": 1}, {"beam": 3}, {"sampling": Sampling(), "n_best": 2}], ids=str)
def test_a_translator_that_overflows_says_so_or_gives_finite_scores(options):
    bundle = tiny_bundle()
    translate, broken = Translator.from_bundle(bundle), set()
    for name in overflowing(bundle.model):
        try:
            results = translate(TEXT[:2], **options)
        except WorkError as error:
            broken.add(name)
            with pytest.raises(WorkError, match=SENTENCE):
                raise error
        else:
            assert all(math.isfinite(one.score) for result in results for one in result.n_best)
    assert broken


@pytest.mark.parametrize("beam", [1, 3])
@pytest.mark.parametrize("decoder", ["ctc", "attention"])
def test_a_reader_that_overflows_says_so_or_gives_probabilities(decoder, beam):
    bundle = random_bundle(model={"decoder": decoder})
    reader, broken = Recognizer(bundle), set()
    for name in overflowing(bundle.model):
        try:
            results = reader([draw("abc"), np.zeros((32, 100), np.uint8)], beam=beam)
        except WorkError as error:
            broken.add(name)
            with pytest.raises(WorkError, match=SENTENCE):
                raise error
        else:
            assert all(0 <= one.confidence <= 1 for one in results)
    assert broken


def test_only_the_beams_of_live_hypotheses_are_looked_at():
    """What a model computes after the end of a sentence does not matter."""
    bundle = tiny_bundle()
    translate = Translator.from_bundle(bundle)
    wanted = [result.text for result in translate(TEXT[:6])]
    step = bundle.model.decoder.step

    def after_the_end(tokens, bound, state):
        output = step(tokens, bound, state)
        output.logits.masked_fill_((tokens == 3).unsqueeze(2), torch.nan)
        return output

    bundle.model.decoder.step = after_the_end
    assert [result.text for result in translate(TEXT[:6])] == wanted
    assert [result.text for result in translate(TEXT[:6], beam=1)] == [
        result.text for result in Translator.from_bundle(tiny_bundle())(TEXT[:6], beam=1)
    ]
