"""`s2s check`: says what a thing is, or what is wrong with it."""

import json
import os
import shutil

import pytest

from s2s.bundle.load import load
from s2s.cli.main import main
from s2s.config.find import shipped
from tests.bars import TEXTS, write_folder

CONFIG = """\
subwords: {size: 310, model: bpe}
model:
  encoder: {embedding: 16, hidden: 16}
  attention: {size: 16, heads: 2}
  decoder: {embedding: 16, hidden: 16}
batches: {tokens: 256}
training: {steps: 40}
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(CONFIG)
    return path


def check(*arguments):
    return main(["check", *map(str, arguments)])


def test_a_config_tells_size_and_steps(config, capsys):
    assert check(config) == 0
    out = capsys.readouterr().out
    assert "a sound config" in out
    assert "at most 310 bpe subwords" in out
    assert "40 steps" in out


def test_a_config_with_data_tells_what_training_will_take(config, data, capsys):
    assert check(config, "--data", data) == 0
    out = capsys.readouterr().out
    for fact in (" parameters", " steps an epoch", "40 steps, which are ", " MB for the largest batch"):
        assert fact in out
    assert not list(config.parent.glob("model"))


@pytest.mark.parametrize("name", ["translation/phrases", "phrases", "recipes/phrases"])
def test_shipped_configs_and_recipes_are_found_by_name(name, capsys):
    assert check(name) == 0
    assert ("config" if "/p" in name and "recipes" not in name else "recipe") in capsys.readouterr().out


def test_a_typo_in_a_config_is_refused_with_line_and_nearest_key(config, capsys):
    config.write_text(CONFIG.replace("heads", "haeds"))
    assert check(config) == 2
    err = capsys.readouterr().err
    assert "line 4" in err
    assert '"heads"' in err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("validation: {metric: bleux}", 'no metric "bleux"'),
        ("task: recognition\ncharset: {kind: given, characters: abca}", "lists 'a'"),
        ("model: {attention: {kind: none}}\ndecoding: {coverage_penalty: 1}", "coverage_penalty needs attention"),
    ],
)
def test_what_training_would_refuse_at_once_is_no_sound_config(config, text, says, capsys):
    config.write_text(text)
    assert check(config) == 2
    assert says in capsys.readouterr().err


def test_a_config_that_needs_a_gpu_says_so(config, capsys):
    config.write_text('training: {precision: "16"}')
    assert check(config) == 0
    assert "needs a GPU" in capsys.readouterr().out


def test_the_files_of_a_shipped_recipe_may_lie_anywhere_however_it_is_named(capsys):
    for name in ("words", shipped("recipes")["words"]):
        assert check(name) == 0
        assert "prepare looks for its files" in capsys.readouterr().out


def test_the_files_of_ones_own_recipe_are_read(tmp_path, capsys):
    recipe = tmp_path / "own recipe.yaml"
    recipe.write_text(
        "languages: [en, de]\n"
        "read: {kind: lines, splits: {train: {source: a, target: b}, test: {source: a, target: c}}}\n"
    )
    (tmp_path / "a").write_text("one\ntwo\n")
    assert check(recipe) == 2
    assert "there is no file b" in capsys.readouterr().err
    (tmp_path / "b").write_text("eins\n")
    assert check(recipe) == 2
    assert "has 2 lines but" in capsys.readouterr().err
    for name in "bc":
        (tmp_path / name).write_text("eins\nzwei\n")
    assert check(recipe) == 0
    out = capsys.readouterr().out
    assert "train: 2 pairs\ntest: 2 pairs\n" in out
    assert f"s2s prepare '{recipe}' --out DATA" in out


def test_the_folders_of_ones_own_recipe_are_read(tmp_path, capsys):
    (tmp_path / "own.yaml").write_text("read: {kind: images, splits: {train: [scans]}}\n")
    assert check(tmp_path / "own.yaml") == 2
    assert "scans" in capsys.readouterr().err
    write_folder(tmp_path / "scans", TEXTS[:4])
    assert check(tmp_path / "own.yaml") == 0
    assert "train: 4 pictures of scans, 0 problems" in capsys.readouterr().out


def test_pictures_none_of_which_can_be_used_are_not_trained_on(tmp_path, capsys):
    write_folder(tmp_path / "pages", TEXTS[:2])
    (tmp_path / "pages" / "labels.tsv").unlink()
    for picture in (tmp_path / "pages" / "images").iterdir():
        picture.with_suffix(".gt.txt").write_text("two\nlines\n")
    assert check(tmp_path / "pages") == 2
    out, err = capsys.readouterr()
    assert "next:" not in out
    assert "no picture of it can be used" in err
    assert main(["train", "recognition/words", "--data", str(tmp_path / "pages"), "--out", str(tmp_path / "run")]) == 2
    assert "no picture that can be used, as images/000.png: its label has 2 lines" in capsys.readouterr().err


def test_a_model_tells_what_it_is(model, capsys):
    bundle = load(model)
    for path in (model, model.parent, model / "config.json"):
        assert check(path) == 0
        out = capsys.readouterr().out
        assert "a sound model" in out
        assert f"{bundle.parameters:,} parameters" in out
        assert bundle.fingerprint in out


def test_a_damaged_model_is_refused(model, tmp_path, capsys):
    copy = tmp_path / "model"
    shutil.copytree(model, copy)
    os.truncate(copy / "model.safetensors", 1000)
    assert check(copy) == 2
    assert "damaged or cut short" in capsys.readouterr().err


def test_a_dataset_tells_its_splits(data, capsys):
    assert check(data) == 0
    out = capsys.readouterr().out
    assert "a prepared dataset, en to de" in out
    assert "test: 6 pairs" in out


def test_a_dataset_whose_text_was_changed_is_refused(data, tmp_path, capsys):
    copy = tmp_path / "data"
    shutil.copytree(data, copy)
    report = json.loads((copy / "report.json").read_text())
    report["splits"]["val"]["fingerprint"] = "0" * 16
    (copy / "report.json").write_text(json.dumps(report))
    assert check(copy) == 2
    assert "split val is not what report.json says" in capsys.readouterr().err


def test_what_is_none_of_these_is_refused_with_what_it_holds(tmp_path, capsys):
    assert check(tmp_path) == 2
    assert "it is empty" in capsys.readouterr().err
    (tmp_path / "thesis.txt").write_text("")
    assert check(tmp_path) == 2
    assert "thesis.txt" in capsys.readouterr().err
    assert check(tmp_path / "thesis.txt") == 2
    assert check("translation/phases") == 2
    assert "translation/phrases" in capsys.readouterr().err


def test_data_goes_with_a_config_only(model, data, capsys):
    assert check(model, "--data", data) == 2
    assert check("recipes/phrases", "--data", data) == 2
    assert "--data goes with a config" in capsys.readouterr().err


def test_keys_on_the_command_line_count_as_with_train(config, data, capsys):
    assert check(config, "--training.steps", "1e3", "--subwords.size=320", "--data", data) == 0
    out = capsys.readouterr().out
    assert "1,000 steps, which are" in out
    assert out.endswith("--out RUN --training.steps 1e3 --subwords.size 320\n")
    assert check(config, "--training.stesp", "9") == 2
    assert 'did you mean "steps"' in capsys.readouterr().err


def test_keys_go_with_a_config_only(model, data, capsys):
    for what in (model, data, "recipes/phrases"):
        assert check(what, "--training.steps", "9") == 2
        assert "--training.steps goes with a config" in capsys.readouterr().err
