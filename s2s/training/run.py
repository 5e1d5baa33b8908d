"""`train`: from a config and a dataset to a run directory with the best model in it."""

from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import lightning as L
import numpy as np
import torch
from lightning.pytorch.strategies import DDPStrategy
from rich.console import Console

from s2s.config.errors import RequestError, WorkError
from s2s.config.experiment import Experiment
from s2s.config.training import AUTO, LOSS
from s2s.config.visible import visible
from s2s.inference.device import choose_device, use_threads
from s2s.metrics.names import check_metric
from s2s.nn.out_of_memory import memory_for
from s2s.text.charset import Policy
from s2s.training.averaging import Averaging
from s2s.training.bad_steps import BadSteps
from s2s.training.checkpoints import (
    UNREADABLE,
    AtomicCheckpointIO,
    Checkpoints,
    check_processes,
    passes,
    read_checkpoints,
    set_aside,
    standing,
)
from s2s.training.damage import check_plain, check_whole
from s2s.training.doubts import doubt_schedule
from s2s.training.experiment import Ready, Setup, build_experiment, set_up
from s2s.training.folder import RunFolder
from s2s.training.interruption import Interruption
from s2s.training.journal import Journal
from s2s.training.lock import locked
from s2s.training.module import TrainingModule
from s2s.training.norms import SharedNorms
from s2s.training.origin import Place
from s2s.training.precision import NAMES, check_precision
from s2s.training.processes import environment, first, in_step, joined, per_node, rank, ranks, together
from s2s.training.progress import Screen
from s2s.training.quiet import quiet
from s2s.training.rehearsal import Rehearsal
from s2s.training.validation_callback import ValidationCallback


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    folder: Path
    step: int
    """Optimiser steps done."""
    metric: str
    best: float | None
    """The best validation score; None before the first validation."""
    best_step: int
    decoded: str
    """By what beam, and on what part of the validation split, the best was found."""
    signal: int | None
    """The signal that interrupted it, if one did."""


def train(
    config: Experiment,
    data: str | Path,
    out: str | Path,
    *,
    device: str = "auto",
    threads: int | None = None,
    resume: bool = False,
    start_from: str | Path | None = None,
    charset: Policy | None = None,
    allow_outside: bool = False,
    vocabulary_of: str | Path | None = None,
    given: Collection[str] | None = None,
    command: str = "",
    console: Console | None = None,
) -> Outcome:
    """Train a model, or go on training it; together with the other processes, where torchrun or SLURM started several.

    Args:
        config: the experiment.
        data: a prepared dataset with a split `train`; a data set of pictures for a recogniser.
        out: the run directory; it must not exist yet unless `resume`.
        device: auto, cpu or cuda.
        threads: CPU threads; by default what torch chooses.
        resume: go on from the run's last checkpoint, to the bit.
        start_from: a model whose vocabulary and weights a new run starts from, or did when it was new.
        charset: what becomes of that model's characters: `keep` them (the default), add those of the labels (`union`),
            or take those of the config (`new`).
        allow_outside: take in pictures that label tables and symlinks name outside the folder of the data.
        vocabulary_of: a model whose target vocabulary a new language model takes over.
        given: keys of the config that were set on purpose; None: those that have other values than the defaults.
        command: how this was asked for; the model's card quotes it.
        console: where progress is shown; standard error by default.

    Raises:
        RequestError: something is wrong with what was asked for; nothing was written.
        WorkError: training failed; the last checkpoint is intact.
    """
    console = console or Console(stderr=True)
    if not first():
        console = Console(quiet=True)

    def say(line: str) -> None:
        console.print(visible(line), markup=False, highlight=False, soft_wrap=True)

    folder = RunFolder(Path(out))
    with joined(device), ExitStack() as held:
        with together():
            if resume:
                folder.check_run()
                config, given = folder.as_begun(config), ()
            else:
                folder.check_new()
        with together():  # another block: nothing is there before all have looked
            if first():
                held.enter_context(locked(folder.path))
        with together():
            use_threads(threads)
            place = choose_device(device)
            check_precision(config.training.precision, place)
            if config.validation.metric not in (LOSS, AUTO):
                check_metric(config.validation.metric)
            if resume and not standing(folder.checkpoints):  # it begins anew, as it was begun
                facts = folder.facts()
                start_from, charset = start_from or facts.get("from"), charset or facts.get("charset")
                command = facts.get("command", command)
                vocabulary_of = vocabulary_of or facts.get("vocabulary_of")
            setup = set_up(config, data, start_from, charset, given, allow_outside, vocabulary_of)
            config = setup.config
            if doubt := doubt_schedule(config.schedule, config.training.steps):
                say(doubt)
            if resume:
                if changes := folder.check_same(config, setup.data.fingerprint):
                    say(f"this run goes on with {'; '.join(changes)}")
                if drift := folder.drift():
                    say(f"this run goes on, but perhaps not to the bit: {'; '.join(drift)}")
            experiment, path = _begin(setup, folder, Place(place, folder.model, command, say), resume)
            for line in experiment.account:
                say(line)
            if first():
                folder.create(config, setup.data, start_from, charset, command, vocabulary_of)
                if path is not None:
                    set_aside(path)
        if not first():
            # The weights began alike; what is dropped must not be.
            torch.manual_seed(_seed(config.training.seed, rank()))
        with in_step():
            outcome = _fit(config, experiment, folder, place, path, console)
    if outcome.signal is None and outcome.step < config.training.steps:
        say(f"stopped after step {outcome.step:,}: no better {outcome.metric} since step {outcome.best_step:,}")
    return outcome


