"""Scores while training say of what they are, and a run goes on with the examples that it was begun with."""

import numpy as np
import pytest
import torch

from s2s.bundle.load import load
from s2s.cli.main import main
from s2s.config.training import SearchValidation
from s2s.training.chosen import choose
from s2s.training.run import train
from tests.training.tiny import silent, tiny


def config(steps):
    return tiny(training={"steps": steps}, validation={"every": 2, "examples": 5})


def test_a_part_of_the_examples_is_drawn_by_the_seed():
    some = SearchValidation(examples=20)
    one, same, other = (choose(1000, some, seed, True) for seed in (1, 1, 2))
    assert np.array_equal(one.rows, same.rows)
    assert not np.array_equal(one.rows, other.rows)
    assert list(one.rows) == sorted(set(one.rows.tolist()))
    assert one.rows.max() > 500
    assert one.words == "beam 1, 20 of 1,000 examples, drawn by seed 1"


@pytest.mark.parametrize("examples", [0, 1000, 5000])
def test_all_examples_are_decoded_unless_fewer_are_asked_for(examples):
    chosen = choose(1000, SearchValidation(examples=examples, beam=3), 1, True)
    assert chosen.rows.tolist() == list(range(1000))
    assert chosen.words == "beam 3, all 1,000 examples"


def test_the_card_and_check_say_what_a_score_is_of(data, tmp_path, capsys):
    train(config(2), data, tmp_path / "run", console=silent())
    of = "beam 1, 5 of 12 examples, drawn by seed 1"
    assert load(tmp_path / "run").info["scores"]["bleu"]["decoded"] == of
    assert f"| val, {of} |" in (tmp_path / "run" / "model" / "README.md").read_text()
    assert main(["check", str(tmp_path / "run")]) == 0
    assert f" on val ({of})" in capsys.readouterr().out


def test_a_run_that_was_begun_with_the_first_examples_goes_on_with_them(data, tmp_path):
    train(config(2), data, tmp_path / "run", console=silent())
    path = tmp_path / "run" / "checkpoints" / "last.ckpt"
    checkpoint = torch.load(path, weights_only=True)
    del checkpoint["s2s"]["drawn"], checkpoint["callbacks"]["validation"]["best_tie"]
    torch.save(checkpoint, path)
    for steps in (4, 6):  # and so does the one that goes on from there
        outcome = train(config(steps), data, tmp_path / "run", resume=True, console=silent())
        assert outcome.decoded == "beam 1, the first 5 of 12 examples"
