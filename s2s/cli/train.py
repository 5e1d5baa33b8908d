"""`s2s train`: a config and a dataset to a model."""

import argparse
import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from s2s.cli.keys import ShowKeys, names
from s2s.cli.outside import add_outside
from s2s.cli.parser import Parser, pair_overrides
from s2s.cli.printing import notice, show
from s2s.training.processes import first, joined, per_node, ranks, together

if TYPE_CHECKING:
    from s2s.training.run import Outcome


def add_arguments(parser: Parser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "config", metavar="CONFIG", nargs="?", help="path of a config, or the name of one that comes with s2s"
    )
    parser.add_argument("--data", metavar="DATA", help="dataset made by s2s prepare, or a folder of labelled pictures")
    parser.add_argument("--out", metavar="RUN", help="folder of the run; new unless --resume")
    parser.add_argument(
        "--from", dest="start_from", metavar="MODEL", help="start from the vocabulary and the weights of this model"
    )
    parser.add_argument(
        "--charset",
        choices=("keep", "union", "new"),
        help="with --from, a recogniser: keep that model's characters (default), add the labels', or take the config's",
    )
    parser.add_argument(
        "--vocabulary-of",
        metavar="MODEL",
        help="a language model: take over the target vocabulary of this translator, to be its --lm",
    )
    parser.add_argument(
        "--resume",
        metavar="RUN",
        nargs="?",
        const=True,
        help="go on from the last checkpoint of this run, to the bit, with its own config and data",
    )
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="default: a GPU if there is one"
    )
    parser.add_argument("--seed", type=int, help="instead of the config's training.seed")
    parser.add_argument("--threads", type=int, help="CPU threads; default: all cores")
    parser.add_argument(
        "--keys",
        action=ShowKeys,
        nargs="?",
        const="translation",
        metavar="TASK",
        help="show every key of a translation (default) or a recognition config, with its default, and leave",
    )
    add_outside(parser)
    parser.keys = names
    parser.epilog = "Any key of the config can be set: --optimizer.lr 0.002 --model.encoder.layers 2"


def run(args: argparse.Namespace, extra: list[str]) -> int:
    """Train; on Ctrl-C or SIGTERM say how to go on."""
    from s2s.config.experiment import given_keys, read_experiment
    from s2s.config.find import find

    overrides = pair_overrides(extra)
    if args.seed is not None:
        overrides.append(("training.seed", str(args.seed)))
    with joined(args.device):
        with together():
            _complete(args)
            path = find("configs", args.config)
            config = read_experiment(path, overrides)

        from s2s.training.run import train

        outcome = train(
            config,
            args.data,
            args.out,
            device=args.device,
            threads=args.threads,
            resume=bool(args.resume),
            start_from=args.start_from,
            charset=args.charset,
            allow_outside=args.allow_outside,
            vocabulary_of=args.vocabulary_of,
            given=given_keys(path, overrides),
            command=shlex.join(["s2s", *sys.argv[1:]]),
        )
        if first():
            _conclude(outcome, args)
    return 0 if outcome.signal is None else 128 + outcome.signal


def _complete(args: argparse.Namespace) -> None:
    """Fill in what `--resume RUN` leaves out, from the run's folder. RequestError for what is missing."""
    from s2s.config.errors import RequestError

    if isinstance(args.resume, str) and args.out is not None and args.config is None and not Path(args.resume).is_dir():
        args.config, args.resume = args.resume, True  # --resume CONFIG --out RUN
    if isinstance(args.resume, str):
        if args.out not in (None, args.resume):
            raise RequestError(f"--resume {args.resume} and --out {args.out} name two runs; leave out one of them")
        args.out = args.resume
    if args.resume and args.out is not None:
        from s2s.training.folder import RunFolder

        run = RunFolder(Path(args.out))
        if args.config is None:
            if any(one is not None for one in (args.start_from, args.charset, args.vocabulary_of)):
                raise RequestError(
                    "--from, --charset and --vocabulary-of are for a new run; --resume RUN goes on as it was begun"
                )
            run.check_known()
            args.config = str(run.config)
        args.data = args.data or run.dataset()
    missing = [
        name for name, value in (("CONFIG", args.config), ("--data", args.data), ("--out", args.out)) if not value
    ]
    if missing:
        raise RequestError(f"the following arguments are required: {', '.join(missing)}; see s2s train --help")


def _conclude(outcome: "Outcome", args: argparse.Namespace) -> None:
    """Say where the model is, or how to go on."""
    from s2s.config.training import LOSS

    if outcome.signal is not None:
        again = [*_program(), "train", "--resume", str(outcome.folder)]
        again += [] if args.device == "auto" else ["--device", args.device]
        again += [] if args.threads is None else ["--threads", str(args.threads)]
        # What began it on several machines, or under SLURM, only its author knows.
        processes = f", in {ranks()} processes as before," if ranks() > 1 and not _on_one_machine() else ""
        notice(f"interrupted after step {outcome.step:,}; go on{processes} with:", f"  {shlex.join(again)}")
        return
    score = "" if outcome.best is None else f", {outcome.metric} {outcome.best:.2f} at step {outcome.best_step:,}"
    if outcome.best is not None and outcome.metric != LOSS and outcome.decoded:
        score += f" ({outcome.decoded})"
    show(f"{outcome.folder / 'model'}: the best by validation{score}")
    sys.stdout.flush()


def _program() -> list[str]:
    """How this program was called, in words that will call it again."""
    called = sys.argv[0]
    if _on_one_machine():
        return ["torchrun", "--nproc-per-node", str(ranks()), "-m", "s2s"]
    if shutil.which("s2s") is not None:
        return ["s2s"]
    return [sys.executable, "-m", "s2s"] if called.endswith("__main__.py") else [called]


def _on_one_machine() -> bool:
    """Whether torchrun began several processes, all of them here."""
    return "TORCHELASTIC_RUN_ID" in os.environ and ranks() == per_node() > 1
