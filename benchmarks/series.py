"""Series to classes: models of s2s, three seeds each, beside the nearest neighbour by dynamic time warping.

    python -m benchmarks.series data/basic_motions data/japanese_vowels --runs RUNS [--seeds 1 2 3] [--KEY VALUE ...]

Each data set is one that `s2s prepare` made. The neighbour is the simple standard: the training series with the least
cost of alignment (Sakoe & Chiba 1978; no window; all columns warped together, as they stand in the files), or without
alignment where all have one length. It sees train and val, as it learns nothing from either.
"""

import argparse
import io
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

import s2s
from s2s.config.experiment import read_experiment
from s2s.config.find import find
from s2s.data.series.store import open_series
from s2s.training.run import train

Floats = NDArray[np.float64]


def costs(one: Floats, others: Floats, lengths: NDArray[np.int64]) -> Floats:
    """Least cost of aligning a series (T, C) with each of several (N, S, C), of which `lengths` (N,) rows are real.

    Diagonal by diagonal: the places on one do not depend on each other.
    """
    rows, columns = len(one), others.shape[1]
    found = np.zeros(len(others))
    last, before = (np.full((len(others), rows + 1), np.inf) for _ in range(2))  # by the place in `one`, from 1
    before[:, 0] = 0.0
    for diagonal in range(2, rows + columns + 1):
        low, high = max(1, diagonal - columns), min(rows, diagonal - 1)
        at = np.arange(low, high + 1)
        local = ((one[at - 1] - others[:, diagonal - at - 1]) ** 2).sum(2)
        now = np.full_like(last, np.inf)
        now[:, at] = local + np.minimum(np.minimum(last[:, at - 1], last[:, at]), before[:, at - 1])
        ends = lengths == diagonal - rows
        found[ends] = now[ends, rows]
        last, before = now, last
    return found


def neighbour(train: list[Floats], labels: list[str], test: list[Floats], warped: bool) -> list[str]:
    """The label of the nearest training series of each test series."""
    lengths = np.array([len(one) for one in train])
    padded = np.zeros((len(train), int(lengths.max()), train[0].shape[1]))
    for place, one in enumerate(train):
        padded[place, : len(one)] = one
    if warped:
        return [labels[int(costs(one, padded, lengths).argmin())] for one in test]
    return [labels[int(((padded - one) ** 2).sum((1, 2)).argmin())] for one in test]


def accuracy(found: list[str], wanted: list[str]) -> float:
    """Per cent."""
    return 100 * float(np.mean([one == other for one, other in zip(found, wanted, strict=True)]))


def baselines(path: Path) -> dict[str, float]:
    """Accuracy on test of the commonest class and of the nearest neighbours."""
    data = open_series(path)
    splits = [data.read(name) for name in ("train", "val", "test") if name in data.splits]
    *seen, test = [[np.asarray(one, np.float64) for one in split.series] for split in splits]
    train = [one for some in seen for one in some]
    labels = [label for split in splits[:-1] for label in split.targets]
    wanted = list(splits[-1].targets)
    found = {"majority": accuracy([max(set(labels), key=labels.count)] * len(wanted), wanted)}
    found["dtw"] = accuracy(neighbour(train, labels, test, warped=True), wanted)
    if len({len(one) for one in [*train, *test]}) == 1:
        found["euclid"] = accuracy(neighbour(train, labels, test, warped=False), wanted)
    return found


def trained(path: Path, run: Path, seed: int, config: str, keys: list[str]) -> tuple[float, float]:
    """Accuracy on test of a model, chosen on val, and the minutes that training it took."""
    pairs = [(key.removeprefix("--"), value) for key, value in zip(keys[::2], keys[1::2], strict=True)]
    experiment = read_experiment(find("configs", config), [("training.seed", str(seed)), *pairs])
    started = time.monotonic()
    train(experiment, path, run, threads=1, console=Console(file=io.StringIO()))
    minutes = (time.monotonic() - started) / 60
    test = open_series(path).read("test")
    answers = s2s.load(run)(list(test.series))
    return accuracy([one.label for one in answers], list(test.targets)), minutes


def ranks(scores: dict[str, float]) -> dict[str, float]:
    """The place of each way by its score, equals sharing theirs."""
    return {
        one: 1 + sum(other > score for other in scores.values()) + (list(scores.values()).count(score) - 1) / 2
        for one, score in scores.items()
    }


def main() -> None:
    """Measure and print a table and the mean ranks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--config", default="series/classes")
    args, keys = parser.parse_known_args()
    placed: dict[str, list[float]] = {}
    for path in args.data:
        found = baselines(path)
        print(f"{path.name}: {found}", flush=True)
        runs = [trained(path, args.runs / f"{path.name}-{seed}", seed, args.config, keys) for seed in args.seeds]
        ours = [score for score, _ in runs]
        shown = ", ".join(f"{name} {value:.2f}" for name, value in found.items())
        each = " ".join(f"{one:.2f}" for one in ours)
        print(f"{path.name}: {shown}, s2s {np.mean(ours):.2f} ({each}), {runs[0][1]:.1f} minutes", flush=True)
        both = {"dtw": found["dtw"], "s2s": float(np.mean(ours))}
        for way, rank in ranks(both).items():
            placed.setdefault(way, []).append(rank)
    print("mean rank: " + ", ".join(f"{way} {np.mean(some):.2f}" for way, some in placed.items()))


if __name__ == "__main__":
    main()
