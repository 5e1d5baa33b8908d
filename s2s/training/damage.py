"""What is wrong with a checkpoint that could be read: found before a run goes on from it, not by a library half-way.

A checkpoint is compared with what the run itself would write: names, shapes, types, counts. Lightning and torch skip
much of what is missing without a word, and a run that goes on so is another one.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import lightning as L
import torch
from torch import Tensor

from s2s.bundle.vocabularies import unpack_vocabularies
from s2s.config.errors import RequestError
from s2s.config.experiment import Experiment
from s2s.config.training import Training
from s2s.nn.model import LanguageModel
from s2s.nn.out_of_memory import memory_for
from s2s.training.averaging import weights
from s2s.training.experiment import Ready
from s2s.training.module import CARRIED
from s2s.training.processes import ranks

_MOMENTS = ("exp_avg", "exp_avg_sq")


class Damage(ValueError):
    """What is wrong, in words."""


def check_plain(checkpoint: dict[str, Any], config: Experiment) -> None:
    """Raise Damage, or what reading it raises, unless an experiment of this config can be built from it."""
    _need(type(checkpoint["global_step"]) is int, "its number of steps is not a number")
    ours = checkpoint["s2s"]
    try:
        unpack_vocabularies(ours, config, "the checkpoint")
    except RequestError as error:
        raise Damage(str(error)) from None
    _need(isinstance(json.loads(ours["config"]), dict), "its config is not a JSON object")
    if "info" in ours:
        _need(isinstance(json.loads(ours["info"])["training"], dict), "it does not say how it was made")
    steps, (epoch, step) = checkpoint["global_step"], ours["position"]
    _need(type(epoch) is type(step) is int, "its position is not two numbers")
    _need(0 <= epoch <= steps and 0 <= step <= steps, "its position is not one of this run")
    states = [ours["random"]] if isinstance(ours["random"], dict) else ours["random"]
    _need(isinstance(states, list) and len(states) > 0, "it has no random states")


def check_whole(checkpoint: dict[str, Any], experiment: Ready, training: Training, device: torch.device) -> None:
    """Raise Damage, or what reading it raises, unless the run of an experiment built from it can go on exactly."""
    module = experiment.module
    _check_tensors(checkpoint["state_dict"], module.state_dict(), "weights")
    epoch, step = checkpoint["s2s"]["position"]
    _need(step < experiment.data.sampler.steps(epoch), "its position is behind the end of an epoch")
    _check_callbacks(checkpoint, experiment, training)
    _check_loops(checkpoint)
    _check_optimizer(checkpoint, experiment, training)
    _check_random(checkpoint["s2s"]["random"], device)
    _check_carried(checkpoint, experiment, step)
    sums = torch.tensor(checkpoint["sums"], dtype=torch.float64)
    _need(sums.numel() == 5 * ranks(), "its running sums are not those of this run")


def _check_carried(checkpoint: dict[str, Any], experiment: Ready, step: int) -> None:
    """The state that the next batch goes on from, where batches follow one another and it is not an epoch's first."""
    model = experiment.module.model
    if not isinstance(model, LanguageModel) or (step == 0 and CARRIED not in checkpoint):
        return
    expected = model.decoder.start(None, len(experiment.data.sampler.epoch(0)[0].rows)).layers
    found = checkpoint.get(CARRIED)
    if not isinstance(found, list) or len(found) != len(expected):
        raise Damage("it lacks the state of the text's streams")
    for layer, parts in zip(found, expected, strict=True):
        _need(isinstance(layer, list) and len(layer) == len(parts), "it lacks the state of the text's streams")
        for tensor, like in zip(layer, parts, strict=True):
            _check_tensor(tensor, like, "the state of the text's streams")


def _need(sound: bool, otherwise: str) -> None:
    if not sound:
        raise Damage(otherwise)


def _check_tensors(found: Any, expected: Mapping[Any, Tensor], what: str) -> None:
    """The same names, shapes and types."""
    _need(isinstance(found, dict) and found.keys() == expected.keys(), f"its {what} are not those of the model")
    for name, tensor in expected.items():
        _check_tensor(found[name], tensor, f"{what}, {name}")


def _check_tensor(found: Any, expected: Tensor, what: str) -> None:
    dense = isinstance(found, Tensor) and found.layout is torch.strided and found.device.type == "cpu"
    alike = dense and found.shape == expected.shape and found.dtype is expected.dtype
    _need(alike, f"{what} is not a tensor of {list(expected.shape)}, {expected.dtype}")


def _check_number(value: Any, what: str) -> None:
    _need(type(value) in (int, float) and math.isfinite(value) and value >= 0, f"{what} is not a number from 0 on")


