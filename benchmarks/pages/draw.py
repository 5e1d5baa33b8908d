"""`python -m benchmarks.pages draw`: clean pages with known text, in reading order.

Every layout is drawn in every face and resolution: a column of prose, two and three columns with gutters of 3 to 6 mm,
some with a rule between, under a heading across, a page of dialogue with quotation marks and dashes, a table, a table
of contents with leaders, a poem with indents, a receipt, an article with footnote and page number.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw, ImageFont

FAMILIES = ("Caladea", "Cantarell", "Fantasque Sans Mono", "Gentium Plus", "Nimbus Sans", "Norasi")
"""Fonts that `s2s render --families train` leaves out, of Debian packages that recipes/words-fonts.txt lists."""
A5 = (148, 210)
"""Millimetres of a page."""


@dataclass
class Page:
    """A page in the making: where text goes, and what has been written."""

    font: Path
    points: float
    dpi: int
    rng: Random
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.image = Image.new("L", (self.mm(A5[0]), self.mm(A5[1])), 255)
        self.pen = ImageDraw.Draw(self.image)

    def mm(self, length: float) -> int:
        """Pixels of millimetres."""
        return round(length * self.dpi / 25.4)

    def face(self, scale: float = 1.0) -> ImageFont.FreeTypeFont:
        """The page's font, larger or smaller."""
        return ImageFont.truetype(str(self.font), round(scale * self.points * self.dpi / 72))

    def write(self, x: float, y: float, text: str, scale: float = 1.0) -> None:
        """One line, its ascenders at y millimetres; it becomes the next line of the page's text."""
        self.pen.text((self.mm(x), self.mm(y)), text, fill=self.rng.choice((0, 0, 30)), font=self.face(scale))
        self.lines.append(text)

    def width(self, text: str, scale: float = 1.0) -> float:
        """Millimetres of a line."""
        return self.face(scale).getlength(text) * 25.4 / self.dpi

    @property
    def leading(self) -> float:
        """Millimetres from line to line."""
        return 1.25 * self.points * 25.4 / 72

    def column(
        self, x: float, y: float, wide: float, bottom: float, texts: Iterator[str],
        justified: bool = True, indent: float = 4.0, scale: float = 1.0,
    ) -> float:  # fmt: skip
        """Paragraphs from y to the bottom in a column, and where it ends."""
        step = self.leading * scale
        while y + step < bottom:
            words, first = next(texts).split(), True
            while words and y + step < bottom:
                left = x + (indent if first else 0)
                taken = 1
                while taken < len(words) and self.width(" ".join(words[: taken + 1]), scale) <= x + wide - left:
                    taken += 1
                line, words, first = words[:taken], words[taken:], False
                if justified and words and len(line) > 1:
                    self._justify(left, y, x + wide - left, line, scale)
                else:
                    self.write(left, y, " ".join(line), scale)
                y += step
        return y

    def _justify(self, x: float, y: float, wide: float, words: list[str], scale: float) -> None:
        room = (wide - sum(self.width(word, scale) for word in words)) / (len(words) - 1)
        for word in words:
            self.pen.text((self.mm(x), self.mm(y)), word, fill=0, font=self.face(scale))
            x += self.width(word, scale) + room
        self.lines.append(" ".join(words))


def prose(page: Page, texts: Iterator[str]) -> None:
    """One justified column under a heading, with a page number."""
    page.write(18, 14, " ".join(next(texts).split()[:4]), 1.6)
    page.column(18, 26, 112, 190, texts)
    page.write(72, 196, str(page.rng.randint(2, 400)))


def columns(page: Page, texts: Iterator[str], count: int = 2) -> None:
    """Columns under a heading across, with narrow gutters, some with a rule."""
    heading = next(texts).split()
    while page.width(" ".join(heading), 1.5) > 115:
        heading.pop()
    page.write(16, 12, " ".join(heading), 1.5)
    gutter = page.rng.choice((3.0, 4.0, 6.0))
    wide = (118 - gutter * (count - 1)) / count
    for number in range(count):
        left = 15 + number * (wide + gutter)
        page.column(left, 24, wide, 196, texts, indent=page.rng.choice((0, 3)))
        if number and page.rng.random() < 0.3:
            page.pen.line([(page.mm(left - gutter / 2), page.mm(24)), (page.mm(left - gutter / 2), page.mm(196))], 0, 2)


