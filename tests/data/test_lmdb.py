"""LMDB is read and written but never needed."""

import builtins
import os

import cv2
import datasets
import lmdb
import numpy as np
import pytest

from s2s.cli.main import main
from s2s.config.errors import RequestError
from s2s.config.picture_recipe import Images, PictureRecipe
from s2s.data.images import lmdb as ours
from s2s.data.images.prepare import prepare_pictures
from s2s.data.images.store import open_pictures
from s2s.data.store import parse_split
from s2s.image.load import BadImage
from tests.bars import TEXTS, draw, write_folder


def picture(text):
    return cv2.imencode(".png", draw(text))[1].tobytes()


def database(folder, pairs, **more):
    """As clovaai's create_lmdb_dataset.py writes it: numbers of nine digits from 1."""
    folder.mkdir(parents=True)
    environment = lmdb.open(str(folder), map_size=1 << 24)
    with environment.begin(write=True) as transaction:
        for number, (image, label) in enumerate(pairs, 1):
            for part, value in (("image", image), ("label", label)):
                if value is not None:
                    transaction.put(b"%s-%09d" % (part.encode(), number), value)
        transaction.put(b"num-samples", str(more.get("count", len(pairs))).encode())
    environment.close()
    return folder


def content(path, split):
    return [(one.name, one.text, one.content()) for one in open_pictures(path).read(split).examples]


def test_a_database_of_another_program_is_read(tmp_path):
    folder = database(tmp_path / "mine", [(picture(text), text.encode()) for text in TEXTS[:5]])
    data = open_pictures(folder)
    assert data.splits == ("all",)
    found = data.read("all").examples
    assert [one.text for one in found] == TEXTS[:5]
    assert [one.name for one in found] == [f"mine#{number}" for number in range(1, 6)]
    for one, text in zip(found, TEXTS, strict=False):
        assert np.array_equal(one.load(colour=False), draw(text))


def test_written_and_read_again_nothing_is_changed(tmp_path):
    folder = write_folder(tmp_path / "folder", TEXTS[:7])
    assert main(["export", str(folder), "--out", str(tmp_path / "db"), "--lmdb"]) == 0
    assert content(tmp_path / "db", "all") == content(folder, "all")
    assert open_pictures(tmp_path / "db").fingerprint == open_pictures(folder).fingerprint


def test_splits_become_databases_and_one_of_them_may_be_chosen(tmp_path, capsys):
    folder = tmp_path / "folder"
    for number, split in enumerate(("train", "test")):
        write_folder(folder / split, TEXTS[5 * number : 5 * number + 5])
    assert main(["export", str(folder), "--out", str(tmp_path / "db"), "--lmdb"]) == 0
    assert sorted(open_pictures(tmp_path / "db").splits) == ["test", "train"]
    for split in ("train", "test"):
        assert content(tmp_path / "db", split) == content(folder, split)
    assert main(["export", f"{folder}:test", "--out", str(tmp_path / "one"), "--lmdb"]) == 0
    assert content(tmp_path / "one", "all") == content(folder, "test")
    assert main(["export", f"{folder}:tset", "--out", str(tmp_path / "other"), "--lmdb"]) == 2
    assert "test" in capsys.readouterr().err


def test_splits_of_any_name_are_found_again(tmp_path):
    for number, split in enumerate(("train", "ic13")):
        write_folder(tmp_path / "own" / split, TEXTS[5 * number : 5 * number + 5])
    parts = {"train": ("own/train",), "ic13": ("own/ic13",)}
    prepare_pictures(PictureRecipe(Images(parts), str(tmp_path)), tmp_path / "data")
    assert main(["export", str(tmp_path / "data"), "--out", str(tmp_path / "db"), "--lmdb"]) == 0
    assert set(open_pictures(tmp_path / "db").splits) == set(open_pictures(tmp_path / "data").splits) == set(parts)


def test_a_database_that_outgrows_its_size_is_enlarged(tmp_path, monkeypatch):
    monkeypatch.setattr(ours, "_FIRST_SIZE", 1 << 16)
    monkeypatch.setattr(ours, "_TOGETHER", 3)
    noise = np.random.default_rng(0).integers(0, 256, (50, 400), np.uint8)
    large = cv2.imencode(".png", noise)[1].tobytes()
    with ours.LmdbWriter(tmp_path / "db") as writer:
        for number in range(20):
            writer.add(f"{number}.png", str(number), large)
    assert content(tmp_path / "db", "all") == [(f"{number}.png", str(number), large) for number in range(20)]


