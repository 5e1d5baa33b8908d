"""Documents of what was read: every word, where it stands, in forms that other programs read."""

import io
import re
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from PIL import Image

from s2s.inference.documents.alto import alto
from s2s.inference.documents.hocr import hocr
from s2s.inference.documents.overlay import overlay
from s2s.inference.documents.page_xml import page_xml
from s2s.inference.documents.pdf import pdf
from s2s.inference.documents.words import cells, lines_of, words_of
from s2s.inference.transcript import Character, Line, Transcript

SCHEMAS = Path(__file__).parents[2].parent / "shared" / "schemas"
NAMES = ["scan.png", 'a "quoted" <scan> & more.png', "es\x1bcape\ufffe.png", "ढाई.png"]


def line(text: str, left: int, top: int, right: int, bottom: int) -> Line:
    """A line whose characters are one step wide, in the middle of equal cells."""
    wide = (right - left) / len(text)
    characters = [
        Character(one, 0.5 if one == "?" else 0.99, left + wide * (n + 0.4), left + wide * (n + 0.6))
        for n, one in enumerate(text)
    ]
    return Line(text, 0.97, characters, left, top, right, bottom)


LINES = (line("Ein Hund rennt?", 30, 20, 330, 50), line("am  Fluß,", 30, 60, 210, 92), line("x", 300, 60, 318, 90))
PAGE = Transcript("\n".join(one.text for one in LINES), 0.97, [], LINES, (), 400, 120)
WORD = Transcript("OPEN", 0.9, line("OPEN", 0, 0, 90, 30).characters, (), (), 90, 30)
EMPTY = Transcript("", 0.0, [], (), (), 90, 30)
WORDS = ["Ein", "Hund", "rennt?", "am", "Fluß,", "x"]


def words(content: bytes, path: str, attribute: str | None = None) -> list[str]:
    found = etree.fromstring(content).xpath(f"//*[local-name()='{path}']")
    return [one.get(attribute) if attribute else one.text for one in found]


@pytest.mark.parametrize("name", NAMES)
def test_every_word_of_a_page_stands_in_every_document(name):
    spans = etree.fromstring(hocr(PAGE, name)).xpath("//*[@class='ocrx_word']")
    assert [one.text for one in spans] == WORDS
    assert words(alto(PAGE, name), "String", "CONTENT") == WORDS
    texts = words(page_xml(PAGE, name), "Unicode")
    assert [text for text in texts if text in WORDS] == [*WORDS, "x"]  # a word, and a line of one word
    assert texts[-1] == PAGE.text


def test_a_single_word_is_a_line_as_large_as_its_picture_and_nothing_read_is_an_empty_page():
    (only,) = etree.fromstring(hocr(WORD, "x.png")).xpath("//*[@class='ocrx_word']")
    assert only.get("title") == "bbox 0 0 90 30; x_wconf 99"
    for make in (hocr, alto, page_xml):
        assert "OPEN" in make(WORD, "x.png").decode()
        assert words(make(EMPTY, "x.png"), "span") == words(make(EMPTY, "x.png"), "TextLine") == []


def test_words_carry_the_mean_probability_of_their_characters():
    (first, *_) = [one.get("title") for one in etree.fromstring(hocr(PAGE, "x")).xpath("//*[@class='ocrx_word']")]
    assert first == "bbox 30 20 100 50; x_wconf 99"
    confidences = [float(one) for one in words(alto(PAGE, "x"), "String", "WC")]
    assert confidences[2] == pytest.approx((0.99**5 * 0.5) ** (1 / 6), abs=1e-4)


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the schemas are not beside the checkout")
@pytest.mark.parametrize("transcript", [PAGE, WORD, EMPTY])
@pytest.mark.parametrize("name", NAMES)
def test_alto_and_page_follow_their_schemas(transcript, name):
    schema = etree.XMLSchema(etree.parse(str(SCHEMAS / "alto-4-4.xsd")))
    schema.assertValid(etree.fromstring(alto(transcript, name)))
    # The schema at hand is the next version, which differs in the year of its name only for what is written here.
    schema = etree.XMLSchema(etree.parse(str(SCHEMAS / "page.xsd")))
    later = page_xml(transcript, name).replace(b"pagecontent/2019-07-15", b"pagecontent/2024-07-15")
    schema.assertValid(etree.fromstring(later))


@given(st.lists(st.tuples(st.sampled_from("ab "), st.floats(0, 400), st.floats(0, 20)), min_size=1, max_size=12))
def test_cells_and_words_stand_in_order_inside_of_their_line(characters):
    placed = [
        Character(text, 0.5, left, left + wide) for text, left, wide in sorted(characters, key=lambda one: one[1])
    ]
    made = Line("".join(one.text for one in placed), 0.5, placed, 10, 0, 300, 20)
    assert [one.text for one in cells(made)] == [one.text for one in placed]
    found = list(words_of(made))
    assert [word.text for word in found] == made.text.split()
    for word in found:
        assert 10 <= word.box.left < word.box.right <= 300


def test_a_pdf_shows_the_picture_and_holds_its_words_where_they_stand():
    pixels = np.full((PAGE.height, PAGE.width), 255, np.uint8)
    pixels[20:50, 30:94] = 40
    document = pypdfium2.PdfDocument(pdf(PAGE, pixels))
    (page,) = document
    shown = np.asarray(page.render(scale=300 / 72, grayscale=True).to_pil())[: PAGE.height, : PAGE.width]
    assert np.median(np.abs(shown.astype(int) - pixels)) <= 2
    assert shown[25:45, 35:90].max() <= 42  # dark where it was dark
    text = page.get_textpage()
    assert text.get_text_range().split() == WORDS
    left, bottom, right, top = (value * 300 / 72 for value in text.get_charbox(0))
    assert 28 <= left < right <= 60
    assert 120 - 52 <= bottom <= top <= 120 - 18


@pytest.mark.parametrize("text", ["ढाई आखर", "Ελληνικά κείμενα", "ſchön — „ja“", "𝔄 𝔅"])
def test_a_pdf_holds_any_script(text):
    one = Transcript(text, 0.9, line(text, 0, 0, 200, 30).characters, (), (), 200, 30)
    (page,) = pypdfium2.PdfDocument(pdf(one, np.zeros((30, 200, 3), np.uint8)))
    assert page.get_textpage().get_text_range().split() == text.split()


def test_an_overlay_colours_words_by_confidence():
    drawn = np.asarray(Image.open(io.BytesIO(overlay(PAGE, np.zeros((120, 400), np.uint8)))))
    assert drawn.shape == (120, 400, 3)
    assert tuple(drawn[20, 40]) == (0, 90, 181)
    unsure = next(word for one in lines_of(PAGE) for word in words_of(one) if word.confidence < 0.9)
    assert unsure.text == "rennt?"


def test_pages_tell_when_they_were_made():
    assert re.search(rb"<Created>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ</Created>", page_xml(PAGE, "x"))
