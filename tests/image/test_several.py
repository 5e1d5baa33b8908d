"""Files of several pictures are read a page at a time, and none of their pages is lost."""

from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from s2s.image.load import BadImage, load
from s2s.image.several import count_pages, load_page, page_of

GREYS = (40, 120, 200)


@pytest.fixture(params=["scan.tif", "scan.PDF"])
def scan(request, tmp_path: Path) -> Path:
    path, pages = tmp_path / request.param, [Image.new("L", (90, 30), grey) for grey in GREYS]
    if path.suffix == ".tif":
        pages[0].save(path, save_all=True, append_images=pages[1:])
        return path
    document = pypdfium2.PdfDocument.new()
    for page in pages:
        image = pypdfium2.PdfImage.new(document)
        image.set_bitmap(pypdfium2.PdfBitmap.from_pil(page))
        size = 90 * 72 / 300, 30 * 72 / 300
        image.set_matrix(pypdfium2.PdfMatrix().scale(*size))
        made = document.new_page(*size)
        made.insert_obj(image)
        made.gen_content()
    document.save(path)
    return path


@pytest.mark.parametrize("colour", [True, False])
def test_every_page_is_a_picture(scan, colour):
    assert count_pages(scan) == len(GREYS)
    for number, grey in enumerate(GREYS, 1):
        pixels = load_page(scan, number, colour)
        assert pixels.shape == ((30, 90, 3) if colour else (30, 90))
        assert pixels.dtype == np.uint8
        assert np.abs(pixels.astype(int) - grey).max() <= 1


def test_a_page_that_is_not_there_is_refused_by_name(scan):
    with pytest.raises(BadImage, match=r"\[9\]: "):
        load_page(scan, 9)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_what_holds_one_picture_has_one_page(tmp_path):
    Image.new("L", (9, 9)).save(tmp_path / "a.png")
    Image.new("L", (9, 9)).save(tmp_path / "b.tif")
    (tmp_path / "c.tif").write_bytes(b"II*\0 but no TIFF")
    assert [count_pages(tmp_path / name) for name in ("a.png", "b.tif", "c.tif", "gone.tif")] == [1, 1, 1, 1]


def test_a_file_of_several_is_never_read_as_its_first_page_in_silence(tmp_path):
    pages = [Image.new("L", (9, 9), grey) for grey in GREYS]
    pages[0].save(tmp_path / "scan.tif", save_all=True, append_images=pages[1:])
    with pytest.raises(BadImage, match="holds 3 frames or pages"):
        load(tmp_path / "scan.tif")


def test_a_page_is_named_by_its_number_unless_a_file_has_that_name(tmp_path):
    (tmp_path / "scan.pdf").touch()
    (tmp_path / "odd[1].png").touch()
    (tmp_path / "odd").touch()
    for name, found in [
        ("scan.pdf[2]", ("scan.pdf", 2)),
        ("scan.pdf", ("scan.pdf", None)),
        ("scan.pdf[0]", ("scan.pdf[0]", None)),
        ("gone.pdf[2]", ("gone.pdf[2]", None)),
        ("odd[1].png", ("odd[1].png", None)),
    ]:
        assert page_of(str(tmp_path / name)) == (str(tmp_path / found[0]), found[1])


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\nnothing more", b"hello"])
def test_a_pdf_that_is_none_is_refused_in_a_sentence(tmp_path, content):
    (tmp_path / "bad.pdf").write_bytes(content)
    with pytest.raises(BadImage, match=r"bad\.pdf: the PDF cannot be opened"):
        count_pages(tmp_path / "bad.pdf")


def test_a_page_too_large_to_draw_is_refused_before_it_is_drawn(tmp_path):
    document = pypdfium2.PdfDocument.new()
    document.new_page(14_000, 14_000)
    document.save(tmp_path / "huge.pdf")
    with pytest.raises(BadImage, match="58333x58333 pixels at 300 dpi"):
        load_page(tmp_path / "huge.pdf", 1)


def test_without_the_library_the_way_to_get_it_is_named(tmp_path, monkeypatch):
    (tmp_path / "scan.pdf").touch()
    monkeypatch.setattr("s2s.image.several.find_spec", lambda name: None)
    with pytest.raises(BadImage, match=r"pip install 's2s\[pdf\]'"):
        count_pages(tmp_path / "scan.pdf")