def _check_callbacks(checkpoint: dict[str, Any], experiment: Ready, training: Training) -> None:
    states, steps = checkpoint["callbacks"], checkpoint["global_step"]
    _check_number(states["journal"]["seconds"], "the time trained")
    skipped = states["bad_steps"]["skipped"]
    _need(isinstance(skipped, list) and all(type(one) is int for one in skipped), "the skipped steps are not numbers")
    best, best_step, waited = (states["validation"][key] for key in ("best", "best_step", "waited"))
    _need(type(best_step) is int and type(waited) is int, "the best validation has no step")
    _need(0 <= best_step <= steps and waited >= 0, "the best validation is not one of this run")
    _need((best is None) == (best_step == 0), "the best validation has no score")
    _need(best is None or type(best) is float, "the best validation's score is not a number")
    tie = states["validation"].get("best_tie")
    _need(tie is None or type(tie) is float, "the best validation's second score is not a number")
    kept = states["averaging"]["kept"]
    most = 1 if training.ema else training.average
    least = 1 if training.ema or (training.average and best_step) else 0
    _need(isinstance(kept, list) and least <= len(kept) <= most, "the averaged weights are not those of this run")
    for one in kept:
        _check_tensors(one, weights(experiment.module.model), "averaged weights")


def _check_loops(checkpoint: dict[str, Any]) -> None:
    """Lightning's own counts, where this Lightning wrote them."""
    if checkpoint["pytorch-lightning_version"] != L.__version__:
        return
    loop, steps = checkpoint["loops"]["fit_loop"], checkpoint["global_step"]
    done = loop["epoch_loop.automatic_optimization.optim_progress"]["optimizer"]["step"]["total"]["completed"]
    _need(done == steps, "its counts of steps differ")
    batches = loop["epoch_loop.batch_progress"]
    for part in ("total", "current"):
        for kind in ("ready", "started", "processed", "completed"):
            count = batches[part][kind]
            _need(type(count) is int and count >= 0, "its counts of batches are not numbers")
    _need(batches["is_last_batch"] is False, "its stream of batches has an end")


def _check_optimizer(checkpoint: dict[str, Any], experiment: Ready, training: Training) -> None:
    """Moments of every weight that has been trained: torch begins those that are missing anew."""
    (found,), module = checkpoint["optimizer_states"], experiment.module
    expected = module.configure_optimizers()
    _need(len(found["param_groups"]) == len(expected.param_groups), "its optimiser has other groups of weights")
    parameters: list[Tensor] = []
    for group, ours in zip(found["param_groups"], expected.param_groups, strict=True):
        numbers = range(len(parameters), len(parameters) + len(ours["params"]))
        _need(list(group["params"]) == list(numbers), "its optimiser has other weights")
        for name in ("weight_decay", "eps"):  # rates and momentum are set anew at every step
            _need(type(group[name]) is float and group[name] == ours[name], f"its optimiser has another {name}")
        for name in ours.keys() & group.keys() - {"params", "weight_decay", "eps", "lr", "betas"}:
            _need(type(group[name]) in (bool, type(None)), f"its optimiser's {name} is neither on nor off")
        parameters += ours["params"]
    for number, state in found["state"].items():
        _need(number in range(len(parameters)), "its optimiser has other weights")
        _need(0 <= float(state["step"]) <= checkpoint["global_step"], "a step of its optimiser is not one of this run")
        for moment in _MOMENTS:
            _check_tensor(state[moment], parameters[number], f"{moment} of weight {number}")
    taken = checkpoint["global_step"] - len(checkpoint["callbacks"]["bad_steps"]["skipped"])
    missing = [one for number, one in enumerate(parameters) if number not in found["state"]]
    if missing and taken > 0 and training.precision != "16":  # a gradient scaler may have skipped all steps
        _need(not _used(experiment, missing), "its optimiser has lost the moments of some weights")


def _used(experiment: Ready, parameters: Sequence[Tensor]) -> bool:
    """Whether a loss depends on any of some weights; there are models that have idle ones."""
    with torch.random.fork_rng([]), memory_for(lambda: "the largest batch"):
        loss = experiment.module.objective.sums(experiment.module.model, experiment.worst_batch(), 0).loss
        return any(one is not None for one in torch.autograd.grad(loss, parameters, allow_unused=True))


def _check_random(states: Any, device: torch.device) -> None:
    """States that the generators of this machine take."""
    for state in [states] if isinstance(states, dict) else states:
        torch.Generator().set_state(state["cpu"])
        for one in state["cuda"]:
            _need(isinstance(one, Tensor) and one.dtype is torch.uint8, "a random state is not bytes")
            if device.type == "cuda":
                torch.Generator(device).set_state(one)
