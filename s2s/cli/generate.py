"""`s2s generate`: a language model writes on, or says how likely lines are."""

import argparse
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from s2s.cli.printing import notice

if TYPE_CHECKING:
    from s2s.inference.language_model import LanguageModel

_EPILOG = """\
Each prompt is printed with what goes on from it, as it is drawn. With the same --seed, prompt and model it is the same
text again.

--score FILE writes for each line its log-probability (natural logarithm, its end included), its tokens and the line,
tab-separated; each line is scored by itself, as if a text began with it. The perplexity goes to standard error.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("model", metavar="MODEL", help="a run, a model directory or a checkpoint of a language model")
    parser.add_argument("prompts", metavar="PROMPT", nargs="*", default=[], help="text to go on from; default: none")
    parser.add_argument("--length", type=int, metavar="N", help="characters to write; default: 500")
    parser.add_argument("--temperature", type=float, metavar="T", help="below 1 bolder, above 1 wilder; default: 1")
    parser.add_argument("--top-k", type=int, metavar="N", help="draw from so many most probable tokens; default: all")
    parser.add_argument("--top-p", type=float, metavar="P", help="draw from the fewest tokens of this probability")
    parser.add_argument("--seed", type=int, metavar="N", help="of the draws; default: 0")
    parser.add_argument("--score", type=Path, metavar="FILE", help="score the lines of this file instead")
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="default: a GPU if there is one"
    )
    parser.add_argument("--threads", type=int, metavar="N", help="CPU threads; default: all cores")


def run(args: argparse.Namespace, extra: list[str]) -> int:
    """Write, or score."""
    from s2s.bundle.load import need_task
    from s2s.cli.decoding import load_bundle
    from s2s.config.errors import RequestError
    from s2s.inference.language_model import LanguageModel
    from s2s.inference.options import Sampling
    from s2s.text.lines import read_lines

    names = ("temperature", "top_k", "top_p", "seed")
    given = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    if args.score is not None:
        asked = [
            *args.prompts[:1],
            *(f"--{name.replace('_', '-')}" for name in given),
            *["--length"] * bool(args.length),
        ]
        if asked:
            raise RequestError(f"--score writes nothing on; leave out {asked[0]}")
        lines = read_lines(args.score)
    sampling = Sampling(**given)
    device, bundle = load_bundle(args.model, args)
    model = LanguageModel.from_bundle(need_task(bundle, args.model, "language"), device)
    if args.score is not None:
        return _score(model, lines)
    for prompt in args.prompts or [""]:
        sys.stdout.write(prompt)
        for piece in model.stream(prompt, 500 if args.length is None else args.length, sampling):
            sys.stdout.write(piece)
            sys.stdout.flush()
        sys.stdout.write("\n")
    return 0


def _score(model: "LanguageModel", lines: list[str]) -> int:
    scored = model.score(lines)
    for line, one in zip(lines, scored, strict=True):
        sys.stdout.write(f"{one.log_prob:.4f}\t{one.tokens}\t{line}\n")
    tokens = sum(one.tokens for one in scored)
    loss = -sum(one.log_prob for one in scored) / max(1, tokens)
    notice(f"perplexity {math.exp(min(loss, 700)):.3f} of {tokens:,} tokens in {len(lines):,} lines, each by itself")
    return 0
