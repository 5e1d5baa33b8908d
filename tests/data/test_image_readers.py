"""Folders of pictures in every common layout give the same labels; whatever is wrong is listed by file."""

import json
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from s2s.config.errors import RequestError
from s2s.data.images.folder import find_splits, read_folder
from s2s.data.images.icdar import read_quads
from s2s.data.images.inspect import inspect
from s2s.data.images.labelled import LabelledImage

LABELS = {
    "a.png": "Hello, World!",
    "b.jpg": 'say "yes" \\ no',
    "sub/c.png": "हिन्दी में",
    "d.png": "two  spaces, comma",
    "e.png": "'",
}


def draw(path, size=(120, 40)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((size[1], size[0]), 200, np.uint8)).save(path)


@pytest.fixture
def pictures(tmp_path):
    for name in LABELS:
        draw(tmp_path / name)
    return tmp_path


def lines(template):
    return "".join(template.format(name=name, text=text) + "\n" for name, text in LABELS.items())


def escaped():
    return {name: text.replace("\\", "\\\\").replace('"', '\\"') for name, text in LABELS.items()}


def csv_of(header):
    quoted = {name: text.replace('"', '""') for name, text in LABELS.items()}
    return header + "".join(f'{name},"{text}"\n' for name, text in quoted.items())


TABLES = {
    "labels.tsv": lines("{name}\t{text}"),
    "gt.txt": lines("{name}\t{text}"),
    "labels.txt": lines("{name} {text}"),
    "labels.csv": csv_of(""),
    "metadata.csv": csv_of("file_name,text\n"),
    "mine.csv": "nr,Filename,words\n" + "".join(f"1,{row}\n" for row in csv_of("").splitlines()),
    "metadata.jsonl": "".join(json.dumps({"file_name": n, "text": t}) + "\n" for n, t in LABELS.items()),
    "labels.jsonl": "".join(json.dumps({"image": n, "label": t}, ensure_ascii=False) + "\n" for n, t in LABELS.items()),
    "crlf.tsv": "\ufeff" + lines("{name}\t{text}").replace("\n", "\r\n"),
}


@pytest.mark.parametrize("table", TABLES)
def test_every_table_round_trips(pictures, table):
    (pictures / table).write_bytes(TABLES[table].encode())
    found = read_folder(pictures)
    assert {example.name: example.text for example in found.examples} == LABELS
    assert [example.name for example in found.examples] == list(LABELS)
    assert found.problems == ()
    assert table in found.layout
    assert all(example.load().shape == (40, 120, 3) for example in found.examples)


def test_icdar_words_round_trip(pictures):
    (pictures / "gt.txt").write_text("".join(f'{n}, "{t}"\n' for n, t in escaped().items()), encoding="utf-8-sig")
    assert {example.name: example.text for example in read_folder(pictures).examples} == LABELS


def test_pairs_round_trip_with_the_suffixes_of_kraken_and_ocropus(tmp_path):
    for name, text in {"x.png": "eins", "y.bin.png": "zwei", "z/w.nrm.png": "drei", "v.jpg": ""}.items():
        draw(tmp_path / name)
        stem = (tmp_path / name).with_suffix("")
        stem = stem.with_suffix("") if stem.suffix in (".bin", ".nrm") else stem
        stem.with_name(stem.name + ".gt.txt").write_text(text + "\n" if text else "")
    found = read_folder(tmp_path)
    assert {e.name: e.text for e in found.examples} == {
        "x.png": "eins", "y.bin.png": "zwei", "z/w.nrm.png": "drei", "v.jpg": "",
    }  # fmt: skip
    assert found.problems == ()


