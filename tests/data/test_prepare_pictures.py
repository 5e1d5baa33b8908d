"""From a recipe to a data set of pictures."""

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from s2s.cli.main import main
from s2s.config.errors import RequestError
from s2s.config.picture_recipe import HubImages, Images, PictureRecipe
from s2s.config.recipe import Recipe
from s2s.config.recipes import read_recipe
from s2s.data.images.prepare import prepare_pictures
from s2s.data.images.store import open_pictures
from s2s.data.report import read_report
from tests.bars import TEXTS, draw, write_folder


@pytest.fixture
def base(tmp_path):
    write_folder(tmp_path / "base" / "one", TEXTS[:60])
    write_folder(tmp_path / "base" / "two" / "train", TEXTS[60:70])
    write_folder(tmp_path / "base" / "two" / "test", TEXTS[70:75])
    return tmp_path / "base"


def names(data, split):
    return [example.name for example in data.read(split).examples]


def test_folders_and_their_splits_become_one_dataset(base, tmp_path):
    recipe = PictureRecipe(Images({"train": ("one", "two:train"), "test": ("two:test",)}), str(base))
    report = prepare_pictures(recipe, tmp_path / "data")
    data = open_pictures(tmp_path / "data")
    assert data.splits == ("train", "test")
    assert (len(names(data, "train")), len(names(data, "test"))) == (70, 5)
    assert names(data, "train")[0] == "one/images/000.png"
    for split, folder, part in (("train", "one", "all"), ("test", "two", "test")):
        for mine, other in zip(
            data.read(split).examples, open_pictures(base / folder).read(part).examples, strict=False
        ):
            assert mine.text == other.text
            assert np.array_equal(mine.load(), other.load())
    values = json.loads((tmp_path / "data" / "report.json").read_text())
    assert values["splits"]["test"] == {"pictures": 5, "characters": sum(map(len, TEXTS[70:75]))}
    assert values["fingerprint"] == report.fingerprint == data.fingerprint
    with pytest.raises(RequestError, match="holds pictures, not parallel text"):
        read_report(tmp_path / "data")


def test_a_divided_folder_gives_its_split_of_the_same_name_and_never_another(base, tmp_path):
    prepare_pictures(PictureRecipe(Images({"train": ("two",), "test": ("two",)}), str(base)), tmp_path / "data")
    data = open_pictures(tmp_path / "data")
    assert [one.text for one in data.read("train").examples] == TEXTS[60:70]
    assert [one.text for one in data.read("test").examples] == TEXTS[70:75]
    with pytest.raises(RequestError, match=r"which split\? It has test, train"):
        prepare_pictures(PictureRecipe(Images({"train": ("one",), "val": ("two",)}), str(base)), tmp_path / "other")


def test_pictures_are_held_out_by_the_hash_of_their_name_wherever_they_lie(base, tmp_path):
    def held_out(folder, out):
        prepare_pictures(PictureRecipe(Images({"train": (folder.name,)}, hold_out=5), str(folder.parent)), out)
        data = open_pictures(out)
        kept, held = names(data, "train"), names(data, "val")
        assert not set(kept) & set(held)
        assert len(kept) + len(held) == 60
        return {name.rsplit("/", 1)[1] for name in held}

    first = held_out(base / "one", tmp_path / "data")
    assert 4 < len(first) < 25
    (base / "one").rename(tmp_path / "elsewhere")
    assert held_out(tmp_path / "elsewhere", tmp_path / "other") == first


def test_what_cannot_be_decoded_is_left_out_and_listed(base, tmp_path):
    (base / "one" / "images" / "003.png").write_bytes(b"")
    (base / "one" / "images" / "004.png").unlink()
    report = prepare_pictures(PictureRecipe(Images({"train": ("one",)}), str(base)), tmp_path / "data")
    assert report.splits["train"]["pictures"] == 58
    assert sorted(line.split(": ")[0] for line in report.dropped["train"]) == [
        "one/images/003.png",
        "one/images/004.png",
    ]


def test_pictures_are_held_out_of_the_named_folders_only_and_never_repeated_into_training(base, tmp_path):
    splits = {"train": ("one", "two:train"), "val": ("two:test",)}
    images = Images(splits, hold_out=4, hold_out_of=("one",), repeat={"one": 3})
    report = prepare_pictures(PictureRecipe(images, str(base)), tmp_path / "data")
    kept, held = (Counter(names(open_pictures(tmp_path / "data"), split)) for split in ("train", "val"))
    assert not set(kept) & set(held)
    assert Counter(name.split("/")[0] for name in held)["two:test"] == 5
    assert {name.split("/")[0] for name in held} == {"one", "two:test"}
    assert set(held.values()) == {1}
    assert len(kept) + len(held) == 75
    assert all(times == (3 if name.startswith("one/") else 1) for name, times in kept.items())
    assert report.splits["train"]["pictures"] == sum(kept.values())
    labels = [example.text for example in open_pictures(tmp_path / "data").read("train").examples]
    assert report.splits["train"]["characters"] == sum(map(len, labels))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("read: {kind: images, splits: {train: [a]}, hold_out: 1}", "hold_out 1 would leave nothing"),
        ("read: {kind: images, splits: {train: [photos]}, hold_out: 9, hold_out_of: [photo]}", 'did you mean "photos"'),
        ("read: {kind: images, splits: {train: [ab]}, hold_out_of: [ab]}", "set hold_out to 10"),
        ("read: {kind: images, splits: {train: [photos]}, repeat: {photo: 2}}", 'did you mean "photos"'),
        ("read: {kind: images, splits: {train: [ab]}, repeat: {ab: 0}}", "repeat.ab must be 1 or more"),
        ("read: {kind: images, splits: {test: [a]}}", "a split called train"),
        ("read: {kind: images, splits: {train: [a]}}\nlanguages: [a, b]", 'unknown key "languages"'),
    ],
)
def test_an_impossible_recipe_is_refused(tmp_path, text, says):
    (tmp_path / "own.yaml").write_text(text)
    with pytest.raises(RequestError, match=says):
        read_recipe(tmp_path / "own.yaml")


