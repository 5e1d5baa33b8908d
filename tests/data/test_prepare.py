"""`prepare`: from a recipe to a dataset that is whole, counted and fingerprinted."""

import json
from pathlib import Path

import pytest

from s2s.config.errors import RequestError, WorkError
from s2s.config.find import find
from s2s.config.recipe import Recipe
from s2s.config.strict import read
from s2s.data import prepare as module
from s2s.data.prepare import prepare
from s2s.data.store import open_dataset
from tests.data.corpora import OWN, prepare_text, write, write_corpus

SHARED = Path(__file__).parents[3] / "shared" / "data" / "text"


def test_a_corpus_of_ones_own_is_eight_lines(tmp_path):
    assert len(OWN.splitlines()) == 8
    write_corpus(tmp_path / "corpus")
    report = prepare_text(tmp_path, OWN.format(base="corpus"), tmp_path / "data")
    assert {name: split.examples for name, split in report.splits.items()} == {"train": 20, "val": 3, "test": 4}
    assert open_dataset(tmp_path / "data").pairs("val")[1] == ["dev sentence 0", "dev sentence 1", "dev sentence 2"]


def test_base_is_the_recipes_own_folder_unless_it_says_otherwise(tmp_path):
    write_corpus(tmp_path)
    recipe = OWN.replace("base: {base}\n", "").replace("{{", "{").replace("}}", "}")
    assert prepare_text(tmp_path, recipe, tmp_path / "data").splits["train"].examples == 20


def test_source_takes_the_place_of_base(tmp_path):
    write_corpus(tmp_path / "elsewhere")
    recipe = OWN.format(base="https://nowhere.invalid/corpus")
    report = prepare_text(tmp_path, recipe, tmp_path / "data", source=str(tmp_path / "elsewhere"))
    assert report.splits["test"].examples == 4
    assert report.origin["source"] == str(tmp_path / "elsewhere")


def test_report_accounts_for_every_line(tmp_path):
    write_corpus(tmp_path)
    write(tmp_path, train__de="\ufeffA a\r\nB b\nA a\n\ndev Satz 0\n", train__en="x y\nz\nx y\nw\ndev sentence 0\n")
    report = prepare_text(tmp_path, OWN.format(base="."), tmp_path / "data")
    assert report.dropped == {"train": {"duplicate": 1, "blank": 1, "pair is in another split": 1}}
    assert report.changed == {"train": {"byte order mark": 1, "carriage return": 1}}
    assert report.examples == {
        "train": {
            "duplicate": [("A a", "x y")],
            "blank": [("", "w")],
            "pair is in another split": [("dev Satz 0", "dev sentence 0")],
        }
    }
    train = report.splits["train"]
    assert (train.examples, train.source_words, train.target_words) == (2, 4, 3)


def test_report_json_is_the_report(tmp_path):
    write(write_corpus(tmp_path), train__de="a\n\n", train__en="b\nc\n")
    report = prepare_text(tmp_path, OWN.format(base="."), tmp_path / "data")
    written = json.loads((tmp_path / "data" / "report.json").read_text(encoding="utf-8"))
    assert written["recipe"]["cleaning"] == {
        "max_characters": 0,
        "max_ratio": 0.0,
        "duplicates": True,
        "overlap": "pair",
    }
    assert written["languages"] == ["de", "en"]
    assert open_dataset(tmp_path / "data").report == report


def test_fingerprint_is_of_the_texts_and_their_order(tmp_path):
    def fingerprint(name: str, **files: str) -> str:
        folder = tmp_path / name
        write(write_corpus(folder), **files)
        return prepare_text(folder, OWN.format(base="."), folder / "data").fingerprint

    same = fingerprint("a")
    assert fingerprint("b") == same
    assert fingerprint("c", test__de="test Satz 1\ntest Satz 0\ntest Satz 2\ntest Satz 3\n") != same
    assert fingerprint("d", test__en="test sentence 0\ntest sentence 1\ntest sentence 2\ntest sentence X\n") != same


