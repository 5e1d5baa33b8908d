"""Searchable PDF: the picture as it is, and over it the words, invisible, to be found, marked and copied."""

import ctypes
import io
from collections.abc import Mapping, Sequence

import pypdfium2 as pdfium
from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib.tables._g_l_y_f import Glyph
from PIL import Image
from pypdfium2 import raw

from s2s.config.errors import WorkError
from s2s.image.load import Pixels
from s2s.inference.documents.words import Word, lines_of, words_of
from s2s.inference.transcript import Transcript

DPI = 300
"""Of the picture on the page; the file does not say how large the paper was."""
_EM = 1000
_ADVANCE = 500
"""Width of every letter of the font, in thousandths of its size."""
_INVISIBLE = 3


def pdf(transcript: Transcript, pixels: Pixels) -> bytes:
    """The document of a picture with these pixels. WorkError where the library fails."""
    width, height = (size * 72 / DPI for size in (transcript.width, transcript.height))
    words = [word for line in lines_of(transcript) for word in words_of(line)]
    document = pdfium.PdfDocument.new()
    try:
        page = document.new_page(width, height)
        image = pdfium.PdfImage.new(document)
        image.set_bitmap(pdfium.PdfBitmap.from_pil(Image.fromarray(pixels)))
        image.set_matrix(pdfium.PdfMatrix().scale(width, height))
        page.insert_obj(image)
        if words:
            _write(document, page, words, height)
        page.gen_content()
        written = io.BytesIO()
        document.save(written)
    except pdfium.PdfiumError as error:
        raise WorkError(f"the PDF cannot be made: {error}") from error
    finally:
        document.close()
    return written.getvalue()


def _write(document: pdfium.PdfDocument, page: pdfium.PdfPage, words: Sequence[Word], height: float) -> None:
    """Put every word over its box, as wide as the box."""
    codes = {one: code for code, one in enumerate(sorted({" ", *(c for word in words for c in word.text)}), 1)}
    data, to_unicode = glyphless(len(codes)), _to_unicode(codes)
    glyphs = b"".join(code.to_bytes(2, "big") for code in range(len(codes) + 1))  # a code is the glyph's own number
    font = raw.FPDFText_LoadCidType2Font(document, _bytes(data), len(data), to_unicode, _bytes(glyphs), len(glyphs))
    if not font:
        raise pdfium.PdfiumError("the font of the invisible text was refused")
    try:
        for word in words:
            size, text = max(1.0, word.box.height * 72 / DPI), f"{word.text} "
            made = raw.FPDFPageObj_CreateTextObj(document, font, size)
            raw.FPDFText_SetCharcodes(made, (ctypes.c_uint32 * len(text))(*(codes[one] for one in text)), len(text))
            raw.FPDFTextObj_SetTextRenderMode(made, _INVISIBLE)
            stretched = word.box.width * 72 / DPI / (size * len(text) * _ADVANCE / _EM)
            left, bottom = word.box.left * 72 / DPI, height - word.box.bottom * 72 / DPI
            raw.FPDFPageObj_Transform(made, stretched, 0, 0, 1, left, bottom)
            raw.FPDFPage_InsertObject(page, made)
    finally:
        raw.FPDFFont_Close(font)


def _bytes(content: bytes) -> "ctypes.Array[ctypes.c_uint8]":
    return (ctypes.c_uint8 * len(content)).from_buffer_copy(content)


def _to_unicode(codes: Mapping[str, int]) -> bytes:
    """What the codes of a font mean, for whoever searches or copies (PDF 32000-1, 9.10.3)."""
    rows = [f"<{code:04X}> <{character.encode('utf-16-be').hex()}>" for character, code in codes.items()]
    blocks = [rows[start : start + 100] for start in range(0, len(rows), 100)]
    listed = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def /CMapName /s2s def\n"
        f"1 begincodespacerange <0000> <FFFF> endcodespacerange\n{listed}\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    ).encode()


def glyphless(count: int) -> bytes:
    """A TrueType font of so many empty glyphs, after the one for what is missing."""
    names = [".notdef", *(f"g{number}" for number in range(1, count + 1))]
    builder = FontBuilder(_EM, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({})
    builder.setupGlyf({name: Glyph() for name in names})
    builder.setupHorizontalMetrics(dict.fromkeys(names, (_ADVANCE, 0)))
    builder.setupHorizontalHeader(ascent=_EM, descent=0)
    builder.setupNameTable({"familyName": "Glyphless", "styleName": "Regular", "psName": "Glyphless"})
    builder.setupOS2(sTypoAscender=_EM, usWinAscent=_EM)
    builder.setupPost(keepGlyphNames=False)
    written = io.BytesIO()
    builder.save(written)
    return written.getvalue()
