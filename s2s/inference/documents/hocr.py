"""hOCR 1.2: a page as XHTML, which browsers show and `hocr-tools` and `ocrmypdf` read.

Format: https://kba.github.io/hocr-spec/1.2/
"""

from s2s import __version__
from s2s.image.stretches import Box
from s2s.inference.documents.markup import document, element
from s2s.inference.documents.words import box_of, lines_of, words_of
from s2s.inference.transcript import Transcript

_DOCTYPE = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
    '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
)


def hocr(transcript: Transcript, picture: str) -> bytes:
    """The document of a picture by its name."""
    root = element(None, "html", xmlns="http://www.w3.org/1999/xhtml")
    head = element(root, "head")
    element(head, "title", picture)
    element(head, "meta", content="text/html; charset=utf-8", **{"http-equiv": "Content-Type"})
    element(head, "meta", name="ocr-system", content=f"s2s {__version__}")
    element(head, "meta", name="ocr-capabilities", content="ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrp_wconf")
    size = Box(0, 0, transcript.width, transcript.height)
    quoted = picture.replace("\\", "\\\\").replace('"', '\\"')
    title = f'image "{quoted}"; {_box(size)}; ppageno 0'
    page = element(element(root, "body"), "div", class_="ocr_page", id="page_1", title=title)
    lines = lines_of(transcript)
    if not lines:
        return document(root, _DOCTYPE)
    around = _box(Box.around([box_of(line) for line in lines]))
    area = element(page, "div", class_="ocr_carea", id="block_1_1", title=around)
    paragraph = element(area, "p", class_="ocr_par", id="par_1_1", title=around)
    for number, line in enumerate(lines, 1):
        made = element(paragraph, "span", class_="ocr_line", id=f"line_1_{number}", title=_box(box_of(line)))
        for place, word in enumerate(words_of(line), 1):
            title = f"{_box(word.box)}; x_wconf {round(100 * word.confidence)}"
            element(made, "span", word.text, class_="ocrx_word", id=f"word_1_{number}_{place}", title=title).tail = " "
    return document(root, _DOCTYPE)


def _box(box: Box) -> str:
    return f"bbox {box.left} {box.top} {box.right} {box.bottom}"
