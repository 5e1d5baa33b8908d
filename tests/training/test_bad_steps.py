"""A step whose loss or gradient is not a number leaves no trace but its examples; the second one ends the run."""

import json
import math
import os
import signal
from copy import deepcopy
from dataclasses import replace

import pytest
import torch

from s2s.bundle.load import load
from s2s.config.errors import WorkError
from s2s.data.store import open_dataset
from s2s.training.averaging import Averaging, weights
from s2s.training.bad_steps import BadSteps
from s2s.training.interruption import Interruption
from s2s.training.module import Part, TrainingModule
from s2s.training.objectives import CtcObjective, DecoderObjective
from s2s.training.run import train
from tests.bars import STILL, TEXTS, bars_config, write_folder
from tests.training.runs import assert_same, contents
from tests.training.tiny import silent, tiny


def hooked(loss):
    loss.register_hook(lambda gradient: gradient * math.inf)
    return loss


FAULTS = {
    "the loss became nan": lambda loss: loss * math.nan,
    "the loss became inf": lambda loss: loss + math.inf,
    "the gradient became nan": hooked,
}
SHARED = {"training": {"steps": 10, "ema": 0.9}, "validation": {"every": 5, "samples": 1}}


def poisoned(monkeypatch, fault, *steps):
    """Make the last batch of some steps bad."""
    current = []
    training_step = TrainingModule.training_step

    def remember(self, batch, batch_index):
        current[:] = [self]
        return training_step(self, batch, batch_index)

    monkeypatch.setattr(TrainingModule, "training_step", remember)
    for kind in (DecoderObjective, CtcObjective):
        sums = kind.sums

        def bad(self, model, batch, step, sums=sums):
            found = sums(self, model, batch, step)
            if current and step + 1 in steps and len(current[0].parts) == current[0].accumulate - 1:
                found.loss = FAULTS[fault](found.loss)
            return found

        monkeypatch.setattr(kind, "sums", bad)


@pytest.fixture(params=["translation", "recognition"])
def experiment(request, data, tmp_path):
    if request.param == "translation":
        return tiny(batches={"accumulate": 2}, **SHARED), data
    write_folder(tmp_path / "bars" / "train", TEXTS[:60])
    write_folder(tmp_path / "bars" / "val", TEXTS[60:66])
    return bars_config(
        augmentation={**STILL, "noise_chance": 0.5}, batches={"accumulate": 2}, **SHARED
    ), tmp_path / "bars"


def run(config, data, out, **options):
    return train(config, data, out, console=silent(), threads=1, **options)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_step_leaves_everything_as_before_it(experiment, tmp_path, monkeypatch, fault):
    poisoned(monkeypatch, fault, 4)
    states = {}

    def look(self, trainer, task, batch):
        averaging = next(one for one in trainer.callbacks if isinstance(one, Averaging))
        state = weights(task.model), averaging.kept, task.sums, trainer.optimizers[0].state_dict()["state"]
        states[trainer.global_step] = deepcopy(state)

    monkeypatch.setattr(Interruption, "on_step_end", look)
    assert run(*experiment, tmp_path / "run").step == 10
    assert_same(states[4], states[3])
    with pytest.raises(AssertionError):
        assert_same(states[5], states[4])


def test_its_examples_are_written_down_and_it_is_told(data, tmp_path, monkeypatch):
    poisoned(monkeypatch, "the loss became nan", 4)
    sums, batches = DecoderObjective.sums, []

    def note(self, model, batch, step):
        if step == 3:
            batches.append(batch)
        return sums(self, model, batch, step)

    monkeypatch.setattr(DecoderObjective, "sums", note)
    console = silent()
    config = tiny(subwords={"size": 282}, batches={"accumulate": 2, "max_length": 18}, **SHARED)
    train(config, data, tmp_path / "run", console=console)
    assert "are left out: longer than batches.max_length" in console.file.getvalue()  # rows are not lines
    path = tmp_path / "run" / "bad-batches" / "step-4.jsonl"
    assert f"step 4 is skipped: the loss became nan; its examples are in {path}; the next" in console.file.getvalue()
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    vocabulary = load(tmp_path / "run").vocabularies["source"]
    texts = [
        [
            vocabulary.decode(row[: end - 1])
            for row, end in zip(batch.source.tolist(), batch.lengths.tolist(), strict=True)
        ]
        for batch in batches
    ]
    assert [line["source"] for line in lines] == [text for batch in texts for text in batch]
    assert [(line["step"], line["batch"], line["batch_loss"] == "nan") for line in lines] == [
        (4, number, number == 1) for number, batch in enumerate(texts) for _ in batch
    ]
    pairs = set(zip(*open_dataset(data).pairs("train"), strict=True))
    assert {(line["source"], line["target"]) for line in lines} <= pairs