def test_icdar_quadrilaterals_are_cut_out_of_their_pictures(tmp_path):
    pixels = np.full((100, 200), 255, np.uint8)
    pixels[20:40, 30:90] = 0
    Image.fromarray(pixels).save(tmp_path / "img_1.jpg", quality=100)
    rows = [
        "30,20,90,20,90,40,30,40,dark, very",
        "100,50,150,50,150,70,100,70,###",
        "no sense",
        '100, 50, 160, 70, "box"',
    ]
    (tmp_path / "gt_img_1.txt").write_text("\ufeff" + "\n".join(rows) + "\n", encoding="utf-8")
    found = read_folder(tmp_path)
    assert [(e.name, e.text) for e in found.examples] == [("img_1.jpg#1", "dark, very"), ("img_1.jpg#4", "box")]
    dark, box = (example.load(colour=False) for example in found.examples)
    assert dark.shape == (20, 60)
    assert dark.max() < 60
    assert box.shape == (20, 60)
    assert box.min() > 200
    assert [problem.name for problem in found.problems] == ["img_1.jpg#2", "img_1.jpg#3"]


def test_a_file_of_quadrilaterals_belongs_to_the_picture_beside_it_or_the_only_one_of_its_name(tmp_path):
    row = "0,0,9,0,9,9,0,9,"
    for folder, text in (("train", "old"), ("test", "new")):
        (tmp_path / folder).mkdir()
        draw(tmp_path / folder / "img_1.png")
        (tmp_path / folder / "gt_img_1.txt").write_text(f"{row}{text}\n")
    (tmp_path / "gt").mkdir()
    draw(tmp_path / "test" / "img_2.png")
    (tmp_path / "gt" / "gt_img_2.txt").write_text(f"{row}two\n")
    (tmp_path / "gt" / "gt_img_1.txt").write_text(f"{row}whose\n")
    found = read_quads(tmp_path)
    assert {one.name: one.text for one in found.examples} == {
        "train/img_1.png#1": "old",
        "test/img_1.png#1": "new",
        "test/img_2.png#1": "two",
    }
    (problem,) = found.problems
    assert str(problem).startswith("gt/gt_img_1.txt: which of the pictures of this name")


def test_a_quadrilateral_outside_its_picture_is_a_bad_picture(tmp_path):
    draw(tmp_path / "p.png")
    outside = LabelledImage("p.png#1", tmp_path / "p.png", "x", (500, 500, 600, 500, 600, 520, 500, 520))
    ((_, problem),) = inspect([outside], 32, 4)
    assert "not in the picture" in problem.reason


def test_missing_pictures_missing_labels_and_repetitions_are_listed_by_file(pictures):
    text = "a.png\tone\ngone.png\ttwo\nb.jpg\na.png\tother\nd.png\t\n"
    (pictures / "labels.tsv").write_text(text, encoding="utf-8")
    found = read_folder(pictures)
    assert [(e.name, e.text) for e in found.examples] == [("a.png", "one"), ("d.png", "")]
    problems = {problem.name: problem.reason for problem in found.problems}
    assert problems["gone.png"] == "named in labels.tsv, line 2, but there is no such file"
    assert problems["b.jpg"] == "has no label in labels.tsv, line 3"
    assert problems["a.png"] == "named again in labels.tsv, line 4; the label of line 1 is used"
    assert problems["e.png"] == "has no label in labels.tsv"
    assert problems["sub/c.png"] == "has no label in labels.tsv"


def test_pairs_without_their_other_half_are_listed(tmp_path):
    draw(tmp_path / "x.png")
    draw(tmp_path / "y.png")
    draw(tmp_path / "w.png")
    draw(tmp_path / "w.jpg")
    (tmp_path / "x.gt.txt").write_text("eins\nzwei\n")
    (tmp_path / "z.gt.txt").write_text("drei\n")
    (tmp_path / "w.gt.txt").write_text("vier\n")
    found = read_folder(tmp_path)
    assert [e.name for e in found.examples] == ["w.jpg"]
    reasons = {problem.name: problem.reason for problem in found.problems}
    assert "2 lines" in reasons["x.png"]
    assert "no y.gt.txt" in reasons["y.png"]
    assert "no picture" in reasons["z.gt.txt"]
    assert "second picture" in reasons["w.png"]