def test_recipes_of_text_and_of_pictures_are_told_apart(tmp_path):
    (tmp_path / "texts.yaml").write_text("languages: [a, b]\nread: {kind: tsv, splits: {train: a.tsv}}")
    (tmp_path / "images.yaml").write_text("read: {kind: images, splits: {train: [a]}}")
    (tmp_path / "hub.yaml").write_text("read: {kind: hub_images, dataset: someone/scans, splits: {train: train}}")
    assert read_recipe(tmp_path / "hub.yaml").read == HubImages("someone/scans", {"train": "train"})
    assert isinstance(read_recipe(tmp_path / "texts.yaml"), Recipe)
    assert isinstance(read_recipe(tmp_path / "images.yaml"), PictureRecipe)


def test_check_sees_that_a_data_set_is_not_what_its_report_says(base, tmp_path, capsys):
    for out, folder in (("data", "one"), ("other", "two:train")):
        prepare_pictures(PictureRecipe(Images({"train": (folder,)}), str(base)), tmp_path / out)
    assert main(["check", str(tmp_path / "data")]) == 0
    (tmp_path / "other" / "report.json").replace(tmp_path / "data" / "report.json")
    assert main(["check", str(tmp_path / "data")]) == 2
    assert "are not those that report.json lists" in capsys.readouterr().err


HUB = HubImages("someone/scans", {"train": "train", "test": "validation"})


@pytest.fixture
def hub_copy(tmp_path, monkeypatch):
    """A local copy of a hub dataset in the layout of an image folder."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    for split, texts in (("train", TEXTS[:6]), ("validation", TEXTS[6:9])):
        folder = write_folder(tmp_path / "copy" / split, texts)
        rows = [{"file_name": f"images/{n:03}.png", "text": text} for n, text in enumerate(texts)]
        (folder / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        (folder / "labels.tsv").unlink()
    return tmp_path / "copy"


def test_a_hub_dataset_is_read_from_its_columns_of_pictures_and_texts(hub_copy, tmp_path):
    report = prepare_pictures(PictureRecipe(HUB), tmp_path / "data", source=str(hub_copy))
    data = open_pictures(tmp_path / "data")
    assert data.splits == ("train", "test")
    for split, texts in (("train", TEXTS[:6]), ("test", TEXTS[6:9])):
        found = data.read(split).examples
        assert sorted(example.text for example in found) == sorted(texts)
        assert all(np.array_equal(example.load(False), draw(example.text)) for example in found)
    assert report.splits["test"]["pictures"] == 3


def test_what_a_hub_dataset_has_wrong_is_left_out_and_listed(hub_copy, tmp_path):
    (hub_copy / "train" / "images" / "002.png").write_bytes(b"no picture")
    rows = (hub_copy / "train" / "metadata.jsonl").read_text().splitlines()
    rows[4] = json.dumps({"file_name": "images/004.png", "text": "two\nlines"})
    rows[5] = json.dumps({"file_name": "images/005.png", "text": None})
    (hub_copy / "train" / "metadata.jsonl").write_text("\n".join(rows))
    report = prepare_pictures(PictureRecipe(HUB), tmp_path / "data", source=str(hub_copy))
    assert report.splits["train"]["pictures"] == 3
    reasons = " ".join(report.dropped["train"])
    assert len(report.dropped["train"]) == 3
    for reason in ("train/2: ", "its label has a line break inside", "has no label that is a text"):
        assert reason in reasons


@pytest.mark.parametrize(
    ("recipe", "says"),
    [
        (replace(HUB, text="label"), 'no column "label"; choose from image, text'),
        (replace(HUB, image="text"), "column text holds no pictures"),
        (replace(HUB, splits={"train": "dev"}), "split dev"),
    ],
)
def test_a_hub_column_or_split_that_is_not_there_is_named(hub_copy, tmp_path, recipe, says):
    with pytest.raises(RequestError, match=says):
        prepare_pictures(PictureRecipe(recipe), tmp_path / "data", source=str(hub_copy))
    assert not (tmp_path / "data").exists()


def test_the_terms_travel_with_the_data(base, tmp_path):
    recipe = PictureRecipe(Images({"train": ("one",)}), str(base), terms="research only")
    prepare_pictures(recipe, tmp_path / "data")
    assert open_pictures(tmp_path / "data").terms == "research only"
    assert open_pictures(base / "one").terms == ""


def test_an_existing_folder_is_not_overwritten(base, tmp_path):
    with pytest.raises(RequestError, match="exists; name a new folder"):
        prepare_pictures(PictureRecipe(Images({"train": ("one",)}), str(base)), base)
