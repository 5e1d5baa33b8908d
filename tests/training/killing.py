"""Runs in processes of their own, so that they can be killed: with SIGKILL, which nobody can catch, at a chosen moment.

The processes are forked from a server that has imported everything and computed nothing: seconds of imports are paid
once, and no library finds its threads gone.
"""

import multiprocessing
import os
import signal
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["s2s.training.run"])


def finish(config: Any, data: Path, out: Path, resume: bool = False) -> None:
    """Train to the end in a process of its own."""
    assert _in_a_process(config, data, out, resume, None) == 0


def kill(config: Any, data: Path, out: Path, moment: "str | tuple[int, float]") -> None:
    """Train until a moment, and die there: one of MOMENTS, or so many seconds after a step."""
    assert _in_a_process(config, data, out, False, moment) == -signal.SIGKILL


def _in_a_process(*arguments: Any) -> int | None:
    process = _SERVER.Process(target=_train, args=arguments)
    process.start()
    process.join(120)
    process.kill()  # where it hangs
    process.join()
    return process.exitcode


def _train(config: Any, data: Path, out: Path, resume: bool, moment: "str | tuple[int, float] | None") -> None:
    from s2s.training.run import train
    from tests.training.tiny import silent

    # As in a run of its own: the loader's workers are forked from it, and see that it has died. Forked from a server,
    # they would wait for ever.
    multiprocessing.set_start_method("fork", force=True)
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115, for what the loader's workers say of their parent's death
    if isinstance(moment, str):
        MOMENTS[moment]()
    elif moment is not None:
        _some_time_after(*moment)
    train(config, data, out, threads=1, resume=resume, console=silent())


def _die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _some_time_after(step: int, seconds: float) -> None:
    from s2s.training.interruption import Interruption

    after = Interruption.on_step_end

    def count_down(self: Any, trainer: Any, task: Any, batch: Any) -> None:
        if trainer.global_step == step:
            threading.Timer(seconds, _die).start()
        after(self, trainer, task, batch)

    Interruption.on_step_end = count_down  # type: ignore[method-assign]


def _at_the_second_call(owner: str, name: str, of: str | None = None, last_words: Any = _die) -> None:
    """Die when something is called for the second time, a method of a path so called if `of` names one.

    `last_words` is called with its arguments instead of it.
    """
    from importlib import import_module

    module, _, inner = owner.partition(":")
    place = import_module(module)
    place = getattr(place, inner) if inner else place
    function, calls = getattr(place, name), []

    def counted(*arguments: Any, **options: Any) -> Any:
        if of is None or arguments[0].name == of:
            calls.append(1)
        if len(calls) == 2:
            last_words(*arguments)
            _die()
        return function(*arguments, **options)

    setattr(place, name, counted)


def _half(content: Any, file: Any) -> None:
    import io

    import torch

    whole = io.BytesIO()
    torch.serialization.save(content, whole)
    file.write(whole.getvalue()[: len(whole.getvalue()) // 2])
    file.flush()


MOMENTS = {
    "between the batches of a step": partial(_at_the_second_call, "s2s.training.task:Task", "training_step"),
    "after the second judgement": partial(_at_the_second_call, "s2s.training.validation:Validation", "_is_best"),
    "while the model is written": partial(_at_the_second_call, "s2s.bundle.save", "write_codecs"),
    "while the model is put in its place": partial(_at_the_second_call, "pathlib:Path", "rename", ".model.partial"),
    "while a checkpoint is written": partial(_at_the_second_call, "torch", "save", None, _half),
    "while a checkpoint is put in its place": partial(_at_the_second_call, "pathlib:Path", "replace", "last.partial"),
    "while its folder is made": partial(_at_the_second_call, "s2s.training.folder", "write_whole"),
}
"""What to do so that a run dies there."""
