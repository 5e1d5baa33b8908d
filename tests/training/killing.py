"""Runs in processes of their own, so that they can be killed: with SIGKILL, which nobody can catch, at a chosen moment.

The processes are forked from a server that has imported everything and computed nothing: seconds of imports are paid
once, and no library finds its threads gone. Run as a module by torchrun, this is `s2s` with one process that dies:

    torchrun --nproc-per-node 2 -m tests.training.killing RANK self|launcher MOMENT ARGUMENTS OF s2s...
"""

import json
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from tests.bars import STILL, bars_config
from tests.training.tiny import tiny

TRANSLATION = tiny(
    subwords={"sample": 0.3},
    loss={"r_drop": 1.0, "teacher_forcing": 0.5},
    batches={"accumulate": 2},
    optimizer={"lr": 0.01},
    training={"ema": 0.9},
    validation={"every": 5, "metric": "loss", "samples": 3},
)
RECOGNITION = bars_config(
    augmentation={**STILL, "warp_chance": 0.5, "noise_chance": 0.5},
    model={"encoder": {"hidden": 16, "layers": 2, "dropout": 0.3}},
    batches={"pixels": 30_000, "accumulate": 2},
    training={"ema": 0.9},
    validation={"every": 5},
)
"""Whatever draws random numbers or carries something from step to step."""


class Moment(NamedTuple):
    """When to die: so many seconds after the nth time that a process does something."""

    name: str
    """One of MOMENTS."""
    number: int = 2
    seconds: float = 0.0


PATIENCE = 300
"""Seconds that a process may take."""

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["s2s.training.run"])


def finish(config: Any, data: Path, out: Path, resume: bool = False) -> None:
    """Train to the end in a process of its own."""
    assert attempt(config, data, out, resume) == 0


def kill(config: Any, data: Path, out: Path, moment: Moment) -> None:
    """Train until a moment, and die there."""
    assert attempt(config, data, out, False, moment) == -signal.SIGKILL


def attempt(
    config: Any,
    data: Path,
    out: Path,
    resume: bool,
    moment: Moment | None = None,
    by: signal.Signals = signal.SIGKILL,
    log: Path | None = None,
) -> int | None:
    """Train until a moment, if it comes before the end; how the process ended, as multiprocessing has it.

    A traceback goes to `log`.
    """
    process = _SERVER.Process(target=_train, args=(config, data, out, resume, moment, by, log))
    process.start()
    process.join(PATIENCE)
    process.kill()  # where it hangs
    process.join()
    return process.exitcode


def _train(
    config: Any,
    data: Path,
    out: Path,
    resume: bool,
    moment: Moment | None,
    by: signal.Signals,
    log: Path | None,
) -> None:
    from s2s.training.run import train
    from tests.training.tiny import silent

    # As in a run of its own: the loader's workers are forked from it, and see that it has died. Forked from a server,
    # they would wait for ever.
    multiprocessing.set_start_method("fork", force=True)
    # For what the loader's workers say of their parent's death.
    sys.stderr = (log or Path(os.devnull)).open("a")
    if moment is not None:
        prepare(moment, partial(os.kill, os.getpid(), by))
    outcome = train(config, data, out, threads=1, resume=resume, console=silent())
    sys.exit(0 if outcome.signal is None else 128 + outcome.signal)


def prepare(moment: Moment, die: Callable[[], None]) -> None:
    """See to it that `die` is called at a moment of the training that follows in this process."""
    MOMENTS[moment.name](die if moment.seconds == 0 else partial(_later, moment.seconds, die), moment.number)


def _later(seconds: float, die: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, die)
    timer.daemon = True  # a run that has ended does not wait for its death
    timer.start()


def _at_a_call(
    owner: str, name: str, of: str | None, last_words: Callable[..., None] | None, die: Callable[[], None], number: int
) -> None:
    """Die when something is called for the nth time, a method of a path so called if `of` names one.

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
        if len(calls) == number:
            if last_words is not None:
                last_words(*arguments)
            die()
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
    "at the start": partial(_at_a_call, "s2s.training.run", "first", None, None),
    "after a step": partial(_at_a_call, "s2s.training.interruption:Interruption", "on_step_end", None, None),
    "between the batches of a step": partial(
        _at_a_call, "s2s.training.module:TrainingModule", "training_step", None, None
    ),
    "before a validation": partial(_at_a_call, "s2s.training.averaging:Averaging", "validating", None, None),
    "after the result": partial(_at_a_call, "s2s.training.validation_callback:Validation", "_is_best", None, None),
    "while the model is written": partial(_at_a_call, "s2s.bundle.save", "write_codecs", None, None),
    "while the model is put in its place": partial(_at_a_call, "pathlib:Path", "rename", ".model.partial", None),
    "while a checkpoint is written": partial(_at_a_call, "torch", "save", None, _half),
    "while a checkpoint is put in its place": partial(_at_a_call, "pathlib:Path", "replace", "last.partial", None),
    "while its folder is made": partial(_at_a_call, "s2s.training.folder", "write_atomically", None, None),
}
"""What to do so that a run dies there."""


def main(place: str, whom: str, moment: str, *arguments: str) -> int:
    """`s2s`, in which the process of a rank dies, or kills torchrun; each writes its number beside the run."""
    from s2s.cli.main import main
    from s2s.training.processes import rank

    out = Path(arguments[arguments.index("--out") + 1])
    out.with_name(f"{out.name}.rank-{rank()}").write_text(str(os.getpid()))
    if rank() == int(place):
        victim = os.getpid() if whom == "self" else os.getppid()
        prepare(Moment(*json.loads(moment)), partial(os.kill, victim, signal.SIGKILL))
    sys.argv = ["s2s", *arguments]
    return main(list(arguments))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
