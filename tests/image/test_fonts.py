"""The registry of fonts: coverage is real, illegible faces stay out, draws follow the seed."""

import shutil

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from s2s.config.errors import RequestError
from s2s.config.rendering import Faces
from s2s.image.render.fonts import Fonts, embedded_folder, find_faces, is_held_out, read_face
from s2s.image.render.vetting import vet

LETTERS = "abdeghnqrABDEGHNQR234579KMST"


def box(width):
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((0, 700))
    pen.lineTo((width, 700))
    pen.lineTo((width, 0))
    pen.closePath()
    return pen.glyph()


def write_font(path, glyphs, family="Boxes"):
    """A font of boxes: `glyphs` maps characters to widths, 0 for no outline; .notdef is a box of 500."""
    names = [".notdef", *(f"g{ord(c)}" for c in glyphs)]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(c): f"g{ord(c)}" for c in glyphs})
    widths = [500, *glyphs.values()]
    builder.setupGlyf({n: box(w) if w else TTGlyphPen(None).glyph() for n, w in zip(names, widths, strict=True)})
    builder.setupHorizontalMetrics({n: (w + 50, 0) for n, w in zip(names, widths, strict=True)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    builder.save(path)


def test_a_character_without_ink_or_with_the_box_for_missing_glyphs_is_not_covered(tmp_path):
    write_font(tmp_path / "f.ttf", {"a": 300, "b": 0, "c": 500, " ": 0})
    face = read_face(tmp_path / "f.ttf", frozenset("abcd "))
    assert face.covered == {"a", " "}
    assert face.name == "Boxes Regular"


def test_damaged_files_are_left_out_with_a_word(tmp_path):
    source = embedded_folder() / "DejaVuSans.ttf"
    (tmp_path / "cut.ttf").write_bytes(source.read_bytes()[:3000])
    (tmp_path / "text.otf").write_text("not a font")
    shutil.copy(source, tmp_path / "good.ttf")
    notes = []
    faces = find_faces("abc", [tmp_path], notes.append)
    assert [face.path.name for face in faces] == ["good.ttf"]
    assert len(notes) == 2
    assert "cut.ttf" in notes[0]


def test_the_same_face_twice_counts_once(tmp_path):
    for name in ("a.ttf", "b.ttf"):
        shutil.copy(embedded_folder() / "DejaVuSans.ttf", tmp_path / name)
    assert len(find_faces("abc", [tmp_path])) == 1


def test_a_missing_folder_and_missing_fonts_are_refused(tmp_path):
    with pytest.raises(RequestError, match="no such folder"):
        find_faces("abc", [tmp_path / "absent"])
    with pytest.raises(RequestError, match="no font covers"):
        Fonts(find_faces("abc", [tmp_path]), Faces())


def test_there_are_fonts_on_any_system():
    assert len(find_faces(LETTERS, [embedded_folder()])) >= 10


def test_boxes_in_the_place_of_letters_are_not_legible(tmp_path):
    write_font(tmp_path / "boxes.ttf", {c: 100 + 17 * i for i, c in enumerate(LETTERS)})
    faces = find_faces(LETTERS, [embedded_folder(), tmp_path])
    notes = []
    kept = vet(faces, LETTERS, notes.append)
    assert "Boxes" not in {face.family for face in kept}
    assert any("not legible" in note for note in notes)
    assert {"DejaVu Sans", "DejaVu Serif", "STIXGeneral"} <= {face.family for face in kept}


def test_small_letters_that_are_capitals_are_not_covered(tmp_path):
    from fontTools.ttLib import TTFont

    font = TTFont(embedded_folder() / "DejaVuSans.ttf")
    for table in font["cmap"].tables:
        for letter in "abcdefghijklmnopqrstuvwxyz":
            table.cmap[ord(letter)] = letter.upper()
    for record in font["name"].names:
        record.string = "Capitals"
    font.save(tmp_path / "caps.ttf")
    faces = vet(find_faces(LETTERS, [embedded_folder(), tmp_path]), LETTERS)
    (capitals,) = (face for face in faces if face.family == "Capitals")
    assert capitals.covered == {c for c in LETTERS if not c.islower()}
    assert any("a" in face.covered for face in faces if face.family == "DejaVu Sans")


def test_a_drawn_face_covers_the_text_and_follows_the_seed(fonts):
    for seed in range(20):
        face = fonts.draw("Exit 42!", np.random.default_rng(seed))
        assert face is not None
        assert face.covered.issuperset("Exit 42!")
        assert face == fonts.draw("Exit 42!", np.random.default_rng(seed))
    assert fonts.draw("ज", np.random.default_rng(0)) is None


def test_held_out_families_and_the_others_are_apart_and_complete():
    faces = find_faces("abc", [embedded_folder()])
    config = Faces(hold_out=0.5)
    out, kept, every = (Fonts(faces, config, held_out) for held_out in (True, False, None))
    names = [{face.family for members in fonts.families for face in members} for fonts in (out, kept, every)]
    assert not names[0] & names[1]
    assert names[0] | names[1] == names[2]
    assert all(is_held_out(name, 0.5) for name in names[0])
    assert len(out) + len(kept) == len(every)


def test_the_fingerprint_follows_the_files(tmp_path, fonts):
    write_font(tmp_path / "f.ttf", {"a": 300})
    first = Fonts(find_faces("a", [tmp_path]), Faces()).fingerprint
    write_font(tmp_path / "f.ttf", {"a": 301})
    assert Fonts(find_faces("a", [tmp_path]), Faces()).fingerprint != first
    assert len(fonts.fingerprint) == 16
