import json
import os
import signal
from io import StringIO

import pytest
import torch
from rich.console import Console

from s2s.bundle.load import load
from s2s.config.errors import RequestError
from s2s.training.checkpoints import Checkpoints
from s2s.training.interruption import Interruption
from s2s.training.run import train
from tests.training.runs import assert_same, contents
from tests.training.tiny import EVERYTHING, numbers, silent, tiny, write_dataset


def run(data, out, config=None, **options):
    return train(config or tiny(), data, out, console=silent(), **options)


@pytest.fixture(scope="module")
def plain(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "plain"
    return run(data, folder), folder


@pytest.fixture(scope="module")
def uninterrupted(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "uninterrupted"
    run(data, folder, tiny(**EVERYTHING))
    return contents(folder)


def test_a_run_directory_holds_what_is_promised(plain, data):
    outcome, folder = plain
    names = {path.name for path in folder.iterdir()}
    assert names == {
        *("config.yaml", "checkpoints", "model", "metrics.csv"),
        *("tensorboard", "samples.txt", "data.json", "versions.txt"),
    }
    assert (outcome.step, outcome.metric, outcome.signal) == (20, "bleu", None)
    assert json.loads((folder / "data.json").read_text())["languages"] == ["en", "de"]
    assert "torch " in (folder / "versions.txt").read_text()
    assert "source     " in (folder / "samples.txt").read_text()


def test_a_resumed_run_tells_the_command_that_began_it(data, tmp_path):
    run(data, tmp_path / "run", tiny(training={"steps": 2}), command="s2s train first")
    run(data, tmp_path / "run", tiny(training={"steps": 4}), command="s2s train --resume", resume=True)
    for model in (tmp_path / "run", tmp_path / "run" / "checkpoints" / "last.ckpt"):
        assert load(model).info["training"]["command"] == "s2s train first"
    assert load(tmp_path / "run").info["training"]["step"] in (2, 4)


def test_a_run_that_goes_on_under_other_circumstances_says_so(data, tmp_path):
    folder, told = tmp_path / "run", StringIO()
    run(data, folder, tiny(training={"steps": 2}), threads=1)
    train(tiny(training={"steps": 3}), data, folder, threads=1, resume=True, console=Console(file=told))
    assert "perhaps not to the bit" not in told.getvalue()
    (folder / "versions.txt").write_text((folder / "versions.txt").read_text().replace("threads 1\n", "threads 7\n"))
    train(tiny(training={"steps": 4}), data, folder, threads=1, resume=True, console=Console(file=told))
    assert "this run goes on, but perhaps not to the bit: threads 7, now 1" in told.getvalue()


def test_a_model_tells_how_the_one_it_started_from_was_made(data, tmp_path):
    run(data, tmp_path / "first", tiny(training={"steps": 2}), command="s2s train first")
    run(
        data,
        tmp_path / "second",
        tiny(training={"steps": 2}),
        command="s2s train second",
        start_from=tmp_path / "first",
    )
    training = load(tmp_path / "second").info["training"]
    assert (training["from"], training["command"]) == ("s2s train first", "s2s train second")


def test_the_card_tells_how_the_validation_score_was_made(plain):
    _, folder = plain
    assert "|tok:13a|" in load(folder).info["scores"]["bleu"]["signature"]
    assert "\\|tok:13a\\|" in (folder / "model" / "README.md").read_text()


@pytest.mark.parametrize("workers", [0, 2])
def test_a_run_interrupted_and_resumed_ends_as_if_never_interrupted(
    data, tmp_path, monkeypatch, uninterrupted, workers
):
    config = tiny(**{**EVERYTHING, "batches": {"accumulate": 2, "workers": workers}})
    step = Interruption.on_step_end

    def terminate(self, trainer, task, batch):
        if trainer.global_step == 12:
            os.kill(os.getpid(), signal.SIGTERM)
        step(self, trainer, task, batch)

    monkeypatch.setattr(Interruption, "on_step_end", terminate)
    outcome = run(data, tmp_path / "run", config)
    assert (outcome.step, outcome.signal) == (12, signal.SIGTERM)
    monkeypatch.undo()
    assert run(data, tmp_path / "run", config, resume=True).step == 20
    assert_same(contents(tmp_path / "run"), uninterrupted)


@pytest.mark.parametrize("last", [3, 13])
def test_a_run_that_died_between_checkpoints_is_resumed_from_the_one_before(
    data, tmp_path, monkeypatch, uninterrupted, last
):
    save = Checkpoints.on_step_end

    def die(self, trainer, task, batch):
        if trainer.global_step == last:
            raise SystemError("died")
        save(self, trainer, task, batch)

    monkeypatch.setattr(Checkpoints, "on_step_end", die)
    with pytest.raises(SystemError, match="died"):
        run(data, tmp_path / "run", tiny(**EVERYTHING))
    monkeypatch.undo()
    run(data, tmp_path / "run", tiny(**EVERYTHING), resume=True)
    assert_same(contents(tmp_path / "run"), uninterrupted)


def test_a_second_ctrl_c_stops_at_once(data, tmp_path, monkeypatch):
    def interrupt(self, trainer, task, batch):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Interruption, "on_step_end", interrupt)
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        run(data, tmp_path / "run")
    assert signal.getsignal(signal.SIGINT) is handler


def test_the_model_kept_has_the_averaged_weights_of_the_best_validation(data, tmp_path):
    config = tiny(training={"steps": 10, "ema": 0.5}, validation={"every": 10})
    run(data, tmp_path / "run", config)
    checkpoint = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)
    kept = load(tmp_path / "run").model.state_dict()
    averaged = checkpoint["s2s"]["weights"]
    assert all(torch.equal(kept[name], averaged[name]) for name in averaged)
    assert any(not torch.equal(kept[name], checkpoint["state_dict"][f"model.{name}"]) for name in averaged)


