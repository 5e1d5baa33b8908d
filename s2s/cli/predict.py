"""`s2s predict`: texts or series in, their classes, the tags of their words, or what they spell out."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from s2s.cli.counter import Counter
from s2s.cli.decoding import add_decoding, add_devices, add_guidance, load_labeller, shared_out
from s2s.cli.inputs import add_inputs, open_inputs

if TYPE_CHECKING:
    from s2s.inference.classifier import Classified, Classifier
    from s2s.inference.tagger import SequenceTagger, Tagged
    from s2s.inference.transcript import Transcript

_EPILOG = """\
One line out for each line in, blank for blank. Standard error reports input that is longer than what the model was
trained on: nothing is cut, it is read in windows, and their probabilities of classes are averaged.

--input jsonl reads one JSON object a line and takes its field --key. --input columns reads one word a line, the first
of columns separated by tabs or spaces, and a blank line ends a sentence; --input conllu reads CoNLL-U, without its
multi-word tokens and empty nodes. Elsewhere words are what spaces or tabs separate. Standard input may be compressed
with gzip, bzip2 or xz; a line of it may have 64 MiB.

For models of series, a FILE called .csv, .tsv or .npy is one recording, a row a line, perhaps with names of columns
above them. In other files and on standard input each line is a series: its numbers row after row, or column after
column with colons between them, or JSON, rows or an object with them in the field --key (values; of a pen, strokes).

--format text writes the most probable class, the tags of the words, separated by spaces, or the text that was read.

--format tsv, of classes and of texts, writes: number of the line or recording, answer, its probability or confidence,
tab-separated.

--format conll, of tags, writes one word a line, a tab and its tag, and a blank line after each sentence.

--format jsonl writes one object for each line in:
  label           the most probable class; empty for a blank line
  probabilities   of every class, the most probable first
or
  words, tags     the words, and the most probable tag of each
  probabilities   of these tags
and
  parts           in how many windows the line was read
of series that spell a text
  text            what was read; confidence, and of each character probability, first row and row behind its last
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("model", metavar="MODEL", help="a run, a model directory or a checkpoint")
    add_inputs(parser, words=True)
    parser.add_argument(
        "--format", choices=("text", "tsv", "jsonl", "conll"), default="text", help="what is written; see below"
    )
    parser.add_argument("--batch-tokens", type=int, metavar="N", help="most padded tokens, or rows of series, a batch")
    add_decoding(parser, translating=False)
    add_guidance(parser, translating=False)
    add_devices(parser)


def run(args: argparse.Namespace, extra: list[str]) -> int:
    """Label until the input ends."""
    from s2s.cli.series_inputs import answered, longer, open_series_inputs
    from s2s.config.errors import RequestError
    from s2s.inference.series import SeriesPredictor

    labeller = load_labeller(args.model, args)
    of_series = isinstance(labeller, SeriesPredictor)
    total, inputs = open_series_inputs(args, labeller) if of_series else open_inputs(args)
    formats, missing = _WRITTEN[labeller.config.task]
    if args.format not in formats:
        raise RequestError(
            f"--format {args.format} is not for a model of task {labeller.config.task}; choose {', '.join(formats)}"
        )
    number = blank = 0
    counter = Counter(total)
    with shared_out(labeller, args.model, args):
        for name, first, lines in inputs:
            results: Sequence[Any] = answered(labeller, lines) if of_series else labeller(lines)
            for place, (line, result) in enumerate(zip(lines, results, strict=True)):
                if remark := longer(labeller.max_source, line) if of_series else _windowed(labeller, result):
                    counter.say(f"{name}, line {first + place}: {remark}")
            texts = [formats[args.format](result, number + place) for place, result in enumerate(results, start=1)]
            number += len(lines)
            blank += sum(line is None for line in lines) if of_series else sum(not result.text for result in results)
            sys.stdout.buffer.write("".join(f"{text}\n" for text in texts).encode())
            sys.stdout.buffer.flush()
            counter.add(len(lines))
    counter.end()
    if blank:
        counter.say(f"{blank:,} of {number:,} lines are blank and have no {missing}")
    return 0


def _windowed(labeller: "Classifier | SequenceTagger", result: "Classified | Tagged") -> str | None:
    """How a text was read that is longer than those of training."""
    if result.parts == 1:
        return None
    return (
        f"longer than the {labeller.max_source} subwords that the model was trained on; read in {result.parts} windows"
    )


def _class_row(result: "Classified", number: int) -> str:
    return f"{number}\t{result.label}\t{result.probability:.4f}"


def class_values(result: "Classified") -> dict[str, object]:
    """A class as JSON has it; see the epilog."""
    probabilities = {name: round(value, 6) for name, value in result.probabilities.items()}
    return {"label": result.label, "probabilities": probabilities, "parts": result.parts}


def _class_object(result: "Classified", number: int) -> str:
    return json.dumps(class_values(result), ensure_ascii=False)


def _tag_columns(result: "Tagged", number: int) -> str:
    return "".join(f"{word}\t{tag}\n" for word, tag in zip(result.words, result.tags, strict=True))


def tag_values(result: "Tagged") -> dict[str, object]:
    """The tags of a sentence as JSON has them; see the epilog."""
    probabilities = [round(value, 6) for value in result.probabilities]
    return {"words": result.words, "tags": result.tags, "probabilities": probabilities, "parts": result.parts}


def _tag_object(result: "Tagged", number: int) -> str:
    return json.dumps(tag_values(result), ensure_ascii=False)


def _text(result: "Classified | Tagged | Transcript", number: int) -> str:
    return result.text


def _spelled_row(result: "Transcript", number: int) -> str:
    return f"{number}\t{result.text}\t{result.confidence:.4f}"


def _spelled_object(result: "Transcript", number: int) -> str:
    characters = [
        {"text": one.text, "probability": round(one.probability, 6), "first": one.left, "end": one.right}
        for one in result.characters
    ]
    found = {"text": result.text, "confidence": round(result.confidence, 6), "characters": characters}
    return json.dumps(found, ensure_ascii=False)


_WRITTEN: Mapping[str, tuple[Mapping[str, Callable[[Any, int], str]], str]] = {
    "classification": ({"text": _text, "tsv": _class_row, "jsonl": _class_object}, "class"),
    "tagging": ({"text": _text, "conll": _tag_columns, "jsonl": _tag_object}, "tags"),
    "series-classification": ({"text": _text, "tsv": _class_row, "jsonl": _class_object}, "class"),
    "series-reading": ({"text": _text, "tsv": _spelled_row, "jsonl": _spelled_object}, "text"),
}
"""By task: what each format writes of an answer and the number of its line, and what blank lines have none of."""
