"""No command takes a picture from outside the folder it was given, unless it is told to."""

import pytest

from s2s.cli.main import main
from s2s.config.strict import to_yaml
from tests.bars import TEXTS, bars_config, write_folder


@pytest.fixture
def folder(tmp_path):
    """Twenty pictures of its own, and one that its table names beside it."""
    write_folder(tmp_path / "elsewhere", TEXTS[:1])
    folder = write_folder(tmp_path / "inside", TEXTS[:20])
    with (folder / "labels.tsv").open("a") as table:
        table.write("../elsewhere/images/000.png\tsecret\n")
    (tmp_path / "r.yaml").write_text("read: {kind: images, splits: {train: [inside]}}\n")
    (tmp_path / "bars.yaml").write_text(to_yaml(bars_config(training={"steps": 1})))
    return folder


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("check FOLDER", "all: 1 problem\n"),
        ("check r.yaml", "20 pictures of inside, 1 problem\n"),
        ("check bars.yaml --data FOLDER", "all: 1 left out"),
        ("prepare r.yaml --out OUT", "1 dropped"),
        ("export FOLDER --lmdb --out OUT", "1 picture or label is left out"),
        ("export words --int8 FOLDER --out OUT", ""),
        ("evaluate READER FOLDER", "1 of 21 have no part in the score"),
        ("train bars.yaml --data FOLDER --out OUT --threads 1", "all: 1 left out"),
    ],
)
def test_a_picture_from_outside_is_left_out_unless_allowed(folder, tmp_path, monkeypatch, capfd, reader, command, said):
    monkeypatch.chdir(tmp_path)
    statuses, seen = [], []
    for more in ([], ["--allow-outside"]):
        words = {"FOLDER": "inside", "OUT": f"out{len(more)}", "READER": str(reader)}
        statuses.append(main([*(words.get(word, word) for word in command.split()), *more]))
        seen.append("".join(capfd.readouterr()))
    assert statuses == [0, 0]
    assert said in seen[0]
    assert not said or said not in seen[1]
