"""Options of every command that lets a model translate or read."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from s2s.cli.printing import notice

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

    from s2s.bundle.bundle import Bundle
    from s2s.inference.predictor import Predictor
    from s2s.inference.readers import Readers
    from s2s.inference.recognizer import Recognizer
    from s2s.inference.translator import Translator

_SETTINGS = {
    "beam": "beam",
    "length_penalty": "length_penalty",
    "coverage_penalty": "coverage_penalty",
    "min_length": "min_length",
    "no_repeat_ngram": "no_repeat_ngram",
    "repetition_penalty": "repetition_penalty",
    "batch_tokens": "batch",
    "batch_pixels": "batch",
}
"""Options and the keys of `decoding` that they set."""
_OTHER = {"tokens": "batch_pixels", "rows": "batch_pixels", "pixels": "batch_tokens"}
"""The option for batches of another unit."""


def add_decoding(parser: argparse.ArgumentParser, *, translating: bool = True, reading: bool = False) -> None:
    """Declare those of one task or of both; what is not given is the model's own setting."""
    parser.add_argument("--beam", type=int, metavar="N", help="hypotheses kept; 1 is greedy; default: the model's")
    if translating:
        parser.add_argument("--length-penalty", type=float, metavar="A", help="above 0 favours long outputs")
        parser.add_argument(
            "--coverage-penalty", type=float, metavar="B", help="above 0 favours looking at all the input"
        )
        parser.add_argument(
            "--min-length", type=int, metavar="N", help="fewest subwords of an output, its end not counted"
        )
        parser.add_argument(
            "--no-repeat-ngram", type=int, metavar="N", help="no sequence of N subwords twice in an output"
        )
        parser.add_argument(
            "--repetition-penalty",
            type=float,
            metavar="P",
            help="1 or more: multiplies the log-probability of subwords that stand in the output already",
        )
        parser.add_argument("--batch-tokens", type=int, metavar="N", help="most padded source tokens a batch")
    if reading:
        parser.add_argument("--batch-pixels", type=int, metavar="N", help="most padded pixels a batch of pictures")
    add_computing(parser)


def add_guidance(parser: argparse.ArgumentParser, *, translating: bool = True, reading: bool = True) -> None:
    """Declare what a search is to know besides its model, for one task or both; see s2s.inference.guidance."""
    kinds = ["with the vocabulary of the translator"] * translating + ["of characters, for readers with CTC"] * reading
    parser.add_argument(
        "--lm", metavar="MODEL", help=f"a language model that has a say in every search: {'; '.join(kinds)}"
    )
    parser.add_argument(
        "--lm-weight", type=float, metavar="W", help="what the language model's log-probabilities weigh; default: 0.2"
    )
    if translating:
        parser.add_argument(
            "--ensemble",
            metavar="MODEL",
            action="append",
            help="another translator of the same vocabularies, which searches together with MODEL; once for each",
        )
        parser.add_argument(
            "--ensemble-mean",
            choices=("probabilities", "logs"),
            help="what an ensemble takes the mean of at every subword; default: probabilities",
        )
    if reading:
        parser.add_argument(
            "--lm-bonus", type=float, metavar="B", help="readers: what each character adds to a score; default: 0"
        )
        parser.add_argument(
            "--lexicon", metavar="FILE", help="readers: read only the words of this file, one a line, in any case"
        )
        parser.add_argument(
            "--lexicon-weight",
            type=float,
            metavar="W",
            help="what a word of the lexicon adds to a score, instead of being required",
        )


def given_guidance(args: argparse.Namespace) -> dict[str, Any]:
    """The options of `add_guidance` that were given, by their names in `args`."""
    names = ("lm", "lm_weight", "lm_bonus", "lexicon", "lexicon_weight", "ensemble", "ensemble_mean")
    return {name: getattr(args, name) for name in names if getattr(args, name, None) is not None}


def guided(predictor: "Predictor[Any, Any]", name: str, args: argparse.Namespace, quiet: bool = False) -> None:
    """Have the model `name` search as the options of `add_guidance` say. RequestError for what cannot be."""
    from s2s.inference.guidance import Guidance, guide

    guide(predictor, Guidance(**given_guidance(args)), name, args.beam, (lambda line: None) if quiet else notice)


def add_computing(parser: argparse.ArgumentParser) -> None:
    """Declare where to compute."""
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="default: a GPU if there is one"
    )
    parser.add_argument("--threads", type=int, metavar="N", help="CPU threads; default: all cores")


def add_devices(parser: argparse.ArgumentParser) -> None:
    """Declare `--devices`."""
    parser.add_argument(
        "--devices",
        type=int,
        default=1,
        metavar="N",
        help="processes that share the work, each with the model: on as many GPUs, or on the CPU; output is the same",
    )


def given_decoding(args: argparse.Namespace) -> list[str]:
    """The options of `add_decoding` that were given, by their names in `args`."""
    names = [name for name in (*_SETTINGS, "threads") if getattr(args, name, None) is not None]
    names += given_guidance(args)
    return names if args.device == "auto" else [*names, "device"]


