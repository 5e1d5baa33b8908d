"""A run that is killed and resumed ends as if never killed: every weight, moment, score and sample to the bit."""

from dataclasses import replace
from random import Random

import pytest

from tests.training.killing import MOMENTS, RECOGNITION, TRANSLATION, Moment, finish, kill
from tests.training.runs import assert_same, contents


@pytest.fixture(scope="module")
def uninterrupted(data, bars, tmp_path_factory):
    """By task, when first asked for: config, data, and what a run without a kill ends with."""
    ends = {}

    def give(task):
        if task not in ends:
            config, where = (TRANSLATION, data) if task == "translation" else (RECOGNITION, bars)
            folder = tmp_path_factory.mktemp("runs") / task
            finish(config, where, folder)
            ends[task] = config, where, contents(folder)
        return ends[task]

    return give


def check(task, moment, workers, folder, uninterrupted):
    config, data, end = uninterrupted(task)
    config = replace(config, batches=replace(config.batches, workers=workers))
    kill(config, data, folder, moment)
    finish(config, data, folder, resume=(folder / "config.yaml").exists())  # before that, it has not begun
    assert_same(contents(folder), end)
    assert sorted(path.name for path in folder.iterdir()) == [
        *("checkpoints", "config.yaml", "data.json", "metrics.csv", "model"),
        *("samples.txt", "tensorboard", "versions.txt"),
    ]
    assert sorted(path.name for path in (folder / "checkpoints").iterdir()) == ["last.ckpt", "previous.ckpt"]


def random_moment(seed):
    """A step, and up to a tenth of a second after it: in a step, in a validation, in a checkpoint."""
    random = Random(seed)
    return Moment("after a step", random.randint(1, 15), random.uniform(0, 0.1))


@pytest.mark.parametrize(("task", "workers"), [("translation", 2), ("recognition", 0)])
def test_a_run_killed_at_a_random_moment(task, workers, tmp_path, uninterrupted):
    check(task, random_moment(task), workers, tmp_path / "run", uninterrupted)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("task", ["translation", "recognition"])
def test_a_run_killed_at_more_random_moments(task, seed, workers, tmp_path, uninterrupted):
    check(task, random_moment(f"{seed} {workers} {task}"), workers, tmp_path / "run", uninterrupted)


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("task", ["translation", "recognition"])
def test_a_run_killed(task, moment, tmp_path, uninterrupted):
    check(task, Moment(moment), 0, tmp_path / "run", uninterrupted)
