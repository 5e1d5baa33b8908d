"""A folder of pictures takes in what lies in it; a table, a symlink or a name that leads elsewhere is counted."""

import json
import os

import pytest

from s2s.cli.main import main
from s2s.config.errors import RequestError
from s2s.data.images.folder import read_folder
from s2s.data.images.store import open_pictures
from tests.bars import TEXTS, write_folder


@pytest.fixture
def folder(tmp_path):
    """Two pictures of its own, and one outside under each way to reach it."""
    write_folder(tmp_path / "elsewhere", TEXTS[:1])
    secret = next((tmp_path / "elsewhere").rglob("*.png"))
    inside = write_folder(tmp_path / "inside", TEXTS[:2])
    (inside / "link.png").symlink_to(secret)
    (inside / "far").symlink_to(secret.parent)
    names = [f"../elsewhere/images/{secret.name}", str(secret), "link.png", f"far/{secret.name}"]
    with (inside / "labels.tsv").open("a") as table:
        table.writelines(f"{name}\tsecret\n" for name in names)
    return inside


def test_pictures_from_outside_are_refused_and_counted(folder):
    found = read_folder(folder)
    assert [one.text for one in found.examples] == TEXTS[:2]
    reasons = [problem.reason for problem in found.problems]
    assert len(reasons) == 4
    assert all(f"leads out of {folder}, to " in reason and "--allow-outside" in reason for reason in reasons)


def test_allow_outside_takes_them_in(folder):
    found = read_folder(folder, allow_outside=True)
    assert [one.text for one in found.examples] == [*TEXTS[:2], *["secret"] * 4]
    assert found.problems == ()


def test_names_with_dots_that_stay_inside_are_taken(tmp_path):
    write_folder(tmp_path / "data" / "train", TEXTS[:2])
    write_folder(tmp_path / "data" / "val", TEXTS[2:4])
    first, second = sorted((tmp_path / "data" / "train").rglob("*.png"))
    table = f"../train/images/{first.name}\tx\n{second.absolute()}\ty\n"
    (tmp_path / "data" / "val" / "labels.tsv").write_text(table)
    assert [one.text for one in open_pictures(tmp_path / "data").read("val").examples] == ["x", "y"]


def test_a_folder_that_is_a_symlink_itself_is_no_crossing(tmp_path, folder):
    (tmp_path / "other").symlink_to(folder)
    assert len(read_folder(tmp_path / "other").examples) == 2


@pytest.mark.parametrize("layout", ["table", "pairs", "split", "lmdb"])
def test_labels_splits_and_databases_from_outside_are_refused(tmp_path, layout):
    away, folder = tmp_path / "away", tmp_path / "folder"
    write_folder(away, TEXTS[:2])
    folder.mkdir()
    picture = next(away.rglob("*.png"))
    if layout == "split":
        (folder / "train").symlink_to(away)
    elif layout == "lmdb":
        assert main(["export", str(away), "--out", str(tmp_path / "db"), "--lmdb"]) == 0
        (folder / "train").symlink_to(tmp_path / "db")
    else:
        (folder / picture.name).write_bytes(picture.read_bytes())
        table = folder / ("labels.tsv" if layout == "table" else picture.with_suffix(".gt.txt").name)
        (away / "x.gt.txt").write_text("secret\n")
        (folder / "images").symlink_to(away / "images")
        table.symlink_to(away / ("labels.tsv" if layout == "table" else "x.gt.txt"))
    data = open_pictures(folder)
    if layout == "pairs":
        (problem,) = data.read("all").problems
        assert "its label file leads out of" in problem.reason
    else:
        with pytest.raises(RequestError, match=r"leads out of .*--allow-outside"):
            data.read(data.splits[0])
    assert open_pictures(folder, allow_outside=True).read(data.splits[0]).examples


def test_names_and_labels_that_are_no_text_are_counted_and_reported(tmp_path, capsys):
    folder = write_folder(tmp_path / "data", TEXTS[:2])
    shown = next(folder.rglob("*.png")).read_bytes()
    (folder / os.fsdecode(b"caf\xe9.png")).write_bytes(shown)
    (folder / "labels.tsv").unlink()
    (folder / "good.png").write_bytes(shown)
    rows = [
        {"file_name": "good.png", "text": "fine"},
        {"file_name": "half.png", "text": "\ud800"},
        {"file_name": "\ud800.png", "text": "x"},
        {"file_name": "nul\0.png", "text": "x"},
        {"file_name": "x" * 5000, "text": "x"},
        {"file_name": "caf\udce9.png", "text": "x"},
    ]
    (folder / "half.png").write_bytes(shown)
    (folder / "labels.jsonl").write_text("\n".join(map(json.dumps, rows)))
    data = open_pictures(folder)
    found = data.read("all")
    assert [one.text for one in found.examples] == ["fine"]
    assert {"half.png", "caf\udce9.png", "\ud800.png"} <= {problem.name for problem in found.problems}
    assert len(data.fingerprint) == 16
    assert main(["check", str(folder)]) == 0
    (tmp_path / "r.yaml").write_text("read: {kind: images, splits: {train: [data]}}\n")
    assert main(["prepare", str(tmp_path / "r.yaml"), "--out", str(tmp_path / "made")]) == 0
    assert "caf\\udce9.png: its name is not UTF-8" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["labels.tsv", "x.gt.txt", "x.png"])
def test_a_pipe_in_a_folder_is_refused_before_it_is_opened(tmp_path, name):
    write_folder(tmp_path / "data", TEXTS[:2])
    if name == "x.png":
        (tmp_path / "data" / "labels.tsv").write_text("x.png\tx\n")
    else:
        (tmp_path / "data" / "labels.tsv").unlink()
    os.mkfifo(tmp_path / "data" / name)
    if name == "x.gt.txt":
        (tmp_path / "data" / "x.png").write_bytes(b"")
    with pytest.raises(RequestError, match=r"pipe|no labels") if name != "x.png" else pytest.MonkeyPatch.context():
        found = read_folder(tmp_path / "data")
        assert [problem.reason for problem in found.problems if problem.name == "x.png"]
