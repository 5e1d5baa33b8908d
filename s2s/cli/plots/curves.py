"""Learning curves of runs, from their metrics.csv."""

import csv
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from s2s.cli.plots.plot import Plot, style
from s2s.config.errors import RequestError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

METRICS = "metrics.csv"
_PANELS = {"loss": "loss (nats a token)", "learning_rate": "learning rate", "gradient_norm": "gradient norm"}
_AGAINST = ("step", "epoch", "seconds", "nll")

Curve = tuple[list[float], list[float]]
"""Steps and values."""


def plot_runs(folders: Sequence[Path]) -> list[Plot]:
    """One picture of all runs: loss, learning rate, gradient norm, speed, and every validation score."""
    runs = {str(folder): _read(folder / METRICS) for folder in folders}
    columns = list(dict.fromkeys(name for run in runs.values() for name in run if name not in _AGAINST))
    shown = [name for name in columns if name != "validation_loss"]

    def draw(figure: "Figure") -> None:
        wide = 2
        grid = figure.subplots(math.ceil(len(shown) / wide), wide, squeeze=False).flat
        for axes, name in zip(grid, shown, strict=False):
            for number, (folder, run) in enumerate(runs.items()):
                axes.plot(*run.get(name, ([], [])), **style(number), label=folder)
                if name == "loss":
                    axes.plot(*run.get("validation_loss", ([], [])), "o", markersize=3, color=style(number)["color"])
            axes.set_xlabel("optimiser steps")
            axes.set_ylabel(_label(name))
        for axes in list(grid)[len(shown) :]:
            axes.set_axis_off()
        figure.axes[0].legend(fontsize="small", title="line: training, dots: validation", title_fontsize="small")

    values = {
        "kind": "run",
        "runs": {one: {name: list(curve) for name, curve in run.items()} for one, run in runs.items()},
    }
    title = "Learning curves" if len(runs) > 1 else f"Learning curves of {folders[0]}"
    return [Plot("run", title, values, draw, (10, 2.6 * math.ceil(len(shown) / 2) + 0.4))]


def _label(name: str) -> str:
    plain = name.removeprefix("validation_").replace("_", " ")
    return _PANELS.get(name, f"{plain}, validation" if name.startswith("validation_") else plain)


def _read(path: Path) -> dict[str, Curve]:
    """Each column that has values. RequestError where there is no such table."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        found: dict[str, Curve] = {}
        for step, name, value in _cells(rows):
            steps, values = found.setdefault(name, ([], []))
            steps.append(step)
            values.append(value)
    except OSError as error:
        raise RequestError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        raise RequestError(f"{path}: not the table of a run ({error})") from None
    if not found:
        raise RequestError(f"{path}: has no rows yet; the first is written after 50 steps")
    return found


def _cells(rows: Sequence[dict[str, str]]) -> Iterator[tuple[float, str, float]]:
    for row in rows:
        for name, text in row.items():
            if text not in ("", None) and math.isfinite(value := float(text)):
                yield float(row["step"]), name, value
