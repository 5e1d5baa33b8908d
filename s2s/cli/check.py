"""`s2s check`: what something is, whether it is sound, and what will happen with it."""

import argparse
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from shlex import quote

from s2s.cli.describing import describe_decoding, describe_model
from s2s.cli.keys import names
from s2s.cli.outside import add_outside
from s2s.cli.parser import Parser, pair_overrides
from s2s.cli.picture_check import check_pictures, holds_pictures, is_picture_dataset
from s2s.cli.prepare import series_counts
from s2s.cli.printing import show

_DOES = {
    "translation": "text to text",
    "recognition": "pictures to text",
    "language": "language model",
    "classification": "text to a class",
    "tagging": "text to tags",
    "series-classification": "series to a class",
    "series-reading": "series to text",
}
"""What models do, by task."""
_USED = {
    "translation": "translate {} < FILE",
    "recognition": "transcribe PICTURE --model {}",
    "language": "generate {}",
    "classification": "predict {} < FILE",
    "tagging": "predict {} < FILE",
    "series-classification": "predict {} RECORDING",
    "series-reading": "predict {} RECORDING",
}
"""How models are used, by task."""
_LONGER = {
    "translation": "translated in parts",
    "classification": "read in windows, whose answers are averaged",
    "tagging": "read in windows",
    "series-classification": "read whole, and reported",
    "series-reading": "read whole, and reported",
}
"""What becomes of texts that are longer than those of training, by task."""
_SHOWN = 20
"""Classes that are listed."""


def add_arguments(parser: Parser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "what", metavar="CONFIG|DATA|MODEL|FOLDER", help="path, or the name of a config that is shipped"
    )
    parser.add_argument(
        "--data", metavar="DATA", help="with a config: also say what training it on this dataset will take"
    )
    add_outside(parser)
    parser.keys = names
    parser.epilog = "With a config, any key of it can be set as with s2s train: --optimizer.lr 0.002"


def run(args: argparse.Namespace, extra: list[str]) -> int:
    """Say it; what is wrong is a RequestError."""
    from s2s.bundle.files import shipped_models
    from s2s.config.errors import RequestError
    from s2s.config.find import shipped

    path = Path(args.what)
    lines: Iterable[str]
    if path.is_dir():
        lines = _folder(path, args.allow_outside)
    elif path.is_file() and path.suffix not in (".yaml", ".yml"):
        lines = _file(path)
    elif not path.exists() and args.what in shipped_models():  # a recipe may have the name of the model it is for
        recipe = _named(args.what, None, [], args.allow_outside) if args.what in shipped("recipes") else ()
        lines = chain(_model(path), recipe)
    else:
        lines = _named(args.what, args.data, extra, args.allow_outside)
        args.data, extra = None, []
    if args.data is not None or extra:
        raise RequestError(f"{extra[0] if extra else '--data'} goes with a config")
    for line in lines:
        show(line)
    return 0


def _folder(path: Path, allow_outside: bool) -> Iterator[str]:
    from s2s.bundle.files import CONFIG, find_model
    from s2s.config.errors import RequestError
    from s2s.data.report import FILE
    from s2s.data.series.store import holds_series

    if holds_series(path):
        return _series(path)
    if is_picture_dataset(path):
        return check_pictures(path, allow_outside)
    if (path / FILE).is_file():
        return _dataset(path)
    if (path / "config.yaml").is_file():
        return _model(path)
    with suppress(RequestError):
        find_model(path)
        return _model(path)
    if holds_pictures(path):
        return check_pictures(path, allow_outside)
    names = sorted(child.name for child in path.iterdir())
    held = f"it has {', '.join(names[:5])}{' ...' if len(names) > 5 else ''}" if names else "it is empty"
    raise RequestError(
        f"{path} is not a dataset ({FILE}), model ({CONFIG}), run (config.yaml) or folder of pictures: {held}"
    )


def _file(path: Path) -> Iterator[str]:
    from s2s.bundle.files import is_model_file
    from s2s.config.errors import RequestError

    if is_model_file(path):
        return _model(path)
    raise RequestError(f"{path} is not a config or recipe (.yaml), nor a checkpoint (.ckpt)")


def _named(name: str, data: str | None, extra: list[str], allow_outside: bool) -> Iterator[str]:
    """A YAML file, or the name of one that is shipped: a config or a recipe."""
    from s2s.cli.config_check import check_config
    from s2s.cli.recipe_check import check_recipe
    from s2s.config.document import read_document
    from s2s.config.errors import RequestError
    from s2s.config.experiment import read_experiment
    from s2s.config.find import find, shipped
    from s2s.config.recipes import read_recipe

    recipe = name.removesuffix(".yaml").removeprefix("recipes/")
    path = (
        find("recipes", recipe) if not Path(name).is_file() and recipe in shipped("recipes") else find("configs", name)
    )
    values = read_document(path).values
    if isinstance(values, dict) and "read" in values:
        if data is not None or extra:
            raise RequestError(f"{extra[0] if extra else '--data'} goes with a config, not with a recipe")
        own = path.resolve() not in {one.resolve() for one in shipped("recipes").values()}
        return check_recipe(path, read_recipe(path), own, allow_outside)
    return check_config(path, read_experiment(path, pair_overrides(extra)), data, extra, allow_outside)


