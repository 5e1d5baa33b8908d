"""A page is read line by line, and says where its lines stand."""

import cv2
import numpy as np
import pytest

import s2s

TEXTS = ["The quick brown fox jumps", "over the lazy dog and runs", "into the garden at night", "to look for more"]


@pytest.fixture(scope="module")
def reader():
    return s2s.load("words", "cpu")


@pytest.fixture(scope="module")
def page():
    image = np.full((60 + 60 * len(TEXTS), 900), 255, np.uint8)
    for number, text in enumerate(TEXTS):
        cv2.putText(image, text, (20, 60 + 60 * number), cv2.FONT_HERSHEY_DUPLEX, 1.5, 0, 2, cv2.LINE_AA)
    return image


def test_a_page_says_its_lines_where_they_stand(reader, page):
    said = reader(page)
    assert said.text.split("\n") == [line.text for line in said.lines]
    # The reader of words is not sure of all spaces.
    assert [line.text.replace(" ", "") for line in said.lines] == [text.replace(" ", "") for text in TEXTS]
    assert said.warnings == ()
    for number, line in enumerate(said.lines):
        assert line.top < 60 + 60 * number <= line.bottom + 3
        assert "".join(one.text for one in line.characters) == line.text
        middles = [(one.left + one.right) / 2 for one in line.characters]
        assert middles == sorted(middles)
        assert line.left - 10 <= middles[0] < middles[-1] <= line.right + 10
        assert 0 < line.confidence <= 1


def test_characters_stand_where_they_are_in_the_page(reader, page):
    said, moved = (reader(np.pad(page, ((0, 0), (left, 0)), constant_values=255)) for left in (0, 300))
    assert moved.text == said.text
    for line, other in zip(said.lines, moved.lines, strict=True):
        for here, there in zip(line.characters, other.characters, strict=True):
            assert there.left - here.left == pytest.approx(300, abs=2)
            assert there.right - here.right == pytest.approx(300, abs=2)


def test_a_line_too_wide_for_the_model_is_read_in_parts_that_lose_nothing(reader):
    words = ["quick", "brown", "jumps", "lazy", "garden", "night", "over", "under", "house", "paper", "green", "table"]
    image = np.full((300, 2600), 255, np.uint8)
    for number in range(4):
        text = " ".join(np.roll(words, number))
        cv2.putText(image, text, (20, 60 + 60 * number), cv2.FONT_HERSHEY_DUPLEX, 1.5, 0, 2, cv2.LINE_AA)
    said = reader(image)
    assert len(said.lines) == 4
    assert not any("squeezed" in warning for warning in said.warnings)
    for number, line in enumerate(said.lines):
        assert line.text.replace(" ", "") == "".join(np.roll(words, number))


def test_who_asks_for_one_line_gets_one_and_no_page_is_looked_for(reader, page, monkeypatch):
    monkeypatch.setattr("s2s.inference.recognizer.find_page", lambda image: pytest.fail("looked for a page"))
    assert reader(page, pages=False).lines == ()


def test_a_page_does_not_depend_on_its_company(reader, page):
    word = page[20:80, 10:300]
    found = reader([word, page, word, page])
    alone = [reader(word), reader(page)] * 2
    assert [one.text for one in found] == [one.text for one in alone]
    assert [len(one.lines) for one in found] == [0, 4, 0, 4]
    assert [one.confidence for one in found] == pytest.approx([one.confidence for one in alone], rel=1e-3)


def test_the_confidence_in_a_page_is_the_mean_of_its_lines_by_their_characters(reader, page):
    said = reader(page)
    weights = [len(line.text) for line in said.lines]
    expected = np.average([line.confidence for line in said.lines], weights=weights)
    assert said.confidence == pytest.approx(expected)
    assert said.confidence > 0.5  # not a product over some hundred characters


def test_a_page_on_which_nothing_was_read_has_no_confidence_and_a_warning(reader, page, monkeypatch):
    monkeypatch.setattr(reader.charset, "decode", lambda tokens: "", raising=False)
    said = reader(page)
    assert (said.text, said.confidence, said.lines) == ("", 0.0, ())
    assert said.warnings == ("nothing was read, although the picture is not empty",)