@contextmanager
def shared_out(reader: "Predictor[Any, Any]", name: str, args: argparse.Namespace) -> Iterator[None]:
    """Have the batches of the model `name` done by as many processes as `--devices` says."""
    if args.devices == 1:
        yield
        return
    from s2s.inference.workers import Workers

    with Workers(partial(_searcher, name, args), args.devices) as reader.spread:
        yield


def _searcher(name: str, args: argparse.Namespace, number: int) -> "Callable[[Any], Any]":
    """What searches a batch in one of several processes."""
    import torch

    from s2s.bundle.load import load
    from s2s.inference.device import choose_device, use_threads
    from s2s.inference.load import PREDICTORS

    use_threads(args.threads)
    device = choose_device(args.device)
    if device.type == "cuda":
        device = torch.device("cuda", number)
        torch.cuda.set_device(device)
    bundle = load(name, device)
    predictor = PREDICTORS[bundle.config.task].from_bundle(bundle, device)
    guided(predictor, name, args, quiet=True)
    return predictor.search


def load_translator(name: str, args: argparse.Namespace) -> tuple["Bundle", "Translator"]:
    """The model `name` and its translator, searching as the options say. RequestError for what cannot be."""
    from s2s.bundle.load import need_task
    from s2s.inference.translator import Translator

    device, bundle = load_bundle(name, args)
    translator = Translator.from_bundle(need_task(bundle, name, "translation"), device)
    guided(translator, name, args)
    return bundle, translator


def load_recognizer(name: str, args: argparse.Namespace) -> "Recognizer":
    """The recogniser of the model `name`, likewise."""
    from s2s.bundle.load import need_task
    from s2s.inference.recognizer import Recognizer

    device, bundle = load_bundle(name, args)
    reader = Recognizer.from_bundle(need_task(bundle, name, "recognition"), device)
    guided(reader, name, args)
    return reader


@contextmanager
def shared_recognizer(name: str, args: argparse.Namespace) -> "Iterator[Recognizer]":
    """The recogniser of the model `name`, its batches done by as many processes as `--devices` says."""
    reader = load_recognizer(name, args)
    with shared_out(reader, name, args):
        yield reader


@contextmanager
def shipped_readers(args: argparse.Namespace) -> "Iterator[Readers]":
    """The readers that come with s2s, each shared out as `--devices` says."""
    from s2s.inference.readers import PRINT, WORDS, Readers

    with shared_recognizer(WORDS, args) as words, shared_recognizer(PRINT, args) as lines:
        yield Readers(words, lines)


def load_labeller(name: str, args: argparse.Namespace) -> Any:
    """What calls the model `name`, whose task is one of `s2s predict`, likewise."""
    from s2s.bundle.load import COMMANDS, need_task
    from s2s.inference.load import PREDICTORS

    device, bundle = load_bundle(name, args)
    need_task(bundle, name, *(task for task, command in COMMANDS.items() if command == "predict"))
    predictor = PREDICTORS[bundle.config.task].from_bundle(bundle, device)
    guided(predictor, name, args)
    return predictor


def load_bundle(name: str, args: argparse.Namespace) -> tuple["torch.device", "Bundle"]:
    """Where to compute, and the model `name` of either task, searching as the options say."""
    from s2s.bundle.load import load
    from s2s.inference.device import choose_device, use_threads

    device = choose_device(args.device)
    if getattr(args, "devices", 1) != 1:
        device = _lead(device, args)
    use_threads(args.threads)
    return device, _searching(load(name, device), args)


def _lead(device: "torch.device", args: argparse.Namespace) -> "torch.device":
    """Where the process computes that deals out the work to `--devices` others; each gets its share of the cores."""
    import torch

    from s2s.config.errors import RequestError

    # More processes than cores would only be in each other's way; two let themselves be tried anywhere.
    most = torch.cuda.device_count() if device.type == "cuda" else max(2, os.cpu_count() or 1)
    if not 1 <= args.devices <= most:
        what = "GPUs" if device.type == "cuda" else "cores"
        raise RequestError(f"--devices must be between 1 and {most}, the {what} of this machine, not {args.devices}")
    if args.threads is None:
        args.threads = max(1, torch.get_num_threads() // args.devices)
    return torch.device("cpu")


def _searching(bundle: "Bundle", args: argparse.Namespace) -> "Bundle":
    """The bundle with the settings of the command line in its config."""
    from dataclasses import replace

    from s2s.config.errors import RequestError

    config: Any = bundle.config
    given = {}
    for option, key in _SETTINGS.items():
        if getattr(args, option, None) is None:
            continue
        if not hasattr(config.decoding, key) or option == _OTHER.get(config.source.unit):
            raise RequestError(f"--{option.replace('_', '-')} is not for a model of task {config.task}")
        given[key] = getattr(args, option)
    try:
        return replace(bundle, config=replace(config, decoding=replace(config.decoding, **given)))
    except ValueError as error:
        key, rest = str(error).removeprefix("decoding.").split(" ", 1)
        given_as = [option for option, one in _SETTINGS.items() if one == key and hasattr(args, option)]
        option = next((option for option in given_as if getattr(args, option) is not None), key)
        raise RequestError(f"--{option.replace('_', '-')} {rest}") from None