def _dataset(path: Path) -> Iterator[str]:
    from s2s.config.errors import RequestError
    from s2s.data.report import fingerprint, line_fingerprint
    from s2s.data.store import open_dataset

    data = open_dataset(path)
    if data.is_plain:
        yield f"{path}: a prepared dataset, lines of {data.report.languages[0]}, fingerprint {data.fingerprint}"
        for name, split in data.report.splits.items():
            lines = data.lines(name)
            if line_fingerprint(lines) != split.fingerprint:
                raise RequestError(f"{path}: split {name} is not what report.json says; prepare the data again")
            yield f"{name}: {len(lines):,} lines, {split.target_words:,} words"
        yield f"sound; next: s2s train CONFIG --data {quote(str(path))} --out RUN"
        return
    yield f"{path}: a prepared dataset, {' to '.join(data.languages)}, fingerprint {data.fingerprint}"
    for name, split in data.report.splits.items():
        source, target = data.pairs(name)
        further = data.references(name)[1:]
        if fingerprint(source, target, [list(texts) for texts in zip(*further, strict=True)]) != split.fingerprint:
            raise RequestError(f"{path}: split {name} is not what report.json says; prepare the data again")
        references = f", {len(further) + 1} references each" if further else ""
        yield f"{name}: {len(source):,} pairs, {split.source_words:,} + {split.target_words:,} words{references}"
    for verb, counts in (("dropped", data.report.dropped), ("changed", data.report.changed)):
        for name, reasons in counts.items():
            for reason, count in reasons.items():
                yield f"{name}: {count:,} {verb}: {reason}"
    yield f"sound; next: s2s train CONFIG --data {quote(str(path))} --out RUN"


def _series(path: Path) -> Iterator[str]:
    from s2s.config.errors import RequestError
    from s2s.data.series.store import fingerprint, open_series

    data = open_series(path)
    splits = {name: data.read(name) for name in data.splits}
    found = {name: list(zip(one.names, one.series, one.targets, strict=True)) for name, one in splits.items()}
    if fingerprint(found) != data.fingerprint:
        raise RequestError(f"{path}: its series are not those that report.json lists; prepare the data again")
    yield f"{path}: a prepared data set of series, columns {', '.join(data.report.columns)}, {data.fingerprint}"
    for name, split in splits.items():
        lengths = list(map(len, split.series))
        yield (
            f"{name}: {len(lengths):,} series of {min(lengths):,} to {max(lengths):,} rows"
            if lengths
            else f"{name}: none"
        )
    yield from series_counts(data.report)
    target = "label" if data.report.target == "label" else "ctc"
    yield f"sound; next: s2s train CONFIG --data {quote(str(path))} --out RUN, source.kind series, target.kind {target}"


def _model(path: Path) -> Iterator[str]:
    from s2s.bundle.files import find_model
    from s2s.bundle.load import load
    from s2s.bundle.onnx_model import OnnxRecognizer
    from s2s.data.series.columns import Columns
    from s2s.text.charset import Charset
    from s2s.text.labels import Labels
    from s2s.text.tags import Tags

    found = find_model(path)
    bundle = load(found)
    inside = "" if found == path else f" (in {found})"
    what = " to ".join(bundle.languages) if bundle.languages else _DOES[bundle.config.task]
    yield f"{path}: a sound model{inside}, {what}, fingerprint {bundle.fingerprint}"
    yield from describe_model(bundle.config, bundle.sizes)
    if isinstance(written := bundle.vocabularies["target"], Charset):
        yield f"writes {len(written.characters):,} characters: {written.characters}"
    if isinstance(written, Labels):
        names = ", ".join(written.names[:_SHOWN])
        what = "tags" if isinstance(written, Tags) else "classes"
        yield f"{len(written.names):,} {what}: {names}{', ...' if len(written.names) > _SHOWN else ''}"
    if isinstance(read := bundle.vocabularies.get("source"), Columns):
        yield f"reads the columns {', '.join(read.names[:_SHOWN])}{', ...' if len(read.names) > _SHOWN else ''}"
    if isinstance(bundle.model, OnnxRecognizer):
        yield f"in ONNX, {len(bundle.model.content) / 1e6:.1f} MB, run by onnxruntime"
    if searched := describe_decoding(bundle.config):
        yield searched
    if bundle.max_source is not None:
        unit = "rows" if bundle.config.source.unit == "rows" else "subwords"
        yield f"trained on inputs of up to {bundle.max_source} {unit}; longer ones are {_LONGER[bundle.config.task]}"
    for name, score in bundle.info.get("scores", {}).items():
        how = f" ({score['decoded']})" if score.get("decoded") else ""
        yield f"{name.partition('@')[0]} {score['value']:.2f} on {score.get('split', '?')}{how}"
    yield f"next: s2s {_USED[bundle.config.task].format(quote(str(path)))}"
