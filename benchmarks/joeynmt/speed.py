"""Training speed: target tokens a second, padding left out and end marks counted, after a warm-up."""

import csv
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import harmonic_mean, median
from typing import Any

from benchmarks.joeynmt.child import Child, ask
from benchmarks.joeynmt.material import EQUAL, Material
from benchmarks.joeynmt.place import HERE, JOEYNMT
from benchmarks.joeynmt.report import show, spread, write

WARMUP = 5
"""JoeyNMT's updates before the clock starts."""
ROWS = 50
"""Our steps between two readings of the clock; the first reading is our warm-up."""
WIDE = ["--model.decoder.embedding", "512"]

Run = Callable[[int], dict[str, Any]]


def speed(material: Material, updates: int, steps: int, repetitions: int, threads: int) -> None:
    """Measure all systems in turn, again and again: a shared machine's speed drifts."""

    def theirs(name: str, **changes: dict[str, Any]) -> Run:
        def run(repetition: int) -> dict[str, Any]:
            config = material.config(f"speed-{name}", training={"random_seed": repetition}, **changes)
            command = [JOEYNMT, HERE / "theirs.py", "train", config, WARMUP + updates, WARMUP]
            answer, peak = ask(command, material.work / "logs" / f"speed-{name}", threads)
            return answer | {"peak": peak}

        return run

    def ours(name: str, *overrides: str) -> Run:
        def run(repetition: int) -> dict[str, Any]:
            out = material.work / "models" / f"speed-{name}"
            shutil.rmtree(out, ignore_errors=True)
            log = material.work / "logs" / f"speed-{name}"
            command: list[object] = [sys.executable, "-m", "s2s", "train", EQUAL, "--data", material.data.path]
            command += ["--out", out, "--device", "cpu", "--threads", threads, "--seed", repetition, *overrides]
            # One validation, of one sentence, after the last reading.
            command += ["--training.steps", ROWS + steps, "--validation.every", ROWS + steps]
            command += ["--validation.examples", 1, "--validation.samples", 0]
            with Child(command, log, threads) as child:
                child.wait()
            count = [sys.executable, "-m", "benchmarks.joeynmt.ours", "sizes", out]
            answer, _ = ask(count, log.with_name(f"{log.name}-sizes"), threads)
            return answer | {"tokens_per_second": _read_rate(out / "metrics.csv"), "peak": child.peak}

        return run

    systems = {
        "JoeyNMT": theirs("theirs"),
        "s2s": ours("ours"),
        "JoeyNMT, no input feeding": theirs("theirs-unfed", decoder={"input_feeding": False}),
        "s2s, read-out 512": ours("ours-wide", *WIDE),
    }
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in systems}
    for repetition in range(1, repetitions + 1):
        for name, run in systems.items():
            results[name].append(run(repetition))
            print(f"{name}: {results[name][-1]['tokens_per_second']:,.0f} tokens/s", file=sys.stderr)
    base = median(one["tokens_per_second"] for one in results["JoeyNMT"])
    rows = []
    for name, ones in results.items():
        rates = [one["tokens_per_second"] for one in ones]
        parameters, matrices = ones[0]["parameters"], ones[0]["matrices"]
        # A matrix element costs a multiplication and an addition forwards, and twice that backwards.
        work = f"{parameters / 1e6:.1f} M", f"{6 * matrices / 1e6:.0f}"
        rows.append([name, *work, spread(rates), f"{median(rates) / base:.2f}x", f"{_peak(ones):,.0f}"])
    show(["training", "parameters", "MFLOP/token", "target tokens/s", "ratio", "peak MiB"], rows)
    settings = {"updates": updates, "steps": steps, "repetitions": repetitions, "threads": threads}
    write(material.work, "speed", settings, results)


def _read_rate(path: Path) -> float:
    """Tokens a second after the warm-up: the mean over readings of equally many steps."""
    with path.open(encoding="utf-8", newline="") as file:
        rates = [float(row["tokens_per_second"]) for row in csv.DictReader(file) if row["tokens_per_second"]]
    return harmonic_mean(rates[1:])


def _peak(ones: list[dict[str, Any]]) -> float:
    return max(one["peak"] for one in ones)
