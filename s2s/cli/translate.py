"""`s2s translate`: lines in, lines out."""

import argparse
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from s2s.cli.asked import Prefixes, add_asked, given_phrases, not_done
from s2s.cli.counter import Counter
from s2s.cli.decoding import add_decoding, add_devices, add_guidance, load_translator, shared_out
from s2s.cli.forced import score_lines
from s2s.cli.inputs import add_inputs, open_inputs

if TYPE_CHECKING:
    from s2s.inference.options import Sampling
    from s2s.inference.result import Candidate, Result

NAMED = 10
"""So many lines that are unlike the training data are reported one by one, the others are counted."""
_EPILOG = """\
One line out for each line in, blank for blank. Standard error reports input that is longer than what the model was
trained on, which is translated in parts, output that was cut at its length limit, and input that looks unlike what the
model was trained on: the model is less sure of it, or spells more of it in single bytes, than of 99 % of the validation
sentences.

--input jsonl reads one JSON object a line and translates its field --key. Standard input may be compressed with gzip,
bzip2 or xz; a line of it may have 64 MiB.

--score FILE translates nothing: FILE has a translation of each line, and what is written of each, tab-separated, is its
log-probability (natural logarithm, the end of the line included), its subwords, the end included, and the translation.
With --lm, the log-probabilities are those of both models together.

--lm MODEL adds a language model's log-probabilities, times --lm-weight, to those of the translator, subword by subword,
in every search: with a beam, greedy, and at random. Scores are then of both together.

--ensemble MODEL2 has another translator of the same vocabularies search together with MODEL: at every subword it is
the mean of their probabilities that counts, or with --ensemble-mean logs of their log-probabilities.

--prefix FILE or --prefix-column has outputs begin with given text, to the character, also inside a word; space before
it is left out. --require, --forbid and --glossary are for phrases, which stand by themselves ("Hund" does not stand in
"Hunde") and whose case counts; a phrase of the glossary's source in lower case stands for itself in any case, and of
several lines for one phrase an output has one. A line with a prefix or a phrase that is required is translated whole,
and the beam is wider by the subwords of its phrases.

--format text writes the best output; with --n-best above 1, lines of: input line number, score, output, tab-separated.

--format tsv writes for each output: input line number, score, why the input looks unlike the training data (empty if it
does not), output, tab-separated.

--format jsonl writes one object for each line in:
  text            the best output
  score           its log-probability under the length and coverage penalties
  tokens          its subwords
  parts           in how many parts the line was translated
  cut             whether the output was cut at its length limit
  unlike_training why the input looks unlike the training data, or null
  n_best          with --n-best above 1: objects of text, score, tokens and alignment, the best first
  source_tokens   with --alignment: the subwords of the input
  alignment       with --alignment: for each of tokens, its weight on each of source_tokens; null without attention
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("model", metavar="MODEL", help="a run, a model directory or a checkpoint")
    add_inputs(parser)
    parser.add_argument(
        "--n-best", type=int, default=1, metavar="N", help="outputs for each line, at most as many as the beam"
    )
    parser.add_argument(
        "--mbr",
        action="store_true",
        help="put that of the --n-best first which is most like the others (minimum Bayes risk, chrF); text: only that",
    )
    parser.add_argument("--format", choices=("text", "tsv", "jsonl"), default="text", help="what is written; see below")
    parser.add_argument(
        "--score", metavar="FILE", help="score the translations in this file, a line each, instead of translating"
    )
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
    add_guidance(parser, reading=False)
    add_asked(parser)
    add_devices(parser)


def run(args: argparse.Namespace, extra: list[str]) -> int:
    """Translate until the input ends."""
    from s2s.config.errors import RequestError

    if args.alignment and args.format != "jsonl":
        raise RequestError("--alignment needs --format jsonl")
    sampling = _sampling(args)
    if args.score is not None:
        return score_lines(args)
    phrases = given_phrases(args)
    total, inputs = open_inputs(args)
    prefixes = Prefixes(args, total)
    _, translator = load_translator(args.model, args)
    number = unlike = 0
    counter = Counter(total)
    with shared_out(translator, args.model, args):
        for name, first, lines in inputs:
            lines, begun = prefixes.split(lines)
            results = translator(
                lines,
                beam=args.beam,
                n_best=args.n_best,
                sampling=sampling,
                alignment=args.alignment,
                prefix=begun,
                phrases=phrases,
                mbr=args.mbr,
            )
            texts = []
            for place, (line, prefix, result) in enumerate(zip(lines, begun, results, strict=True)):
                number += 1
                unlike += result.unlike_training is not None
                warnings = _warnings(line, result, translator.max_source, unlike <= NAMED)
                for warning in (*warnings, *not_done(line, prefix, result)):
                    counter.say(f"{name}, line {first + place}: {warning}")
                texts += _written(result, number, args)
            sys.stdout.buffer.write("".join(f"{text}\n" for text in texts).encode())
            sys.stdout.buffer.flush()
            counter.add(len(lines))
    counter.end()
    prefixes.end()
    if unlike > NAMED:
        counter.say(
            f"{unlike:,} of {number:,} lines look unlike the training data; --format tsv or jsonl marks each of them"
        )
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


def _warnings(line: str, result: "Result", longest: int, named: bool) -> Iterator[str]:
    """What people should know of a result; that it is unlike the training data only if it is to be `named`."""
    if line.strip() and not result.text.strip():
        yield "the output is empty, but the input is not"
    if result.parts > 1:
        yield f"longer than the {longest} subwords that the model was trained on; translated in {result.parts} parts"
    if result.cut:
        yield "the output reached its length limit and was cut"
    if result.unlike_training and named:
        yield f"looks unlike the training data ({result.unlike_training}); do not rely on its translation"


def _written(result: "Result", number: int, args: argparse.Namespace) -> list[str]:
    """The lines of output of a line of input."""
    if args.format == "jsonl":
        return [json.dumps(result_values(result, args.n_best, args.alignment), ensure_ascii=False)]
    if args.format == "tsv":
        unlike = result.unlike_training or ""
        return [f"{number}\t{one.score:.4f}\t{unlike}\t{one.text}" for one in result.n_best]
    if args.n_best == 1 or args.mbr:
        return [result.text]
    return [f"{number}\t{candidate.score:.4f}\t{candidate.text}" for candidate in result.n_best]


def result_values(result: "Result", n_best: int, alignment: bool) -> dict[str, object]:
    """A translation as JSON has it; see the epilog."""
    values: dict[str, object] = {
        "text": result.text,
        "score": round(result.score, 6),
        "tokens": result.tokens,
        "parts": result.parts,
        "cut": result.cut,
        "unlike_training": result.unlike_training,
    }
    if n_best > 1:
        values["n_best"] = [_candidate(one, alignment) for one in result.n_best]
    if alignment:
        values["source_tokens"] = result.source_tokens
        values["alignment"] = _rounded(result.alignment)
    return values


def _candidate(one: "Candidate", alignment: bool) -> dict[str, object]:
    values: dict[str, object] = {"text": one.text, "score": round(one.score, 6), "tokens": one.tokens}
    return {**values, "alignment": _rounded(one.alignment)} if alignment else values


def _rounded(rows: list[list[float]] | None) -> list[list[float]] | None:
    return rows and [[round(weight, 4) for weight in row] for row in rows]
