"""Every key of every config has its docstring, and the descriptions are complete."""

from dataclasses import MISSING

import pytest

from s2s.config.describe import describe, field_docs
from s2s.config.experiment import PAIRS, keys
from s2s.config.model import Encoder
from s2s.config.recipe import Cleaning, Hub, Json, Lines, Phrases, Recipe, Table

CONFIGS = [Recipe, Cleaning, Hub, Json, Lines, Phrases, Table]


@pytest.mark.parametrize("kind", CONFIGS)
def test_every_key_has_a_docstring(kind: type) -> None:
    assert [key.name for key in describe(kind) if not key.help] == []


@pytest.mark.parametrize("pair", PAIRS)
def test_every_key_of_every_pair_has_a_docstring(pair: tuple[str, str]) -> None:
    assert [key.name for key in keys(*pair) if not key.help] == []


def test_a_key_knows_its_type_its_default_and_its_help() -> None:
    known = {key.name: key for key in keys("text", "text")}
    cell = known["model.encoder.cell"]
    assert (cell.kind, cell.default) == ("one of lstm, gru, rnn", "lstm")
    assert cell.help == field_docs(Encoder)["cell"]
    assert known["optimizer.lr"].kind == "number"
    assert {key.name: key.default for key in keys("image", "ctc")}["model.encoder.hidden"] == 96
    assert next(key for key in describe(Recipe) if key.name == "languages").default is MISSING


def test_a_docstring_of_two_lines_becomes_one() -> None:
    help_text = {key.name: key.help for key in keys("text", "text")}["loss.teacher_forcing"]
    assert "\n" not in help_text
    assert "  " not in help_text
