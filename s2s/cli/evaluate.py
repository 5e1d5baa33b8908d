"""`s2s evaluate`: how good a model is on a dataset."""

import argparse
import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2s.cli.decoding import add_decoding, load_translator
from s2s.cli.scoring import add_scoring, check_writable, choose_metrics, write_json

if TYPE_CHECKING:
    from s2s.bundle.bundle import Bundle
    from s2s.data.store import Prepared
    from s2s.metrics.score import Score

HELP = "translate a split of a dataset and score it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("model", metavar="MODEL", help="a run, a model directory or a checkpoint")
    parser.add_argument(
        "data", metavar="DATA[:SPLIT]", help="a prepared dataset; SPLIT may be left out if one is a test"
    )
    parser.add_argument("--hypotheses", type=Path, metavar="FILE", help="also write the translations, one a line")
    add_scoring(parser)
    add_decoding(parser)


def run(args: argparse.Namespace, extra: list[str]) -> int:
    """Translate, score, report."""
    from s2s.data.store import parse_split
    from s2s.metrics.score import score
    from s2s.text.lines import write_lines

    metrics = choose_metrics(args.metrics)
    check_writable(args.json, args.hypotheses)
    data, split = parse_split(args.data)
    bundle, translator = load_translator(args.model, args)
    _compare_languages(bundle, data)
    sources, references = data.pairs(split)[0], data.references(split)
    started = time.perf_counter()
    results = translator(sources)
    seconds = time.perf_counter() - started
    hypotheses = [result.text for result in results]
    if args.hypotheses is not None:
        write_lines(args.hypotheses, hypotheses)
    for count, what in (
        (sum(result.parts > 1 for result in results), "were longer than what the model was trained on, and split"),
        (sum(result.cut for result in results), "did not end by themselves and were cut"),
    ):
        if count:
            print(f"{count:,} of {len(results):,} {what}", file=sys.stderr)
    scores = [score(name, hypotheses, references, data.languages[1]) for name in metrics]
    per_second = len(results) / seconds
    print(f"{args.model} on {data.path}:{split}: {len(results):,} examples, {seconds:.1f} s, {per_second:.1f} a second")
    for line in _table(scores):
        print(line)
    if args.json is not None:
        write_json(args.json, _report(bundle, data, split, len(results), seconds, scores))
    return 0


def _compare_languages(bundle: "Bundle", data: "Prepared") -> None:
    if tuple(bundle.languages) != tuple(data.languages):
        print(
            f"the model translates {' to '.join(bundle.languages)}, the data is {' to '.join(data.languages)}",
            file=sys.stderr,
        )


def _table(scores: list["Score"]) -> list[str]:
    """One line a score; the name of plain BLEU is written as everybody writes it."""
    names = [{"bleu": "BLEU"}.get(score.name, score.name) for score in scores]
    width = max(len(name) for name in names)
    return [
        f"{name:{width}} {score.value:6.2f}  [{score.low:5.2f}, {score.high:5.2f}]  {score.signature}"
        for name, score in zip(names, scores, strict=True)
    ]


def _report(
    bundle: "Bundle", data: "Prepared", split: str, examples: int, seconds: float, scores: list["Score"]
) -> dict[str, Any]:
    return {
        "task": bundle.config.task,
        "data": str(data.path),
        "data_fingerprint": data.fingerprint,
        "split": split,
        "examples": examples,
        "seconds": seconds,
        "examples_per_second": examples / seconds,
        "model": {"parameters": bundle.parameters, "fingerprint": bundle.fingerprint},
        "command": shlex.join(["s2s", *sys.argv[1:]]),
        "scores": {
            score.name: {"value": score.value, "low": score.low, "high": score.high, "signature": score.signature}
            for score in scores
        },
    }
