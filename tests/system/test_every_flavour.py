"""What every flavour has: exact resume, and answers that do not depend on what else is asked."""

from random import Random
from typing import Any

import pytest

from s2s.bundle.load import load
from s2s.config.experiment import PAIRS
from s2s.inference.load import PREDICTORS
from s2s.training.run import train
from s2s.training.validation_callback import ValidationCallback
from tests.system.flavours import prepare, several, small
from tests.training.runs import assert_same, contents
from tests.training.tiny import silent

OWN = {("text", "text"), ("image", "ctc"), ("image", "text"), ("none", "next")}
"""Pairs whose resume has tests of its own, of more moments and options."""


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair not in OWN], ids="-".join)
def test_a_run_that_stopped_goes_on_to_the_bit(pair, tmp_path, monkeypatch):
    data, _ = prepare(*pair, tmp_path)
    config = small(*pair, steps=4)
    train(config, data, tmp_path / "whole", device="cpu", threads=1, console=silent())
    step_end = ValidationCallback.on_step_end

    def stop(self: Any, trainer: Any, module: Any, batch: Any) -> None:
        step_end(self, trainer, module, batch)
        trainer.should_stop = trainer.should_stop or trainer.global_step == 2

    with monkeypatch.context() as patch:
        patch.setattr(ValidationCallback, "on_step_end", stop)
        train(config, data, tmp_path / "halted", device="cpu", threads=1, console=silent())
    train(config, data, tmp_path / "halted", resume=True, device="cpu", threads=1, console=silent())
    assert_same(contents(tmp_path / "whole"), contents(tmp_path / "halted"))


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair != ("none", "next")], ids="-".join)
def test_answers_are_the_same_alone_together_and_shuffled(pair, tmp_path):
    data, _ = prepare(*pair, tmp_path)
    train(small(*pair), data, tmp_path / "run", device="cpu", threads=1, console=silent())
    bundle = load(tmp_path / "run")
    bundle.model.double()
    predictor: Any = PREDICTORS[bundle.config.task].from_bundle(bundle)
    inputs = several(*pair, data)
    together = predictor(inputs)
    assert len({one.text for one in together} | {str(one) for one in together}) > 1
    order = Random(1).sample(range(len(inputs)), len(inputs))
    shuffled = predictor([inputs[place] for place in order])
    for place, one in enumerate(inputs):
        others = (predictor(one), shuffled[order.index(place)])
        assert {other.text for other in others} == {together[place].text}
        for name in ("probabilities", "score", "confidence"):
            wanted = getattr(together[place], name, None)
            assert all(getattr(other, name, None) == pytest.approx(wanted, abs=1e-9) for other in others)
