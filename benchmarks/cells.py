"""`python -m benchmarks.cells --data DATA`: vanilla RNN, GRU and LSTM beside each other.

Each is trained as a language model of the same sizes, on the same windows and with the same settings, by what `s2s
train` runs. Before and after, the loss of one token is followed back through time: the norm of its gradient by the
state of the layers k steps before, beside that by the state which it is read from.
"""

from __future__ import annotations

import argparse
import csv
import json
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from s2s.bundle.bundle import Bundle
from s2s.bundle.load import load
from s2s.cli.parser import pair_overrides
from s2s.config.experiment import read_experiment
from s2s.config.find import find
from s2s.data.store import open_dataset
from s2s.data.streams import lay_out
from s2s.nn.model import LanguageModel, build_model
from s2s.training.language_material import encode
from s2s.training.run import train

CELLS = ("rnn", "gru", "lstm")
BACK = (1, 10, 25, 50, 100)
"""Steps back in time that the table shows."""
ROWS, STEPS = 32, 128
"""The stretch of text that gradients are followed through: streams, and steps of each."""
METRIC = "bits_per_character"
SMALL = {
    "model.decoder.hidden": "128",
    "model.decoder.layers": "1",
    "model.decoder.dropout": "0",
    "optimizer.lr": "0.01",
    "schedule.warmup": "30",
    "training.steps": "400",
    "validation.every": "25",
    "validation.metric": METRIC,
}
"""What makes a run of it that takes minutes."""


@dataclass(frozen=True)
class Row:
    """What was measured of one cell."""

    cell: str
    parameters: int
    scores: dict[int, float]
    """Of each validation, by step: bits a character."""
    seconds: float
    """Of a processor that training took, validations included; what else the machine does hardly counts."""
    start: list[float]
    """Norms of the gradient by the state 0, 1, 2 ... steps back, before the first step of training."""
    end: list[float]
    """The same of the trained model."""

    @property
    def best(self) -> float:
        """The score of its best validation."""
        return min(self.scores.values())

    def steps_to(self, score: float) -> int | None:
        """The first validation with a score as good as that; None if there is none."""
        return next((step for step, found in self.scores.items() if found <= score), None)


def gradients(model: LanguageModel, read: Tensor, written: Tensor) -> list[float]:
    """Norms of dL/ds(T-k) for k = 0, 1, ..., T-1; L is the loss of the last of `written` (B, T), the mean over rows.

    s is all that the layers carry from step to step: h, and an LSTM's c.
    """
    model = model.double().eval()
    state, states = model.decoder.start(None, len(read)), []
    for tokens in read.split(1, 1):
        output = model.decoder.step(tokens, None, state)
        state = output.state
        states.append([part for layer in state.layers for part in layer])
    loss = torch.nn.functional.cross_entropy(output.logits.squeeze(1), written[:, -1], reduction="sum")
    parts = [part for step in states for part in step]
    found = torch.autograd.grad(loss, parts, materialize_grads=True, allow_unused=True)
    each = torch.cat(found, 1).unflatten(1, (len(states), -1))  # (B, T, parts, H)
    return each.flatten(2).norm(dim=2).mean(0).flip(0).tolist()


def fresh(bundle: Bundle) -> LanguageModel:
    """The model as its training began."""
    torch.manual_seed(bundle.config.training.seed)
    model = build_model(bundle.config, bundle.sizes)
    assert isinstance(model, LanguageModel)
    return model


def measure(cell: str, config: str, data: str, out: Path, settings: Sequence[tuple[str, str]], threads: int) -> Row:
    """Train a language model of one kind of cell into a run folder, and look at it."""
    settings = [*SMALL.items(), *settings, ("model.decoder.cell", cell)]
    begun = time.process_time()
    outcome = train(read_experiment(find("configs", config), settings), data, out, device="cpu", threads=threads)
    seconds = time.process_time() - begun
    with (out / "metrics.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    scores = {int(row["step"]): float(row[f"validation_{METRIC}"]) for row in rows if row[f"validation_{METRIC}"]}
    bundle = load(outcome.folder)
    tokens = encode(open_dataset(data).lines("val"), bundle.vocabularies["target"])
    read, written = (torch.from_numpy(one[:, :STEPS]) for one in lay_out(tokens, ROWS))
    assert isinstance(bundle.model, LanguageModel)
    return Row(
        cell,
        bundle.parameters,
        scores,
        seconds,
        gradients(fresh(bundle), read, written),
        gradients(bundle.model, read, written),
    )


def tables(rows: Sequence[Row]) -> str:
    """Markdown: what training came to, and how much of the gradient is left after so many steps back in time."""
    score = max(row.best for row in rows)
    lines = [
        f"| cell | parameters | best, bits a character | steps to {score:.3f} | CPU seconds |",
        "|---|---|---|---|---|",
        *(
            f"| {row.cell} | {row.parameters:,} | {row.best:.3f} | {row.steps_to(score):,} | {row.seconds:.0f} |"
            for row in rows
        ),
        "",
        f"| gradient left, steps back | {' | '.join(map(str, BACK))} |",
        f"|---|{'---|' * len(BACK)}",
    ]
    for row in rows:
        for when, norms in (("at the start", row.start), ("trained", row.end)):
            shares = " | ".join(f"{norms[back] / norms[0]:.1e}" for back in BACK)
            lines.append(f"| {row.cell}, {when} | {shares} |")
    return "\n".join(lines)


def draw(rows: Sequence[Row], path: Path) -> None:
    """The gradient's norm over the steps back, at the start and trained."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.5), layout="constrained")
    for axes, when in zip(figure.subplots(1, 2, sharey=True), ("start", "end"), strict=True):
        for row in rows:
            axes.semilogy(getattr(row, when), label=row.cell)
        axes.set(xlabel="steps back in time", title={"start": "at the start", "end": "trained"}[when])
        axes.legend()
    figure.supylabel("norm of the gradient")
    figure.savefig(path, dpi=120)


def main() -> None:
    """Train, measure, print the tables and write the numbers."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.cells",
        description="RNN, GRU and LSTM beside each other; further options are keys of the config",
    )
    parser.add_argument("--data", required=True, help="a prepared text")
    parser.add_argument("--config", default="language/shakespeare", help="a language model")
    parser.add_argument("--cells", nargs="+", choices=CELLS, default=CELLS)
    parser.add_argument("--out", type=Path, default=Path("runs/benchmarks/cells"), help="a new folder")
    parser.add_argument("--threads", type=int, default=1)
    args, extra = parser.parse_known_args()
    settings = pair_overrides(extra)
    cells = dict.fromkeys(args.cells)
    rows = [measure(cell, args.config, args.data, args.out / cell, settings, args.threads) for cell in cells]
    about = {"torch": torch.__version__, "machine": platform.platform(), "settings": SMALL | dict(settings)}
    found = {**about, "threads": args.threads, "cells": [asdict(row) for row in rows]}
    (args.out / "cells.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    draw(rows, args.out / "gradients.png")
    print(tables(rows))


if __name__ == "__main__":
    main()
