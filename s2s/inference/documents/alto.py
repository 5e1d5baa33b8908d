"""ALTO 4.4: words, lines and characters as libraries keep them (https://www.loc.gov/standards/alto/)."""

from xml.etree.ElementTree import Element

from s2s import __version__
from s2s.image.stretches import Box
from s2s.inference.documents.markup import document, element
from s2s.inference.documents.words import box_of, lines_of, place, words_of
from s2s.inference.transcript import Line, Transcript


def alto(transcript: Transcript, picture: str) -> bytes:
    """The document of a picture by its name; boxes are in pixels of the picture, turned upright."""
    root = element(None, "alto", xmlns="http://www.loc.gov/standards/alto/ns-v4#", SCHEMAVERSION="4.4")
    description = element(root, "Description")
    element(description, "MeasurementUnit", "pixel")
    element(element(description, "sourceImageInformation"), "fileName", picture)
    software = element(element(description, "Processing", ID="s2s"), "processingSoftware")
    element(software, "softwareName", "s2s")
    element(software, "softwareVersion", __version__)
    size = Box(0, 0, transcript.width, transcript.height)
    layout = element(root, "Layout")
    page = element(
        layout, "Page", ID="page_1", PHYSICAL_IMG_NR=1, WIDTH=size.width, HEIGHT=size.height,
        PC=f"{transcript.confidence:.4f}",
    )  # fmt: skip
    space = element(page, "PrintSpace", **_place(size))
    if lines := lines_of(transcript):
        block = element(space, "TextBlock", ID="block_1", **_place(Box.around([box_of(line) for line in lines])))
        for number, line in enumerate(lines, 1):
            _line(block, line, number)
    return document(root)


def _line(block: Element, line: Line, number: int) -> None:
    made = element(block, "TextLine", ID=f"line_{number}", **_place(box_of(line)))
    end = 0
    for count, word in enumerate(words_of(line), 1):
        name, box = f"{number}_{count}", word.box
        if count > 1:
            element(made, "SP", HPOS=end, VPOS=box.top, WIDTH=max(0, box.left - end), HEIGHT=box.height)
        end = box.right
        string = element(
            made, "String", ID=f"word_{name}", CONTENT=word.text, WC=f"{word.confidence:.4f}", **_place(box)
        )
        for letter, one in enumerate(word.characters, 1):
            glyph, where = f"glyph_{name}_{letter}", _place(place(line, [one]))
            element(string, "Glyph", ID=glyph, CONTENT=one.text, GC=f"{one.probability:.4f}", **where)


def _place(box: Box) -> dict[str, int]:
    return {"HPOS": box.left, "VPOS": box.top, "WIDTH": box.width, "HEIGHT": box.height}
