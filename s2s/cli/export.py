"""`s2s export`: a model out of its run, as a directory that travels."""

import argparse
import csv
from pathlib import Path
from typing import Any

HELP = "write a model as one directory that needs nothing else"
_EPILOG = """\
The directory holds config.json, model.safetensors, the vocabulary and README.md, a card that tells what the model is,
how it was made and how good it is. Every command takes it for MODEL, here and on any other machine. Out of a run, the
card also tells how many minutes the model had been trained.

--scores has the card tell what `s2s evaluate --json FILE` measured, instead of what validation found while training;
give it once for every file.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("model", metavar="MODEL", help="a run, a model directory, a checkpoint or a shipped model")
    parser.add_argument("--out", metavar="DIR", required=True, help="the new directory; it must not exist yet")
    parser.add_argument("--half", action="store_true", help="store matrices in 16 bits, for half the size")
    parser.add_argument("--scores", metavar="FILE", action="append", default=[], help="scores for the card; see below")


def run(args: argparse.Namespace, extra: list[str]) -> int:
    """Write the model."""
    from dataclasses import replace

    from s2s.bundle.load import load
    from s2s.bundle.save import save
    from s2s.cli.scoring import read_scores
    from s2s.data.whole import check_new

    check_new(Path(args.out))
    measured: dict[str, Any] = {}
    for file in args.scores:
        measured |= read_scores(Path(file))
    bundle = load(args.model)
    info = {**bundle.info, "scores": measured or bundle.info.get("scores", {})}
    training = info.get("training", {})
    if (minutes := _minutes(Path(args.model) / "metrics.csv", training.get("step"))) is not None:
        info["training"] = {**training, "minutes": minutes}
    save(args.out, replace(bundle, info=info), half=args.half)
    size = sum(path.stat().st_size for path in Path(args.out).iterdir())
    print(f"{args.out}: {bundle.parameters:,} parameters, {size / 1e6:.1f} MB")
    return 0


def _minutes(metrics: Path, step: object) -> int | None:
    """How long a run had trained at a step, as its table tells; None where there is none."""
    try:
        with metrics.open(newline="", encoding="utf-8") as file:
            seconds = [float(row["seconds"]) for row in csv.DictReader(file) if row["step"] == str(step)]
    except (OSError, KeyError, ValueError):
        return None
    return round(seconds[-1] / 60) if seconds else None
