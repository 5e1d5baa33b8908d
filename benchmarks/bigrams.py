"""`python -m benchmarks.bigrams`: how well a text is foreseen by who knows the last token alone.

A language model with output recurrence is a bigram model, whatever its layers are: its loss cannot be below the
conditional entropy of a token given the one before it, and ought to be near that of counted bigrams. Tokens, streams
and characters are those of `s2s evaluate`.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from s2s.bundle.load import load
from s2s.config.target import NextTarget
from s2s.data.corpus import Ints
from s2s.data.store import open_dataset
from s2s.data.streams import lay_out
from s2s.inference.language_model import streams
from s2s.text.normalisation import normalise_all
from s2s.text.vocabulary import PAD
from s2s.training.language_material import encode


@dataclass(frozen=True)
class Row:
    """Bits a character of a split."""

    split: str
    entropy: float
    """Of a token given the one before it, in the split itself: no bigram model has less."""
    counted: float
    """With the frequencies of the training split."""


def pairs(tokens: Ints, size: int) -> Ints:
    """How often each of `size` tokens follows each (V, V), read as `s2s evaluate` reads a text."""
    read, written = lay_out(tokens, streams(len(tokens)))
    real = written != PAD
    found = np.zeros((size, size), np.int64)
    np.add.at(found, (read[real], written[real]), 1)
    return found


def bits(found: Ints, trained: Ints, backing: float) -> float:
    """The bits of all `found` pairs under the frequencies of `trained` ones.

    A row's frequencies are mixed with those of the tokens by themselves, which count as `backing` more pairs.
    """
    alone = (trained.sum(0) + backing / len(trained)) / (trained.sum() + backing) if backing else np.zeros(len(trained))
    rows, columns = np.nonzero(found)
    chance = (trained[rows, columns] + backing * alone[columns]) / (trained.sum(1)[rows] + backing)
    return float(-(found[rows, columns] * np.log2(chance)).sum())


def measure(model: str, data: str, splits: list[str]) -> list[Row]:
    """Count the bigrams of the training split, in the vocabulary of a language model, and score `splits` by them."""
    bundle, dataset = load(model), open_dataset(data)
    target, vocabulary = bundle.config.target, bundle.vocabularies["target"]
    assert isinstance(target, NextTarget)
    form = target.vocabulary.normalization
    texts = {name: normalise_all(dataset.lines(name), form, Counter()) for name in ["train", *splits]}
    counts = {name: pairs(encode(lines, vocabulary), len(vocabulary)) for name, lines in texts.items()}
    rows = []
    for name in splits:
        characters = sum(len(line) + 1 for line in texts[name])
        itself, trained = (bits(counts[name], counts[one], backing) for one, backing in ((name, 0), ("train", 1)))
        rows.append(Row(name, itself / characters, trained / characters))
    return rows


def table(rows: list[Row]) -> str:
    """Markdown."""
    lines = ["| split | entropy, bits a character | bigrams counted in train |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {row.split} | {row.entropy:.3f} | {row.counted:.3f} |" for row in rows)])


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bigrams", description="what the last token foresees")
    parser.add_argument("model", help="a language model, for its vocabulary")
    parser.add_argument("--data", type=Path, required=True, help="what it was trained on")
    parser.add_argument("--splits", nargs="+", default=["val", "test"])
    args = parser.parse_args()
    print(table(measure(args.model, str(args.data), args.splits)))


if __name__ == "__main__":
    main()
