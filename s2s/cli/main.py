"""The `s2s` command: finds the command's file, runs it, and turns how it ended into an exit status.

0 done, 1 failed while working, 2 the request was wrong, 130 interrupted (Ctrl-C), 141 the reader of the output went
away, 143 terminated. Neither this file nor a command's imports anything heavy before the command runs, so that
`s2s --help` answers at once.
"""

import errno
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Sequence
from importlib import import_module
from types import FrameType, ModuleType
from typing import NoReturn

from s2s import __version__
from s2s.cli.parser import Parser, split_overrides
from s2s.cli.printing import notice
from s2s.cli.streams import check_folder, check_streams
from s2s.config.errors import RequestError, WorkError
from s2s.config.nearest import did_you_mean
from s2s.training.processes import first, is_printed_here, set_printed_here, wait_for_printing

COMMANDS = {
    "prepare": "make a dataset from a recipe: read, clean, report",
    "check": "report what a config, recipe, dataset or model is, and whether it is sound",
    "train": "train a model from a config and a dataset, or go on training it",
    "translate": "translate lines of text, from files or standard input",
    "transcribe": "read the text in pictures of words, lines or pages",
    "generate": "write on from a prompt with a language model, or score lines with it",
    "predict": "predict the class of lines of text, or the tags of their words, from files or standard input",
    "evaluate": "score a model on a split of a dataset",
    "compare": "test whether models, or files of their outputs, differ by more than luck",
    "plot": "draw what a model looks at, and how runs went",
    "serve": "try models in a browser, on a page of this machine, and use them as JSON over HTTP",
    "export": "write a model as one directory that needs nothing else, in 32, 16 or 8 bits; or pictures as LMDB",
    "render": "make synthetic pictures of words or lines, with labels",
    "completion": "print what makes bash, zsh or fish complete commands, options and keys",
}
"""Every command, in the order of its use, and what it does; the code of `NAME` is s2s/cli/NAME.py."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command in `arguments` (by default the process's) and return the exit status."""
    came: list[int] = []

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        came.append(number)
        raise KeyboardInterrupt  # SIGTERM unwinds like Ctrl-C, so that work in hand is put away the same way

    previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        check_streams()
        check_folder()
        status = _dispatch(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return 128 + (came or [signal.SIGINT])[-1]
    except Exception as error:
        if came:  # an import that is interrupted may turn that into an error of its own
            return 128 + came[-1]
        return _failed(error)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def script() -> None:
    """Entry point of the installed command."""
    # Threads that wait for each other give way soon. OpenMP's default is to spin for long, which pays a little on
    # an idle machine, but makes two threads several times slower than one as soon as another program computes too.
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    status = main()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # on the way out nothing is left that could be put away
    sys.exit(status)


def parse(arguments: Sequence[str]) -> tuple[ModuleType, Namespace, list[str]]:
    """The command's module, its parsed arguments, and its config keys as `--key, value, ...`.

    RequestError names the nearest command or option; SystemExit after a command's own --help.
    """
    name, *rest = arguments
    if name not in COMMANDS:
        raise RequestError(f'there is no command "{name}"{did_you_mean(name, COMMANDS)}')
    command = import_module(f"s2s.cli.{name}")
    parser = Parser(prog=f"s2s {name}", description=COMMANDS[name], allow_abbrev=False)
    command.add_arguments(parser)
    rest, overrides = split_overrides(rest)
    if overrides and name not in ("train", "check"):
        raise RequestError(
            f'{parser.prog} has no option "{overrides[0]}"; only s2s train and s2s check take config keys'
        )
    return command, parser.parse_strictly(rest), overrides


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_help())
        return 0
    if arguments[0] in ("-V", "--version"):
        print(f"s2s {__version__}")
        return 0
    try:
        command, parsed, overrides = parse(arguments)
    except SystemExit:  # its help has been printed
        return 0
    except RequestError as error:
        set_printed_here(error, arguments[0] != "train" or first())  # all processes of a run get the same arguments
        raise
    status: int = command.run(parsed, overrides)
    return status


def _help() -> str:
    commands = "\n".join(f"  {name:<11}{what}" for name, what in COMMANDS.items())
    return (
        "usage: s2s COMMAND ...\n\n"
        "Recurrent sequence models that people can train, trust and ship.\n\n"
        f"{commands}\n\n"
        "s2s COMMAND --help has the rest; s2s --version prints the version."
    )


def _failed(error: Exception) -> int:
    """The exit status of an error, which is printed in words; one that nobody foresaw is raised again."""
    match error:
        case RequestError() | WorkError():
            return _reported(error, str(error), error.status)
        case BrokenPipeError():
            # Python flushes stdout once more on its way out, and would complain there.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 141
        case OSError(errno=errno.ENAMETOOLONG):
            name = str(error.filename)[:40]
            return _reported(error, f"{name}...: the name is too long; choose a shorter one", RequestError.status)
        case OSError():
            reason = error.strerror or str(error)
            where = f"{error.filename}: " if error.filename else ""
            return _reported(error, where + reason, WorkError.status)
        case _ if isinstance(error, MemoryError) or _is_out_of_memory(error):
            return _reported(error, "out of memory", WorkError.status)
    raise error


def _reported(error: Exception, message: str, status: int) -> int:
    if is_printed_here(error):
        notice(f"s2s: error: {message}")
    else:
        wait_for_printing()
    return status


def _is_out_of_memory(error: Exception) -> bool:
    """Whether memory ran out while a library was loaded, or where nothing narrower says for what."""
    if isinstance(error, ImportError):
        return "failed to map segment" in str(error)
    if "torch" not in sys.modules:
        return False
    from s2s.nn.out_of_memory import is_out_of_memory

    return is_out_of_memory(error)
