"""Options of every command that lets a model translate."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s2s.bundle.bundle import Bundle
    from s2s.inference.translator import Translator

_SETTINGS = ("beam", "length_penalty", "coverage_penalty", "batch_tokens")


def add_decoding(parser: argparse.ArgumentParser) -> None:
    """Declare them; what is not given is the model's own setting."""
    parser.add_argument("--beam", type=int, metavar="N", help="hypotheses kept; 1 is greedy; default: the model's")
    parser.add_argument("--length-penalty", type=float, metavar="A", help="above 0 favours long outputs")
    parser.add_argument("--coverage-penalty", type=float, metavar="B", help="above 0 favours looking at all the input")
    parser.add_argument("--batch-tokens", type=int, metavar="N", help="most padded source tokens a batch")
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="default: a GPU if there is one"
    )
    parser.add_argument("--threads", type=int, metavar="N", help="CPU threads; default: all cores")


def load_translator(name: str, args: argparse.Namespace) -> tuple["Bundle", "Translator"]:
    """The model `name` and its translator, searching as the options say. RequestError for what cannot be."""
    from dataclasses import replace

    import torch

    from s2s.bundle.load import load
    from s2s.config.errors import RequestError
    from s2s.inference.device import choose_device
    from s2s.inference.translator import Translator

    if args.threads is not None:
        if args.threads < 1:
            raise RequestError(f"--threads must be 1 or more, not {args.threads}")
        torch.set_num_threads(args.threads)
    device = choose_device(args.device)
    bundle = load(name, device)
    given = {name: getattr(args, name) for name in _SETTINGS if getattr(args, name) is not None}
    try:
        config = replace(bundle.config, decoding=replace(bundle.config.decoding, **given))
    except ValueError as error:
        raise RequestError(f"--{str(error).replace('_', '-')}") from None
    return bundle, Translator.from_bundle(replace(bundle, config=config), device)