def test_labels_with_line_breaks_or_of_the_wrong_type_are_listed(pictures):
    rows = [{"image": "a.png", "text": "x\ny"}, {"image": "b.jpg", "text": 7}, {"image": "d.png", "text": "fine"}]
    (pictures / "labels.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = read_folder(pictures)
    assert [e.name for e in found.examples] == ["d.png"]
    reasons = {problem.name: problem.reason for problem in found.problems}
    assert "line break" in reasons["a.png"]
    assert "no label that is a string" in reasons["b.jpg"]


@pytest.mark.parametrize(
    ("table", "content", "message"),
    [
        ("labels.tsv", b"a.png\t\xff\n", "line 1"),
        ("labels.csv", b"a.png,\xff\n", "not UTF-8"),
        ("labels.csv", b'a.png,"open\n', "not CSV"),
        ("labels.jsonl", b"{\n", "line 1: not JSON"),
        ("labels.jsonl", b'{"text": "x"}\n', "line 1: needs the picture's name"),
    ],
)
def test_a_label_file_that_cannot_be_read_is_refused_by_line(pictures, table, content, message):
    (pictures / table).write_bytes(content)
    with pytest.raises(RequestError, match=message) as error:
        read_folder(pictures)
    assert table in str(error.value)


def test_a_folder_without_labels_says_what_it_found(pictures):
    with pytest.raises(RequestError, match="5 pictures and no labels"):
        read_folder(pictures)
    with pytest.raises(RequestError, match="no such folder"):
        read_folder(pictures / "absent")


def test_splits_by_label_files(pictures):
    (pictures / "labels.train.tsv").write_text("a.png\tone\nd.png\ttwo\n")
    (pictures / "labels.dev.tsv").write_text("b.jpg\tthree\n")
    assert list(find_splits(pictures)) == ["dev", "train"]
    assert [e.text for e in read_folder(pictures, "train").examples] == ["one", "two"]
    assert [e.text for e in read_folder(pictures, "dev").examples] == ["three"]
    assert read_folder(pictures, "dev").problems == ()
    with pytest.raises(RequestError, match="name one as"):
        read_folder(pictures)
    with pytest.raises(RequestError, match='did you mean "train"'):
        read_folder(pictures, "trian")
    (pictures / "labels.tsv").write_text("")
    with pytest.raises(RequestError, match="as well as"):
        find_splits(pictures)


def test_splits_by_folders(tmp_path):
    for split, name in (("train", "x.png"), ("test", "y.png")):
        draw(tmp_path / split / name)
        (tmp_path / split / name.replace(".png", ".gt.txt")).write_text(split)
    assert list(find_splits(tmp_path)) == ["test", "train"]
    assert [e.text for e in read_folder(tmp_path, "test").examples] == ["test"]


def test_a_folder_without_splits_is_one(pictures):
    (pictures / "labels.tsv").write_text(TABLES["labels.tsv"], encoding="utf-8")
    assert list(find_splits(pictures)) == ["all"]
    assert len(read_folder(pictures, "all").examples) == len(LABELS)


def test_broken_and_narrow_pictures_are_found_and_the_others_go_on(tmp_path):
    draw(tmp_path / "good.png")
    draw(tmp_path / "narrow.png", (40, 40))
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.png").write_text("no picture")
    names = ("good.png", "narrow.png", "empty.png", "text.png")
    (tmp_path / "labels.tsv").write_text("".join(f"{name}\tletter\n" for name in names))
    found = {example.name: problem for example, problem in inspect(read_folder(tmp_path).examples, 32, 4)}
    assert list(found) == list(names)
    assert found["good.png"] is None
    assert found["empty.png"].reason == "the file is empty"
    assert "but text" in found["text.png"].reason
    assert str(found["text.png"]).startswith("text.png: not a picture")
    # l-e-t-t-e-r is six characters and a blank between the two t: seven steps of four pixels
    assert found["narrow.png"] is None
    assert next(inspect(read_folder(tmp_path).examples[1:], 32, 5))[1].reason == (
        "is 32 pixels wide at a height of 32, and its label of 6 characters needs 35; it will be widened"
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode), table=st.sampled_from(sorted(TABLES)))
def test_any_label_file_accounts_for_every_picture_or_is_refused(pictures, content, table):
    for name in TABLES:
        (pictures / name).unlink(missing_ok=True)
    (pictures / table).write_bytes(content)
    with suppress(RequestError):
        found = read_folder(pictures)
        assert len(found.examples) + len(found.problems) >= len(LABELS)
