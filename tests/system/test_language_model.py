"""Language models, from plain text to text that goes on."""

import io
import math
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console

import s2s
from s2s.bundle.load import load as load_bundle
from s2s.cli.main import main
from s2s.config.errors import RequestError
from s2s.config.experiment import experiment_from
from s2s.config.text_recipe import Text, TextRecipe
from s2s.data.plain_text import cut_off, prepare_text
from s2s.data.streams import NoInputs, Windows, lay_out
from s2s.inference.language_model import LanguageModel
from s2s.inference.options import Sampling
from s2s.nn.model import build_model
from s2s.nn.running import token_nll
from s2s.text.vocabulary import EOS, PAD
from s2s.training.interruption import Interruption
from s2s.training.run import train
from tests.training.runs import assert_same, contents

COUNT = [2 * str(number % 10) for number in range(600)]
"""Digits in turn, each twice: only who remembers the line before knows the next one."""


def config(**sections):
    base = {
        "source": {"kind": "none"},
        "target": {"kind": "next", "vocabulary": {"kind": "char", "size": 300}, "window": 12},
        "model": {"decoder": {"embedding": 12, "hidden": 32, "dropout": 0.0, "embedding_dropout": 0.0}},
        "batches": {"tokens": 96},
        "optimizer": {"lr": 0.02},
        "schedule": {"warmup": 5},
        "training": {"steps": 20},
        "validation": {"every": 10, "samples": 1},
    }
    return experiment_from({name: base.get(name, {}) | sections.get(name, {}) for name in base}, "here")


def run(settings, data, folder, **options):
    return train(settings, data, folder, device="cpu", threads=1, console=Console(file=io.StringIO()), **options)


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("text")
    (folder / "count.txt").write_text("".join(f"{line}\n" for line in COUNT))
    recipe = TextRecipe(Text({"train": "count.txt"}, hold_out={"val": 0.1, "test": 0.1}))
    prepare_text(recipe, folder / "data", folder=folder)
    return folder / "data"


