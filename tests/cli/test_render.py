"""`s2s render`."""

import json

import pytest
from PIL import Image

from s2s.cli.main import main
from s2s.image.load import load
from s2s.image.render.fonts import embedded_folder
from s2s.text.charset import Charset


def render(*arguments):
    return main(["render", "--fonts", str(embedded_folder()), "--text", *arguments])


@pytest.fixture
def text(tmp_path):
    (tmp_path / "text.txt").write_text("the quick brown fox\njumps over the lazy dog\n", encoding="utf-8")
    return str(tmp_path / "text.txt")


def test_a_folder_has_pictures_labels_and_an_account(tmp_path, text, capsys):
    assert render(text, "--out", str(tmp_path / "out"), "--count", "6", "--seed", "3") == 0
    printed = capsys.readouterr().out
    for word in ("characters", "lengths", "widths", "polarity", "refused", "images/s a core"):
        assert word in printed
    rows = (tmp_path / "out/labels.tsv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 6
    assert all(load(tmp_path / "out" / row.split("\t")[0]).size for row in rows)
    account = json.loads((tmp_path / "out/render.json").read_text(encoding="utf-8"))
    assert account["seed"] == 3
    assert account["characters"] == " abcdefghijklmnopqrstuvwxyz"
    assert len(account["fonts"]["fingerprint"]) == 16
    assert {"pillow", "freetype", "opencv", "numpy"} <= set(account["versions"])
    assert account["statistics"]["pictures"] == 6


def test_faces_left_out_are_told_briefly_and_accounted_for(tmp_path, text, capsys, monkeypatch):
    monkeypatch.setattr("s2s.cli.render.SHOWN", 1)
    assert render(text, "--out", str(tmp_path / "out"), "--count", "1") == 0
    fonts = json.loads((tmp_path / "out/render.json").read_text(encoding="utf-8"))["fonts"]
    assert "DejaVu Sans" in fonts["used"]
    assert len(fonts["left out"]) > 1
    told = capsys.readouterr().err
    assert fonts["left out"][0] in told
    assert fonts["left out"][1] not in told
    assert f"and {len(fonts['left out']) - 1} more faces; render.json names all" in told


def test_the_same_seed_gives_the_same_bytes(tmp_path, text):
    for name, workers in (("a", "1"), ("b", "2")):
        render(text, "--out", str(tmp_path / name), "--count", "4", "--workers", workers)
    for path in (tmp_path / "a/images").rglob("*.jpg"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()


def test_a_preview_can_be_looked_at(tmp_path, text, capsys):
    assert render(text, "--preview", str(tmp_path / "p.png"), "--count", "8", "--lines") == 0
    assert load(tmp_path / "p.png").shape[1] == 1500
    assert "line" in capsys.readouterr().out


def test_numbers_and_characters_can_be_given(tmp_path, text):
    (tmp_path / "numbers.yaml").write_text("labels: {negative: 0, word: 1, upper: 0, title: 0, mixed: 0}\nquality: 0\n")
    (tmp_path / "letters.txt").write_text("the fox")
    out = tmp_path / "out"
    options = ["--config", str(tmp_path / "numbers.yaml"), "--charset", str(tmp_path / "letters.txt")]
    assert render(text, "--out", str(out), "--count", "4", "--families", "train", *options) == 0
    rows = [line.split("\t") for line in (out / "labels.tsv").read_text(encoding="utf-8").splitlines()]
    assert all(name.endswith(".png") and set(label) <= set("the fox") for name, label in rows)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "nothing to write"),
        (["--out", "x"], "how many pictures"),
        (["--out", "x", "--count", "0"], "1 or more"),
        (["--preview", "x.png", "--lines", "--config", "y.yaml"], "exclude each other"),
        (["--preview", "x.png", "--photos", "absent"], "no photographs"),
    ],
)
def test_requests_that_make_no_sense_are_refused(options, message, text, capsys):
    assert render(text, *options) == 2
    assert message in capsys.readouterr().err


def test_a_text_of_blank_lines_is_refused(tmp_path, capsys):
    (tmp_path / "blank.txt").write_text("\n  \n")
    assert main(["render", "--text", str(tmp_path / "blank.txt"), "--out", str(tmp_path / "out"), "--count", "3"]) == 2
    assert "all its lines are blank" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_languages_photographs_and_a_charset_file_are_used(tmp_path, capsys):
    Charset("abcdefghijklmnopqrstuvwxyzäöüß").save(tmp_path / "charset.json")
    (tmp_path / "photos").mkdir()
    Image.new("RGB", (300, 200), "navy").save(tmp_path / "photos/p.jpg")
    (tmp_path / "c.yaml").write_text("backgrounds: {photograph: 1, flat: 0, gradient: 0, procedural: 0, panel: 0}\n")
    options = ["--language", "de", "--charset", str(tmp_path / "charset.json"), "--photos", str(tmp_path / "photos")]
    options += ["--config", str(tmp_path / "c.yaml"), "--fonts", str(embedded_folder())]
    assert main(["render", "--out", str(tmp_path / "out"), "--count", "5", *options]) == 0
    account = json.loads((tmp_path / "out/render.json").read_text(encoding="utf-8"))
    assert account["languages"] == ["de"]
    assert account["characters"] == "abcdefghijklmnopqrstuvwxyzäöüß"
    assert main(["render", "--preview", str(tmp_path / "p.png"), "--language", "xx"]) == 2
    assert "no word list" in capsys.readouterr().err