def test_a_tiny_model_learns_ten_pairs_by_heart(tmp_path):
    pairs = numbers().keep(list(range(10)))
    data = write_dataset(tmp_path / "data", {"train": pairs, "val": pairs})
    rates = {"dropout": 0.0, "embedding_dropout": 0.0}
    config = tiny(
        model={
            "encoder": {"embedding": 32, "hidden": 32, **rates},
            "attention": {"size": 32},
            "decoder": {"embedding": 32, "hidden": 32, **rates},
        },
        loss={"label_smoothing": 0.0},
        optimizer={"lr": 0.01},
        training={"steps": 150},
        validation={"every": 150, "metric": "exact"},
    )
    assert run(data, tmp_path / "run", config).best == 100


def test_training_starts_from_another_models_weights_and_vocabulary(plain, data, tmp_path):
    _, folder = plain
    kept = load(folder)
    config = tiny(optimizer={"lr": 1e-12}, training={"steps": 1})
    run(data, tmp_path / "run", config, start_from=folder)
    started = load(tmp_path / "run")
    assert started.vocabularies["source"].fingerprint == kept.vocabularies["source"].fingerprint
    for name, value in kept.model.state_dict().items():
        torch.testing.assert_close(started.model.state_dict()[name], value, rtol=0, atol=1e-6)


def test_a_run_begun_from_a_model_is_resumed_by_the_same_command(plain, data, tmp_path):
    config = tiny(training={"steps": 5})
    run(data, tmp_path / "run", config, start_from=plain[1])
    longer = tiny(training={"steps": 8})
    assert run(data, tmp_path / "run", longer, start_from=plain[1], resume=True).step == 8


def test_a_checkpoint_is_a_model_by_itself_with_the_averaged_weights(data, tmp_path):
    run(data, tmp_path / "run", tiny(training={"steps": 10, "ema": 0.5}))
    path = tmp_path / "run" / "checkpoints" / "last.ckpt"
    model = load(path).model.state_dict()
    averaged = torch.load(path, weights_only=True)["s2s"]["weights"]
    assert all(torch.equal(model[name], averaged[name]) for name in averaged)


def test_a_model_of_another_architecture_is_no_start(plain, data, tmp_path):
    config = tiny(model={"encoder": {"hidden": 10}})
    with pytest.raises(RequestError, match="has another architecture than the config"):
        run(data, tmp_path / "run", config, start_from=plain[1])


def test_an_existing_folder_is_refused_and_untouched(plain, data):
    _, folder = plain
    before = (folder / "metrics.csv").read_bytes()
    with pytest.raises(RequestError, match="exists already; continue that run with --resume"):
        run(data, folder)
    assert (folder / "metrics.csv").read_bytes() == before


def test_resuming_what_is_no_run_is_refused(data, tmp_path):
    with pytest.raises(RequestError, match="is not a run"):
        run(data, tmp_path / "nothing", resume=True)


def test_resuming_with_another_config_names_the_key(plain, data):
    with pytest.raises(RequestError, match=r"begun with optimizer\.lr 0\.001, not 0\.5"):
        run(data, plain[1], tiny(optimizer={"lr": 0.5}), resume=True)


def test_resuming_with_another_metric_is_refused_as_the_best_so_far_could_not_be_compared(plain, data):
    with pytest.raises(RequestError, match=r"begun with validation\.metric \w+, not ter"):
        run(data, plain[1], tiny(training={"steps": 9}, validation={"metric": "ter"}), resume=True)


