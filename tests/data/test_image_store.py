"""Data sets of pictures, from folders and from Arrow, are the same to whoever trains on them."""

import datasets
import numpy as np
import pytest

from s2s.config.errors import RequestError
from s2s.data.images.store import open_pictures
from s2s.data.store import parse_split
from s2s.image.load import BadImage
from tests.bars import TEXTS, write_folder


def stored(folder, path, named=True):
    """The folder's pictures as a DatasetDict."""
    rows = [line.split("\t") for line in (folder / "labels.tsv").read_text().splitlines()]
    images = [{"bytes": (folder / name).read_bytes(), "path": name} for name, _ in rows]
    columns = {"image": images, "text": [text for _, text in rows]} | ({"name": [n for n, _ in rows]} if named else {})
    return save(columns, path)


def save(columns, path):
    """Columns as the training split of a DatasetDict."""
    made = datasets.Dataset.from_dict(columns).cast_column("image", datasets.Image(decode=False))
    datasets.DatasetDict({"train": made}).save_to_disk(str(path))
    return path


def test_a_folder_and_its_datasetdict_hold_the_same(tmp_path):
    folder = write_folder(tmp_path / "folder", TEXTS[:10])
    plain = open_pictures(folder)
    arrow = open_pictures(stored(folder, tmp_path / "arrow"))
    assert (plain.splits, arrow.splits) == (("all",), ("train",))
    one, other = plain.read("all").examples, arrow.read("train").examples
    assert [(e.name, e.text) for e in one] == [(e.name, e.text) for e in other]
    for a, b in zip(one, other, strict=True):
        assert np.array_equal(a.load(), b.load())
        assert np.array_equal(a.load(colour=False), b.load(colour=False))
    assert plain.contents("all").digest() == arrow.contents("train").digest()


def test_without_a_column_of_names_the_files_have_given_theirs(tmp_path):
    folder = write_folder(tmp_path / "folder", TEXTS[:3])
    examples = open_pictures(stored(folder, tmp_path / "arrow", named=False)).read("train").examples
    assert [example.name for example in examples] == ["000.png", "001.png", "002.png"]


def test_fingerprints_tell_pictures_and_labels_apart(tmp_path):
    def fingerprint():
        return open_pictures(folder).fingerprint

    folder = write_folder(tmp_path / "folder", TEXTS[:10])
    first = fingerprint()
    assert fingerprint() == first
    picture = folder / "images" / "003.png"
    before = picture.read_bytes()
    picture.write_bytes((folder / "images" / "004.png").read_bytes())
    assert fingerprint() != first
    picture.write_bytes(before)
    table = folder / "labels.tsv"
    table.write_text(table.read_text().replace(f"\t{TEXTS[0]}\n", "\tx\n", 1))
    assert fingerprint() != first


def test_a_row_without_a_picture_is_a_bad_picture(tmp_path):
    path = save({"image": [None, {"bytes": b"x", "path": "x.png"}], "text": ["a", "b"]}, tmp_path / "data")
    missing, wrong = open_pictures(path).read("train").examples
    with pytest.raises(BadImage, match="train, row 0: the dataset has no bytes"):
        missing.load()
    with pytest.raises(BadImage, match=r"x\.png: not a picture"):
        wrong.load()
    assert len(open_pictures(path).fingerprint) == 16


def test_a_row_without_a_label_is_left_out_and_told(tmp_path):
    rows = [{"bytes": b"x", "path": "x.png"}, {"bytes": b"y", "path": "y.png"}]
    found = open_pictures(save({"image": rows, "text": [None, "b"]}, tmp_path / "data")).read("train")
    assert [(one.name, one.text) for one in found.examples] == [("y.png", "b")]
    assert [str(problem) for problem in found.problems] == ["x.png: has no label that is a text"]


def test_what_is_no_data_set_of_pictures_is_refused(tmp_path):
    with pytest.raises(RequestError, match="no such folder"):
        open_pictures(tmp_path / "nowhere")
    columns = {"source": ["a"], "target": ["b"]}
    datasets.DatasetDict({"train": datasets.Dataset.from_dict(columns)}).save_to_disk(str(tmp_path / "texts"))
    with pytest.raises(RequestError, match="has the columns source, target"):
        open_pictures(tmp_path / "texts")


def test_splits_are_named_after_a_colon(tmp_path):
    write_folder(tmp_path / "data" / "train", TEXTS[:3])
    write_folder(tmp_path / "data" / "test", TEXTS[3:5])
    assert parse_split(f"{tmp_path}/data", open_pictures)[1] == "test"
    assert parse_split(f"{tmp_path}/data:train", open_pictures)[1] == "train"
    assert parse_split(f"{tmp_path}/data/test", open_pictures)[1] == "all"
    with pytest.raises(RequestError, match='did you mean "test"'):
        parse_split(f"{tmp_path}/data:tst", open_pictures)
