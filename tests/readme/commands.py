"""The commands that documents tell their readers to run."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from s2s.cli.main import parse
from s2s.config.experiment import read_experiment
from s2s.config.find import find

_FENCE = re.compile(r"(<!-- run by the tests -->\n)?^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block of a Markdown file."""

    language: str
    text: str
    run: bool
    """The comment `<!-- run by the tests -->` stands before it."""


def blocks(path: Path) -> Iterator[Block]:
    """Every fenced block of a Markdown file that names its language."""
    for mark, language, text in _FENCE.findall(path.read_text(encoding="utf-8")):
        yield Block(language, text, bool(mark))


def commands(text: str, name: str) -> list[list[str]]:
    """The arguments of every call of the program `name`, or of the Python module, in shell text.

    Redirections and pipes are left out, as is what launches a module.
    """
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|<>;&")
        lexer.whitespace_split = True
        tokens = list(lexer)
        starts = [0, *(i + 1 for i, token in enumerate(tokens) if set(token) <= set("|;&"))]
        for start, end in zip(starts, [*starts[1:], len(tokens) + 1], strict=True):
            call = tokens[start : end - 1]
            plain = call[: next((i for i, token in enumerate(call) if set(token) <= set("<>")), len(call))]
            module = next((i for i in range(len(plain)) if plain[i : i + 2] == ["-m", name]), None)
            if plain[:1] == [name]:
                found.append(plain[1:])
            elif module is not None:
                found.append(plain[module + 2 :])
    return found


def check(arguments: list[str]) -> None:
    """Raise RequestError unless s2s understands the call and the configs and recipes it names exist.

    A name with `.yaml` is the reader's own file.
    """
    if arguments in (["--help"], ["--version"]):
        return
    _, parsed, overrides = parse(arguments)
    if arguments[0] == "prepare" and not parsed.recipe.endswith(".yaml"):
        find("recipes", parsed.recipe)
    if arguments[0] == "train" and not parsed.config.endswith(".yaml"):
        pairs = [(key.removeprefix("--"), value) for key, value in zip(overrides[::2], overrides[1::2], strict=True)]
        read_experiment(find("configs", parsed.config), pairs)
