"""A model knows what was usual in validation, so that what is not can be pointed out."""

import pytest

from s2s.bundle.load import load
from s2s.inference.ordinary import LEAST, Ordinary
from s2s.inference.translator import Translator
from s2s.training.run import train
from tests.training.tiny import numbers, silent, tiny, write_dataset


@pytest.mark.parametrize("count", [LEAST - 1, 2 * LEAST])
def test_the_model_kept_knows_what_was_usual_in_validation(tmp_path, count):
    pairs = numbers()
    splits = {"train": pairs.keep(list(range(200))), "val": pairs.keep(list(range(200, 200 + count)))}
    data = write_dataset(tmp_path / "data", splits)
    config = tiny(validation={"metric": "bleu", "beam": 1})
    train(config, data, tmp_path / "run", command="s2s train", device="cpu", console=silent())
    bundle = load(tmp_path / "run")
    translator = Translator.from_bundle(bundle)
    if count < LEAST:
        assert translator.ordinary is None
        return
    results = translator(splits["val"].source, beam=1)
    assert translator.ordinary == Ordinary.of(results)
    assert translator.ordinary.examples == sum(bool(result.text) for result in results)
    assert sum(result.unlike_training is not None for result in results) <= 2
    assert "ordinary" in (tmp_path / "run" / "model" / "README.md").read_text()
