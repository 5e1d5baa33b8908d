"""Scores of given outputs: `s2s translate --score` and `s2s transcribe --score`."""

import argparse
import sys
from collections.abc import Iterable

from s2s.cli.asked import NAMES
from s2s.cli.decoding import load_recognizer, load_translator, shared_out
from s2s.cli.inputs import open_inputs
from s2s.cli.printing import notice


def score_lines(args: argparse.Namespace) -> int:
    """Write the log-probability of a given translation of each line."""
    from pathlib import Path

    from s2s.config.errors import RequestError
    from s2s.text.lines import read_lines

    searching = ("beam", "length_penalty", "coverage_penalty", "min_length", "no_repeat_ngram", "repetition_penalty")
    _refuse(args, ("n_best", 1), ("format", "text"), ("sample", False), *((name, None) for name in searching))
    _refuse(args, ("mbr", False), *((name, False if name == "prefix_column" else None) for name in NAMES))
    targets = read_lines(Path(args.score))
    _, inputs = open_inputs(args)
    lines = [line for _, _, group in inputs for line in group]
    if len(lines) != len(targets):
        raise RequestError(f"{args.score} has {len(targets):,} lines, but the input has {len(lines):,}")
    _, translator = load_translator(args.model, args)
    with shared_out(translator, args.model, args):
        scored = translator.score(lines, targets)
    _write((one.log_prob, str(one.tokens), target) for one, target in zip(scored, targets, strict=True))
    tokens = max(1, sum(one.tokens for one in scored))
    mean = sum(one.log_prob for one in scored) / tokens
    notice(f"{len(scored):,} translations, log-probability {mean:.4f} a subword on average, ends included")
    return 0


def score_pictures(args: argparse.Namespace) -> int:
    """Write the log-probability of each label of a data set of pictures."""
    from s2s.config.errors import RequestError
    from s2s.data.images.store import open_pictures
    from s2s.data.store import parse_split
    from s2s.image.load import BadImage
    from s2s.inference.stream import GROUP

    if args.paths:
        raise RequestError(f"--score {args.score} has pictures of its own; leave out {args.paths[0]}")
    _refuse(
        args,
        ("n_best", 1),
        ("format", "text"),
        ("beam", None),
        ("lm", None),
        ("lexicon", None),
        ("lines", False),
        ("out", None),
        ("overlay", None),
    )
    data, split = parse_split(args.score, open_pictures)
    found = data.read(split)
    notice(*found.problems)
    reader = load_recognizer(args.model, args)
    broken = impossible = 0
    with shared_out(reader, args.model, args):
        for start in range(0, len(found.examples), GROUP):
            images, some = [], []
            for example in found.examples[start : start + GROUP]:
                try:
                    images.append(example.load(reader.source.colour))
                    some.append(example)
                except BadImage as error:
                    notice(error)
                    broken += 1
            scores = reader.score(images, [example.text for example in some])
            impossible += scores.count(-float("inf"))
            _write((score, example.name, example.text) for score, example in zip(scores, some, strict=True))
    if impossible:
        notice(
            f"{impossible:,} labels have a log-probability of -inf: a character that the model cannot write, or more "
            "of them than the picture is wide enough for"
        )
    return 1 if broken or found.problems else 0


def _refuse(args: argparse.Namespace, *unused: tuple[str, object]) -> None:
    """RequestError for an option that has no use where nothing is searched."""
    from s2s.config.errors import RequestError

    for name, default in unused:
        if getattr(args, name) != default:
            raise RequestError(f"--score searches nothing; leave out --{name.replace('_', '-')}")


def _write(rows: Iterable[tuple[float, str, str]]) -> None:
    for score, middle, text in rows:
        sys.stdout.buffer.write(f"{score:.4f}\t{middle}\t{text}\n".encode(errors="surrogateescape"))
    sys.stdout.buffer.flush()