def dialogue(page: Page, texts: Iterator[str]) -> None:
    """Ragged lines with quotation marks, dashes and full stops."""
    opening, closing = page.rng.choice((("“", "”"), ('"', '"'), ("„", "“"), ("«", "»"), ("‘", "’")))

    def said() -> Iterator[str]:
        while True:
            words = next(texts).rstrip(".!?…").split()[:14]
            half, who = max(1, len(words) // 2), page.rng.choice(("he", "she", "Tom"))
            first, second = " ".join(words[:half]), " ".join(words[half:]) or "no"
            yield f"{opening}{first},{closing} said {who} — {opening}{second}.{closing}"

    page.column(18, 16, 112, 190, said(), justified=False)


def table(page: Page, texts: Iterator[str]) -> None:
    """Rows of a word and three numbers, right-aligned, under a heading."""
    page.write(18, 16, " ".join(next(texts).split()[:3]), 1.3)
    y = 30.0
    for _ in range(18):
        cells = [" ".join(next(texts).split()[:2]).strip(".,;:"), str(page.rng.randint(1, 99))]
        cells += [f"{page.rng.randint(1, 9999)}.{page.rng.randint(0, 99):02}", f"{page.rng.randint(0, 99)}%"]
        row = [(18.0, cells[0][:22])] + [
            (right - page.width(cell), cell) for right, cell in zip((80, 105, 125), cells[1:], strict=True)
        ]
        for x, cell in row:
            page.pen.text((page.mm(x), page.mm(y)), cell, fill=0, font=page.face())
        page.lines.append(" ".join(cell for _, cell in row))
        y += page.leading * 1.3


def contents(page: Page, texts: Iterator[str]) -> None:
    """Titles, leaders and page numbers."""
    page.write(18, 16, "Contents", 1.6)
    y, number = 32.0, 1
    for chapter in range(1, 19):
        title = f"{chapter}. {' '.join(next(texts).split()[: page.rng.randint(1, 4)])}"[:34]
        number += page.rng.randint(1, 30)
        dots = "." * int((108 - page.width(title + str(number))) / page.width("."))
        page.write(18, y, title)
        page.pen.text((page.mm(20 + page.width(title)), page.mm(y)), dots[:-4], fill=0, font=page.face())
        page.pen.text((page.mm(130 - page.width(str(number))), page.mm(y)), str(number), fill=0, font=page.face())
        page.lines[-1] = f"{title} {dots[:-4]} {number}"
        y += page.leading * 1.3


def poem(page: Page, texts: Iterator[str]) -> None:
    """Short lines, every other one indented, in stanzas."""
    y = 20.0
    while y < 185:
        for line in range(4):
            words = next(texts).split()[:7]
            while page.width(" ".join(words)) > 95:
                words.pop()
            page.write(25 + 6 * (line % 2), y, " ".join(words))
            y += page.leading
        y += page.leading


def receipt(page: Page, texts: Iterator[str]) -> None:
    """Items on the left, prices far on the right."""
    y, total = 20.0, 0
    for _ in range(20):
        words = " ".join(next(texts).split()[:2]).strip(".,;:")[:18]
        cents = page.rng.randint(50, 9999)
        total += cents
        _priced(page, y, words, cents)
        y += page.leading * 1.2
    _priced(page, y + page.leading, "TOTAL", total)


def _priced(page: Page, y: float, what: str, cents: int) -> None:
    price = f"${cents // 100}.{cents % 100:02}"
    page.write(20, y, what)
    page.pen.text((page.mm(110 - page.width(price)), page.mm(y)), price, fill=0, font=page.face())
    page.lines[-1] = f"{what} {price}"


def article(page: Page, texts: Iterator[str]) -> None:
    """Headings between paragraphs, a footnote under a rule, a page number."""
    y = 16.0
    for section in range(1, 4):
        page.write(18, y, f"{section} {' '.join(next(texts).split()[:4])}", 1.3)
        y = page.column(18, y + 1.6 * page.leading, 112, y + 50, texts) + page.leading
    page.pen.line([(page.mm(18), page.mm(180)), (page.mm(60), page.mm(180))], 0, 2)
    page.column(18, 182, 112, 192, texts, scale=0.8)
    page.write(72, 198, str(page.rng.randint(2, 400)))


LAYOUTS: dict[str, Callable[[Page, Iterator[str]], None]] = {
    "prose": prose,
    "columns2": columns,
    "columns3": lambda page, texts: columns(page, texts, 3),
    "dialogue": dialogue,
    "table": table,
    "contents": contents,
    "poem": poem,
    "receipt": receipt,
    "article": article,
}


def draw(out: Path, fonts: list[Path], texts: list[str], seed: int, resolutions: tuple[int, ...] = (300, 200)) -> int:
    """Every layout in every font and resolution as x.png and x.gt.txt, and how many there are."""
    out.mkdir(parents=True, exist_ok=True)
    rng, made = Random(seed), 0
    for number, font in enumerate(fonts):
        for name, layout in LAYOUTS.items():
            for dpi in resolutions:
                small = 8.5 if name == "columns3" else rng.choice((9.0, 10.0, 11.0, 12.0))
                page = Page(font, small, dpi, rng)
                layout(page, iter(lambda: rng.choice(texts), None))
                stem = f"{name}-{number + 1}-{dpi}"
                page.image.save(out / f"{stem}.png", dpi=(dpi, dpi))
                (out / f"{stem}.gt.txt").write_text("\n".join(page.lines) + "\n", encoding="utf-8")
                made += 1
    return made
