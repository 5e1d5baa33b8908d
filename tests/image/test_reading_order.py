"""Lines come out in the order in which people read them, each whole and once, whatever the page is like."""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from s2s.image.page import page_lines
from s2s.image.render.fonts import embedded_folder

WORDS = ["quay", "Illinois", "of", "jolly", "a", "gypsum,", "hill.", "zebra", "it’s", "paper", "under", "“No”", "the"]


class Sheet:
    """A page in the making; `lines` are where lines were drawn, in the order in which they are read."""

    def __init__(self, width=1200, height=1000, size=24):
        self.image = Image.new("L", (width, height), 255)
        self.pen = ImageDraw.Draw(self.image)
        self.font = ImageFont.truetype(str(embedded_folder() / "DejaVuSerif.ttf"), size)
        self.rng = np.random.default_rng(1)
        self.lines = []

    def put(self, *cells, top):
        """One line of (left, text) cells."""
        for left, text in cells:
            self.pen.text((left, top), text, 0, self.font)
        self.lines.append((cells[0][0], top, cells[-1][0] + self.font.getlength(cells[-1][1]), top + self.font.size))

    def justified(self, left, right, top, count, pitch=36):
        """Lines of words that fill the column from edge to edge."""
        for number in range(count):
            words = [str(self.rng.choice(WORDS))]
            while self.font.getlength(" ".join([*words, "gypsum"])) < right - left:
                words.append(str(self.rng.choice(WORDS)))
            room = (right - left - sum(map(self.font.getlength, words))) / max(1, len(words) - 1)
            places = [left + sum(map(self.font.getlength, words[:n])) + n * room for n in range(len(words))]
            self.put(*zip(map(round, places), words, strict=True), top=top + pitch * number)

    def read(self):
        """Which of the drawn lines the found ones are, in their order."""
        order = []
        for line in page_lines(np.array(self.image)):
            x, y = (line.box.left + line.box.right) / 2, (line.box.top + line.box.bottom) / 2
            inside = [
                n for n, (left, top, right, bottom) in enumerate(self.lines) if left < x < right and top < y < bottom
            ]
            order.append(inside[0] if inside else None)
        return order


@pytest.mark.parametrize("gutter", [24, 32, 60])
@pytest.mark.parametrize("columns", [2, 3])
@pytest.mark.parametrize("ruled", [False, True])
def test_columns_with_narrow_gutters_are_read_one_after_the_other(gutter, columns, ruled):
    sheet = Sheet()
    sheet.justified(60, 1140, 40, 1)
    width = (1080 - gutter * (columns - 1)) // columns
    lefts = [60 + number * (width + gutter) for number in range(columns)]
    for left in lefts:
        sheet.justified(left, left + width, 120, 20)
    for left in lefts[1:] if ruled else ():
        sheet.pen.line([(left - gutter // 2, 120), (left - gutter // 2, 830)], 0, 2)
    sheet.justified(60, 1140, 900, 1)
    assert sheet.read() == list(range(2 + 20 * columns))


def test_headings_across_part_columns_into_bands():
    sheet = Sheet(height=1300)
    for top in (60, 680):
        sheet.justified(60, 1140, top, 1)
        for left in (60, 616):
            sheet.justified(left, left + 524, top + 60, 12)
    assert sheet.read() == list(range(50))


def test_columns_flow_around_what_stands_between_them():
    sheet = Sheet(height=1100)
    rows = {number: 140 if 8 <= number < 16 else 0 for number in range(26)}
    for left in (True, False):
        for number, room in rows.items():
            begin, end = (60, 580 - room) if left else (620 + room, 1140)
            sheet.justified(begin, end, 60 + 36 * number, 1)
    for number in range(4):  # a caption across the gutter
        sheet.put((505, "a hill of paper"), top=385 + 44 * number)
    read = sheet.read()
    columns = [number for number in read if number < 52]
    assert columns == list(range(52))
    assert sorted(read) == list(range(56))


def test_a_table_is_read_row_by_row():
    sheet = Sheet()
    for number in range(14):
        price = f"{sheet.rng.integers(100, 9999) / 100:.2f}"
        sheet.put(
            (60, str(sheet.rng.choice(WORDS))), (500, str(number)), (760, price), (1000, "7%"), top=60 + 50 * number
        )
    assert sheet.read() == list(range(14))


def test_one_justified_column_has_no_gutters():
    sheet = Sheet()
    sheet.justified(100, 760, 60, 24)
    assert sheet.read() == list(range(24))


def test_quotation_marks_and_dashes_stay_in_their_line():
    sheet = Sheet()
    for number in range(8):
        sheet.put((60, '“It’s — “here,” she said: ‘a’ – "b" … ”'), top=60 + 50 * number)
    lines = page_lines(np.array(sheet.image))
    assert len(lines) == 8
    for line, (left, _, right, _) in zip(lines, sheet.lines, strict=True):
        assert line.box.left < left + 8
        assert line.box.right > right - 8


def test_leaders_stay_between_the_title_and_its_page():
    sheet = Sheet()
    for number in range(9):
        sheet.put((60, f"{number} hill quay {'.' * 90}"), (1000, str(7 * number)), top=60 + 50 * number)
    assert sheet.read() == list(range(9))
    for line in page_lines(np.array(sheet.image)):
        gaps = [right.box.left - left.box.right for left, right in pairwise(line.stretches)]
        assert all(gap < 220 for gap in gaps)  # the dots are in one of the stretches
