"""`python -m benchmarks.runtimes PICTURES[:SPLIT] --like DATA[:SPLIT]`: a reader in torch, in ONNX, and in 8 bits.

All three take turns with the same pictures, brought to the model's form beforehand; the fastest turn of each counts.
The 8 bits are scaled by 500 pictures of DATA.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from s2s.bundle.bundle import Bundle
from s2s.bundle.load import load, need_task
from s2s.bundle.onnx_model import OnnxRecognizer
from s2s.config.errors import RequestError
from s2s.data.images.store import open_pictures
from s2s.data.store import parse_split
from s2s.image.load import Pixels
from s2s.image.preprocessing import fit
from s2s.inference.device import use_threads
from s2s.inference.portable import PICTURES, portable
from s2s.inference.recognizer import Recognizer
from s2s.metrics.score import score
from s2s.text.charset import nfc


@dataclass
class Row:
    """What was measured of one form of the reader."""

    name: str
    megabytes: float
    accuracy: tuple[float, float | None, float | None]
    """Of words, 36 characters, with its interval."""
    exact: float
    changed: int
    """Texts that torch's are not."""
    speeds: dict[int, float]
    """Pictures a second by number of threads."""


def read_all(reader: Recognizer, images: list[Pixels]) -> list[str]:
    """The texts of pictures in the model's form."""
    return [reader.charset.decode(reading.tokens) for reading in reader.read(images)]


def megabytes(bundle: Bundle) -> float:
    """Of the weights, or of the graph with them."""
    whole = isinstance(bundle.model, OnnxRecognizer)
    return (len(bundle.model.content) if whole else 4 * bundle.parameters) / 1e6  # type: ignore[union-attr]


def measure(name: str, pictures: str, like: str, threads: list[int], turns: int) -> list[Row]:
    """The forms of a reader, taking turns for each number of threads."""
    data, split = parse_split(pictures, open_pictures)
    examples = data.read(split).examples
    other, other_split = parse_split(like, open_pictures)
    of = other.read(other_split).examples
    use_threads(threads[0])
    bundle = need_task(load(name), name, "recognition")
    form: Any = bundle.config.source
    images = [fit(one.load(form.colour), form) for one in examples]
    scale = [one.load(form.colour) for one in of[:: max(1, len(of) // PICTURES)][:PICTURES]]
    labels = [nfc(one.text) for one in examples]
    speeds: dict[str, dict[int, float]] = {}
    texts: dict[str, list[str]] = {}
    for count in threads:
        use_threads(count)  # onnxruntime asks for it when a model is made
        forms = {"torch": bundle, "ONNX": portable(bundle), "ONNX, 8 bits": portable(bundle, scale)}
        readers = {key: Recognizer.from_bundle(one) for key, one in forms.items()}
        best = dict.fromkeys(readers, float("inf"))
        for _ in range(turns):
            for key, reader in readers.items():
                begun = time.perf_counter()
                texts[key] = read_all(reader, images)
                best[key] = min(best[key], time.perf_counter() - begun)
        for key, seconds in best.items():
            speeds.setdefault(key, {})[count] = len(images) / seconds
    rows = []
    for key, one in forms.items():
        found = score("word_accuracy", texts[key], labels)
        exact = score("word_accuracy_exact", texts[key], labels).value
        changed = sum(text != before for text, before in zip(texts[key], texts["torch"], strict=True))
        rows.append(Row(key, megabytes(one), (found.value, found.low, found.high), exact, changed, speeds[key]))
    return rows


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    threads = list(rows[0].speeds)
    counts = " | ".join(f"images/s, {count} thread{'s' * (count > 1)}" for count in threads)
    lines = [
        f"| reader | MB | word accuracy | exact | other texts | {counts} |",
        f"|---|---|---|---|---|{'---|' * len(threads)}",
    ]
    for row in rows:
        accuracy, low, high = row.accuracy
        interval = "" if low is None or high is None else f" [{low:.1f}, {high:.1f}]"
        speeds = " | ".join(
            f"{row.speeds[count]:.0f} ({row.speeds[count] / rows[0].speeds[count]:.2f}x)" for count in threads
        )
        scores = f"{accuracy:.1f}{interval} | {row.exact:.1f} | {row.changed}"
        lines.append(f"| {row.name} | {row.megabytes:.1f} | {scores} | {speeds} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.runtimes", description=__doc__)
    parser.add_argument("pictures", metavar="PICTURES[:SPLIT]", help="pictures of words, with labels")
    parser.add_argument("--like", metavar="DATA[:SPLIT]", required=True, help="pictures that the 8 bits are scaled by")
    parser.add_argument("--model", default="words", help="a reader of s2s (default: words)")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything as JSON")
    args = parser.parse_args()
    try:
        with torch.inference_mode():
            rows = measure(args.model, args.pictures, args.like, args.threads, args.turns)
    except RequestError as error:
        sys.exit(str(error))
    print(table(rows))
    if args.json is not None:
        args.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")


if __name__ == "__main__":
    main()
