"""`s2s check`: what something is, whether it is sound, and what will happen with it."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from s2s.cli.describing import describe_decoding, describe_model
from s2s.cli.picture_check import check_pictures, holds_pictures, is_picture_dataset

if TYPE_CHECKING:
    from s2s.config.experiment import Config
    from s2s.config.picture_recipe import PictureRecipe
    from s2s.config.recipe import Recipe
    from s2s.config.recognition import Recognition
    from s2s.training.experiment import Experiment

HELP = "say what a config, recipe, dataset or model is, and whether it is sound"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "what", metavar="CONFIG|DATA|MODEL|FOLDER", help="path, or the name of a config that is shipped"
    )
    parser.add_argument(
        "--data", metavar="DATA", help="with a config: also say what training it on this dataset will take"
    )


def run(args: argparse.Namespace, extra: list[str]) -> int:
    """Say it; what is wrong is a RequestError."""
    from s2s.bundle.files import shipped_models
    from s2s.config.errors import RequestError
    from s2s.config.find import shipped

    path = Path(args.what)
    lines: Iterable[str]
    if path.is_dir():
        lines = _folder(path)
    elif path.is_file() and path.suffix not in (".yaml", ".yml"):
        lines = _file(path)
    elif not path.exists() and args.what in shipped_models():  # a recipe may have the name of the model it is for
        lines = chain(_model(path), _named(args.what, None) if args.what in shipped("recipes") else ())
    else:
        lines = _named(args.what, args.data)
        args.data = None
    if args.data is not None:
        raise RequestError("--data goes with a config")
    for line in lines:
        print(line)
    return 0


def _folder(path: Path) -> Iterator[str]:
    from s2s.bundle.files import CONFIG, find_model
    from s2s.config.errors import RequestError
    from s2s.data.report import FILE

    if is_picture_dataset(path):
        return check_pictures(path)
    if (path / FILE).is_file():
        return _dataset(path)
    if (path / "config.yaml").is_file():
        return _model(path)
    with suppress(RequestError):
        find_model(path)
        return _model(path)
    if holds_pictures(path):
        return check_pictures(path)
    names = sorted(child.name for child in path.iterdir())
    held = f"it has {', '.join(names[:5])}{' ...' if len(names) > 5 else ''}" if names else "it is empty"
    raise RequestError(
        f"{path} is no dataset ({FILE}), model ({CONFIG}), run (config.yaml) or folder of pictures: {held}"
    )


def _file(path: Path) -> Iterator[str]:
    from s2s.bundle.files import is_model_file
    from s2s.config.errors import RequestError

    if is_model_file(path):
        return _model(path)
    raise RequestError(f"{path} is not a config or recipe (.yaml), nor a checkpoint (.ckpt)")


def _named(name: str, data: str | None) -> Iterator[str]:
    """A YAML file, or the name of one that is shipped: a config or a recipe."""
    from s2s.config.document import read_document
    from s2s.config.errors import RequestError
    from s2s.config.experiment import read_experiment
    from s2s.config.find import find, shipped
    from s2s.config.picture_recipe import read_recipe

    recipe = name.removesuffix(".yaml").removeprefix("recipes/")
    path = (
        find("recipes", recipe) if not Path(name).is_file() and recipe in shipped("recipes") else find("configs", name)
    )
    values = read_document(path).values
    if isinstance(values, dict) and "read" in values:
        if data is not None:
            raise RequestError("--data goes with a config, not with a recipe")
        own = path.resolve() not in {one.resolve() for one in shipped("recipes").values()}
        return _recipe(path, read_recipe(path), own)
    return _config(path, read_experiment(path), data)


def _recipe(path: Path, recipe: "Recipe | PictureRecipe", own: bool) -> Iterator[str]:
    """What a recipe is for; the files of one's `own` are read, those of one that comes with s2s may lie anywhere."""
    from s2s.config.recipe import Phrases, Recipe
    from s2s.data.prepare import is_local, read_files

    what = "-".join(recipe.languages) if isinstance(recipe, Recipe) else "pictures"
    if not own or not is_local(recipe):
        later = "" if isinstance(recipe.read, Phrases) else "; prepare looks for its files"
        yield f"{path}: a sound recipe, {what}, read from {recipe.read.kind}{later}"
    elif isinstance(recipe, Recipe):
        reading = read_files(recipe, None, path.parent, str(path))
        yield f"{path}: a sound recipe, {what}, read from {recipe.read.kind}"
        yield from (f"{name}: {len(pairs):,} pairs" for name, pairs in reading.splits.items())
        yield from (f"{name}: not there, left out" for name in reading.missing)
    else:
        from s2s.data.images.prepare import open_folders

        found = list(open_folders(recipe, None, path.parent))
        yield f"{path}: a sound recipe, {what}, read from {recipe.read.kind}"
        for split, inner, part in found:
            yield f"{split}: {len(part.examples):,} pictures of {inner}, {len(part.problems):,} problems"
    yield f"next: s2s prepare {quote(str(path))} --out DATA"