def test_an_existing_dataset_is_never_overwritten(tmp_path):
    write_corpus(tmp_path)
    write(tmp_path / "data", precious__txt="mine")
    with pytest.raises(RequestError, match="exists; name a new folder"):
        prepare_text(tmp_path, OWN.format(base="."), tmp_path / "data")
    assert (tmp_path / "data" / "precious.txt").read_text() == "mine"


def test_an_empty_folder_is_taken(tmp_path):
    write_corpus(tmp_path)
    (tmp_path / "data").mkdir()
    prepare_text(tmp_path, OWN.format(base="."), tmp_path / "data")
    assert open_dataset(tmp_path / "data").splits == ("train", "val", "test")


@pytest.mark.parametrize(
    ("error", "raised"), [(KeyboardInterrupt(), KeyboardInterrupt), (OSError(28, "disk full"), WorkError)]
)
def test_a_dataset_appears_whole_or_not_at_all(tmp_path, monkeypatch, error, raised):
    def fail(*_) -> None:
        raise error

    write_corpus(tmp_path / "corpus")
    monkeypatch.setattr(module, "write_splits", fail)
    with pytest.raises(raised):
        prepare_text(tmp_path, OWN.format(base="corpus"), tmp_path / "data")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "own.yaml"]


def test_nothing_left_to_train_on_is_an_error_with_the_reasons(tmp_path):
    write(write_corpus(tmp_path), train__de="\n\n", train__en="\n\n")
    with pytest.raises(RequestError, match=r"nothing is left to train on \(2 blank\)"):
        prepare_text(tmp_path, OWN.format(base="."), tmp_path / "data")


def test_phrases_refuse_a_source(tmp_path):
    recipe = "languages: [en, de]\nread: {kind: phrases, train: 5, val: 1, test: 1}\n"
    with pytest.raises(RequestError, match="leave --source out"):
        prepare_text(tmp_path, recipe, tmp_path / "data", source="somewhere")


def test_phrases_name_the_cldr_they_come_from(tmp_path):
    recipe = "languages: [en, de]\nread: {kind: phrases, train: 5, val: 1, test: 2}\n"
    report = prepare_text(tmp_path, recipe, tmp_path / "data")
    assert set(report.origin) == {"babel", "cldr"}
    assert [split.examples for split in report.splits.values()] == [5, 1, 2]


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the text corpora in ../shared/data")
@pytest.mark.parametrize(
    ("name", "folder", "counts"),
    [
        ("multi30k_en_de", "multi30k", {"train": 29000, "val": 1014, "test_2016_flickr": 1000}),
        ("english_hindi", "enhi_combined", {"train": 23939, "val": 989, "test": 2970}),
        ("hindi_english", "enhi_combined", {"train": 23891, "val": 989, "test": 2970, "test_wiki": 1113}),
        ("small_enja", "small_parallel_enja", {"train": 49996, "val": 500, "test": 500}),
        ("scan_length", "scan", {"train": 16990, "test": 3920}),
    ],
)
def test_recipes_on_real_text(tmp_path, name, folder, counts):
    path = find("recipes", name)
    report = prepare(read(path, Recipe), tmp_path / "data", source=str(SHARED / folder), folder=path.parent, name=name)
    assert {name: split.examples for name, split in report.splits.items()} == counts


def test_a_place_where_no_folder_can_be_is_refused_before_anything_is_read(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RequestError, match=r"cannot be made: .*file is not a folder"):
        prepare_text(tmp_path, "languages: [en, de]\nread: {kind: phrases}\n", tmp_path / "file" / "data")


def test_a_validation_that_is_the_test_and_a_file_named_twice_are_noticed(tmp_path):
    write_corpus(tmp_path)
    recipe = OWN.format(base=".").replace("dev.de", "test.de").replace("dev.en", "test.de")
    recipe = recipe.replace("target: test.en", "target: test.de")
    report = prepare_text(tmp_path, recipe, tmp_path / "data")
    assert report.noticed["val"] == {"source and target are the same": 4, "pair is in test too": 4}
    assert report.noticed["test"] == {"source and target are the same": 4}
