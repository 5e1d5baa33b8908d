"""What files say cannot steer the terminal: every message is one line that shows its control characters."""

import ast
import json
import shutil
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import s2s.cli
from s2s.bundle.card import card
from s2s.bundle.load import load
from s2s.cli.main import main
from s2s.config.document import parse
from s2s.config.visible import visible
from tests.bars import random_bundle
from tests.tiny import tiny_bundle

HOSTILE = "\x1b[2J\x07\x9b\r\nfake: all is well\u202e\u2028"


@given(text=st.text())
def test_what_is_printed_is_one_line_that_steers_nothing(text):
    shown = visible(text)
    assert len(shown.splitlines()) <= 1
    assert not any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in shown)
    shown.encode()


def test_plain_text_of_any_script_stays_as_it_is():
    text = "größe, 中文, العربية, हिन्दी, ne\u200bw, किताब\u200dें → 1 ½ 'x'"
    assert visible(text) == text
    assert visible("a\x1b[0m\tb\n") == "a\\x1b[0m\\tb\\n"


def test_commands_print_in_one_place():
    """But for texts of ours alone: the help and the version."""
    calls = [
        f"{path.name}:{node.lineno}"
        for path in Path(s2s.cli.__file__).parent.glob("*.py")
        if path.name != "printing.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        if ast.unparse(node.args[0]) not in ("_help()", "f's2s {__version__}'")
    ]
    assert calls == []


def clean(text):
    return not set("\x1b\x07\x9b\r\u202e\u2028") & set(text) and "\nfake" not in text


@pytest.mark.parametrize("key", ["languages", "s2s", "format", "split", "config"])
def test_config_json_cannot_steer_the_terminal(tmp_path, model, capfd, key):
    folder = shutil.copytree(model, tmp_path / "model")
    values = json.loads((folder / "config.json").read_text())
    if key == "languages":
        values["languages"] = [HOSTILE, "de"]
    elif key == "s2s":
        values |= {"s2s": HOSTILE, "format": 99}
    elif key == "split":
        values["scores"] = {HOSTILE: {"value": 1.0, "split": HOSTILE}}
    elif key == "config":
        values["config"][HOSTILE] = 1
    else:
        values["format"] = HOSTILE
    (folder / "config.json").write_text(json.dumps(values))
    main(["check", str(folder)])
    out, err = capfd.readouterr()
    assert clean(out)
    assert clean(err)
    assert err.count("\n") <= 1


@pytest.mark.parametrize("text", [f'"{json.dumps(HOSTILE)[1:-1]}": 1\n', f"task: {json.dumps(HOSTILE)}\n"])
def test_yaml_cannot_steer_the_terminal(tmp_path, capfd, text):
    (tmp_path / "x.yaml").write_text(text)
    assert main(["check", str(tmp_path / "x.yaml")]) == 2
    assert clean(capfd.readouterr().err)


def test_names_of_files_and_words_of_the_command_line_cannot_steer_the_terminal(tmp_path, capfd):
    (tmp_path / f"a{HOSTILE}.png").write_text("no picture")
    assert main(["transcribe", str(tmp_path)]) == 1
    assert main([HOSTILE]) == 2
    assert main(["check", f"--{HOSTILE}"]) == 2
    assert clean(capfd.readouterr().err)


@pytest.mark.parametrize("made", [tiny_bundle, random_bundle])
def test_the_card_shows_control_characters_and_keeps_its_tables(made):
    bundle = made()
    scores = {f"b|leu{HOSTILE}@x": {"value": 1.0, "split": f"a|b{HOSTILE}", "signature": f"c|d{HOSTILE}"}}
    info = {"data": {f"path{HOSTILE}": HOSTILE}, "training": {"command": f"s2s {HOSTILE}"}, "scores": scores}
    if made is tiny_bundle:
        bundle = replace(bundle, languages=(f"en{HOSTILE}\n---", "de: x"))
    text = card(replace(bundle, info=info))
    assert clean(text)
    (row,) = [line for line in text.splitlines() if line.startswith("| b")]
    assert row.replace("\\|", "").count("|") == 6
    front = parse(text.split("---\n")[1], "the card").values
    assert set(front) <= {"library_name", "pipeline_tag", "language"}


def test_the_card_of_a_plain_model_is_as_it_was(model):
    text = card(load(model))
    assert text.startswith(
        "---\nlibrary_name: s2s\npipeline_tag: translation\nlanguage:\n- en\n- de\n---\n\n# en → de\n"
    )
