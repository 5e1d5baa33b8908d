"""The two readers that come with s2s: which reads what, and pages that do not stand upright."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import s2s
from s2s.image.geometry import turned
from s2s.image.render.fonts import embedded_folder
from s2s.inference.readers import Readers

TEXTS = [
    "The train left at 9.45, and nobody waved.",
    "“Quite so,” she said; “a pity, though.”",
    "Costs: $1,250.00 (net) — 19 %",
    "Žluťoučký kůň, größer als fünf Bären,",
    "écrit à l’hôtel; señor Núñez answered.",
    "It rained, it poured; then it cleared up.",
    "Nobody had seen the old man’s hat again.",
    "See pp. 12–17, and the note on page 3.",
]


def drawn(texts, size=30, pitch=52, width=900):
    image = Image.new("L", (width, 60 + pitch * len(texts)), 255)
    font = ImageFont.truetype(str(embedded_folder() / "DejaVuSerif.ttf"), size)
    for number, text in enumerate(texts):
        ImageDraw.Draw(image).text((50, 25 + pitch * number), text, 0, font)
    return np.array(image)


@pytest.fixture(scope="module")
def page():
    return drawn(TEXTS)


@pytest.fixture(scope="module")
def readers():
    return Readers(s2s.load("words", "cpu"), s2s.load("print", "cpu"))


def wrong(text, other):
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.distance(text, other) / len(other)


def test_print_reads_a_page_with_its_punctuation_and_letters_of_other_languages(readers, page):
    [said] = readers([page])
    assert said.turned == 0
    assert len(said.lines) == len(TEXTS)
    assert wrong(said.text, "\n".join(TEXTS)) < 0.03


def test_pages_go_to_one_reader_and_words_to_the_other(readers, page):
    pictures = [page, drawn(["Word"], 60, width=300), drawn([TEXTS[0]])]
    one, two, three = readers(pictures)
    assert one.text == readers.lines(page).text
    assert two.text == readers.words(pictures[1]).text
    surer = max((reader(pictures[2]) for reader in (readers.lines, readers.words)), key=lambda one: one.confidence)
    assert three.text == surer.text


def test_answers_keep_the_order_of_the_pictures(readers, page):
    pictures = [drawn(["One"], 60, width=300), page, drawn(["Two"], 60, width=300), drawn([TEXTS[5]])]
    assert [one.text for one in readers(pictures)] == [readers([picture])[0].text for picture in pictures]


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_page_on_its_side_or_its_head_is_turned(readers, page, degrees):
    [said] = readers([turned(page, degrees)])
    assert said.turned == 360 - degrees
    [upright] = readers([page])
    assert said.text == upright.text
    assert (said.width, said.height) == (page.shape[1], page.shape[0])
    for line, other in zip(said.lines, upright.lines, strict=True):
        assert (line.left, line.top) == pytest.approx((other.left, other.top), abs=3)


@pytest.mark.parametrize("degrees", [-10, -3, 4, 9])
def test_a_page_that_stands_askew_is_made_level_and_places_are_in_the_picture(readers, page, degrees):
    askew = np.array(Image.fromarray(page).rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255))
    [said] = readers([askew])
    assert said.turned == 0
    assert wrong(said.text, "\n".join(TEXTS)) < 0.05
    for line in said.lines:
        assert 0 <= line.left < line.right <= askew.shape[1]
        assert 0 <= line.top < line.bottom <= askew.shape[0]
        inside = askew[line.top : line.bottom, line.left : line.right]
        assert (inside < 128).any()
        assert line.characters[0].left < line.characters[-1].right


def test_stains_on_a_page_are_left_out_with_a_warning_and_its_text_is_not(readers, page):
    stained = np.pad(page, ((0, 0), (0, 400)), constant_values=255)
    rng = np.random.default_rng(3)
    for _ in range(12):
        x, y, width, height = rng.integers((1000, 20, 15, 15), (1200, 400, 80, 60))
        blot = rng.random((height, width)) < 0.6
        stained[y : y + height, x : x + width][blot] = 0
    [said], [clean] = readers([stained]), readers([page])
    assert wrong(said.text, clean.text) < 0.05
    assert [one for one in said.warnings if "unlike text" in one]
