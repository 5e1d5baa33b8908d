"""Every key of every config has its docstring, and the descriptions are complete."""

from dataclasses import MISSING

import pytest

from s2s.config.describe import describe, field_docs
from s2s.config.recipe import Cleaning, Hub, Json, Lines, Phrases, Recipe, Table
from s2s.config.translation import Translation

CONFIGS = [Translation, Recipe, Cleaning, Hub, Json, Lines, Phrases, Table]


@pytest.mark.parametrize("kind", CONFIGS)
def test_every_key_has_a_docstring(kind: type) -> None:
    assert [key.name for key in describe(kind) if not key.help] == []


def test_a_key_knows_its_type_its_default_and_its_help() -> None:
    keys = {key.name: key for key in describe(Translation)}
    cell = keys["model.encoder.cell"]
    assert (cell.kind, cell.default) == ("one of lstm, gru, rnn", "lstm")
    assert cell.help == field_docs(type(Translation().model.encoder))["cell"]
    assert keys["optimizer.lr"].kind == "number"
    assert next(key for key in describe(Recipe) if key.name == "languages").default is MISSING


def test_a_docstring_of_two_lines_becomes_one() -> None:
    help_text = {key.name: key.help for key in describe(Translation)}["loss.teacher_forcing"]
    assert "\n" not in help_text
    assert "  " not in help_text
