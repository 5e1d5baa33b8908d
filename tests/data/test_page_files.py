"""Pages with PAGE or ALTO files are cut into their lines, and no line is lost without a word."""

import cv2
import numpy as np
import pytest
from PIL import Image

from s2s.data.images.folder import read_folder
from s2s.image.load import BadImage
from s2s.inference.documents.alto import alto
from s2s.inference.documents.page_xml import page_xml
from s2s.inference.transcript import Character, Line, Transcript

TEXTS = ("Ein Hund rennt.", "am  Fluß & <dort>", "x")
TOPS = (20, 60, 100)
PAGE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2013-07-15"


def transcript() -> Transcript:
    lines = []
    for text, top in zip(TEXTS, TOPS, strict=True):
        wide = 300 / len(text)
        characters = [Character(one, 0.9, 40 + wide * n, 40 + wide * (n + 1)) for n, one in enumerate(text)]
        lines.append(Line(text, 0.9, characters, 40, top, 340, top + 24))
    return Transcript("\n".join(TEXTS), 0.9, [], tuple(lines), (), 400, 140)


@pytest.fixture
def scan(tmp_path):
    pixels = np.full((140, 400), 240, np.uint8)
    for number, top in enumerate(TOPS):
        pixels[top : top + 24, 40:340] = 60 + 40 * number
    Image.fromarray(pixels).save(tmp_path / "scan.png")
    return tmp_path


@pytest.mark.parametrize(("write", "name"), [(page_xml, "scan.xml"), (alto, "scan.alto.xml"), (page_xml, "other.xml")])
def test_what_is_written_is_read_again_line_by_line(scan, write, name):
    (scan / name).write_bytes(write(transcript(), "scan.png"))
    found = read_folder(scan)
    assert found.problems == ()
    assert [one.name for one in found.examples] == [f"scan.png#{number}" for number in (1, 2, 3)]
    assert [one.text for one in found.examples] == [" ".join(text.split()) for text in TEXTS]
    for number, one in enumerate(found.examples):
        pixels = one.load(colour=False)
        assert pixels.shape == (25, 301)
        assert np.median(pixels) == 60 + 40 * number


def page(body: str, picture: str = "scan.png") -> str:
    return f'<PcGts xmlns="{PAGE}"><Page imageFilename="{picture}"><TextRegion>{body}</TextRegion></Page></PcGts>'


def line(points: str, text: str = "abc") -> str:
    unicode = f"<TextEquiv><Unicode>{text}</Unicode></TextEquiv>" if text else ""
    return f'<TextLine><Coords points="{points}"/>{unicode}</TextLine>'


def test_a_slanted_line_is_turned_level_and_its_neighbours_are_left_out(tmp_path):
    pixels = np.full((300, 400), 250, np.uint8)
    slope = np.array([[40, 80], [360, 180], [352, 206], [32, 106]])
    cv2.fillPoly(pixels, [slope], 90)
    pixels[100:140, 200:330] = np.where(pixels[100:140, 200:330] == 250, 10, pixels[100:140, 200:330])  # a neighbour
    Image.fromarray(pixels).save(tmp_path / "scan.png")
    (tmp_path / "scan.xml").write_text(page(line(" ".join(f"{x},{y}" for x, y in slope.tolist()))))
    (one,) = read_folder(tmp_path).examples
    cut = one.load(colour=False)
    assert abs(cut.shape[1] - np.hypot(320, 100)) <= 3
    assert abs(cut.shape[0] - np.hypot(8, 26)) <= 3
    assert np.median(cut) == 90
    assert cut.min() >= 60


def test_what_lacks_is_a_problem_by_name(scan):
    (scan / "scan.xml").write_text(
        page(line("40,20 340,20 340,44", "") + line("1,2", "b") + line("40,20 340,20 340,44", "c"))
    )
    (scan / "again.xml").write_text(page(line("40,20 340,20 340,44")))
    (scan / "gone.xml").write_text(page(line("40,20 340,20 340,44"), "../../gone.png"))
    (scan / "torn.xml").write_text("<PcGts><Page>")
    Image.new("L", (9, 9)).save(scan / "alone.png")
    found = read_folder(scan)
    assert [str(one) for one in found.problems] == [
        "gone.xml: the picture that it names is not beside it",
        "scan.xml: is a second file of scan.png; the first is used",
        "torn.xml: is damaged (no element found: line 1, column 13)",
        "alone.png: has no PAGE or ALTO file",
    ]
    assert [one.text for one in found.examples] == ["abc"]
    (scan / "again.xml").unlink()
    problems = [str(one) for one in read_folder(scan).problems]
    assert "scan.png#1: has no text in scan.xml" in problems
    assert "scan.png#2: has no place in scan.xml" in problems


@pytest.mark.parametrize(
    "points", ["900,900 990,900 990,990", "40,20 40,20 40,20", "nan,1 2,3 4,5", "-9,-9 -1,-9 -1,-1"]
)
def test_a_polygon_without_a_place_in_its_picture_is_a_bad_picture(scan, points):
    (scan / "scan.xml").write_text(page(line(points)))
    (one,) = read_folder(scan).examples
    with pytest.raises(BadImage, match=r"scan\.png#1: its polygon"):
        one.load()


def test_entities_are_never_expanded(scan):
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    (scan / "scan.xml").write_text(f'<!DOCTYPE PcGts [<!ENTITY e0 "x">{bomb}]>' + page(line("1,2 3,4 5,6", "&e11;")))
    (problem, *_) = read_folder(scan).problems
    assert str(problem) == "scan.xml: is damaged (it has a DOCTYPE, which is not read)"


def test_the_lowest_index_is_the_text_and_words_stand_in_for_a_line_without_one(scan):
    equivalents = "".join(
        f'<TextEquiv index="{n}"><Unicode>{text}</Unicode></TextEquiv>' for n, text in ((1, "no"), (0, "yes"))
    )
    words = "".join(f"<Word><TextEquiv><Unicode>{word}</Unicode></TextEquiv></Word>" for word in ("two", "words"))
    place = '<Coords points="40,20 340,20 340,44"/>'
    lines = f"<TextLine>{place}{equivalents}</TextLine><TextLine>{place}{words}</TextLine>"
    (scan / "scan.xml").write_text(page(lines))
    assert [one.text for one in read_folder(scan).examples] == ["yes", "two words"]


def test_plain_texts_beside_pictures_are_labels(tmp_path):
    for name, text in (("a", "first"), ("b", "second")):
        Image.new("L", (40, 20)).save(tmp_path / f"{name}.png")
        (tmp_path / f"{name}.txt").write_text(f"{text}\n")
    (tmp_path / "README.txt").write_text("about\nthese pictures\n")
    found = read_folder(tmp_path)
    assert [(one.name, one.text) for one in found.examples] == [("a.png", "first"), ("b.png", "second")]
    assert [str(one) for one in found.problems] == ["README.txt: has no picture beside it"]
