"""Models whose decoder has no way through time but its last output, from their training to their answers."""

import os
import signal
from pathlib import Path

import pytest

import s2s
from benchmarks.bigrams import measure
from s2s.bundle.load import load
from s2s.cli.evaluation import evaluate_language
from s2s.cli.main import main
from s2s.config.text_recipe import Text, TextRecipe
from s2s.data.plain_text import prepare_text
from s2s.inference.language_model import LanguageModel
from s2s.training.interruption import Interruption
from s2s.training.run import train
from tests.system.test_language_model import COUNT, config
from tests.training.runs import assert_same, contents
from tests.training.tiny import EVERYTHING, silent, tiny, write_numbers

OUTPUT = {"embedding": 12, "hidden": 12, "recurrence": "output"}
STILL = {"embedding": 32, "dropout": 0.0, "embedding_dropout": 0.0}


@pytest.fixture(scope="module")
def text(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("text")
    (folder / "count.txt").write_text("".join(f"{line}\n" for line in COUNT))
    prepare_text(TextRecipe(Text({"train": "count.txt"}, hold_out={"val": 0.2})), folder / "data", folder=folder)
    return folder / "data"


def test_a_language_model_comes_to_what_counted_bigrams_have_and_to_no_less(text, tmp_path):
    settings = config(
        model={"decoder": {"recurrence": "output", "cell": "rnn", "hidden": 32, **STILL}},
        training={"steps": 250},
        validation={"every": 250},
    )
    train(settings, text, tmp_path / "run", device="cpu", threads=1, console=silent())
    (counted,) = measure(str(tmp_path / "run"), str(text), ["val"])
    model = LanguageModel(load(tmp_path / "run"))
    (found,) = evaluate_language(model, f"{text}:val").scores(("bits_per_character",)).scores
    assert counted.entropy < found.value < 1.05 * counted.counted
    # Each digit stands twice, so that after one comes itself or the end of the line: a bit that memory would save.
    assert counted.entropy > 0.6


@pytest.fixture(scope="module")
def numbers(tmp_path_factory) -> Path:
    return write_numbers(tmp_path_factory.mktemp("data") / "numbers")


def settings(kind: str):
    return tiny(**EVERYTHING, model={"decoder": OUTPUT, "attention": {"kind": kind, "size": 12}})


@pytest.mark.parametrize("kind", ["multihead", "none"])
def test_a_translator_is_resumed_to_the_bit_and_travels(numbers, tmp_path, kind, monkeypatch, capsys):
    step = Interruption.on_step_end

    def terminate(self, trainer, task, batch):
        if trainer.global_step == 7:
            os.kill(os.getpid(), signal.SIGTERM)
        step(self, trainer, task, batch)

    def run(name, **options):
        return train(settings(kind), numbers, tmp_path / name, device="cpu", threads=1, console=silent(), **options)

    run("whole")
    monkeypatch.setattr(Interruption, "on_step_end", terminate)
    assert run("parts").step == 7
    monkeypatch.undo()
    run("parts", resume=True)
    assert_same(contents(tmp_path / "parts"), contents(tmp_path / "whole"))
    translator = s2s.load(tmp_path / "whole", "cpu")
    texts = ["one two", "eight", "", "three three three four"]
    assert [one.text for one in translator(texts)] == [translator(text).text for text in texts]
    assert main(["check", str(tmp_path / "whole")]) == 0
    assert "12 lstm, output recurrence" in capsys.readouterr().out
    assert "LSTM with output recurrence of 12 units" in (tmp_path / "whole" / "model" / "README.md").read_text()
