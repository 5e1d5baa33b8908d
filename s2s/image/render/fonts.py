"""The fonts that can be drawn with: families of faces, what each of them covers, and a seeded draw among them."""

import hashlib
import logging
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTFont
from numpy.random import Generator
from PIL import ImageFont

from s2s.config.errors import RequestError
from s2s.config.rendering import Faces
from s2s.image.render.script import combining

OPEN_FACES = 512
"""FreeType faces kept open in a process."""


@dataclass(frozen=True)
class Face:
    """One font of a family. `covered` are those of the wanted characters that it draws."""

    path: Path
    family: str
    style: str
    covered: frozenset[str]
    legibility: float = 1.0
    """Share of its glyphs that look as those of other faces do (see vetting)."""

    @property
    def name(self) -> str:
        """Family and style."""
        return f"{self.family} {self.style}".strip()


@lru_cache(OPEN_FACES)
def open_face(path: Path, size: int, shaped: bool = True) -> ImageFont.FreeTypeFont:
    """The FreeType face at `size` pixels an em; `shaped` by Raqm where Pillow has it, or letter by letter."""
    return ImageFont.truetype(str(path), size, layout_engine=None if shaped else ImageFont.Layout.BASIC)


class Fonts:
    """Faces grouped in families. Raises RequestError if no face covers any of the wanted characters."""

    def __init__(self, faces: Iterable[Face], config: Faces, held_out: bool | None = None) -> None:
        """`held_out` True keeps only the families held out for validation, False only the others, None all."""
        families: dict[str, list[Face]] = {}
        for face in faces:
            if held_out is None or held_out == is_held_out(face.family, config.hold_out):
                families.setdefault(face.family, []).append(face)
        self.families = [sorted(families[name], key=lambda face: face.path) for name in sorted(families)]
        if not self.families:
            raise RequestError("no font covers the characters to draw; name folders with fonts by --fonts")
        sizes = np.array([len(members) for members in self.families])
        legibility = np.array([np.mean([face.legibility for face in members]) for members in self.families])
        weights = sizes**config.power * legibility**config.legibility
        self._bounds = np.cumsum(weights / weights.sum())

    def __len__(self) -> int:
        return sum(map(len, self.families))

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits of the SHA-256 of all font files, in order of the families."""
        digest = hashlib.sha256()
        for members in self.families:
            for face in members:
                digest.update(hashlib.sha256(face.path.read_bytes()).digest())
        return digest.hexdigest()[:16]

    def draw(self, text: str, rng: Generator, attempts: int = 12) -> Face | None:
        """A face that draws all of the text: a family by its weight, then a face of it; None if there is none."""
        needed = set(text)
        for _ in range(attempts):
            members = self.families[min(int(np.searchsorted(self._bounds, rng.random())), len(self.families) - 1)]
            face = members[int(rng.random() * len(members))]
            if needed <= face.covered:
                return face
        able = [face for members in self.families for face in members if needed <= face.covered]
        return able[int(rng.random() * len(able))] if able else None


def is_held_out(family: str, share: float) -> bool:
    """Whether a family is one of the `share` kept for validation: by its name alone."""
    return int(hashlib.sha256(family.encode()).hexdigest()[:8], 16) / 2**32 < share


def system_folders() -> list[Path]:
    """Where this system keeps its fonts."""
    home = Path.home()
    if sys.platform == "darwin":
        places = [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    elif sys.platform == "win32":
        places = [Path("C:/Windows/Fonts"), home / "AppData/Local/Microsoft/Windows/Fonts"]
    else:
        places = [
            Path("/usr/share/fonts"),
            Path("/usr/local/share/fonts"),
            home / ".fonts",
            home / ".local/share/fonts",
        ]
    return [place for place in places if place.is_dir()]


def embedded_folder() -> Path:
    """DejaVu, which travels with matplotlib: fonts on a system without any."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def find_faces(
    characters: str, folders: Sequence[Path] | None = None, note: Callable[[str], None] = lambda _: None
) -> list[Face]:
    """Faces below the folders (by default the system's and DejaVu) that cover any of the characters.

    Damaged files are left out, each with a word to `note`, and so is a second file of the same family and style.
    Raises RequestError for a folder that is not there.
    """
    for folder in folders or ():
        if not folder.is_dir():
            raise RequestError(f"{folder}: there is no such folder of fonts")
    places = list(folders) if folders else [*system_folders(), embedded_folder()]
    wanted = frozenset(characters)
    faces: list[Face] = []
    names: set[str] = set()
    for place in places:
        for path in sorted(p for p in place.rglob("*") if p.suffix.lower() in (".ttf", ".otf")):
            face = read_face(path, wanted, note)
            if face is not None and face.name not in names:
                names.add(face.name)
                faces.append(face)
    return faces


def read_face(path: Path, wanted: frozenset[str], note: Callable[[str], None] = lambda _: None) -> Face | None:
    """Family, style and covered characters of a font file; None if it is damaged or covers no letter or digit.

    A character is covered if the font has a glyph for it that holds an outline (white space, marks and joiners need
    none) and is not the one that stands for missing glyphs.
    """
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    try:
        with TTFont(path, lazy=True) as font:
            table = font.getBestCmap() or {}
            glyphs = {character: table[ord(character)] for character in wanted if ord(character) in table}
            family = font["name"].getBestFamilyName() or path.stem
            style = font["name"].getBestSubFamilyName() or ""
            outlines = _outlines(font, set(glyphs.values()))
        ImageFont.truetype(str(path), 16)
    except Exception as error:  # fontTools lets whatever a damaged table leads to pass through
        note(f"{path}: left out, not a sound font ({error or type(error).__name__})")
        return None
    covered = frozenset(c for c, glyph in glyphs.items() if c.isspace() or combining(c) or outlines.get(glyph))
    if not any(character.isalnum() for character in covered):
        return None
    return Face(path, family, style, covered)


def _outlines(font: TTFont, names: set[str]) -> dict[str, bytes]:
    """The bytes of the outlines of glyphs; none for those that are empty or the same as that of a missing glyph."""
    if "glyf" in font:
        places, data = font["loca"], font.reader["glyf"]
        numbers = {name: font.getGlyphID(name) for name in (*names, ".notdef")}
        found = {name: data[places[number] : places[number + 1]] for name, number in numbers.items()}
        least = 0
    elif "CFF " in font:
        strings = font["CFF "].cff.topDictIndex[0].CharStrings
        found = {name: strings[name].bytecode for name in (*names, ".notdef") if name in strings}
        least = 4  # a width and the end of the glyph are there without an outline, too
    else:
        return dict.fromkeys(names, b"bitmap")
    missing = found.pop(".notdef", b"")
    return {name: outline if len(outline) > least and outline != missing else b"" for name, outline in found.items()}
