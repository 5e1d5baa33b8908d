"""What test_processes.py has two processes do: `torchrun --nproc-per-node 2 -m tests.training.ranks DATA PICTURES OUT`.

One launch does everything, for each costs seconds of imports. Each process writes what it saw to OUT/rank-N.json.
"""

import io
import json
import os
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import batch_norm

import s2s.cli.main
from s2s.cli.main import main
from s2s.config.errors import WorkError
from s2s.config.strict import to_yaml
from s2s.inference.recognizer import Recognizer
from s2s.inference.translator import Translator
from s2s.training.interruption import Interruption
from s2s.training.module import TrainingModule
from s2s.training.processes import joined, rank
from s2s.training.run import train
from tests.bars import bars_config
from tests.training.tiny import EVERYTHING, silent, tiny

STILL = {"dropout": 0.0, "embedding_dropout": 0.0}
EXACT = {"training": {"precision": "64"}, "validation": {"every": 20, "samples": 12, "metric": "chrf"}}


def words(accumulate: int) -> Any:
    """Nothing random, and sums that keep their digits; several batches to translate."""
    return tiny(
        model={
            "encoder": {"embedding": 32, "hidden": 32, **STILL},
            "attention": {"size": 32},
            "decoder": {"embedding": 32, "hidden": 32, **STILL},
        },
        batches={"tokens": 128, "max_length": 60, "accumulate": accumulate},
        optimizer={"lr": 0.02},
        decoding={"batch_tokens": 12},
        **EXACT,
    )


def bars(accumulate: int) -> Any:
    """The same of a reader of pictures."""
    return bars_config(
        batches={"pixels": 30_000, "accumulate": accumulate},
        decoding={"batch_pixels": 2_000},
        training={**EXACT["training"], "steps": 20},
        validation={**EXACT["validation"], "metric": "cer", "samples": 10},
    )


def freeze_norms() -> Any:
    """Batch norms go by their running averages, and these stay; returns what takes that back."""
    usual = torch.nn.BatchNorm2d.forward

    def frozen(self: Any, input: torch.Tensor) -> torch.Tensor:
        return batch_norm(input, self.running_mean, self.running_var, self.weight, self.bias, False, 0.0, self.eps)

    torch.nn.BatchNorm2d.forward = frozen  # type: ignore[method-assign]
    return lambda: setattr(torch.nn.BatchNorm2d, "forward", usual)


def call(*arguments: object) -> dict[str, Any]:
    """A command, as this process of it ended."""
    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["/somewhere/s2s/__main__.py", *map(str, arguments)]
    with redirect_stdout(out), redirect_stderr(err):
        status = main(sys.argv[1:])
    return {"status": status, "out": out.getvalue(), "err": err.getvalue()}


def watched(config: Any, data: Path, out: Path) -> dict[str, Any]:
    """A run, what this process was given of its batches, how many it searched, and what its model is in the end."""
    seen: dict[str, Any] = {"batches": [], "searched": 0}
    task: list[TrainingModule] = []
    step = TrainingModule.training_step
    searches = Translator.search, Recognizer.search

    def watched_step(self: TrainingModule, batch: Any, index: int) -> Any:
        seen["batches"].append([batch.epoch, batch.rows.tolist()])
        task[:] = [self]
        return step(self, batch, index)

    def counted(search: Any) -> Any:
        def search_and_count(self: Any, job: Any) -> Any:
            seen["searched"] += 1
            return search(self, job)

        return search_and_count

    TrainingModule.training_step = watched_step
    Translator.search, Recognizer.search = (counted(one) for one in searches)
    try:
        outcome = train(config, data, out, device="cpu", console=silent())
    finally:
        TrainingModule.training_step = step
        Translator.search, Recognizer.search = searches
    state = task[0].model.state_dict().values()
    seen["sum"] = float(torch.stack([one.double().abs().sum() for one in state]).sum()).hex()
    return seen | {"best": outcome.best, "seed": torch.initial_seed()}


def interrupted(by: signal.Signals, *arguments: object) -> dict[str, Any]:
    """A command of which the second process alone is told to stop, after step 7."""
    step = Interruption.on_step_end

    def interrupt(self: Interruption, trainer: Any, task: TrainingModule, batch: Any) -> None:
        if trainer.global_step == 7 and rank() == 1:
            os.kill(os.getpid(), by)
        step(self, trainer, task, batch)

    Interruption.on_step_end = interrupt  # type: ignore[method-assign]
    try:
        return call(*arguments)
    finally:
        Interruption.on_step_end = step  # type: ignore[method-assign]


def failing(*arguments: object) -> dict[str, Any]:
    """A command that fails in the second process, in a step."""
    step = TrainingModule.training_step

    def fail(self: TrainingModule, batch: Any, index: int) -> Any:
        if index == 3 and rank() == 1:
            raise WorkError("the cable was pulled")
        return step(self, batch, index)

    TrainingModule.training_step = fail  # type: ignore[method-assign]
    return call(*arguments)


def everything(data: Path, pictures: Path, out: Path) -> dict[str, Any]:
    """All of it, by name."""
    settings = out / f"config-{rank()}.yaml"
    settings.write_text(to_yaml(tiny(**EVERYTHING)), encoding="utf-8")
    command = ["train", settings, "--data", data, "--device", "cpu", "--out"]
    found = {"words": watched(words(1), data, out / "words")}
    thaw = freeze_norms()
    found["bars"] = watched(bars(1), pictures, out / "bars")
    thaw()  # or it would learn nothing so soon
    found["norms"] = watched(bars(1), pictures, out / "norms")
    found["whole"] = call(*command, out / "whole")
    found["interrupted"] = interrupted(signal.SIGTERM, *command, out / "resumed")
    found["ctrl-c"] = interrupted(signal.SIGINT, *command, out / "ctrl-c")
    found["resumed"] = call(*command, out / "resumed", "--resume")
    found["exists"] = call(*command, out / "whole")
    found["elsewhere"] = call("train", settings, "--data", data if rank() == 0 else out / "absent", "--out", out / "no")
    stops = ["--optimizer.lr", "1e-9", "--training.steps", "50", "--training.patience", "2", "--validation.every", "3"]
    found["stopped"] = call(*command, out / "stopped", *stops)
    found["failed"] = failing(*command, out / "failed")  # the last, for it parts them
    return found


if __name__ == "__main__":
    data, pictures, out = map(Path, sys.argv[1:])
    s2s.cli.main.wait_for_printing = lambda: None  # nobody leaves here, whatever has failed
    with joined("cpu"):
        found = everything(data, pictures, out)
        (out / f"rank-{rank()}.json").write_text(json.dumps(found), encoding="utf-8")
        os._exit(0)
