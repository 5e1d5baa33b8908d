"""The text of which the lines for the reader `print` are rendered: prose of 23 languages as printers set it.

    python -m benchmarks.print_text DEBS OUT.txt --held-out HELD.txt [--tatoeba FILE.tsv]

DEBS is a folder with the Debian packages of recipes/print-text.txt (apt-get download PACKAGE...): translated manuals,
quotations, poems and dialogues. Each line of OUT is a paragraph or what stands in print beside paragraphs: prices,
dates, references, addresses, tables of contents, receipts. Straight quotation marks become the language's own in most
paragraphs, hyphens between words dashes, three dots an ellipsis.
"""

import argparse
import html.parser
import re
import subprocess
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from random import Random

SHARES = {
    "en": 24, "de": 12, "fr": 10, "es": 8, "it": 6, "pl": 5, "cs": 5, "hu": 4, "pt": 4, "nl": 3, "sv": 3, "tr": 4,
    "sk": 3, "sl": 2, "da": 2, "fi": 2, "et": 2, "ro": 4, "hr": 2, "lv": 1.5, "lt": 1.5, "is": 1.5, "nb": 1.5,
}  # fmt: skip
"""Per cent of the paragraphs by language; sk and the last five by words alone (wordfreq), for want of manuals."""
QUOTES = {
    **dict.fromkeys(("de", "cs", "sk", "sl", "et", "is", "lt"), "„“‚‘"),
    **dict.fromkeys(("fr", "es", "it", "pt"), "«»“”"),
    **dict.fromkeys(("sv", "fi"), "””’’"),
    **dict.fromkeys(("pl", "hr"), "„”‚’"),
    "hu": "„”»«",
    "ro": "„”«»",
    "nb": "«»‘’",
    "da": "»«›‹",
}
"""Outer and inner quotation marks; “ ” ‘ ’ elsewhere."""
LONGEST = 420
"""Characters of a paragraph; longer ones are cut at a space."""
BLOCKS = frozenset(("p", "li", "td", "th", "h1", "h2", "h3", "h4", "dt", "dd", "title"))
SKIPPED = frozenset(("script", "style", "pre", "nav", "code"))
BESIDE = (
    "{sign}{price}", "{sign} {price}", "{price} {sign}", "{title} {sign}{price}", "{few} x {title} {price}",
    "{shop}: {price}", "{shop} {price}", "{day}.{month}.{year}", "{day}/{month}/{year}", "{day}-{month}-{year}",
    "{year}-{month}-{day}", "{day}. {name_of_month} {year}", "{name_of_month} {day}, {year} {hour}:{minute}",
    "{title} {dots} {page}", "{title} {spaced_dots} {page}", "{few}.{few} {title}", "— {page} —", "{page}",
    "[{few}] {title}, {year}, pp. {number}–{larger}.", "[{few}] {title}, {year}, S. {number}-{larger}",
    "({word}, {year})", "({word} et al., {year})", "{mark} {number} {title}", "{bullet} {title}",
    "{number}{unit} {title}", "{capitals}", "{ascii}{few}@{reversed}.{domain}", "{ascii}.{reversed}@{ascii}.{domain}",
    "www.{ascii}.{domain}/{reversed}", "https://{ascii}.{domain}", "Tel. +{few} {number} {larger}-{few}",
    "Tel. 0{number} {larger}", "{number} {capitals}", "{capitals} {number}", "© {year} {title}", "{title}®",
    "{title}™ {few}", "{number} {larger},{number} {price} {few}%", "{sort} {number}", "{sort} {number}/{few}",
    "{figure} {few}: {title}",
)  # fmt: skip
"""What stands beside prose, by the names of what is filled in."""
CHOICES = {
    "sign": "$€£¥¢", "mark": "§§†‡*•", "bullet": "•–—*-",
    "unit": ("%", " %", "°", "° C", " °C", "½", "¼", "¾", " kg", " km", " m²", " cm³", " µm", "×"),
    "name_of_month": ("January", "février", "März", "aprile", "May", "junio", "Juli", "août", "Nov.", "Dez."),
    "shop": ("TOTAL", "Subtotal", "CASH", "CHANGE", "Summe", "MwSt", "TVA", "Tel.", "Qty", "Rabatt", "VAT", "ORDER"),
    "domain": ("com", "org", "de", "fr", "pl", "net", "co.uk"), "sort": ("No.", "Nr.", "N°", "Nº", "№"),
    "figure": ("Fig.", "Table", "Abb.", "Chapter", "Kapitel", "Tab."),
}  # fmt: skip


