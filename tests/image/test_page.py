"""Pages are cut into lines in reading order, and told from words and lines."""

import cv2
import numpy as np
import pytest

from s2s.image.page import page_lines, standing_page

FONT = cv2.FONT_HERSHEY_COMPLEX


def write(image, texts, left=20, top=60, pitch=44, scale=1.0, ink=0):
    for number, text in enumerate(texts):
        cv2.putText(image, text, (left, top + pitch * number), FONT, scale, ink, 2)
    return image


def blank(height, width, paper=255):
    return np.full((height, width), paper, np.uint8)


def texts(count, seed=0, words=5):
    rng = np.random.default_rng(seed)
    vocabulary = ["gypsum", "hill", "a", "jolly", "quay", "of", "Illinois", "pump,", "it's", "zebra."]
    return [" ".join(rng.choice(vocabulary, words)) for _ in range(count)]


def boxes(lines):
    return [line.box for line in lines]


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (250, 30), (90, 160)])
@pytest.mark.parametrize("count", [1, 2, 7, 15])
def test_every_line_is_found_once_from_top_to_bottom(count, ink, paper):
    image = write(blank(60 + 44 * count, 800, paper), texts(count), ink=ink)
    lines = page_lines(image)
    assert len(lines) == count
    for number, box in enumerate(boxes(lines)):
        assert box.top < 60 + 44 * number <= box.bottom + 2
    assert boxes(page_lines(np.dstack([image] * 3))) == boxes(lines)


def test_all_ink_is_in_a_line():
    image = write(blank(400, 800), texts(8))
    left = image.copy()
    for box in boxes(page_lines(image)):
        left[box.top : box.bottom, box.left : box.right] = 255
    assert (left < 128).sum() == 0


def test_columns_are_read_one_after_the_other_below_their_heading():
    image = write(blank(700, 1400), ["A heading over both of the columns"], left=250)
    write(image, texts(10, 1, 4), top=180)
    write(image, texts(10, 2, 4), left=760, top=180)
    found = boxes(page_lines(image))
    assert len(found) == 21
    assert found[0].bottom < 90
    for side, column in ((0, found[1:11]), (700, found[11:])):
        assert all(side <= box.left < side + 700 and box.right < side + 700 for box in column)
        assert [box.top for box in column] == sorted(box.top for box in column)


def test_prices_stand_on_the_line_of_what_they_are_the_price_of():
    image = write(blank(400, 900), ["Braised pork", "Rice with peanut", "Mustard", "Jasmine tea"])
    write(image, ["14.00", "2.50", "12.00", "4.60"], left=760)
    lines = page_lines(image)
    assert [len(line.stretches) for line in lines] == [2] * 4


@pytest.mark.parametrize("angle", [-3, -1, 1, 3])
def test_a_page_need_not_be_straight_and_its_lines_are_turned_level(angle):
    image = write(blank(700, 900), texts(12), top=100)
    turn = cv2.getRotationMatrix2D((450, 350), angle, 1)
    turned = cv2.warpAffine(image, turn, (900, 700), borderValue=255)
    straight, lines = page_lines(image), page_lines(turned)
    assert len(lines) == 12
    for level, line in zip(straight, lines, strict=True):
        heights = [stretch.cut_out(turned).shape[0] for stretch in line.stretches]
        assert max(heights) <= 1.25 * level.stretches[0].cut_out(image).shape[0]


@pytest.mark.parametrize("angle", [-4, -1, 1, 4])
def test_on_a_slope_what_stands_far_apart_is_still_on_its_line(angle):
    image = write(blank(500, 1100), ["pork chops", "brown rice", "quay", "jasmine tea"], top=150)
    write(image, ["large", "small", "large", "small"], left=480, top=150)
    write(image, ["14.00", "2.50", "12.00", "4.60"], left=940, top=150)
    turn = cv2.getRotationMatrix2D((550, 250), angle, 1)
    lines = page_lines(cv2.warpAffine(image, turn, (1100, 500), borderValue=255))
    assert [len(line.stretches) for line in lines] == [3] * 4


@pytest.mark.parametrize("angle", [-2.5, 2.5])
def test_short_words_that_do_not_tell_the_slope_stay_with_their_neighbours(angle):
    image = blank(500, 1300)
    for column in range(7):
        write(image, ["one", "two", "six", "ten"], left=20 + 180 * column, top=150)
    turn = cv2.getRotationMatrix2D((650, 250), angle, 1)
    lines = page_lines(cv2.warpAffine(image, turn, (1300, 500), borderValue=255))
    assert [len(line.stretches) for line in lines] == [7] * 4


def test_a_black_border_of_a_scanner_does_not_hide_the_page():
    image = blank(900, 1100, 0)
    image[150:800, 100:1000] = 255
    write(image, texts(10), left=140, top=240)
    lines = [line for line in page_lines(image) if line.letters > 5]
    assert len(lines) == 10


@pytest.mark.parametrize("width", [100, 250, 400])
def test_a_stretch_is_cut_between_letters_and_nothing_is_lost(width):
    [line] = page_lines(write(blank(100, 900), texts(1, 3, 7)))
    [stretch] = line.stretches
    parts = stretch.shorter(width)
    assert all(part.box.width <= width for part in parts)
    assert [letter for part in parts for letter in part.letters] == list(stretch.letters)


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (250, 30)])
def test_a_page_looks_like_one_and_a_word_or_a_line_does_not(ink, paper):
    assert len(standing_page(write(blank(300, 800, paper), texts(5), ink=ink)).lines) == 5
    assert len(standing_page(write(blank(140, 800, paper), texts(2), ink=ink)).lines) == 2
    assert not standing_page(write(blank(100, 800, paper), texts(1), ink=ink)).lines
    assert not standing_page(write(blank(400, 900, paper), ["Word"], top=250, scale=8, ink=ink)).lines


@pytest.mark.parametrize("seed", range(5))
def test_a_word_on_a_spotted_wall_is_no_page(seed):
    rng = np.random.default_rng(seed)
    image = write(blank(500, 1000), ["Word"], top=300, scale=8)
    for left, top, width, height in zip(*rng.integers((5, 5, 8, 9), (990, 490, 14, 16), (240, 4)).T, strict=True):
        image[top : top + height, left : left + width] = 90
    assert not standing_page(image).lines


@pytest.mark.parametrize("shape", [(3, 3), (1, 1), (32, 4), (200, 10), (40, 900), (500, 500)])
def test_noise_and_blank_pictures_are_no_pages(shape):
    assert not standing_page(np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)).lines
    assert not standing_page(np.full(shape, 7, np.uint8)).lines
