"""`s2s evaluate`: how good a model is on a dataset."""

import argparse
import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2s.cli.decoding import add_decoding, load_bundle
from s2s.cli.outside import add_outside
from s2s.cli.printing import show
from s2s.cli.reading_report import confusion_line, confusion_rows, reading_cost
from s2s.cli.scoring import add_scoring, check_writable, choose_metrics, write_json

if TYPE_CHECKING:
    from s2s.bundle.bundle import Bundle
    from s2s.cli.evaluation import Evaluation
    from s2s.metrics.score import Score

HELP = "translate or read a split of a dataset and score it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("model", metavar="MODEL", help="a run, a model directory, a checkpoint or a shipped model")
    parser.add_argument(
        "data", metavar="DATA[:SPLIT]", help="a prepared dataset or pictures; SPLIT may be left out if one is a test"
    )
    parser.add_argument("--hypotheses", type=Path, metavar="FILE", help="also write the outputs, one a line")
    parser.add_argument(
        "--against",
        metavar="DATA[:SPLIT]",
        help="pictures: name those that look like one in this training set",
    )
    add_outside(parser)
    add_scoring(parser)
    add_decoding(parser, reading=True)


def run(args: argparse.Namespace, extra: list[str]) -> int:
    """Translate or read, score, report."""
    from s2s.config.target import TRANSLATION
    from s2s.metrics.score import score
    from s2s.text.lines import write_lines

    choose_metrics(args.metrics, TRANSLATION)  # a name that is unknown is told before the model is loaded
    check_writable(args.json, args.hypotheses)
    bundle, evaluation = _load(args)
    metrics = choose_metrics(args.metrics, bundle.config.target.metrics[::-1])
    started = time.perf_counter()
    hypotheses = evaluation.outputs()
    seconds = time.perf_counter() - started
    scores = [score(name, hypotheses, evaluation.references, evaluation.language) for name in metrics]
    examples = len(hypotheses)
    show(
        f"{args.model} on {evaluation.path}:{evaluation.split}: {examples:,} examples, {seconds:.1f} s, "
        f"{examples / seconds:.1f} a second"
    )
    report = _report(bundle, evaluation, examples, seconds, scores)
    if bundle.config.source.kind == "image":
        report["model"] |= reading_cost(bundle)
        report["confusions"] = mistakes = confusion_rows(hypotheses, evaluation.references[0])
        show(confusion_line(mistakes))
    for line in _table(scores):
        show(line)
    try:  # what cannot be written takes nothing else with it
        if args.json is not None:
            write_json(args.json, report)
    finally:
        if args.hypotheses is not None:
            write_lines(args.hypotheses, hypotheses)
    return 0


def _load(args: argparse.Namespace) -> tuple["Bundle", "Evaluation"]:
    """The model, and what it is to do."""
    from s2s.cli.evaluation import EVALUATIONS
    from s2s.inference.load import PREDICTORS

    device, bundle = load_bundle(args.model, args)
    predictor = PREDICTORS[bundle.config.task].from_bundle(bundle, device)
    return bundle, EVALUATIONS[bundle.config.source.kind](predictor, args.data, args.against, args.allow_outside)


def _table(scores: list["Score"]) -> list[str]:
    """One line a score; the name of plain BLEU is written as everybody writes it."""
    names = [{"bleu": "BLEU"}.get(score.name, score.name) for score in scores]
    width = max(len(name) for name in names)
    return [
        f"{name:{width}} {score.value:6.2f}  [{score.low:5.2f}, {score.high:5.2f}]  {score.signature}"
        for name, score in zip(names, scores, strict=True)
    ]


def _report(
    bundle: "Bundle", evaluation: "Evaluation", examples: int, seconds: float, scores: list["Score"]
) -> dict[str, Any]:
    return {
        "task": bundle.config.task,
        "data": str(evaluation.path),
        "data_fingerprint": evaluation.fingerprint,
        "split": evaluation.split,
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