@pytest.fixture(scope="module")
def counted(data, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "run"
    run(config(training={"steps": 150}, validation={"every": 150}), data, folder)
    return folder


def test_a_language_model_learns_to_count(counted):
    model = s2s.load(counted, "cpu")
    prompt = "".join(f"{line}\n" for line in COUNT[:30])
    expected = "".join(f"{line}\n" for line in COUNT[30:40])
    assert model.generate(prompt, len(expected), Sampling(temperature=0.1)) == expected
    ahead, back = (sum(one.log_prob for one in model.score_text(lines)) for lines in (COUNT[:40], COUNT[:40][::-1]))
    assert ahead > back / 4
    (one,) = model.score(["11"])
    assert (one.tokens, one.characters) == (4, 3)  # the space that begins a line is a token


def test_what_is_drawn_is_a_function_of_seed_and_prompt(counted):
    model = s2s.load(counted, "cpu")
    one = model.generate("1\n", 50, Sampling(temperature=3.0, seed=1))
    assert len(one) == 50
    assert one == "".join(model.stream("1\n", 50, Sampling(temperature=3.0, seed=1)))
    assert one != model.generate("1\n", 50, Sampling(temperature=3.0, seed=2))
    with pytest.raises(RequestError, match="length must be 1 or more"):
        model.generate("1", 0)


def test_commands_generate_score_and_evaluate(counted, data, tmp_path, capsys):
    assert main(["generate", str(counted), "1", "--length", "20", "--seed", "3"]) == 0
    written = capsys.readouterr().out
    assert written.startswith("1")
    assert len(written) == 22
    (tmp_path / "lines.txt").write_text("11\n\n192\n")
    assert main(["generate", str(counted), "--score", str(tmp_path / "lines.txt")]) == 0
    out, err = capsys.readouterr()
    rows = [row.split("\t") for row in out.splitlines()]
    assert [(row[1], row[2]) for row in rows] == [("4", "11"), ("1", ""), ("5", "192")]
    loss = -sum(float(row[0]) for row in rows) / 10
    assert f"perplexity {math.exp(loss):.2f}" in err
    assert main(["evaluate", str(counted), f"{data}:test", "--json", str(tmp_path / "report.json")]) == 0
    assert "bits_per_character" in capsys.readouterr().out
    assert main(["evaluate", str(counted), f"{data}:test", "--metrics", "bleu"]) == 2
    assert main(["check", str(counted)]) == main(["check", str(data)]) == 0
    assert main(["translate", str(counted)]) == 2
    assert "use it with s2s generate" in capsys.readouterr().err


def test_validation_and_evaluation_agree(counted, data):
    bundle = load_bundle(counted)
    from s2s.cli.evaluation import evaluate_language

    found = evaluate_language(LanguageModel(bundle), f"{data}:val").scores(("perplexity", "bits_per_character"))
    for score in found.scores:
        assert score.value == pytest.approx(bundle.info["scores"][score.name]["value"], rel=1e-5)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_run_that_is_resumed_goes_on_to_the_bit(data, tmp_path, cell, monkeypatch):
    dropped = {"decoder": {"cell": cell, "embedding": 8, "hidden": 12, "weight_drop": 0.2, "layers": 2}}
    settings, step = config(model=dropped), Interruption.on_step_end

    def terminate(self, trainer, task, batch):
        if trainer.global_step == 10:
            os.kill(os.getpid(), signal.SIGTERM)
        step(self, trainer, task, batch)

    run(settings, data, tmp_path / "whole")
    monkeypatch.setattr(Interruption, "on_step_end", terminate)
    assert run(settings, data, tmp_path / "parts").step == 10
    monkeypatch.undo()
    checkpoint = torch.load(tmp_path / "parts" / "checkpoints" / "last.ckpt", weights_only=True)
    assert checkpoint["s2s"]["position"][1] > 0  # in the midst of an epoch, or the state would not matter
    assert float(checkpoint["carried"][0][0].abs().sum()) > 0
    assert run(settings, data, tmp_path / "parts", resume=True).step == 20
    assert_same(contents(tmp_path / "parts"), contents(tmp_path / "whole"))


def test_a_checkpoint_without_its_state_is_damaged(data, tmp_path):
    run(config(training={"steps": 10}), data, tmp_path / "run")
    path = tmp_path / "run" / "checkpoints" / "last.ckpt"
    checkpoint = torch.load(path, weights_only=True)
    del checkpoint["carried"]
    torch.save(checkpoint, path)
    with pytest.raises(RequestError, match="no checkpoint can be used"):
        run(config(training={"steps": 20}), data, tmp_path / "run", resume=True)


def test_windows_with_the_state_carried_lose_what_the_unbroken_text_loses():
    from s2s.data.batches import Examples
    from s2s.data.sampler import Plan
    from s2s.training.objectives import OBJECTIVES

    torch.manual_seed(0)
    settings = config()
    model = build_model(settings, {"target": 20}).double().eval()
    tokens = np.random.default_rng(0).integers(3, 20, 101)
    windows = Windows(tokens, 3, 7)
    examples, objective = Examples(NoInputs(windows), windows, lambda row: {}), OBJECTIVES["next"](settings)
    total = 0.0
    for step, rows in enumerate(windows.plan(*[windows.sizes(0)] * 2, 21, 1, 0, 0)):
        sums = objective.sums(model, examples[Plan(5, step, rows, 0)], 0)
        again = objective.sums(model, examples[Plan(5, step, rows, 0)], 0)
        assert float(again.nll) == float(sums.nll)  # the state moves when a step is taken, not when a loss is computed
        objective.state = sums.state
        assert not any(part.requires_grad for layer in sums.state.layers for part in layer)
        total += float(sums.nll)
    read, written = map(torch.from_numpy, lay_out(tokens, 3))
    assert total == pytest.approx(float(token_nll(model, read, written).detach()[written != PAD].sum()), rel=1e-9)
    assert int(windows.sizes(0).sum()) == 101


def test_every_token_is_read_once_and_in_order():
    tokens = np.arange(4, 57)
    windows = Windows(tokens, 4, 5)
    rows = np.concatenate([windows.plan(tokens, tokens, 20, 1, 0, 0)]).T
    found = np.concatenate([windows.cut(one[None])[1][0] for one in rows.reshape(-1)])
    assert found[found != PAD].tolist() == tokens.tolist()
    assert windows.read[0, 0] == EOS
    assert windows.read[1, 0] == windows.written[0, -1]


def test_a_skipped_step_does_not_move_the_state(data, tmp_path, monkeypatch):
    from s2s.training.objectives import NextObjective

    states, plain = [], NextObjective.sums

    def sums(self, model, batch, step):
        found = plain(self, model, batch, step)
        if model.training and torch.is_grad_enabled():
            states.append(self.state)
            if len(states) == 5:  # the rehearsal is the first
                found.loss, found.nll = found.loss * float("nan"), found.nll * float("nan")
        return found

    monkeypatch.setattr(NextObjective, "sums", sums)
    run(config(training={"steps": 6}, validation={"every": 100}), data, tmp_path / "run")
    assert states[0] is None
    assert states[1] is None
    assert states[4] is not states[3]
    assert states[5] is states[4]
    assert states[6] is not states[5]


def test_a_line_alone_is_scored_as_in_a_batch():
    torch.manual_seed(0)
    from s2s.bundle.bundle import Bundle
    from s2s.text.train_subwords import train_subwords

    settings = config()
    vocabulary = train_subwords(COUNT, settings.target.vocabulary)
    model = LanguageModel(
        Bundle(build_model(settings, {"target": len(vocabulary)}).double(), settings, {"target": vocabulary})
    )
    lines = ["1", "", "333 333", "ä", "2" * 700, "1"]
    together = [one.log_prob for one in model.score(lines)]
    assert together == pytest.approx([model.score([line])[0].log_prob for line in lines], rel=1e-12)
    assert together[0] == together[-1]
    with pytest.raises(RequestError, match="line 2 has a line break inside"):
        model.score(["a", "b\nc"])


def test_the_end_of_a_text_is_held_out_at_ends_of_lines():
    lines = ["abcd"] * 20
    found = cut_off(lines, {"val": 0.1, "test": 0.2})
    assert {name: len(part) for name, part in found.items()} == {"train": 14, "val": 2, "test": 4}


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"batches": {"accumulate": 2}}, "accumulate must be 1"),
        ({"batches": {"tokens": 5}}, "no room for one window"),
        ({"target": {"kind": "next", "vocabulary": {"sample": 0.5}}}, 'unknown key "sample" in target.vocabulary'),
        ({"model": {"decoder": {"input_feeding": True}}}, 'unknown key "input_feeding" in model.decoder'),
        ({"validation": {"metric": "bleu"}}, "perplexity, bits_per_character or loss"),
    ],
)
def test_what_a_language_model_cannot_do_is_refused(sections, message):
    with pytest.raises(RequestError, match=message):
        config(**sections)


def test_a_translation_is_not_judged_by_perplexity_and_lines_are_not_translated(data, tmp_path):
    pair = {"source": {"kind": "text"}, "target": {"kind": "text"}}
    with pytest.raises(RequestError, match="is of language models"):
        experiment_from(pair | {"validation": {"metric": "perplexity"}}, "here")
    with pytest.raises(RequestError, match="train a language model on it"):
        run(experiment_from(pair, "here"), data, tmp_path / "run")