def test_a_run_that_is_resumed_tells_what_is_changed_and_where_it_stands(data, tmp_path):
    def said(steps, resume=True):
        told = StringIO()
        config = tiny(training={"steps": steps})
        train(config, data, tmp_path / "run", threads=1, resume=resume, console=Console(file=told, width=300))
        return told.getvalue()

    said(4, resume=False)
    again = said(4)
    assert "is at step 4 already, its last" in again
    assert "goes on with" not in again
    assert "this run goes on with training.steps 4, now 6" in said(6)
    with pytest.raises(RequestError, match=r"is at step 6 already; set training\.steps to that or more"):
        said(5)


def test_resuming_on_other_data_is_refused(plain, tmp_path):
    other = write_dataset(tmp_path / "other", {"train": numbers(), "val": numbers()})
    with pytest.raises(RequestError, match="was trained on other data"):
        run(other, plain[1], resume=True)


def test_resuming_a_finished_run_changes_nothing(plain, data):
    outcome, folder = plain
    before = (folder / "metrics.csv").read_bytes()
    again = run(data, folder, resume=True)
    assert (again.step, again.best, again.best_step) == (20, outcome.best, outcome.best_step)
    assert (folder / "metrics.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("sections", "options", "message"),
    [
        ({"validation": {"metric": "blue"}}, {}, 'did you mean "bleu"'),
        ({"training": {"precision": "16"}}, {"device": "cpu"}, "16 needs a GPU"),
        ({"batches": {"tokens": 3, "max_length": 60}}, {}, r"more than batches\.tokens 3"),
        ({"batches": {"max_length": 1}}, {}, r"no training pair is within batches\.max_length"),
        ({}, {"start_from": "no-such-model"}, "no-such-model"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_written(data, tmp_path, sections, options, message):
    with pytest.raises(RequestError, match=message):
        run(data, tmp_path / "run", tiny(**sections), **options)
    assert not (tmp_path / "run").exists()


def test_a_dataset_without_training_split_is_refused(tmp_path):
    data = write_dataset(tmp_path / "data", {"test": numbers()})
    with pytest.raises(RequestError, match="train"):
        run(data, tmp_path / "run")


def test_without_a_validation_split_a_seeded_share_is_held_out(tmp_path):
    data = write_dataset(tmp_path / "data", {"train": numbers()})
    console = silent()
    train(tiny(training={"steps": 1}), data, tmp_path / "run", console=console)
    text = console.file.getvalue()
    assert "25 of 512 training pairs are held out" in text
    assert "487 pairs" in text


def test_too_few_pairs_to_hold_some_out_are_told_with_what_to_add(tmp_path):
    data = write_dataset(tmp_path / "data", {"train": numbers().keep([0, 1])})
    with pytest.raises(RequestError, match="2 training pairs are too few to hold some out; add a split called val"):
        train(tiny(), data, tmp_path / "run", console=silent())


def test_sampled_sentences_fit_the_token_budget_in_every_epoch(data, tmp_path):
    config = tiny(
        subwords={"sample": 1.0, "alpha": 0.01},
        batches={"tokens": 12, "accumulate": 8},
        training={"steps": 30},
        validation={"every": 30},
    )
    assert run(data, tmp_path / "run", config).step == 30


def test_a_run_that_gets_no_better_stops_and_says_so(data, tmp_path):
    console = silent()
    config = tiny(optimizer={"lr": 1e-9}, training={"steps": 50, "patience": 2}, validation={"every": 5})
    outcome = train(config, data, tmp_path / "run", console=console)
    assert outcome.step == 15
    assert "stopped after step 15: no better bleu since step 5" in console.file.getvalue()


@pytest.mark.parametrize("precision", ["64", "bf16"])
def test_other_precisions_train(data, tmp_path, precision):
    outcome = run(data, tmp_path / "run", tiny(training={"steps": 2, "precision": precision}))
    assert outcome.step == 2


def test_mean_of_the_last_validated_weights_separate_vocabularies_and_validation_by_loss(data, tmp_path):
    config = tiny(
        subwords={"joint": False},
        training={"average": 2},
        validation={"every": 5, "metric": "loss"},
    )
    outcome = run(data, tmp_path / "run", config)
    assert outcome.metric == "loss"
    found = load(tmp_path / "run").vocabularies
    assert found["source"].fingerprint != found["target"].fingerprint


def test_the_account_tells_sizes_and_padding_before_training(plain, data, tmp_path):
    console = silent()
    train(tiny(training={"steps": 1}), data, tmp_path / "run", console=console)
    text = console.file.getvalue()
    for part in (" parameters, vocabulary 2", "100 pairs, ", " steps an epoch of ", " % padding"):
        assert part in text


def test_an_epoch_of_one_step_is_told_in_the_singular(data, tmp_path):
    console = silent()
    train(tiny(batches={"tokens": 10_000}, training={"steps": 1}), data, tmp_path / "run", console=console)
    assert "1 step an epoch of " in console.file.getvalue()