def _dataset(path: Path) -> Iterator[str]:
    from s2s.config.errors import RequestError
    from s2s.data.report import fingerprint
    from s2s.data.store import open_dataset

    data = open_dataset(path)
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


def _model(path: Path) -> Iterator[str]:
    from s2s.bundle.bundle import RecognitionBundle, TranslationBundle
    from s2s.bundle.files import find_model
    from s2s.bundle.load import load
    from s2s.bundle.onnx_model import OnnxRecognizer

    found = find_model(path)
    bundle = load(found)
    inside = "" if found == path else f" (in {found})"
    what = " to ".join(bundle.languages) if isinstance(bundle, TranslationBundle) else "pictures to text"
    yield f"{path}: a sound model{inside}, {what}, fingerprint {bundle.fingerprint}"
    yield from describe_model(bundle.config, bundle.sizes)
    if isinstance(bundle, RecognitionBundle):
        yield f"writes {len(bundle.charset.characters):,} characters: {bundle.charset.characters}"
    if isinstance(bundle.model, OnnxRecognizer):
        yield f"in ONNX, {len(bundle.model.content) / 1e6:.1f} MB, run by onnxruntime"
    yield describe_decoding(bundle.config)
    if isinstance(bundle, TranslationBundle) and bundle.max_source is not None:
        yield f"trained on inputs of up to {bundle.max_source} subwords; longer ones are translated in parts"
    for name, score in bundle.info.get("scores", {}).items():
        yield f"{name.partition('@')[0]} {score['value']:.2f} on {score.get('split', '?')}"
    if isinstance(bundle, TranslationBundle):
        yield f"next: s2s translate {quote(str(path))} < FILE"
    else:
        yield f"next: s2s transcribe PICTURE --model {quote(str(path))}"


def _config(path: Path, config: "Config", data: str | None) -> Iterator[str]:
    from s2s.config.recognition import Recognition
    from s2s.config.training import LOSS
    from s2s.metrics.names import check_metric
    from s2s.text.charset import Charset

    training = config.training
    if config.validation.metric != LOSS:
        check_metric(config.validation.metric)
    if isinstance(config, Recognition) and config.charset.characters:
        Charset(config.charset.characters)
    yield f"{path}: a sound config, task {config.task}"
    if training.precision == "16":
        yield "training.precision 16 needs a GPU"
    if data is None:
        if isinstance(config, Recognition):
            yield from _pictures_ahead(config)
            budget = f"{config.batches.pixels:,} padded pixels"
        else:
            size = config.subwords.size
            yield f"vocabulary of at most {size:,} {config.subwords.model} subwords"
            yield from describe_model(config, {"source": size, "target": size})
            budget = f"{config.batches.tokens:,} padded tokens"
        yield f"{training.steps:,} steps of {config.batches.accumulate} x {budget}"
        yield "--data DATA tells what training it will take"
        return
    experiment = _experiment(config, data)
    yield from experiment.account
    steps = experiment.data.sampler.steps(0)
    yield f"{training.steps:,} steps, which are {training.steps / steps:.1f} epochs"
    yield from _memory(config, experiment)
    yield f"next: s2s train {quote(str(path))} --data {quote(data)} --out RUN"


def _pictures_ahead(config: "Recognition") -> Iterator[str]:
    from s2s.text.charset import DEFAULT, SPECIALS

    if config.charset.kind == "data":
        yield "every character of the training labels"
        return
    characters = config.charset.characters or DEFAULT
    yield f"{len(characters):,} characters: {characters}"
    yield from describe_model(config, {"charset": len(SPECIALS) + len(characters)})


def _experiment(config: "Config", data: str) -> "Experiment":
    """All that training would begin with."""
    import torch

    from s2s.training.origin import Place
    from s2s.training.setup import set_up

    def say(line: str) -> None:
        print(line, file=sys.stderr)

    return set_up(config, data).build(Place(torch.device("cpu"), Path("model"), "", say), None)


def _memory(config: "Config", experiment: "Experiment") -> Iterator[str]:
    """What the worst batch keeps for its backward pass, measured by a forward pass; and what the weights take."""
    import torch

    kept: dict[int, int] = {}
    parameters = list(experiment.task.parameters())
    own = {parameter.untyped_storage().data_ptr() for parameter in parameters}

    def count(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
        loss = experiment.task.objective(experiment.worst_batch()).loss
    copies = 4 + bool(config.training.ema) + config.training.average  # weights, gradients, two moments, averages
    weights = sum(parameter.numel() * parameter.element_size() for parameter in parameters) * copies
    del loss
    yield (
        f"memory: {weights / 1e6:,.0f} MB for weights, gradients, optimiser and averages, "
        f"{sum(kept.values()) / 1e6:,.0f} MB for the largest batch, beside the libraries' own"
    )
