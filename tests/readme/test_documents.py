"""What the documents tell their readers to type is right."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from s2s.config.document import parse
from s2s.config.errors import RequestError
from s2s.config.experiment import experiment_from
from s2s.config.recipes import RECIPES
from s2s.config.strict import from_dict
from tests.readme.commands import Block, blocks, check, commands

ROOT = Path(__file__).parents[2]
FOLDERS = ("benchmarks", "configs", "docs", "recipes")
DOCUMENTS = sorted([ROOT / "README.md", *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md"))])
BLOCKS = [(path, block) for path in DOCUMENTS for block in blocks(path)]


def of(*languages: str) -> list[object]:
    """The blocks in these languages, as parameters of a test."""
    return [
        pytest.param(block, id=f"{path.relative_to(ROOT)}-{i}")
        for i, (path, block) in enumerate(BLOCKS)
        if block.language in languages
    ]


def test_the_readme_tells_how_to_run_demo_and_tests() -> None:
    targets = [call[:1] for block in blocks(ROOT / "README.md") for call in commands(block.text, "make")]
    assert ["demo"] in targets
    assert ["test"] in targets


@pytest.mark.parametrize("block", of("sh", "bash", "console"))
def test_every_command_is_understood_and_every_name_exists(block: Block) -> None:
    for arguments in commands(block.text, "s2s"):
        check(arguments)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target, *_ in commands(block.text, "make"):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"the Makefile has no target {target}"


@pytest.mark.parametrize("block", of("python"))
def test_every_piece_of_python_is_python(block: Block) -> None:
    ast.parse(block.text)


@pytest.mark.parametrize("block", of("yaml"))
def test_every_piece_of_yaml_is_a_config_or_a_recipe(block: Block) -> None:
    values = parse(block.text, "the block").values
    if "read" in values:
        from_dict(values, RECIPES[values["read"]["kind"]], "the block")
    else:
        experiment_from(values, "the block")


@pytest.mark.parametrize("block", [case for case in of("sh", "bash") if case.values[0].run])  # type: ignore[attr-defined]
def test_marked_commands_run(block: Block, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "s2s"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m s2s "$@"\n')
    program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    command = ["bash", "-euo", "pipefail", "-c", block.text]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_calls_are_found_in_shell_text() -> None:
    text = "# s2s no\ns2s a --b 'c d' \\\n  e  # why\ncat x | s2s f - < y > z && s2s g; make demo\nxs2s h\n"
    assert commands(text, "s2s") == [["a", "--b", "c d", "e"], ["f", "-"], ["g"]]
    assert commands(text, "make") == [["demo"]]
    assert commands("torchrun --nnodes 2 \\\n  -m s2s h --i\nsrun -m other s2s", "s2s") == [["h", "--i"]]


def test_a_wrong_command_would_be_noticed() -> None:
    for wrong in (["prepare", "phrasse", "--out", "x"], ["trian"], ["prepare", "phrases", "--uot", "x"]):
        with pytest.raises(RequestError):
            check(wrong)
