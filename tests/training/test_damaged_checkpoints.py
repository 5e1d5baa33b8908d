"""A checkpoint that was changed: the one before it is used, or one sentence says what is wrong. Never a traceback."""

import shutil
from io import StringIO
from pathlib import Path
from random import Random

import pytest
import torch
from rich.console import Console

from s2s.config.errors import RequestError, WorkError
from s2s.training.run import train
from tests.training.tiny import silent, tiny

WRONG = (None, -1, 10**30, float("nan"), float("inf"), "text", "", b"x", [], {}, [1, "a"], {"a": 1}, True)
LAST, PREVIOUS = Path("checkpoints", "last.ckpt"), Path("checkpoints", "previous.ckpt")


def config(steps):
    return tiny(training={"steps": steps, "ema": 0.9}, validation={"every": 2, "metric": "loss", "samples": 0})


@pytest.fixture(scope="module")
def begun(data, tmp_path_factory):
    """A run of four steps with checkpoints at the second and the fourth."""
    folder = tmp_path_factory.mktemp("begun") / "run"
    train(config(4), data, folder, device="cpu", threads=1, console=silent())
    return folder


@pytest.fixture
def run(begun, tmp_path):
    return shutil.copytree(begun, tmp_path / "run")


def resume(run, data, steps=6):
    """What is printed while a run goes on."""
    printed = StringIO()
    train(config(steps), data, run, device="cpu", threads=1, resume=True, console=Console(file=printed, width=500))
    return printed.getvalue()


def change(path, edit):
    checkpoint = torch.load(path, weights_only=True)
    torch.save(edit(checkpoint) or checkpoint, path)


def parts(value, place=()):
    """Every place in a checkpoint that something stands at."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    for key, item in items:
        yield (*place, key)
        yield from parts(item, (*place, key))


def other(value, random):
    """Something else in place of a value."""
    choices = [*WRONG, [value], {"a": value}]
    if isinstance(value, torch.Tensor):
        choices += [value[..., :-1] if value.ndim else value[None], value.to(torch.complex64), value.to_sparse()]
        choices += [value.to("meta"), torch.zeros(0), value.double() if value.dtype != torch.float64 else value.half()]
    if isinstance(value, int | float):
        choices += [value + 1, -value - 1, float(value) + 0.5, value * 10**6]
    if isinstance(value, list | dict):
        choices += [type(value)()] * 3
    return random.choice(choices)


def mutated(checkpoint, random):
    """The checkpoint with one to three changes; names of the changes."""
    done = []
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        places = list(parts(checkpoint))
        depth = random.randint(1, max(map(len, places)))
        *way, last = random.choice([place for place in places if len(place) <= depth])
        inside = checkpoint
        for key in way:
            inside = inside[key]
        if isinstance(inside, tuple):
            continue
        if random.random() < 0.3:
            del inside[last]
        else:
            inside[last] = other(inside[last], random)
        done.append(f"{way} {last}: {str(inside[last])[:40] if last in inside else 'gone'}")
    return done


def check_survives(seed, run, data):
    random, changes = Random(seed), []
    change(run / LAST, lambda checkpoint: changes.extend(mutated(checkpoint, random)))
    try:
        resume(run, data)
    except (RequestError, WorkError) as error:
        message = str(error)
    else:
        message = ""
    assert "\n" not in message, changes


@pytest.mark.parametrize("seed", range(12))
def test_a_changed_checkpoint_is_no_traceback(seed, run, data):
    check_survives(seed, run, data)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12, 300))
def test_a_checkpoint_changed_in_more_ways_is_no_traceback(seed, run, data):
    check_survives(seed, run, data)


def _without_moments(checkpoint):
    del checkpoint["optimizer_states"][0]["state"][3]


def _other_random(checkpoint):
    checkpoint["s2s"]["random"][0]["cpu"] = torch.zeros(16, dtype=torch.uint8)


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (lambda checkpoint: [checkpoint], ""),
        (lambda checkpoint: checkpoint.update(optimizer_states=[]), ""),
        (_without_moments, " (its optimiser has lost the moments of some weights)"),
        (_other_random, ""),
        (lambda checkpoint: checkpoint["optimizer_states"][0]["param_groups"][0].update(weight_decay=0.5), ""),
        (lambda checkpoint: checkpoint["optimizer_states"][0]["state"][1].update(step=torch.tensor(1e30)), ""),
        (lambda checkpoint: checkpoint["callbacks"].pop("validation"), ""),
        (lambda checkpoint: checkpoint["callbacks"]["averaging"].update(kept=[]), " (the averaged weights are not"),
        (lambda checkpoint: checkpoint["loops"].update(fit_loop={}), ""),
        (lambda checkpoint: checkpoint["state_dict"].popitem(), " (its weights are not those of the model)"),
        (lambda checkpoint: checkpoint["s2s"].update(position=[0, 4]), " (its position is behind the end of an epoch)"),
    ],
)
def test_a_checkpoint_that_cannot_be_used_falls_back_to_the_one_before_and_says_so(edit, reason, run, data, begun):
    change(run / LAST, lambda checkpoint: made if isinstance(made := edit(checkpoint), list) else None)
    printed = resume(run, data, steps=4)
    assert f"{run / LAST} is damaged{reason}" in printed or f"{run / LAST} is not a checkpoint{reason}" in printed
    assert "validation at step 4" in printed
    change_free = [torch.load(folder / LAST, weights_only=True) for folder in (run, begun)]
    for name, weight in change_free[0]["state_dict"].items():
        assert torch.equal(weight, change_free[1]["state_dict"][name])
    assert (run / "checkpoints" / "last.damaged").exists()


def test_a_checkpoint_that_was_not_changed_is_gone_on_from(run, data):
    assert "damaged" not in resume(run, data)
    assert not (run / "checkpoints" / "last.damaged").exists()


def test_where_no_checkpoint_can_be_used_the_run_is_refused_and_nothing_is_lost(run, data):
    before = (run / "metrics.csv").read_bytes()
    for path in (LAST, PREVIOUS):
        change(run / path, lambda checkpoint: [1])
    with pytest.raises(RequestError, match="no checkpoint can be used; start a new run"):
        resume(run, data)
    assert (run / "metrics.csv").read_bytes() == before
    assert (run / LAST).exists()
