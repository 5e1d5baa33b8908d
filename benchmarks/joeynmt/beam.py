"""Translation speed: sentences a second by beam search, each side in its best batch size, with models of like quality.

The models are those of the race: JoeyNMT's after its time, and s2s's of equal sizes when it had caught up.
"""

import sys
from statistics import median
from typing import Any

from benchmarks.joeynmt.child import ask
from benchmarks.joeynmt.material import EQUAL, TEST, Material
from benchmarks.joeynmt.place import HERE, JOEYNMT
from benchmarks.joeynmt.race import model
from benchmarks.joeynmt.report import show, spread, write
from s2s.metrics.score import score

SIZES = {"JoeyNMT": (8, 32, 64, 128, 256), "s2s": (512, 1024, 2048, 4096, 8192)}
"""Batch sizes that are tried: JoeyNMT's in sentences, ours in padded source tokens."""
UNITS = {"JoeyNMT": "sentences", "s2s": "tokens"}


def beam(material: Material, width: int, repetitions: int, threads: int) -> None:
    """Find each side's best batch size for a beam of this width, then measure both in turn, again and again."""
    config, run = material.config("race-theirs"), model(material, str(EQUAL))
    if not (material.work / "models" / "race-theirs" / "latest.ckpt").exists() or not (run / "model").exists():
        sys.exit("beam translates with the models of the race; run race first")

    def measure(name: str, sizes: tuple[int, ...]) -> tuple[list[dict[str, float]], float]:
        command: list[object]
        if name == "JoeyNMT":
            command = [JOEYNMT, HERE / "theirs.py", "translate", config, "test"]
        else:
            command = [sys.executable, "-m", "benchmarks.joeynmt.ours", "translate", run / "model"]
            command += [material.data.path, TEST]
        command += [width, outputs[name], *sizes]
        return ask(command, material.work / "logs" / f"beam-{name.lower()}", threads)

    outputs = {name: material.work / "models" / f"{name.lower()}.{TEST}" for name in SIZES}
    results: dict[str, Any] = {}
    for name, sizes in SIZES.items():
        sweep, _ = measure(name, sizes)
        best = max(sweep, key=lambda one: one["sentences_per_second"])
        results[name] = {"sweep": sweep, "size": int(best["size"]), "rates": [], "peaks": []}
        for tried in sweep:
            print(f"{name}: {tried['size']} {UNITS[name]}, {tried['sentences_per_second']:.1f}/s", file=sys.stderr)
    for _ in range(repetitions):
        for name, result in results.items():
            (one,), peak = measure(name, (result["size"],))
            result["rates"].append(one["sentences_per_second"])
            result["peaks"].append(peak)
    base = median(results["JoeyNMT"]["rates"])
    rows: list[list[str]] = []
    references = material.references("test")
    for name, result in results.items():
        hypotheses = outputs[name].read_text(encoding="utf-8").split("\n")[:-1]
        result["bleu"] = score("bleu", hypotheses, references, material.data.languages[1], bootstrap=0).value
        batch = f"{result['size']:,} {UNITS[name]}"
        rates = result["rates"]
        rows.append([name, batch, spread(rates), f"{median(rates) / base:.2f}x", f"{result['bleu']:.2f}"])
        rows[-1].append(f"{max(result['peaks']):,.0f}")
    show([f"beam {width}, {TEST}", "batch", "sentences/s", "ratio", "BLEU", "peak MiB"], rows)
    write(material.work, "beam", {"beam": width, "repetitions": repetitions, "threads": threads}, results)
