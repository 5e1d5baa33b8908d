"""`s2s predict`: lines in, their classes out."""

import argparse
import json
import sys
from typing import TYPE_CHECKING

from s2s.cli.counter import Counter
from s2s.cli.decoding import add_computing, add_devices, load_classifier, shared_out
from s2s.cli.inputs import add_inputs, open_inputs

if TYPE_CHECKING:
    from s2s.inference.classifier import Classified

HELP = "predict the class of lines of text, from files or standard input"
_EPILOG = """\
One line out for each line in, blank for blank. Standard error reports input that is longer than what the model was
trained on: nothing is cut, it is read in windows, and their probabilities are averaged.

--input jsonl reads one JSON object a line and takes its field --key. Standard input may be compressed with gzip, bzip2
or xz; a line of it may have 64 MiB.

--format text writes the most probable class.

--format tsv writes: input line number, class, its probability, tab-separated.

--format jsonl writes one object for each line in:
  label           the most probable class; empty for a blank line
  probabilities   of every class, the most probable first
  parts           in how many windows the line was read
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("model", metavar="MODEL", help="a run, a model directory or a checkpoint")
    add_inputs(parser)
    parser.add_argument("--format", choices=("text", "tsv", "jsonl"), default="text", help="what is written; see below")
    parser.add_argument("--batch-tokens", type=int, metavar="N", help="most padded tokens a batch")
    add_computing(parser)
    add_devices(parser)


def run(args: argparse.Namespace, extra: list[str]) -> int:
    """Classify until the input ends."""
    total, inputs = open_inputs(args)
    classifier = load_classifier(args.model, args)
    number = blank = 0
    counter = Counter(total)
    with shared_out(classifier, args.model, args):
        for name, first, lines in inputs:
            for place, result in enumerate(results := classifier(lines)):
                if result.parts > 1:
                    counter.say(
                        f"{name}, line {first + place}: longer than the {classifier.max_source} subwords that the "
                        f"model was trained on; read in {result.parts} windows"
                    )
            texts = [_written(result, number + place, args.format) for place, result in enumerate(results, start=1)]
            number, blank = number + len(lines), blank + sum(not result.label for result in results)
            sys.stdout.buffer.write("".join(f"{text}\n" for text in texts).encode())
            sys.stdout.buffer.flush()
            counter.add(len(lines))
    counter.end()
    if blank:
        counter.say(f"{blank:,} of {number:,} lines are blank and have no class")
    return 0


def _written(result: "Classified", number: int, how: str) -> str:
    """The line of output of a line of input."""
    if how == "text":
        return result.label
    if how == "tsv":
        return f"{number}\t{result.label}\t{result.probability:.4f}"
    probabilities = {name: round(value, 6) for name, value in result.probabilities.items()}
    return json.dumps(
        {"label": result.label, "probabilities": probabilities, "parts": result.parts}, ensure_ascii=False
    )
