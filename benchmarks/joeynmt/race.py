"""Time to quality: JoeyNMT trains for half an hour, then s2s until it translates the validation set as well.

Both start from nothing (s2s's time includes training its subwords; JoeyNMT finds its own made), both validate greedily
every so many updates on their own time, and both are scored here, by sacreBLEU on detokenised text.
"""

import csv
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.joeynmt.child import Child, ask
from benchmarks.joeynmt.material import EQUAL, Material
from benchmarks.joeynmt.place import HERE, JOEYNMT
from benchmarks.joeynmt.report import show, write
from s2s.metrics.score import score

INTERRUPTED = 130
CONTESTANTS = {"s2s, translation/multi30k": "translation/multi30k", "s2s, equal sizes": str(EQUAL)}


def race(material: Material, minutes: float, every: int, threads: int) -> None:
    """Run both, one after the other."""
    theirs = _theirs(material, minutes, every, threads)
    target = max(one["bleu"] for one in theirs["curve"])
    results = {"JoeyNMT": theirs}
    rows = [["JoeyNMT", f"{target:.2f}", f"{minutes:.1f}", "", f"{theirs['peak']:,.0f}"]]
    for name, config in CONTESTANTS.items():
        out = model(material, config)
        results[name] = one = _ours(material, config, out, target, minutes, every, threads)
        spent, bleu = one["seconds"] / 60, max((point["bleu"] for point in one["curve"]), default=0.0)
        ratio = f"{minutes / spent:.1f}x" if bleu >= target else "not reached"
        rows.append([name, f"{bleu:.2f}", f"{spent:.1f}", ratio, f"{one['peak']:,.0f}"])
    show(["training to the same quality", "validation BLEU", "minutes", "faster", "peak MiB"], rows)
    write(material.work, "race", {"minutes": minutes, "every": every, "threads": threads}, results)


def model(material: Material, config: str) -> Path:
    """The run directory of a contestant."""
    return material.work / "models" / f"race-{Path(config).stem}"


def _theirs(material: Material, minutes: float, every: int, threads: int) -> dict[str, Any]:
    """Train JoeyNMT for so long; score its validations and its last weights."""
    logging = next(steps for steps in (50, 20, 10, 5, 2, 1) if every % steps == 0)
    config = material.config("race-theirs", training={"validation_freq": every, "logging_freq": logging})
    folder, logs = material.work / "models" / "race-theirs", material.work / "logs"
    shutil.rmtree(folder, ignore_errors=True)
    command = [JOEYNMT, "-m", "joeynmt", "train", config, "--skip-test"]
    with Child(command, logs / "race-theirs", threads) as child:
        while child.running() and child.seconds < 60 * minutes:
            time.sleep(0.2)
        seconds = child.seconds
        child.interrupt()  # it stores its weights, and ends
        child.wait()
    curve = []
    for path in sorted(folder.glob("*.hyps"), key=lambda path: int(path.stem)):
        after = path.stat().st_mtime - child.begun
        if after < seconds:
            curve.append({"step": int(path.stem), "seconds": after, "bleu": _bleu(material, path)})
    final = folder / "final.dev"
    ask([JOEYNMT, HERE / "theirs.py", "translate", config, "dev", "1", final, "64"], logs / "race-final", threads)
    step = int((folder / "latest.ckpt").resolve().stem)
    curve.append({"step": step, "seconds": seconds, "bleu": _bleu(material, final)})
    for point in curve:
        print("JoeyNMT: {seconds:.0f} s, step {step}, BLEU {bleu:.2f}".format(**point), file=sys.stderr)
    return {"seconds": seconds, "peak": child.peak, "curve": curve}


def _bleu(material: Material, path: Path) -> float:
    hypotheses = path.read_text(encoding="utf-8").split("\n")[:-1]
    return score("bleu", hypotheses, material.references("dev"), material.data.languages[1], bootstrap=0).value


def _ours(
    material: Material, config: str, out: Path, target: float, minutes: float, every: int, threads: int
) -> dict[str, Any]:
    """Train s2s until a validation reaches the target, or for as long as JoeyNMT."""
    shutil.rmtree(out, ignore_errors=True)
    command: list[object] = [sys.executable, "-m", "s2s", "train", config, "--data", material.data.path, "--out", out]
    command += ["--device", "cpu", "--threads", threads, "--validation.every", every]
    command += ["--validation.metric", "bleu", "--validation.beam", "1", "--validation.examples", "0"]
    curve: list[dict[str, Any]] = []
    with Child(command, material.work / "logs" / out.name, threads) as child:
        while child.running() and child.seconds < 60 * minutes and not (curve and curve[-1]["bleu"] >= target):
            time.sleep(0.2)
            for step, bleu in _validations(out / "metrics.csv")[len(curve) :]:
                curve.append({"step": step, "seconds": child.seconds, "bleu": bleu})
                print("s2s: {seconds:.0f} s, step {step}, BLEU {bleu:.2f}".format(**curve[-1]), file=sys.stderr)
        seconds = curve[-1]["seconds"] if curve and curve[-1]["bleu"] >= target else child.seconds
        if child.running():
            child.interrupt()
        child.wait(INTERRUPTED)
    return {"seconds": seconds, "peak": child.peak, "curve": curve}


def _validations(path: Path) -> list[tuple[int, float]]:
    """Step and BLEU of every validation so far."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if line.endswith("\n"))  # the last one may be half written
        return [(int(row["step"]), float(row["validation_bleu"])) for row in rows if row["validation_bleu"]]
