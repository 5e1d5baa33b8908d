"""`s2s compare`: whether one system is better than another, or lucky."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from s2s.cli.decoding import add_decoding, load_translator
from s2s.cli.printing import notice, show
from s2s.cli.scoring import add_scoring, check_writable, choose_metrics, write_json

if TYPE_CHECKING:
    from s2s.data.store import Prepared
    from s2s.metrics.significance import Compared

HELP = "test whether models, or files of translations, differ by more than luck"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "systems",
        metavar="MODEL_OR_HYPOTHESES",
        nargs="+",
        help="two or more models, or text files of one translation a line; the others are tested against the first",
    )
    parser.add_argument("--data", metavar="DATA[:SPLIT]", required=True, help="a prepared dataset with the references")
    add_scoring(parser)
    add_decoding(parser)


def run(args: argparse.Namespace, extra: list[str]) -> int:
    """Gather every system's translations and test them by paired bootstrap."""
    from s2s.config.errors import RequestError
    from s2s.config.target import TRANSLATION
    from s2s.data.store import open_dataset, parse_split
    from s2s.metrics.significance import compare

    metrics = choose_metrics(args.metrics, TRANSLATION[::-1])
    check_writable(args.json)
    if len(args.systems) < 2:
        raise RequestError("a comparison needs two systems or more")
    if len(set(args.systems)) < len(args.systems):
        raise RequestError("a system is named twice; name different ones")
    data, split = parse_split(args.data, open_dataset)
    references = data.references(split)
    systems = {name: _hypotheses(name, data, split, args) for name in args.systems}
    compared = {name: compare(name, systems, references, data.languages[1]) for name in metrics}
    show(f"{data.path}:{split}, {len(references[0]):,} examples; paired bootstrap against {args.systems[0]}")
    for name, rows in compared.items():
        show("", f"{name}  {rows[0].score.signature}")
        width = max(len(row.system) for row in rows)
        for row in rows:
            show(_line(row, width))
    if args.json is not None:
        origin = {"data": str(data.path), "data_fingerprint": data.fingerprint, "split": split}
        write_json(args.json, {**origin, "scores": _report(compared)})
    return 0


def _hypotheses(name: str, data: "Prepared", split: str, args: argparse.Namespace) -> list[str]:
    """The lines of a file, or what a model translates. RequestError where the file has too few or too many."""
    from s2s.bundle.files import is_model_file
    from s2s.config.errors import RequestError
    from s2s.text.lines import read_lines

    path = Path(name)
    sources = data.pairs(split)[0]
    if path.is_file() and not is_model_file(path):
        lines = read_lines(path)
        if len(lines) != len(sources):
            raise RequestError(
                f"{name} has {len(lines):,} lines, but {data.path}:{split} has {len(sources):,} examples"
            )
        return lines
    _, translator = load_translator(name, args)
    notice(f"translating {len(sources):,} examples with {name} ...")
    return [result.text for result in translator(sources)]


def _line(row: "Compared", width: int) -> str:
    from s2s.metrics.names import check_metric

    line = f"  {row.system:{width}}  {row.score.value:6.2f}  [{row.score.low:5.2f}, {row.score.high:5.2f}]"
    if row.delta is None or row.p_value is None:
        return line
    better = (row.delta > 0) == check_metric(row.score.name).higher_is_better
    verdict = ("better" if better else "worse") if row.p_value < 0.05 else "no significant difference"
    return f"{line}  {row.delta:+6.2f}  p = {row.p_value:.3f}  {verdict}"


def _report(compared: dict[str, list["Compared"]]) -> dict[str, object]:
    return {
        name: [
            {
                "system": row.system,
                "value": row.score.value,
                "low": row.score.low,
                "high": row.score.high,
                "signature": row.score.signature,
                "delta": row.delta,
                "p_value": row.p_value,
            }
            for row in rows
        ]
        for name, rows in compared.items()
    }