def test_what_is_missing_or_broken_is_told_by_number(tmp_path, capsys):
    shown = picture("a")
    pairs = [(shown, b"a"), (None, b"b"), (shown, None), (b"no picture", b"d"), (shown, b"\xff")]
    folder = database(tmp_path / "db", pairs)
    found = open_pictures(folder).read("all")
    assert [one.text for one in found.examples] == ["a", "b", "d"]
    assert [str(problem) for problem in found.problems] == [
        "db#3: has no label: label-000000003 is missing",
        "db#5: its label is not UTF-8",
    ]
    with pytest.raises(BadImage, match="db#2: the database has no image-000000002"):
        found.examples[1].load()
    assert main(["check", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "all: 3 labelled pictures, an LMDB database" in out
    assert "db#4: " in out
    assert main(["export", str(folder), "--out", str(tmp_path / "again"), "--lmdb"]) == 0
    assert "4 pictures or labels are left out" in capsys.readouterr().err
    assert [text for _, text, _ in content(tmp_path / "again", "all")] == ["a"]


def test_what_is_no_database_of_pictures_is_one_sentence(tmp_path):
    other = database(tmp_path / "other", [], count="many")
    with pytest.raises(RequestError, match="has no num-samples"):
        open_pictures(other).read("all")
    boasting = database(tmp_path / "boasting", [(picture("a"), b"a")], count=10**15)
    with pytest.raises(RequestError, match=r"states 1,000,000,000,000,000 pictures, and has 3 entries"):
        open_pictures(boasting).read("all")
    torn = tmp_path / "torn"
    torn.mkdir()
    (torn / "data.mdb").write_bytes(b"not a database")
    with pytest.raises(RequestError, match="cannot be read"):
        open_pictures(torn).read("all")


def test_a_recipe_takes_databases_for_folders(tmp_path):
    database(tmp_path / "db" / "train", [(picture(text), text.encode()) for text in TEXTS[:5]])
    database(tmp_path / "db" / "test", [(picture(text), text.encode()) for text in TEXTS[5:8]])
    (tmp_path / "r.yaml").write_text("read:\n  kind: images\n  splits: {train: ['db:train'], test: ['db:test']}\n")
    assert main(["prepare", str(tmp_path / "r.yaml"), "--out", str(tmp_path / "data")]) == 0
    made = datasets.load_from_disk(str(tmp_path / "data"))
    assert made["train"]["text"][:] == TEXTS[:5]
    data, split = parse_split(f"{tmp_path / 'data'}:test", open_pictures)
    assert [one.text for one in data.read(split).examples] == TEXTS[5:8]


def test_without_the_package_databases_are_read_and_writing_names_it(tmp_path, monkeypatch):
    folder = database(tmp_path / "db", [(picture("a"), b"a")])
    plain = write_folder(tmp_path / "folder", TEXTS[:2])
    real = builtins.__import__

    def refuse(name, *rest):
        if name == "lmdb":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(RequestError, match=r"pip install 's2s\[lmdb\]'"):
        ours.LmdbWriter(tmp_path / "new")
    assert content(folder, "all") == [("db#1", "a", picture("a"))]
    assert len(open_pictures(plain).read("all").examples) == 2


def test_a_database_cut_short_is_refused_and_one_that_shrinks_meanwhile_ends_nothing(tmp_path):
    folder = database(tmp_path / "db", [(picture(text), text.encode()) for text in TEXTS[:40]])
    found = open_pictures(folder).read("all").examples
    whole = (folder / "data.mdb").read_bytes()
    os.truncate(folder / "data.mdb", 12_288)
    with pytest.raises(BadImage, match="cut short"):
        print([one.load() for one in found])
    cut = tmp_path / "cut"
    cut.mkdir()
    (cut / "data.mdb").write_bytes(whole[:12_288])
    with pytest.raises(RequestError, match=rf"it is cut short: it has 12,288 bytes, and its .* pages {len(whole):,}"):
        open_pictures(cut).read("all")


@pytest.mark.parametrize("count", [b"9" * 5000, b"999999999", b"0" * 4400, "²".encode()])
def test_a_count_that_is_no_count_is_one_sentence(tmp_path, count):
    folder = database(tmp_path / "db", [(picture("a"), b"a")], count=count.decode())
    with pytest.raises(RequestError, match=r"states|has no num-samples") as refusal:
        open_pictures(folder).read("all")
    assert len(str(refusal.value)) < 400


def test_a_sound_database_shorter_than_its_last_page_is_read(tmp_path):
    """As the library leaves it where the last value was replaced by a smaller one before it was written."""
    (tmp_path / "db").mkdir()
    environment = lmdb.open(str(tmp_path / "db"), map_size=1 << 24)
    with environment.begin(write=True) as transaction:
        transaction.put(b"num-samples", b"1")
        transaction.put(b"label-000000001", b"a")
        transaction.put(b"image-000000001", picture("a"))
        transaction.put(b"name-000000001", bytes(400_000))
        transaction.put(b"name-000000001", b"a.png")
    environment.close()
    assert content(tmp_path / "db", "all") == [("a.png", "a", picture("a"))]
