"""`s2s prepare` from the outside."""

import argparse

import pytest

from s2s.bundle.save import save
from s2s.cli import prepare
from s2s.cli.main import main
from s2s.config.errors import RequestError
from s2s.config.recipes import read_recipe
from s2s.data.store import open_dataset
from tests.tiny import TEXT, tiny_bundle


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
    assert printed[2] == f"read {tmp_path / 'a.tsv'}: tab-separated, quotes are text, no header, 3 rows"
    assert printed[4].split() == ["train", "1", "dropped:", "duplicate"]
    assert "de-en, fingerprint" in printed[5]


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


def test_the_recipes_of_the_help_are_recipes(capsys, tmp_path):
    with pytest.raises(SystemExit):
        run("--help")
    reads = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  read: ")]
    assert len(reads) == 10
    tags = "languages: [en, tags]\n"
    others = {"images": "", "series": "", "text": "language: en\n", "conllu": tags, "columns": tags}
    for read in reads:
        kind = read.partition("kind: ")[2].partition(",")[0]
        languages = others.get(kind, "languages: [en, de]\n")
        (tmp_path / "own.yaml").write_text(f"{languages}{read.strip()}\n")
        read_recipe(tmp_path / "own.yaml")


@pytest.mark.parametrize(
    ("kind", "content", "options"),
    [
        ("tsv", "a\tb\n\nc\td\n", ""),
        ("jsonl", '{"en": "a", "de": "b"}\n\n{"en": "c", "de": "d"}\n', ", source: en, target: de"),
    ],
)
def test_a_blank_line_of_any_format_is_dropped_and_counted(kind, content, options, tmp_path, capsys):
    (tmp_path / "own.yaml").write_text(f"languages: [en, de]\nread: {{kind: {kind}, splits: {{train: t}}{options}}}\n")
    (tmp_path / "t").write_text(content)
    assert run(str(tmp_path / "own.yaml"), "--out", str(tmp_path / "data")) == 0
    assert "1 dropped: blank" in capsys.readouterr().out
    assert open_dataset(tmp_path / "data").pairs("train") == (["a", "c"], ["b", "d"])


def test_back_translations_are_added_to_train_tagged_and_counted(tmp_path, capsys):
    save(tmp_path / "reverse", tiny_bundle())
    (tmp_path / "own.yaml").write_text(RECIPE)
    (tmp_path / "a.tsv").write_text("a\tb\nc\td\n")
    (tmp_path / "b.tsv").write_text("e\tf\n")
    mono, made = tmp_path / "mono", tmp_path / "made"
    mono.write_text("".join(f"{text}\n" for text in [*TEXT[:4], "", "f"]))
    assert main(["translate", str(tmp_path / "reverse"), str(mono), "--sample", "--device", "cpu"]) == 0
    made.write_text(capsys.readouterr().out)
    out = str(tmp_path / "data")
    assert run(str(tmp_path / "own.yaml"), "--out", out, "--add", str(made), str(mono), "--tag", "<made>") == 0
    printed = capsys.readouterr().out
    assert f"added {made}, {mono}: 6 pairs, tagged <made>" in printed
    assert "1 dropped: blank" in printed
    data = open_dataset(out)
    source, target = data.pairs("train")
    assert (source[:2], target[:2]) == (["a", "c"], ["b", "d"])
    assert target[2:] == [*TEXT[:4], "f"]
    lines = made.read_text().split("\n")
    assert source[2:] == [f"<made> {line}" for line in [*lines[:4], lines[5]]]
    assert data.report.origin[f"added {made}, {mono}"] == "6 pairs, tagged <made>"


def test_test_sentences_are_found_in_tagged_pairs_that_are_added(tmp_path, capsys):
    (tmp_path / "own.yaml").write_text(RECIPE)
    (tmp_path / "a.tsv").write_text("a\tb\n")
    (tmp_path / "b.tsv").write_text("e\tf\nü\tg\nh\tj\n")
    (tmp_path / "made").write_text("E\nu\u0308\nh\nm\n")
    (tmp_path / "mono").write_text("f\ng\nother\nj\n")
    more = ["--add", str(tmp_path / "made"), str(tmp_path / "mono"), "--tag", "<made>"]
    assert run(str(tmp_path / "own.yaml"), "--out", str(tmp_path / "data"), *more) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "train 2 dropped: pair is in another split" in printed
    assert "train 1 noticed: source is in another split" in printed
    assert "test 1 noticed: target is in train" in printed
    assert open_dataset(tmp_path / "data").pairs("train") == (["a", "<made> h", "<made> m"], ["b", "other", "j"])


def test_added_pairs_have_as_many_references_as_the_others(tmp_path, capsys):
    for name, text in (("a", "one\ntwo\n"), ("b", "eins\nzwei\n"), ("c", "ein\nzwo\n"), ("m", "drei\n")):
        (tmp_path / name).write_text(text)
    (tmp_path / "own.yaml").write_text(
        "languages: [en, de]\n"
        "read: {kind: lines, splits: {train: {source: a, target: b, references: [c]}, test: {source: a, target: b}}}\n"
        "cleaning: {overlap: keep}\n"
    )
    out, more = str(tmp_path / "data"), str(tmp_path / "m")
    assert run(str(tmp_path / "own.yaml"), "--out", out, "--add", more, more) == 0
    assert open_dataset(out).references("train") == [["eins", "zwei", "drei"], ["ein", "zwo", "drei"]]
    assert main(["check", out]) == 0
    assert "2 references each" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--add", "gone", "mono"], "there is no file gone"),
        (["--add", "short", "mono"], "short has 1 lines but mono has 2"),
        (["--tag", "<made>"], "--tag goes with --add"),
    ],
)
def test_what_cannot_be_added_is_refused(tmp_path, monkeypatch, words, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.yaml").write_text(RECIPE)
    (tmp_path / "a.tsv").write_text("a\tb\n")
    (tmp_path / "b.tsv").write_text("e\tf\n")
    (tmp_path / "short").write_text("x\n")
    (tmp_path / "mono").write_text("x\ny\n")
    with pytest.raises(RequestError, match=says):
        run("own.yaml", "--out", "data", *words)
    assert not (tmp_path / "data").exists()
