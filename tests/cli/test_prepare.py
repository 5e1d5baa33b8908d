"""`s2s prepare` from the outside."""

import argparse

import pytest

from s2s.cli import prepare
from s2s.config.errors import RequestError


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    prepare.add_arguments(parser)
    return prepare.run(parser.parse_args(words), [])


RECIPE = "languages: [de, en]\nread: {kind: tsv, splits: {train: a.tsv, test: b.tsv}}\n"


def test_counts_are_printed(tmp_path, capsys):
    (tmp_path / "own.yaml").write_text(RECIPE)
    (tmp_path / "a.tsv").write_text("a\tb\na\tb\nc\td\n")
    (tmp_path / "b.tsv").write_text("e\tf\n")
    assert run(str(tmp_path / "own.yaml"), "--out", str(tmp_path / "data")) == 0
    printed = capsys.readouterr().out.split("\n")
    assert printed[0].split()[:3] == ["train", "2", "pairs"]
    assert printed[2].split() == ["train", "1", "dropped:", "duplicate"]
    assert "de-en, fingerprint" in printed[3]


def test_a_shipped_recipe_is_found_by_name(tmp_path):
    with pytest.raises(RequestError, match=r"multi30k_en_de: there is no file train\.en\.gz"):
        run("multi30k_en_de", "--out", str(tmp_path / "data"), "--source", str(tmp_path))


def test_a_misspelled_recipe_names_the_nearest(tmp_path):
    with pytest.raises(RequestError, match='did you mean "multi30k_en_de"'):
        run("multi30k_en-de", "--out", str(tmp_path / "data"))


def test_a_misspelled_key_names_the_nearest(tmp_path):
    (tmp_path / "own.yaml").write_text(RECIPE.replace("languages", "langages"))
    with pytest.raises(RequestError, match='did you mean "languages"'):
        run(str(tmp_path / "own.yaml"), "--out", str(tmp_path / "data"))
