"""`s2s compare`: whether one system is better than another, or lucky."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from s2s.cli.decoding import add_decoding, load_bundle
from s2s.cli.outside import add_outside
from s2s.cli.printing import notice, show
from s2s.cli.scoring import add_scoring, check_writable, choose_metrics, write_json

if TYPE_CHECKING:
    from s2s.data.images.pictures import Pictures
    from s2s.data.series.store import SeriesData
    from s2s.data.store import Prepared
    from s2s.metrics.significance import Compared

DOING: Mapping[str, str] = {
    "translation": "translating",
    "recognition": "reading",
    "classification": "classifying",
    "language": "scoring",
    "tagging": "tagging",
    "series-classification": "classifying",
    "series-reading": "reading",
}
"""What models do with examples, by task."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "systems",
        metavar="MODEL_OR_HYPOTHESES",
        nargs="+",
        help="two or more models, or text files of one output a line; the others are tested against the first",
    )
    parser.add_argument("--data", metavar="DATA[:SPLIT]", required=True, help="a prepared dataset or pictures")
    add_scoring(parser)
    add_outside(parser)
    add_decoding(parser, reading=True)


def run(args: argparse.Namespace, extra: list[str]) -> int:
    """Gather every system's outputs and test them by paired bootstrap."""
    from s2s.config.errors import RequestError
    from s2s.config.target import TRANSLATION
    from s2s.metrics.significance import compare

    choose_metrics(args.metrics, TRANSLATION)  # an unknown name is refused before anything is loaded
    check_writable(args.json)
    if len(args.systems) < 2:
        raise RequestError("a comparison needs two systems or more")
    if len(set(args.systems)) < len(args.systems):
        raise RequestError("a system is named twice; name different ones")
    asked = _open(args.data, args.allow_outside)
    metrics = choose_metrics(args.metrics, asked.metrics[::-1])
    systems = {name: _hypotheses(name, asked, args) for name in args.systems}
    compared = {name: compare(name, systems, asked.references, asked.language) for name in metrics}
    show(
        f"{asked.path}:{asked.split}, {len(asked.references[0]):,} examples; paired bootstrap against {args.systems[0]}"
    )
    for name, rows in compared.items():
        show("", f"{name}  {rows[0].score.signature}")
        width = max(len(row.system) for row in rows)
        for row in rows:
            show(_line(row, width))
    if args.json is not None:
        origin = {"data": str(asked.path), "data_fingerprint": asked.fingerprint, "split": asked.split}
        write_json(args.json, {**origin, "scores": _report(compared)})
    return 0


@dataclass(frozen=True)
class Asked:
    """What systems are compared on."""

    path: Path
    fingerprint: str
    split: str
    references: list[list[str]]
    """Streams of right answers."""
    language: str | None
    metrics: tuple[str, ...]
    """The usual ones, the most important first."""


def _open(where: str, allow_outside: bool) -> Asked:
    """The split of a prepared dataset or of pictures. RequestError where there is none."""
    from s2s.cli.picture_check import holds_pictures, is_picture_dataset
    from s2s.config.recipe import LABEL, TAGS
    from s2s.config.target import LABELLING, READING, TAGGING, TRANSLATION
    from s2s.data.images.store import open_pictures
    from s2s.data.report import FILE
    from s2s.data.series.store import SeriesData, holds_series, open_series
    from s2s.data.store import Prepared, open_dataset, parse_split
    from s2s.text.charset import nfc

    def opened(name: str) -> "Prepared | Pictures | SeriesData":
        path = Path(name)
        if holds_series(path):
            return open_series(path)
        plain = path.is_dir() and not (path / FILE).is_file() and holds_pictures(path)
        return open_pictures(name, allow_outside) if plain or is_picture_dataset(path) else open_dataset(name)

    data, split = parse_split(where, opened)
    if isinstance(data, Prepared):
        usual = {LABEL: LABELLING, TAGS: TAGGING}.get(data.languages[1], TRANSLATION)
        return Asked(data.path, data.fingerprint, split, data.references(split), data.languages[1], usual)
    if isinstance(data, SeriesData):
        targets, labelled = data.read(split).targets, data.report.target == LABEL
        texts = list(targets) if labelled else [nfc(text) for text in targets]
        return Asked(data.path, data.fingerprint, split, [texts], None, LABELLING if labelled else READING)
    labels = [nfc(example.text) for example in data.read(split).examples]
    return Asked(data.path, data.fingerprint, split, [labels], None, READING)


def _hypotheses(name: str, asked: Asked, args: argparse.Namespace) -> list[str]:
    """The lines of a file, or what a model answers. RequestError where the file has too few or too many."""
    from s2s.bundle.files import is_model_file
    from s2s.cli.evaluation import EVALUATIONS
    from s2s.config.errors import RequestError
    from s2s.inference.load import PREDICTORS
    from s2s.text.lines import read_lines

    path, count = Path(name), len(asked.references[0])
    if path.is_file() and not is_model_file(path):
        lines = read_lines(path)
        if len(lines) != count:
            raise RequestError(
                f"{name} has {len(lines):,} lines, but {asked.path}:{asked.split} has {count:,} examples"
            )
        return lines
    device, bundle = load_bundle(name, args)
    predictor = PREDICTORS[bundle.config.task].from_bundle(bundle, device)
    evaluation = EVALUATIONS[bundle.config.source.kind](predictor, args.data, None, args.allow_outside)
    notice(f"{DOING[bundle.config.task]} {count:,} examples with {name} ...")
    return evaluation.outputs()


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