class Paragraphs(html.parser.HTMLParser):
    """Collects the texts of block elements."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._text: list[str] = []
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins a paragraph."""
        if tag in SKIPPED:
            self._skipped += 1
        if tag in BLOCKS:
            self.flush()

    def handle_endtag(self, tag: str) -> None:
        """A block ends one."""
        if tag in SKIPPED:
            self._skipped = max(0, self._skipped - 1)
        if tag in BLOCKS:
            self.flush()

    def handle_data(self, data: str) -> None:
        """Text of the paragraph at hand."""
        if not self._skipped:
            self._text.append(data)

    def flush(self) -> None:
        """End the paragraph at hand."""
        self.found.append("".join(self._text))
        self._text = []


def paragraphs(folder: Path) -> Iterator[tuple[str, str]]:
    """Language and text of the paragraphs below a folder of unpacked packages."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.is_symlink():
            continue
        place = path.as_posix()
        if path.suffix == ".html":
            found = re.search(r"/(?:help|installation-guide-amd64)/([a-z]{2})(?:-[a-zA-Z]+)?/", place)
            language = found[1] if found else None
            if language is None and (found := re.search(r"\.([a-z]{2})\.html$", place)):
                language = found[1]
            if language in SHARES:
                parser = Paragraphs()
                parser.feed(path.read_text(encoding="utf-8", errors="ignore"))
                parser.flush()
                for text in parser.found:
                    yield language, text
        elif "/games/fortunes" in place and path.suffix in ("", ".u8"):
            package = next(part for part in path.parts if part.startswith("fortunes"))
            language = {"fortunes": "en", "fortunes-br": "pt"}.get(package, package[-2:])
            try:
                text = path.read_bytes().decode("utf-8")
            except UnicodeDecodeError:
                continue
            if language in SHARES:
                for quotation in text.split("\n%"):
                    # A poem's lines and a dialogue's turns stay; prose is joined.
                    for part in re.split(r"\n\s*\n|\n(?=\s*[-–—])", quotation.strip("%\n")):
                        yield language, part


def clean(text: str, known: frozenset[str]) -> list[str]:
    """Pieces of at most LONGEST characters, white space made single; none where a character is not known."""
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    text = "".join(c for c in text if c not in "\u00ad\u200b\u200e\ufeff").replace("\u2019 s", "\u2019s")
    letters = sum(c.isalpha() for c in text)
    generated = text.startswith(("This page is:", "Title is:"))
    if generated or len(text) < 12 or letters < 0.55 * len(text) or not known.issuperset(text):
        return []
    pieces = []
    while len(text) > LONGEST:
        cut = text.rfind(" ", 0, LONGEST)
        if cut <= 0:
            return pieces
        pieces.append(text[:cut])
        text = text[cut + 1 :]
    return [*pieces, text]


def typeset(text: str, language: str, rng: Random) -> str:
    """Quotation marks, dashes and dots as a printer of the language sets them, or straight as typed."""
    words = text.split(" ")
    if '"' not in text and len(words) > 3 and rng.random() < 0.15:
        # Manuals quote less than novels and newspapers do.
        first = rng.randrange(len(words) - 1)
        last = min(len(words) - 1, first + rng.choice((0, 0, 1, 2, 4, 8)))
        words[first] = '"' + words[first]
        words[last] = re.sub(r"([.,;:!?]?)$", r'"\1' if rng.random() < 0.6 else r'\1"', words[last], count=1)
        text = " ".join(words)
    if rng.random() < 0.35:
        return text
    marks = QUOTES.get(language, "“”‘’") if rng.random() < 0.8 else "“”‘’"
    text = re.sub(r'(?<!\S)"(?=\S)|(?<=[(\[—–])"(?=\w)', marks[0], text)
    text = text.replace('"', marks[1])
    text = re.sub(r"(?<!\S)'(?=\w)", marks[2], text)
    text = text.replace("'", "’")
    if language == "fr" and rng.random() < 0.5:
        text = re.sub(r"«(?=\w)", "« ", re.sub(r"(?<=\S)»", " »", text))
    text = text.replace("...", "…") if rng.random() < 0.5 else text
    text = re.sub(r"\s--?\s|(?<=\w)--(?=\w)", rng.choice((" – ", " — ", "—")), text)
    return re.sub(r"(?<=\d)-(?=\d)", "–", text) if rng.random() < 0.5 else text


def wordy(language: str, characters: frozenset[str], rng: Random) -> Iterator[str]:
    """Sentences of words drawn by frequency, where a language has no texts here."""
    import wordfreq

    counts = wordfreq.get_frequency_dict({"hr": "sh"}.get(language, language), "small")
    words = [word for word in counts if characters.issuperset(word) and not any(c.isdigit() for c in word)]
    weights = [counts[word] ** 0.7 for word in words]
    while True:
        drawn = rng.choices(words, weights, k=rng.randint(5, 30))
        text = drawn[0][:1].upper() + drawn[0][1:]
        for word in drawn[1:]:
            mark = rng.choices(("", ",", ".", ";", ":", "!", "?"), (80, 8, 6, 1, 1, 1, 1))[0]
            end = mark in (".", "!", "?") and mark
            text += f"{mark} {word[:1].upper() + word[1:] if end or rng.random() < 0.06 else word}"
        yield text + rng.choice((".", ".", ".", "!", "?", "…", ""))


def beside(prose: list[str], rng: Random) -> str:
    """One line of what stands beside prose."""
    words = [w.strip(",.;:!?()\"'„“”«»") for w in rng.choice(prose).split()][:8] or ["Text"]
    title, number = " ".join(words[: rng.randint(1, 5)]), rng.randint(1, 999)
    ascii_word = unicodedata.normalize("NFKD", words[0].lower()).encode("ascii", "ignore").decode() or "info"
    values = {
        **{name: rng.choice(choices) for name, choices in CHOICES.items()},
        "title": title, "capitals": title.upper(), "word": words[0], "ascii": ascii_word, "reversed": ascii_word[::-1],
        "number": number, "larger": number + rng.randint(1, 400), "few": rng.randint(1, 99),
        "price": f"{rng.randint(0, 4999)}{rng.choice('.,')}{rng.randint(0, 99):02}",
        "day": f"{rng.randint(1, 31):02}", "month": f"{rng.randint(1, 12):02}", "year": rng.randint(1790, 2029),
        "hour": rng.randint(0, 23), "minute": f"{rng.randint(0, 59):02}",
        "page": rng.choice((str(number), rng.choice(("i", "ii", "iv", "vi", "ix", "xii", "xiv", "xx")))),
        "dots": "." * rng.randint(3, 30), "spaced_dots": " ".join("." * rng.randint(3, 18)),
    }  # fmt: skip
    return rng.choice(BESIDE).format(**values)


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def main() -> None:
    """Write the text."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("debs", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--held-out", type=Path, help="every 40th line goes there instead, to validate on")
    parser.add_argument("--characters", type=Path, default=Path("recipes/print-characters.txt"))
    parser.add_argument("--tatoeba", type=Path, help="sentences, German TAB English")
    parser.add_argument("--paragraphs", type=int, default=120_000)
    arguments = parser.parse_args()
    known = frozenset(arguments.characters.read_text(encoding="utf-8").replace("\n", "")) | {" "}
    found: dict[str, dict[str, None]] = {language: {} for language in SHARES}
    with tempfile.TemporaryDirectory() as unpacked:
        for package in sorted(arguments.debs.glob("*.deb")):
            subprocess.run(["dpkg-deb", "-x", package, Path(unpacked) / package.name.split("_")[0]], check=True)
        for language, text in paragraphs(Path(unpacked)):
            found[language].update(dict.fromkeys(clean(text, known)))
    if arguments.tatoeba:
        for line in arguments.tatoeba.read_text(encoding="utf-8").splitlines():
            for language, text in zip(("de", "en"), line.split("\t"), strict=False):
                found[language].update(dict.fromkeys(clean(text, known)))
    rng = Random(1)
    lines: list[str] = []
    for language, share in SHARES.items():
        wanted = round(arguments.paragraphs * share / sum(SHARES.values()))
        texts = list(found[language])
        rng.shuffle(texts)
        texts = texts[:wanted]
        made = wordy(language, known, rng)
        # What is missing is filled by sentences of words, for at least a third of the language's share.
        count = len(texts)
        texts += [next(made) for _ in range(max(0, wanted // 3 - count))]
        lines += [line for text in texts if known.issuperset(line := typeset(text, language, rng))]
        print(f"{language}: {count:,} paragraphs, {len(texts) - count:,} of words alone")
    lines += [line for _ in range(len(lines) // 5) if known.issuperset(line := beside(lines, rng))]
    rng.shuffle(lines)
    if arguments.held_out:
        _write(arguments.held_out, lines[::40])
        lines = [line for place, line in enumerate(lines) if place % 40]
    _write(arguments.out, lines)
    print(f"{len(lines):,} lines, {sum(map(len, lines)):,} characters")


if __name__ == "__main__":
    main()
