"""`s2s translate`: lines in, lines out."""

import argparse
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from s2s.cli.decoding import add_decoding, add_devices, load_translator, shared_out
from s2s.cli.printing import notice

if TYPE_CHECKING:
    from s2s.inference.options import Sampling
    from s2s.inference.result import Result

HELP = "translate lines of text, from files or standard input"
_GROUP = 1024  # lines that are sorted by length and put out together
_EPILOG = """\
One line out for each line in, blank for blank. Input that is longer than what the model was trained on is translated in
parts, which is said on standard error, as is output that was cut at its limit.

--format text writes the best output; with --n-best above 1, lines of: input line number, score, output, tab-separated.

--format jsonl writes one object for each line in:
  text          the best output
  score         its log-probability under the length and coverage penalties
  tokens        its subwords
  n_best        with --n-best above 1: objects of text and score, the best first
  source_tokens with --alignment: the subwords of the input
  alignment     with --alignment: for each of tokens, its weight on each of source_tokens; null without attention
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("model", metavar="MODEL", help="a run, a model directory or a checkpoint")
    parser.add_argument(
        "files", metavar="FILE", nargs="*", default=[], help="text files, plain or .gz; default: standard input"
    )
    parser.add_argument("--n-best", type=int, default=1, metavar="N", help="outputs for each line")
    parser.add_argument("--format", choices=("text", "jsonl"), default="text", help="what is written; see below")
    parser.add_argument("--alignment", action="store_true", help="add attention weights (jsonl)")
    parser.add_argument(
        "--sample", action="store_true", help="draw outputs at random instead of searching for the best"
    )
    parser.add_argument("--temperature", type=float, metavar="T", help="with --sample: below 1 bolder, above 1 wilder")
    parser.add_argument("--top-k", type=int, metavar="K", help="with --sample: from the K most probable subwords only")
    parser.add_argument(
        "--top-p", type=float, metavar="P", help="with --sample: from the fewest that hold probability P"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="with --sample: other numbers draw other outputs")
    add_decoding(parser)
    add_devices(parser)


def run(args: argparse.Namespace, extra: list[str]) -> int:
    """Translate until the input ends."""
    from s2s.config.errors import RequestError

    if args.alignment and args.format != "jsonl":
        raise RequestError("--alignment needs --format jsonl")
    sampling = _sampling(args)
    inputs = _inputs(args.files)
    _, translator = load_translator(args.model, args)
    number = 0
    with shared_out(translator, args.model, args):
        for name, first, lines in inputs:
            results = translator(lines, beam=args.beam, n_best=args.n_best, sampling=sampling, alignment=args.alignment)
            for place, (line, result) in enumerate(zip(lines, results, strict=True)):
                _warn(line, result, f"{name}, line {first + place}", translator.max_source)
            texts = []
            for result in results:
                number += 1
                texts += [_json(result, args)] if args.format == "jsonl" else _text(result, number, args.n_best)
            sys.stdout.buffer.write("".join(f"{text}\n" for text in texts).encode())
            sys.stdout.buffer.flush()
    return 0


def _sampling(args: argparse.Namespace) -> "Sampling | None":
    from s2s.config.errors import RequestError
    from s2s.inference.options import Sampling

    names = ("temperature", "top_k", "top_p", "seed")
    given = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    if args.sample:
        return Sampling(**given)
    for name in given:
        raise RequestError(f"--{name.replace('_', '-')} needs --sample")
    return None


def _inputs(files: list[str]) -> Iterator[tuple[str, int, list[str]]]:
    """Where from, the number of the first line, and lines, group by group; files are read, and so checked, at once."""
    from pathlib import Path

    from s2s.cli.streams import standard_input
    from s2s.inference.arrivals import groups
    from s2s.text.lines import read_lines

    files = files or ["-"]
    read = {name: read_lines(Path(name)) for name in files if name != "-"}

    def give() -> Iterator[tuple[str, int, list[str]]]:
        for name in files:
            if name == "-":
                first = 1
                for group in groups(standard_input(), "standard input", _GROUP):
                    yield "standard input", first, group
                    first += len(group)
            else:
                for start in range(0, len(read[name]), _GROUP):
                    yield name, start + 1, read[name][start : start + _GROUP]

    return give()


def _warn(line: str, result: "Result", where: str, longest: int) -> None:
    if line.strip() and not result.text.strip():
        print(f"{where}: the output is empty, but the input is not", file=sys.stderr)
    if result.parts > 1:
        notice(
            f"{where}: longer than the {longest} subwords that the model was trained on; "
            f"translated in {result.parts} parts"
        )
    if result.cut:
        notice(f"{where}: the output did not end by itself and was cut at its limit")


def _text(result: "Result", number: int, n_best: int) -> list[str]:
    if n_best == 1:
        return [result.text]
    return [f"{number}\t{candidate.score:.4f}\t{candidate.text}" for candidate in result.n_best]


def _json(result: "Result", args: argparse.Namespace) -> str:
    values: dict[str, object] = {"text": result.text, "score": round(result.score, 6), "tokens": result.tokens}
    if args.n_best > 1:
        values["n_best"] = [{"text": one.text, "score": round(one.score, 6)} for one in result.n_best]
    if args.alignment:
        values["source_tokens"] = result.source_tokens
        rows = result.alignment
        values["alignment"] = rows and [[round(weight, 4) for weight in row] for row in rows]
    return json.dumps(values, ensure_ascii=False)