def test_the_pictures_of_a_bad_step_are_named(tmp_path, monkeypatch):
    poisoned(monkeypatch, "the loss became inf", 2)
    write_folder(tmp_path / "bars", TEXTS[:40])
    run(bars_config(training={"steps": 3}), tmp_path / "bars", tmp_path / "run")
    lines = (tmp_path / "run" / "bad-batches" / "step-2.jsonl").read_text().splitlines()
    labels = dict(line.split("\t") for line in (tmp_path / "bars" / "labels.tsv").read_text().splitlines())
    assert all(labels[json.loads(line)["image"]] == json.loads(line)["text"] for line in lines)


def test_the_second_bad_step_ends_the_run_and_the_checkpoint_before_it_stays(data, tmp_path, monkeypatch):
    poisoned(monkeypatch, "the gradient became nan", 4, 8)
    with pytest.raises(WorkError, match=r"became nan at step 8, as at step 4; .*bad-batches.*intact.*optimizer"):
        run(tiny(**SHARED), data, tmp_path / "run")
    assert (tmp_path / "run" / "bad-batches" / "step-8.jsonl").exists()
    checkpoint = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)
    assert checkpoint["global_step"] == 5
    assert checkpoint["callbacks"]["bad_steps"] == {"skipped": [4]}
    assert all(bool(torch.isfinite(one).all()) for one in load(tmp_path / "run").model.state_dict().values())


def test_bad_steps_are_counted_across_a_resume_which_stays_exact(experiment, tmp_path, monkeypatch):
    config, data = experiment
    poisoned(monkeypatch, "the loss became nan", 4)
    run(config, data, tmp_path / "whole")
    step = Interruption.on_step_end

    def interrupt(self, trainer, task, batch):
        if trainer.global_step == 6:
            os.kill(os.getpid(), signal.SIGTERM)
        step(self, trainer, task, batch)

    with monkeypatch.context() as patch:
        patch.setattr(Interruption, "on_step_end", interrupt)
        run(config, data, tmp_path / "run")
    run(config, data, tmp_path / "run", resume=True)
    assert_same(contents(tmp_path / "run"), contents(tmp_path / "whole"))
    poisoned(monkeypatch, "the loss became nan", 12)
    with pytest.raises(WorkError, match="the loss became nan at step 12, as at step 4"):
        run(replace(config, training=replace(config.training, steps=15)), data, tmp_path / "run", resume=True)


def test_a_run_of_nothing_but_a_bad_step_ends_well(data, tmp_path, monkeypatch):
    poisoned(monkeypatch, "the loss became nan", 1)
    assert run(tiny(training={"steps": 1}), data, tmp_path / "run").step == 1


@pytest.mark.parametrize("step", [5, 7])  # before a validation, and before the checkpoint of an interruption
def test_weights_that_are_no_numbers_are_never_kept(data, tmp_path, monkeypatch, step):
    after = BadSteps.on_step_end

    def overflow(self, trainer, task, batch):
        if trainer.global_step == step:
            task.model.decoder.output.bias.data[7] = math.inf
            if step == 7:
                trainer.should_stop = True
        after(self, trainer, task, batch)

    monkeypatch.setattr(BadSteps, "on_step_end", overflow)
    with pytest.raises(WorkError, match=f"weights are not numbers any more at step {step}; the last checkpoint"):
        run(tiny(**SHARED), data, tmp_path / "run")
    for path in (tmp_path / "run" / "checkpoints").iterdir():
        state = torch.load(path, weights_only=True)["state_dict"]
        assert all(bool(torch.isfinite(one).all()) for one in state.values())
    assert (tmp_path / "run" / "model").exists() == (step == 7)


def test_a_gradient_too_large_for_fp16_is_its_scalers_affair():
    task = object.__new__(TrainingModule)
    fine, bad = (Part(None, torch.tensor(loss), torch.tensor(1.0), 1, 1) for loss in (1.0, math.nan))
    for precision, fault in (("16", None), ("bf16", "the gradient became inf"), ("32", "the gradient became inf")):
        task.__dict__ |= {"training_config": tiny(training={"precision": precision}).training, "parts": [fine]}
        assert TrainingModule._find_fault(task, torch.tensor(math.inf)) == fault
        task.__dict__["parts"] = [fine, bad]
        assert TrainingModule._find_fault(task, torch.tensor(1.0)) == "the loss became nan"
