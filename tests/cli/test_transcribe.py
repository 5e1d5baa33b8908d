"""`s2s transcribe`: one answer a picture, in order, whatever else is among them."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from PIL import Image

from s2s.cli.main import main
from s2s.inference.load import load
from tests.bars import TEXTS, draw


def transcribe(*arguments):
    return main(["transcribe", *map(str, arguments), "--threads", "1"])


@pytest.fixture
def expected(reader):
    return [one.text for one in load(reader, "cpu")([draw(text) for text in TEXTS[70:80]])]


def test_files_folders_and_patterns_give_a_line_a_picture_in_order(reader, pictures, expected, capsys):
    images = pictures / "test" / "images"
    first = images / "000.png"
    assert transcribe(first, images, f"{images}/00[12].png", first, "--model", reader) == 0
    out, err = capsys.readouterr()
    assert out.split("\n")[:-1] == [expected[0], *expected, *expected[1:3], expected[0]]
    assert "skipped" not in err


def test_tsv_and_json_lines_tell_path_confidence_and_characters(reader, pictures, expected, capsys):
    images = pictures / "test" / "images"
    assert transcribe(images, "--model", reader, "--format", "tsv") == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [row[0] for row in rows] == [str(images / f"{number:03}.png") for number in range(10)]
    assert [row[2] for row in rows] == expected
    assert all(0 <= float(row[1]) <= 1 for row in rows)
    assert transcribe(images, "--model", reader, "--format", "jsonl") == 0
    values = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [value["text"] for value in values] == expected
    for value in values:
        assert "".join(one["text"] for one in value["characters"]) == value["text"]
        assert all(set(one) == {"text", "probability", "left", "right"} for one in value["characters"])


def test_what_cannot_be_read_is_told_and_the_rest_is_done(reader, pictures, expected, tmp_path, capsys):
    images = pictures / "test" / "images"
    zoo = {"empty.png": b"", "text.png": b"hello", "cut.png": (images / "001.png").read_bytes()[:70]}
    for name, data in zoo.items():
        (tmp_path / name).write_bytes(data)
    asked = [images / "000.png", *(tmp_path / name for name in zoo), tmp_path / "gone.png", images / "001.png"]
    assert transcribe(*asked, "--model", reader) == 1
    out, err = capsys.readouterr()
    assert out.split("\n")[:-1] == [expected[0], "", "", "", "", expected[1]]
    for name, reason in {
        "empty.png": "empty",
        "text.png": "text, whatever",
        "cut.png": "damaged",
        "gone.png": "No such file",
    }.items():
        assert any(name in line and reason in line for line in err.splitlines())
    assert transcribe(*asked, "--model", reader, "--format", "jsonl") == 1
    values = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert ["error" in value for value in values] == [False, True, True, True, True, False]


def test_a_list_on_standard_input_gives_a_line_a_line_and_blank_for_blank(reader, pictures, expected):
    images = pictures / "test" / "images"
    call = [sys.executable, "-m", "s2s", "transcribe", images / "009.png", "-", images / "008.png", "--model", reader]
    listed = f"{images / '003.png'}\n\n{images / '002.png'}\n  \n"
    done = subprocess.run(call, input=listed, capture_output=True, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:-1] == [expected[9], expected[3], "", expected[2], "", expected[8]]
    tables = subprocess.run([*call, "--format", "jsonl"], input="\n", capture_output=True, text=True)
    assert [json.loads(line)["path"] for line in tables.stdout.splitlines()][1] == ""


def test_of_many_pictures_it_tells_how_fast_it_was_and_how_many_were_broken(reader, pictures, tmp_path, capsys):
    one, torn = next((pictures / "val" / "images").iterdir()), tmp_path / "torn.png"
    torn.write_bytes(b"torn")
    assert main(["transcribe", *[str(one)] * 99, str(torn), "--model", str(reader), "--device", "cpu"]) == 1
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 100
    assert re.search(r"^100 pictures in [\d.]+ s, \d+ a second$", err, re.MULTILINE)
    assert err.endswith("1 of 100 pictures could not be read\n")
    assert main(["transcribe", str(one), "--model", str(reader), "--device", "cpu"]) == 0
    assert "could not be read" not in capsys.readouterr().err


def test_a_folder_or_a_pattern_without_pictures_is_told_and_the_rest_is_read(
    reader, pictures, expected, tmp_path, capsys
):
    first = pictures / "test" / "images" / "000.png"
    assert transcribe(tmp_path, first, tmp_path / "*.png", "--model", reader) == 1
    out, err = capsys.readouterr()
    assert out == f"\n{expected[0]}\n\n"
    assert f"{tmp_path}: this folder holds no pictures\n" in err
    assert f"{tmp_path}/*.png: no file matches this pattern\n" in err
    assert err.endswith("2 of 3 pictures could not be read\n")


def test_any_name_is_a_row_of_three_columns(reader, pictures, expected, tmp_path, capsys, monkeypatch):
    for name in ("a\tb.png", "c\nd.png", "-e.png"):
        shutil.copy(pictures / "test" / "images" / "000.png", tmp_path / name)
    monkeypatch.chdir(tmp_path)
    names = ["a\tb.png", "c\nd.png", "-e.png"]
    options = ["--model", str(reader), "--threads", "1", "--format", "tsv"]
    assert main(["transcribe", *options, "--", *names]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [(row[0], row[2]) for row in rows] == [(name, expected[0]) for name in ("a\\tb.png", "c\\nd.png", "-e.png")]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["{picture}", "--beam", "0"], "--beam must be 1 or more"),
        (["{picture}", "--batch-pixels", "0"], "--batch-pixels must be 1 or more"),
        (["{picture}", "--threads", "0"], "--threads must be 1 or more"),
    ],
)
def test_impossible_requests_are_refused_before_work(reader, pictures, tmp_path, arguments, says, capsys):
    places = {"empty": tmp_path, "picture": pictures / "test" / "images" / "000.png"}
    call = [argument.format(**places) for argument in arguments]
    assert main(["transcribe", *call, "--model", str(reader)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err


def test_a_translator_does_not_read_nor_a_recogniser_translate(model, reader, pictures, capsys):
    assert transcribe(pictures / "test" / "images" / "000.png", "--model", model) == 2
    assert "is a model of task translation, not recognition; use it with s2s translate" in capsys.readouterr().err
    assert main(["translate", str(reader), os.devnull]) == 2
    assert "is a model of task recognition, not translation; use it with s2s transcribe" in capsys.readouterr().err


def test_transcribing_imports_neither_trainer_nor_datasets(reader, pictures):
    picture = pictures / "test" / "images" / "000.png"
    script = (
        "import sys\n"
        "from s2s.cli.main import main\n"
        f"assert main(['transcribe', {str(picture)!r}, '--model', {str(reader)!r}]) == 0\n"
        "assert not {'lightning', 'datasets', 'sacrebleu', 'matplotlib'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


def test_a_page_is_one_line_of_output_or_as_many_as_it_has(tmp_path, capsys):
    page = np.full((300, 900), 255, np.uint8)
    for number, text in enumerate(["The quick brown fox", "over the lazy dog", "into the garden"]):
        cv2.putText(page, text, (20, 60 + 90 * number), cv2.FONT_HERSHEY_DUPLEX, 1.8, 0, 2, cv2.LINE_AA)
    path = tmp_path / "page.png"
    cv2.imwrite(str(path), page)
    assert transcribe(path, "--format", "jsonl") == 0
    out, err = capsys.readouterr()
    said = json.loads(out)
    texts = [line["text"] for line in said["lines"]]
    assert len(texts) == 3
    assert said["text"] == "\n".join(texts)
    by_print = "lines and pages were read by print, single words by words; --model NAME has one of them read all\n"
    assert err == f"1 picture looks like a page, and its 3 lines were read one by one; see --whole\n{by_print}"
    assert transcribe(path, path) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [" ".join(texts)] * 2
    assert err == f"2 pictures look like pages, and their 6 lines were read one by one; see --whole\n{by_print}"
    assert transcribe(path, "--model", "words") == 0
    assert by_print not in capsys.readouterr().err
    assert transcribe(path, "--lines") == 0
    assert capsys.readouterr().out.splitlines() == texts
    assert transcribe(path, "--lines", "--format", "tsv") == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [row[2] for row in rows] == texts
    assert transcribe(path, "--whole") == 0
    out, err = capsys.readouterr()
    assert out.count("\n") == 1
    assert "look" not in err
    assert transcribe(path, "--lines", "--format", "jsonl") == 2
    assert "--lines is for" in capsys.readouterr().err


def test_what_a_folder_holds_besides_pictures_is_named(reader, pictures, expected, tmp_path, capsys):
    shutil.copytree(pictures / "test", tmp_path / "scans")
    assert transcribe(tmp_path / "scans", "--model", reader) == 0
    out, err = capsys.readouterr()
    assert out.split("\n")[:-1] == expected
    assert f"{tmp_path}/scans/labels.tsv: 1 file was skipped: not pictures by their names\n" in err
    for number in range(12):
        (tmp_path / "scans" / f"{number:02}.djvu").write_bytes(b"%PDF-1.7")
    (tmp_path / "scans" / "photo.heic").write_bytes(b"....ftypheic")
    (tmp_path / "scans" / ".hidden.pdf").write_bytes(b"%PDF-1.7")
    assert transcribe(tmp_path / "scans", "--model", reader) == 1
    out, err = capsys.readouterr()
    assert out.split("\n")[:-1] == expected
    assert "09.djvu and 3 more: 13 files were skipped: not in a form that is read; save each page as a PNG" in err


def test_doubts_of_ten_pictures_are_printed_and_the_others_counted(tmp_path, capsys):
    word = np.full((200, 300), 255, np.uint8)
    cv2.putText(word, "Garden", (90, 110), cv2.FONT_HERSHEY_DUPLEX, 1, 0, 2, cv2.LINE_AA)
    cv2.imwrite(str(tmp_path / "word.png"), word)
    assert transcribe(*[tmp_path / "word.png"] * 13) == 0
    out, err = capsys.readouterr()
    assert out == "Garden\n" * 13
    assert err.count("the text is small in a wide margin, and was read without it") == 10
    assert "and 3 more with warnings; --format jsonl has those of every picture\n" in err


def test_the_characters_that_a_model_can_write_are_printed(reader, capsys):
    assert main(["transcribe", "--charset", "--model", str(reader)]) == 0
    assert capsys.readouterr().out == "abcdefg \n"
    assert main(["transcribe", "--charset"]) == 0
    assert set("az09.,“”„‘’—…§ß€ÄéčőżığșŁ") < set(capsys.readouterr().out)
    assert main(["check", str(reader)]) == 0
    assert "writes 8 characters: abcdefg \n" in capsys.readouterr().out
    assert main(["transcribe", "--model", str(reader)]) == 2
    assert "which pictures?" in capsys.readouterr().err


@pytest.fixture
def scan(tmp_path):
    """Three words as the pages of one file."""
    pages = [Image.fromarray(draw(text)) for text in TEXTS[70:73]]
    pages[0].save(tmp_path / "scan.tif", save_all=True, append_images=pages[1:])
    return tmp_path / "scan.tif"


def test_a_file_of_several_pages_gives_a_line_a_page(reader, scan, expected, capsys):
    assert transcribe(scan, f"{scan}[2]", "--model", reader, "--format", "tsv") == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [row[0] for row in rows] == [f"{scan}[{number}]" for number in (1, 2, 3, 2)]
    assert [row[2] for row in rows] == [*expected[:3], expected[1]]


def test_a_file_of_several_pages_in_a_list_is_refused_since_a_line_is_a_picture(reader, scan, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(f"{scan}\n{scan}[1]\n".encode())))
    assert transcribe("-", "--model", reader) == 1
    out, err = capsys.readouterr()
    assert out.startswith("\n")
    assert out.count("\n") == 2
    assert f"{scan}: holds 3 pages; name the one to read, as {scan}[1]" in err


@pytest.mark.parametrize(("form", "suffix"), [("hocr", ".hocr"), ("alto", ".alto.xml"), ("page", ".page.xml")])
def test_documents_are_one_a_picture_and_pictures_of_one_name_keep_theirs(
    reader, pictures, scan, expected, tmp_path, capsys, form, suffix
):
    again = tmp_path / "other" / "000.png"
    again.parent.mkdir()
    shutil.copy(pictures / "test" / "images" / "001.png", again)
    asked = [pictures / "test" / "images" / "000.png", again, scan]
    options = ["--model", reader, "--format", form, "--out", tmp_path / "out", "--overlay", tmp_path]
    assert transcribe(*asked, *options) == 0
    names = ["000", "000-2", "scan-1", "scan-2", "scan-3"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {f"{name}{suffix}" for name in names}
    for name, text in zip(names, [*expected[:2], *expected[:3]], strict=True):
        assert all(word in (tmp_path / "out" / f"{name}{suffix}").read_text() for word in text.split())
        assert (tmp_path / f"{name}.png").is_file()
    assert capsys.readouterr().out == ""


def test_formats_of_files_need_a_folder_and_those_of_lines_have_none(reader, pictures, tmp_path, capsys):
    images = pictures / "test" / "images"
    assert transcribe(images, "--model", reader, "--format", "pdf") == 2
    assert "--format pdf writes files; name their folder with --out DIR" in capsys.readouterr().err
    assert transcribe(images, "--model", reader, "--out", tmp_path) == 2
    assert "--format text writes to standard output; leave out --out" in capsys.readouterr().err
    (tmp_path / "file").touch()
    assert transcribe(images, "--model", reader, "--format", "hocr", "--out", tmp_path / "file" / "x") == 2
    assert "cannot be made" in capsys.readouterr().err
