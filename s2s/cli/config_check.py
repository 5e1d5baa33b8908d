"""What `s2s check` reports of a config, and of what training it on a dataset will take."""

from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from s2s.cli.describing import describe_model
from s2s.cli.outside import OPTION
from s2s.cli.printing import notice
from s2s.config.experiment import Experiment
from s2s.config.series import SeriesSource
from s2s.config.target import Named
from s2s.config.training import AUTO, LOSS
from s2s.config.vocabulary import Characters, PlainPieces
from s2s.metrics.names import check_metric
from s2s.text.charset import DEFAULT, Charset
from s2s.text.listed import SPECIALS
from s2s.training.doubts import doubt_schedule

if TYPE_CHECKING:
    import torch

    from s2s.training.experiment import Ready


def check_config(
    path: Path, config: Experiment, data: str | None, extra: list[str], allow_outside: bool
) -> Iterator[str]:
    """What a config trains, and with `data` what that will take; `extra` are its keys on the command line."""
    training, written = config.training, getattr(config.target, "vocabulary", None)
    if config.validation.metric not in (LOSS, AUTO):
        check_metric(config.validation.metric)
    if isinstance(written, Characters) and written.characters:
        Charset(written.characters)
    yield f"{path}: a sound config, task {config.task}"
    if training.precision == "16":
        yield "training.precision 16 needs a GPU"
    if doubt := doubt_schedule(config.schedule, training.steps):
        yield doubt
    if data is None:
        yield from _ahead(config)
        budget = f"{config.batches.budget:,} padded {config.source.unit}"
        yield f"{training.steps:,} steps of {config.batches.accumulate} x {budget}"
        yield "--data DATA shows what training it will take"
        return
    experiment = _experiment(config, data, allow_outside)
    yield from experiment.account
    steps = experiment.data.sampler.steps(0)
    yield f"{training.steps:,} steps, which are {training.steps / steps:.1f} epochs"
    yield from _memory(config, experiment)
    keys = "".join(f" {quote(one)}" for one in extra)
    yield f"next: s2s train {quote(str(path))} --data {quote(data)} --out RUN{keys}{OPTION * allow_outside}"


def _ahead(config: Experiment) -> Iterator[str]:
    """The vocabularies and the model of a config whose data is not known yet."""
    if isinstance(config.source, SeriesSource):
        yield f"the columns of the training series, as {config.source.features}"
        return
    sizes: dict[str, int] = {}
    for side in ("source", "target"):
        part = getattr(getattr(config, side), "vocabulary", None)
        if part == "source":
            sizes[side] = sizes["source"]
        elif isinstance(part, PlainPieces):
            sizes[side] = part.size
            yield f"{side} vocabulary of at most {part.size:,} {part.kind} subwords"
        elif isinstance(part, Characters) and part.alphabet == "data":
            yield "every character of the training labels"
            return
        elif isinstance(part, Characters):
            characters = part.characters or DEFAULT
            sizes[side] = len(SPECIALS) + len(characters)
            yield f"{len(characters):,} characters: {characters}"
    if isinstance(config.target, Named):
        yield config.target.names
        return
    yield from describe_model(config, sizes)


def _experiment(config: Experiment, data: str, allow_outside: bool) -> "Ready":
    """All that training would begin with."""
    import torch

    from s2s.training.experiment import build_experiment, set_up
    from s2s.training.origin import Place

    setup = set_up(config, data, allow_outside=allow_outside)
    return build_experiment(setup, Place(torch.device("cpu"), Path("model"), "", notice))


def _memory(config: Experiment, experiment: "Ready") -> Iterator[str]:
    """What the worst batch keeps for its backward pass, measured by a forward pass; and what the weights take."""
    import torch

    kept: dict[int, int] = {}
    parameters = list(experiment.module.parameters())
    own = {parameter.untyped_storage().data_ptr() for parameter in parameters}

    def count(tensor: "torch.Tensor") -> "torch.Tensor":
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
        loss = experiment.module.objective.sums(experiment.module.model, experiment.worst_batch(), 0).loss
    copies = 4 + bool(config.training.ema) + config.training.average  # weights, gradients, two moments, averages
    weights = sum(parameter.numel() * parameter.element_size() for parameter in parameters) * copies
    del loss
    yield (
        f"memory: {weights / 1e6:,.0f} MB for weights, gradients, optimiser and averages, "
        f"{sum(kept.values()) / 1e6:,.0f} MB for the largest batch, beside the libraries' own"
    )