def _begin(setup: Setup, folder: RunFolder, place: Place, resume: bool) -> tuple[Ready, Path | None]:
    """The experiment, and the newest checkpoint that it can go on from, if it is to."""
    training = setup.config.training
    for path, checkpoint in read_checkpoints(folder.checkpoints, place.say) if resume else ():
        if not passes(path, place.say, check_plain, checkpoint, setup.config):
            continue
        check_processes(folder.path, checkpoint)
        _check_ahead(folder.path, checkpoint["global_step"], training.steps, place.say)
        torch.manual_seed(training.seed)
        experiment = build_experiment(setup, place, checkpoint)
        if passes(path, place.say, check_whole, checkpoint, experiment, training, place.device):
            return experiment, path
    if resume and standing(folder.checkpoints):
        raise RequestError(f"{folder.checkpoints}: no checkpoint can be used; start a new run")
    if resume:
        place.say(f"{folder.path} has no checkpoint yet; it starts from the beginning")
    torch.manual_seed(training.seed)
    return build_experiment(setup, place), None


def _check_ahead(run: Path, step: int, steps: int, say: Callable[[str], None]) -> None:
    """RequestError for a run that is beyond the steps it is asked for; a finished one is reported."""
    if step > steps:
        raise RequestError(f"{run} is at step {step:,} already; set training.steps to that or more")
    if step == steps:
        say(f"{run} is at step {step:,} already, its last; a higher training.steps goes on")


def _seed(seed: int, place: int) -> int:
    """A seed for one of several processes."""
    return int(np.random.SeedSequence((seed, place)).generate_state(1, np.uint64)[0])


def _fit(
    config: Experiment,
    experiment: Ready,
    folder: RunFolder,
    place: torch.device,
    checkpoint: Path | None,
    console: Console,
) -> Outcome:
    """Run Lightning's trainer with our callbacks, in the order in which they act after a step."""
    cluster = environment()
    averaging, interruption = Averaging(config.training), Interruption()
    journal = Journal(folder.path, experiment.validator.names, experiment.module.unit, lambda line: screen.say(line))
    screen = Screen(console, journal)
    validation = ValidationCallback(
        experiment.validator, averaging, config.validation, config.training.patience, [journal, screen]
    )
    with quiet(), interruption:
        trainer = L.Trainer(
            accelerator="gpu" if place.type == "cuda" else "cpu",
            # Buffers are those of batch norms, which SharedNorms takes care of.
            strategy="auto" if cluster is None else DDPStrategy(broadcast_buffers=False),
            devices=per_node(),
            num_nodes=ranks() // per_node(),
            precision=NAMES[config.training.precision],  # type: ignore[arg-type]
            max_steps=config.training.steps,
            max_epochs=-1,
            accumulate_grad_batches=config.batches.accumulate,
            limit_val_batches=0,
            num_sanity_val_steps=0,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            use_distributed_sampler=False,
            default_root_dir=folder.path,
            plugins=[AtomicCheckpointIO(), *([] if cluster is None else [cluster])],
            callbacks=[
                BadSteps(folder.path, config.validation.every, experiment.examples, screen.say),
                SharedNorms(),
                averaging,
                Rehearsal(experiment.worst_batch),
                journal,
                screen,
                validation,
                interruption,
                Checkpoints(
                    folder.checkpoints,
                    config.validation.every,
                    experiment.bundle,
                    experiment.drawn,
                    averaging,
                    experiment.data,
                ),
            ],
        )
        try:
            with memory_for(lambda: _at_hand(experiment.module)):
                trainer.fit(experiment.module, datamodule=experiment.data, ckpt_path=checkpoint, weights_only=True)
        except UNREADABLE as error:
            if checkpoint is None or journal.begun:
                raise
            raise WorkError(
                f"{checkpoint} is damaged ({str(error).partition(chr(10))[0]}); move it away, and --resume goes on "
                "from the one before it, if any"
            ) from None
    return Outcome(
        folder.path,
        trainer.global_step,
        experiment.validator.metric,
        validation.best,
        validation.best_step,
        experiment.validator.decoded,
        interruption.signal,
    )


def _at_hand(module: TrainingModule) -> str:
    """The batch that is too large, and what to do."""
    batch = f", a batch of {module.at_hand}" if module.at_hand else ""
    return (
        f"step {module.global_step + 1:,}{batch}; the last checkpoint, if any, is intact; "
        f"lower batches.{module.budget}, in a new run --from this one's model"
    )
