"""`s2s plot`: pictures of what a model does, and of how a run went."""

import argparse
from collections.abc import Callable, Mapping
from os.path import isfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2s.cli.decoding import add_computing
from s2s.cli.printing import show

if TYPE_CHECKING:
    from s2s.cli.plots.plot import Plot

_EPILOG = """\
s2s plot MODEL INPUT... draws what the model does with each input:
  a translator     attention-N: which source subwords each output subword looked at; an INPUT is a text, or a file of
                   texts, one a line
  a reader         ctc-N: the picture, and under each column the probability of each character there; blanks in grey

s2s plot RUN... draws the learning curves of runs side by side: loss, scores, learning rate, gradient norm, speed.

--format png or svg; json writes the numbers behind each picture.

  s2s plot runs/phrases "Three dogs." --out plots
  s2s plot words photo.png --out plots --format svg
  s2s plot runs/a runs/b --out plots
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("model", metavar="MODEL|RUN", help="a run, a model directory, a checkpoint or a shipped model")
    parser.add_argument("inputs", metavar="INPUT", nargs="*", help="texts, files or pictures; or further runs")
    parser.add_argument("--out", type=Path, metavar="DIR", required=True, help="folder of the pictures")
    parser.add_argument("--format", choices=("png", "svg", "json"), default="png", help="default: png")
    add_computing(parser)


def run(args: argparse.Namespace, extra: list[str]) -> int:
    """Draw, write, and print the names of the files."""
    from s2s.config.errors import RequestError
    from s2s.data.atomic import write_atomically

    plots = _plots(args)
    try:
        args.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RequestError(f"--out {args.out} cannot be made: {error.strerror}") from None
    for plot in plots:
        path = args.out / f"{plot.name}.{args.format}"
        write_atomically(path, plot.content(args.format))
        show(path)
    return 0


def _plots(args: argparse.Namespace) -> list["Plot"]:
    from s2s.cli.plots.curves import METRICS, plot_runs

    folders = [Path(args.model), *map(Path, args.inputs)]
    if all(isfile(folder / METRICS) for folder in folders):  # a long text is no name of a file
        return plot_runs(folders)
    from s2s.config.errors import RequestError

    if not args.inputs:
        raise RequestError(f"{args.model} is not a run with a {METRICS}; to see what a model does, name an input too")
    from s2s.cli.decoding import load_bundle
    from s2s.inference.load import PREDICTORS

    device, bundle = load_bundle(args.model, args)
    task = bundle.config.task
    if task not in DRAWN:
        raise RequestError(f"{args.model} is a model of task {task}, of which there is no picture yet; draw its run")
    return DRAWN[task](PREDICTORS[task].from_bundle(bundle, device), args.inputs, args.model)


def _attention(translator: Any, inputs: list[str], name: str) -> list["Plot"]:
    from s2s.cli.plots.attention import plot_attention

    return plot_attention(translator, _texts(inputs), name)


def _ctc(reader: Any, inputs: list[str], name: str) -> list["Plot"]:
    from s2s.cli.plots.ctc import plot_ctc

    return plot_ctc(reader, inputs, name)


DRAWN: Mapping[str, Callable[[Any, list[str], str], list["Plot"]]] = {"translation": _attention, "recognition": _ctc}
"""By task."""


def _texts(inputs: list[str]) -> list[str]:
    """Each input, or the lines of the file that it names."""
    from s2s.text.lines import read_lines

    return [text for one in inputs for text in (read_lines(Path(one)) if isfile(one) else [one])]
