"""`s2s evaluate`: how good a model is on a dataset."""

import argparse
import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2s.cli.decoding import add_decoding, add_guidance, given_decoding, given_guidance, guided, load_bundle
from s2s.cli.outside import add_outside
from s2s.cli.printing import show
from s2s.cli.scoring import add_scoring, check_writable, choose_metrics, write_json

if TYPE_CHECKING:
    from s2s.bundle.bundle import Bundle
    from s2s.cli.evaluation import Evaluation
    from s2s.metrics.score import Score


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "model",
        metavar="MODEL",
        help="a run, a model directory, a checkpoint or a shipped model; with --references: a file of outputs",
    )
    parser.add_argument(
        "data",
        metavar="DATA[:SPLIT]",
        nargs="?",
        help="a prepared dataset or pictures; SPLIT may be left out if one is a test",
    )
    parser.add_argument(
        "--references",
        metavar="FILE",
        nargs="+",
        help="score the file MODEL against these, line by line, without a model or a dataset",
    )
    parser.add_argument(
        "--language", metavar="CODE", help="with --references: the language, which picks BLEU's tokeniser (ja, zh ...)"
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
    add_guidance(parser)


def run(args: argparse.Namespace, extra: list[str]) -> int:
    """Translate or read, score, report."""
    from s2s.config.errors import RequestError
    from s2s.config.target import TRANSLATION
    from s2s.metrics.names import METRICS
    from s2s.metrics.score import score
    from s2s.text.lines import write_lines

    choose_metrics(args.metrics, TRANSLATION)  # an unknown name is refused before the model is loaded
    check_writable(args.json, args.hypotheses)
    if args.references is not None:
        return _score_file(args)
    if args.data is None:
        raise RequestError("name the data to evaluate on, or the references of a file of outputs with --references")
    if args.language is not None:
        raise RequestError("--language needs --references; a dataset has its languages")
    from dataclasses import asdict

    from s2s.cli.mistakes import MISTAKES, mistake_rows, mistakes_line
    from s2s.metrics.calibration import calibration

    bundle, evaluation = _load(args)
    metrics = choose_metrics(args.metrics, bundle.metrics[::-1])
    if wrong := [name for name in metrics if METRICS[name].of_outputs != (evaluation.scores is None)]:
        raise RequestError(f"{wrong[0]} is not for a model of task {bundle.config.task}; leave it out of --metrics")
    if evaluation.scores is not None:
        return _foresee(args, bundle, evaluation, metrics)
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
    if guidance := given_guidance(args):
        report["guidance"] = guidance
        values = ((name, value if isinstance(value, list) else [value]) for name, value in guidance.items())
        show(f"guided by {', '.join(f'{name} {one}' for name, every in values for one in every)}")
    if bundle.config.task in MISTAKES:
        task = MISTAKES[bundle.config.task]
        found = task.find(hypotheses, evaluation.references[0])
        report["model"] |= task.cost(bundle)
        report["confusions"] = mistake_rows(found)
        show(mistakes_line(found, task.phrase))
    if evaluation.confidences:
        right = [one == other for one, other in zip(hypotheses, evaluation.references[0], strict=True)]
        report["calibration"] = asdict(held := calibration(evaluation.confidences, right))
        show(
            f"calibration: mean probability {held.confidence:.1f} %, right {held.accuracy:.1f} %, expected calibration "
            f"error {held.error:.1f} %"
        )
    for line in _table(scores):
        show(line)
    try:  # what cannot be written takes nothing else with it
        if args.json is not None:
            write_json(args.json, report)
    finally:
        if args.hypotheses is not None:
            write_lines(args.hypotheses, hypotheses)
    return 0


def _foresee(args: argparse.Namespace, bundle: "Bundle", evaluation: "Evaluation", metrics: tuple[str, ...]) -> int:
    """Score a language model."""
    from s2s.config.errors import RequestError

    assert evaluation.scores is not None
    if args.hypotheses is not None:
        raise RequestError("--hypotheses writes outputs, which a language model has none of; leave it out")
    started = time.perf_counter()
    found = evaluation.scores(metrics)
    seconds = time.perf_counter() - started
    show(
        f"{args.model} on {evaluation.path}:{evaluation.split}: {found.lines:,} lines, {found.tokens:,} tokens, "
        f"{found.characters:,} characters, {seconds:.1f} s",
        *_table(found.scores),
    )
    if args.json is not None:
        counts = {"tokens": found.tokens, "characters": found.characters}
        write_json(args.json, _report(bundle, evaluation, found.lines, seconds, found.scores) | counts)
    return 0


def _score_file(args: argparse.Namespace) -> int:
    """Score a file of outputs against files of references."""
    from s2s.config.errors import RequestError
    from s2s.config.target import TRANSLATION
    from s2s.metrics.score import score
    from s2s.text.lines import read_lines

    if args.data is not None:
        raise RequestError(f"--references takes the place of a dataset; leave out {args.data} or --references")
    for name in ("hypotheses", "against", *given_decoding(args)):
        if getattr(args, name) is not None:
            raise RequestError(f"--{name.replace('_', '-')} needs a model, and --references scores a file")
    hypotheses = read_lines(Path(args.model))
    references = [read_lines(Path(name)) for name in args.references]
    for name, lines in zip(args.references, references, strict=True):
        if len(lines) != len(hypotheses):
            raise RequestError(f"{name} has {len(lines):,} lines, but {args.model} has {len(hypotheses):,}")
    metrics = choose_metrics(args.metrics, TRANSLATION[::-1])
    scores = [score(name, hypotheses, references, args.language) for name in metrics]
    show(f"{args.model} against {', '.join(args.references)}: {len(hypotheses):,} lines", *_table(scores))
    if args.json is not None:
        write_json(
            args.json,
            {
                "hypotheses": args.model,
                "references": args.references,
                "examples": len(hypotheses),
                "command": shlex.join(["s2s", *sys.argv[1:]]),
                "scores": _values(scores),
            },
        )
    return 0


def _load(args: argparse.Namespace) -> tuple["Bundle", "Evaluation"]:
    """The model, and what it is to do."""
    from s2s.cli.evaluation import EVALUATIONS
    from s2s.inference.load import PREDICTORS

    device, bundle = load_bundle(args.model, args)
    predictor = PREDICTORS[bundle.config.task].from_bundle(bundle, device)
    guided(predictor, args.model, args)
    return bundle, EVALUATIONS[bundle.config.source.kind](predictor, args.data, args.against, args.allow_outside)


def _table(scores: list["Score"]) -> list[str]:
    """One line a score; the name of plain BLEU is written as everybody writes it."""
    from s2s.metrics.names import METRICS

    names = [{"bleu": "BLEU"}.get(score.name, score.name) for score in scores]
    width = max(len(name) for name in names)
    return [
        f"{name:{width}} {score.value:6.{d}f}  [{score.low:5.{d}f}, {score.high:5.{d}f}]  {score.signature}"
        for name, score in zip(names, scores, strict=True)
        for d in [2 if METRICS[score.name].of_outputs else 4]
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
        "scores": _values(scores),
    }


def _values(scores: list["Score"]) -> dict[str, dict[str, Any]]:
    return {
        score.name: {"value": score.value, "low": score.low, "high": score.high, "signature": score.signature}
        for score in scores
    }
