"""Opening a prepared dataset, and the sentence for each thing that is none."""

import json
import shutil

import datasets
import pytest

from s2s.config.errors import RequestError
from s2s.data.store import open_dataset, parse_split
from s2s.data.tables import Tables
from tests.data.corpora import OWN, prepare_text, write_corpus


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = write_corpus(tmp_path_factory.mktemp("corpus"))
    prepare_text(folder, OWN.format(base="."), folder / "data")
    return folder / "data"


def test_it_says_what_it_is(dataset):
    data = open_dataset(dataset)
    assert (data.splits, data.languages) == (("train", "val", "test"), ("de", "en"))
    assert data.fingerprint == data.report.fingerprint
    assert len(data.fingerprint) == 16


def test_datasets_opens_it_too(dataset):
    assert datasets.load_from_disk(str(dataset))["val"][1] == {"source": "dev Satz 1", "target": "dev sentence 1"}


@pytest.mark.parametrize(("text", "split"), [(":val", "val"), ("", "test")])
def test_a_split_is_named_after_a_colon(dataset, text, split):
    data, name = parse_split(f"{dataset}{text}", open_dataset)
    assert (data.path, name) == (dataset, split)


def test_the_default_split_is_the_callers(dataset):
    assert parse_split(str(dataset), open_dataset, "val")[1] == "val"


@pytest.mark.parametrize(("ending", "said"), [(":tst", 'did you mean "test"'), ("x", "no such dataset")])
def test_a_wrong_name_is_one_sentence(dataset, ending, said):
    with pytest.raises(RequestError, match=said):
        parse_split(f"{dataset}{ending}", open_dataset)


def test_a_file_is_not_taken_for_a_place_of_a_dataset(tmp_path):
    (tmp_path / "test.tsv").write_text("a\tb\n")
    with pytest.raises(RequestError, match=r"test\.tsv is a file, .* name it in a recipe .* --out DATA`"):
        open_dataset(tmp_path / "test.tsv")


def test_a_folder_that_is_no_dataset_is_refused(tmp_path):
    with pytest.raises(RequestError, match=r"not a prepared dataset, it has no report\.json"):
        open_dataset(tmp_path)


@pytest.mark.parametrize(
    "change", ["not json", {}, [], {"format": 2, "s2s": "9.0"}, {"format": 1, "languages": ["de"]}]
)
def test_a_report_that_is_none_is_refused(dataset, tmp_path, change):
    (tmp_path / "report.json").write_text(change if isinstance(change, str) else json.dumps(change))
    with pytest.raises(RequestError, match=r"report\.json: (not the report|made by a newer s2s)"):
        open_dataset(tmp_path)


def test_a_damaged_split_is_refused(dataset, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(dataset, copy)
    shutil.rmtree(copy / "val")
    with pytest.raises(RequestError, match="split val cannot be read"):
        open_dataset(copy).pairs("val")
    shutil.copytree(dataset / "test", copy / "val")
    with pytest.raises(RequestError, match="split val is not what"):
        open_dataset(copy).pairs("val")


def test_rows_reach_the_disk_as_they_come_and_nothing_of_an_unfinished_set_stays(tmp_path, monkeypatch):
    monkeypatch.setattr("s2s.data.tables._CHUNK", 1000)
    rows = [{"source": f"line {number} {'x' * (number % 70)}", "target": "ü"} for number in range(300)]
    features = datasets.Features({"source": datasets.Value("string"), "target": datasets.Value("string")})
    parts = tmp_path / "data" / ".parts"
    with Tables(tmp_path / "data") as tables:
        tables.open("train", features)
        tables.open("empty", features)
        for row in rows:
            tables.add("train", row)
        assert (parts / "train.arrow").stat().st_size > 10_000
    assert not parts.exists()
    found = datasets.load_from_disk(str(tmp_path / "data"))
    assert list(found) == ["train", "empty"]
    assert list(found["train"]) == rows
    assert len(found["empty"]) == 0
    with pytest.raises(KeyError), Tables(tmp_path / "other") as tables:
        raise KeyError
    assert list((tmp_path / "other").iterdir()) == []


@pytest.mark.slow
def test_a_split_may_hold_more_than_a_column_of_arrow_can(tmp_path):
    features = datasets.Features({"image": datasets.Image(decode=False), "text": datasets.Value("string")})
    megabyte = bytes(2**20)
    with Tables(tmp_path / "data") as tables:
        tables.open("train", features)
        for number in range(2100):
            tables.add("train", {"image": {"bytes": megabyte, "path": str(number)}, "text": "a"})
    found = datasets.load_from_disk(str(tmp_path / "data"))["train"]
    assert len(found) == 2100
    assert found[2099]["image"] == {"bytes": megabyte, "path": "2099"}
