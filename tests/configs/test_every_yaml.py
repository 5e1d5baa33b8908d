"""Every shipped YAML is read strictly and opens with the command that uses it."""

from itertools import takewhile
from pathlib import Path

import pytest

from s2s.config.experiment import read_experiment
from s2s.config.find import shipped
from s2s.config.recipes import read_recipe
from tests.readme.commands import check, commands

CONFIGS = shipped("configs")
RECIPES = shipped("recipes")


def opening_commands(path: Path) -> list[list[str]]:
    """The arguments of the `s2s` commands in the comment that opens a file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    comment = (line.removeprefix("#").strip() for line in takewhile(lambda line: line.startswith("#"), lines))
    return commands("\n".join(line for line in comment if line.startswith("s2s ")), "s2s")


def test_there_are_some() -> None:
    assert {"translation/phrases", "recognition/words"} <= set(CONFIGS)
    assert "phrases" in RECIPES


@pytest.mark.parametrize("name", CONFIGS)
def test_every_config_is_read_and_tells_how_to_train_it(name: str) -> None:
    read_experiment(CONFIGS[name])
    calls = opening_commands(CONFIGS[name])
    assert ["train", name] in [call[:2] for call in calls]
    for call in calls:
        check(call)


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_read_and_tells_how_to_prepare_it_and_on_what_terms(name: str) -> None:
    assert read_recipe(RECIPES[name]).terms
    calls = opening_commands(RECIPES[name])
    assert ["prepare", name] in [call[:2] for call in calls]
    for call in calls:
        check(call)
