"""`s2s export`: a model out of its run, as a directory that travels; or pictures, as databases for other programs."""

import argparse
import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2s.cli.outside import add_outside
from s2s.cli.printing import notice, show

if TYPE_CHECKING:
    from s2s.bundle.bundle import Bundle
    from s2s.image.load import Pixels

_EPILOG = """\
The directory holds config.json, model.safetensors, the vocabulary and README.md, a card that says what the model is,
how it was made and how good it is. Every command takes it for MODEL, here and on any other machine. Out of a run, the
card also says how many minutes the model had been trained.

A model of a run is scored on all of the run's validation split, with the decoding that it ships with, if the data is
still where it was; --unscored leaves that out. The card then shows what validation found while training, and says so.

--scores has the card show what `s2s evaluate --json FILE` measured instead; give it once for every file.

--onnx writes model.onnx in place of model.safetensors, for readers of pictures with a CTC head. Every command that
reads pictures takes the directory for MODEL, `pip install 's2s[onnx]'` provided, and other programs run the file by
itself. --int8 writes it in 8 bits, for a quarter of the size and about twice the speed; the pictures of DATA, of its
split train if it has one, show what values to expect. Some words are read otherwise then; `s2s evaluate` shows how good
it still is, and a second export, of what the first one wrote, puts that on the card with --scores.

--lmdb takes a data set or a folder of pictures instead, or one split of it, DATA:SPLIT, and writes a database as the
benchmarks of scene text read them (num-samples, image-000000001, label-000000001); of several splits, one in a folder
each. s2s trains on them and evaluates with them like any folder of pictures.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument(
        "model", metavar="MODEL", help="a run, a model directory, a checkpoint or a shipped model; or DATA[:SPLIT]"
    )
    parser.add_argument("--out", metavar="DIR", required=True, help="the new directory; it must not exist yet")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--half", action="store_true", help="store matrices in 16 bits, for half the size")
    form.add_argument("--onnx", action="store_true", help="write a model.onnx, which other programs run too")
    form.add_argument("--int8", metavar="DATA[:SPLIT]", help="the same in 8 bits, for pictures like those of DATA")
    form.add_argument("--lmdb", action="store_true", help="write the pictures of a data set; see below")
    parser.add_argument("--unscored", action="store_true", help="do not score the model; see below")
    parser.add_argument("--scores", metavar="FILE", action="append", default=[], help="scores for the card; see below")
    add_outside(parser)


def run(args: argparse.Namespace, extra: list[str]) -> int:
    """Write the model, or the pictures."""
    from s2s.config.errors import RequestError
    from s2s.data.atomic import check_new

    if "://" in args.out:
        raise RequestError(f"--out {args.out} is an address; export to a folder of this machine, and upload that")
    check_new(Path(args.out))
    return _export_pictures(args) if args.lmdb else _export_model(args)


def _export_model(args: argparse.Namespace) -> int:
    from dataclasses import replace

    from s2s.bundle.load import load, need_weights
    from s2s.bundle.save import save
    from s2s.cli.scoring import read_scores

    measured: dict[str, Any] = {}
    for file in args.scores:
        measured |= read_scores(Path(file))
    bundle = load(args.model)
    info = {**bundle.info, "scores": measured or bundle.info.get("scores", {})}
    training = info.get("training", {})
    if (minutes := _minutes(Path(args.model) / "metrics.csv", training.get("step"))) is not None:
        info["training"] = {**training, "minutes": minutes}
    bundle = replace(bundle, info=info)
    if args.half:
        need_weights(bundle, args.model)
    if args.onnx or args.int8:
        bundle = _in_onnx(bundle, args)
    save(args.out, bundle, half=args.half)
    if not measured:
        save(args.out, _scored(bundle, args), half=args.half)
    size = sum(path.stat().st_size for path in Path(args.out).iterdir())
    show(f"{args.out}: {bundle.parameters:,} parameters, {size / 1e6:.1f} MB")
    return 0


def _scored(bundle: "Bundle", args: argparse.Namespace) -> "Bundle":
    """The model with the scores of what was written of it, or with the reason why there are none of them."""
    from dataclasses import replace

    from s2s.bundle.load import load
    from s2s.cli.final_scores import final_scores, run_of
    from s2s.config.errors import RequestError
    from s2s.config.training import LOSS

    run, scores, why = run_of(Path(args.model)), bundle.info.get("scores", {}), "--unscored"
    if run is None:
        return bundle
    if not args.unscored:
        try:
            loss = {name: score for name, score in scores.items() if name == LOSS}
            scores, why = loss | final_scores(load(args.out), run), ""
        except RequestError as error:
            why = str(error)
            notice(f"not scored: {why}")
    training = bundle.info.get("training", {})
    if why:
        training = {**training, "scores": f"those of validation while training; export did not score it ({why})"}
    return replace(bundle, info={**bundle.info, "scores": scores, "training": training})


def _in_onnx(bundle: "Bundle", args: argparse.Namespace) -> "Bundle":
    """The model for onnxruntime, in 8 bits on demand; scores of before stay only where it gives the same texts."""
    from dataclasses import replace

    from s2s.config.errors import RequestError
    from s2s.config.source import ImageSource
    from s2s.inference.portable import portable

    source = bundle.config.source
    if not isinstance(source, ImageSource):
        raise RequestError(f"{args.model} does not read pictures; only readers can be exported to ONNX at present")
    images: list[Pixels] = []
    how, info = "32 bits", bundle.info
    if args.int8:
        images, of = _some_pictures(args.int8, source.colour, args.allow_outside)
        how, info = f"8 bits, scaled by {len(images):,} pictures of {of}", {**info, "scores": {}}
    info = {**info, "training": {**info.get("training", {}), "onnx": how}}
    return replace(portable(bundle, images), info=info)


def _some_pictures(name: str, colour: bool, allow_outside: bool) -> "tuple[list[Pixels], str]":
    """Pictures of a data set, evenly spread, and what they are of."""
    from s2s.config.errors import RequestError
    from s2s.data.images.store import open_pictures
    from s2s.data.store import split_name
    from s2s.image.load import BadImage
    from s2s.inference.portable import PICTURES

    path, split = split_name(name)
    data = open_pictures(path, allow_outside)
    split = split or ("train" if "train" in data.splits else data.splits[0])
    examples = data.read(split).examples
    images = []
    for example in examples[:: max(1, len(examples) // PICTURES)][:PICTURES]:
        try:
            images.append(example.load(colour))
        except BadImage as error:
            notice(f"{error}; left out")
    if not images:
        raise RequestError(f"{path}: split {split} has no picture to scale 8 bits by")
    return images, f"{path}:{split}"


def _export_pictures(args: argparse.Namespace) -> int:
    from s2s.data.atomic import appearing
    from s2s.data.images.lmdb import write_lmdb
    from s2s.data.images.store import open_pictures
    from s2s.data.store import split_name

    path, split = split_name(args.model)
    data = open_pictures(path, args.allow_outside)
    if split:
        data.check_split(split)
    problems = 0
    with appearing(Path(args.out)) as partial:
        for name in [split] if split else data.splits:
            found = data.read(name)
            count, broken = write_lmdb(
                found.examples, partial / name if not split and len(data.splits) > 1 else partial
            )
            for problem in (*found.problems, *broken):
                notice(problem)
            problems += len(found.problems) + len(broken)
            show(f"{args.out}: {name}, {count:,} pictures")
    if problems:
        notice(("1 picture or label is" if problems == 1 else f"{problems:,} pictures or labels are") + " left out")
    return 0


def _minutes(metrics: Path, step: object) -> int | None:
    """How long a run had trained at a step, by its table; None where there is none."""
    try:
        with metrics.open(newline="", encoding="utf-8") as file:
            seconds = [float(row["seconds"]) for row in csv.DictReader(file) if row["step"] == str(step)]
    except (OSError, KeyError, ValueError, TypeError, csv.Error):
        return None
    return round(seconds[-1] / 60) if seconds else None
