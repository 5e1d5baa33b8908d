"""`python -m benchmarks.backbones`: recognisers on the three backbones, side by side, pictures of 32 x 100.

The whole network is measured, recurrent layers and CTC head included, two ways: a forward pass in evaluation with the
norms folded in, as `transcribe` runs it, and a training step: forward, loss, backward, clipping, AdamW. The contestants
take turns, round after round, because the speed of a shared machine drifts; the median over the rounds counts.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import torch

from s2s.config.experiment import experiment_from
from s2s.nn.backbones.convolution import fold_norms
from s2s.nn.cost import reading_operations
from s2s.nn.losses import ctc
from s2s.nn.model import EncoderHead, build_model
from s2s.text.charset import DEFAULT, Charset
from s2s.text.vocabulary import EOS

HEIGHT, WIDTH, LETTERS = 32, 100, 6
# The recurrent layers of both papers: two of 256 units each way, plain.
PUBLISHED = {"hidden": 256, "layers": 2, "residual": False, "layer_norm": False, "dropout": 0.0}
CONTESTANTS: dict[str, dict[str, object]] = {
    "vgg": {"source": {"kind": "image", "backbone": {"kind": "vgg"}}, "model": {"encoder": PUBLISHED}},
    "resnet": {"source": {"kind": "image", "backbone": {"kind": "resnet"}}, "model": {"encoder": PUBLISHED}},
    "light": {"source": {"kind": "image"}},
}


@dataclass(frozen=True)
class Row:
    """What was measured of one network."""

    name: str
    parameters: int
    gflop: float
    """Of one picture's forward pass, two operations for a multiplication and an addition."""
    forward: float
    """Pictures a second."""
    training: float
    """Pictures a second."""


def build(name: str) -> EncoderHead:
    """A contestant with fresh weights, 95 characters."""
    torch.manual_seed(0)
    model = build_model(
        experiment_from(CONTESTANTS[name] | {"target": {"kind": "ctc"}}, name), {"target": len(Charset(DEFAULT))}
    )
    assert isinstance(model, EncoderHead)
    return model


def pictures(rows: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Noise, and its widths."""
    return torch.randint(0, 256, (rows, 1, HEIGHT, WIDTH), dtype=torch.uint8), torch.full((rows,), WIDTH)


def forward_pass(model: EncoderHead, rows: int) -> Callable[[], None]:
    """Reads one batch."""
    model = copy.deepcopy(model).eval()
    fold_norms(model)
    inputs = pictures(rows)

    def run() -> None:
        with torch.inference_mode():
            model(*inputs)

    return run


def training_step(model: EncoderHead, rows: int) -> Callable[[], None]:
    """Learns from one batch."""
    model = copy.deepcopy(model).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    inputs = pictures(rows)
    targets = torch.randint(EOS + 1, len(Charset(DEFAULT)), (rows, LETTERS))
    lengths = torch.full((rows,), LETTERS)

    def run() -> None:
        optimizer.zero_grad()
        loss, _ = ctc(*model(*inputs), targets, lengths)
        (loss / rows).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return run


def race(runs: dict[tuple[str, str], Callable[[], None]], rounds: int) -> dict[tuple[str, str], float]:
    """Median seconds of each run, over so many rounds in which all take their turn."""
    seconds: dict[tuple[str, str], list[float]] = {key: [] for key in runs}
    for number in range(rounds + 1):
        for key, run in runs.items():
            start = time.perf_counter()
            run()
            if number:  # the first round warms up
                seconds[key].append(time.perf_counter() - start)
    return {key: median(values) for key, values in seconds.items()}


def measure(names: list[str], rows: int, rounds: int) -> list[Row]:
    """Race the contestants."""
    models = {name: build(name) for name in names}
    runs = {(name, "forward"): forward_pass(model, rows) for name, model in models.items()}
    runs |= {(name, "training"): training_step(model, rows) for name, model in models.items()}
    seconds = race(runs, rounds)
    return [
        Row(
            name,
            sum(parameter.numel() for parameter in model.parameters()),
            reading_operations(model, pictures(1)[0]) / 1e9,
            *(rows / seconds[name, what] for what in ("forward", "training")),
        )
        for name, model in models.items()
    ]


def table(rows: list[Row]) -> str:
    """Markdown, with speeds beside those of the first row."""
    lines = ["| network | parameters | GFLOP | forward, images/s | training, images/s |", "|---|---|---|---|---|"]
    for row in rows:
        forward, training = row.forward / rows[0].forward, row.training / rows[0].training
        lines.append(
            f"| {row.name} | {row.parameters / 1e6:.2f} M | {row.gflop:.3f} "
            f"| {row.forward:.0f} ({forward:.1f}x) | {row.training:.0f} ({training:.1f}x) |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure, print the table and, if asked, write the numbers."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backbones", description="recognisers side by side")
    parser.add_argument("names", nargs="*", metavar="NETWORK", help=f"of {', '.join(CONTESTANTS)}; default all")
    parser.add_argument("--batch", type=int, default=64, help="pictures a batch")
    parser.add_argument("--rounds", type=int, default=10, help="turns of each, after one to warm up")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write the numbers here")
    args = parser.parse_args()
    if unknown := set(args.names) - set(CONTESTANTS):
        parser.error(f"no network {', '.join(sorted(unknown))}; there are {', '.join(CONTESTANTS)}")
    torch.set_num_threads(args.threads)
    rows = measure(args.names or list(CONTESTANTS), args.batch, args.rounds)
    print(f"{HEIGHT} x {WIDTH}, batch {args.batch}, {args.threads} threads, torch {torch.__version__}, channels_last\n")
    print(table(rows))
    if args.json:
        args.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
