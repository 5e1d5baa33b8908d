"""PAGE 2019: what Transkribus, eScriptorium and OCR-D exchange (https://github.com/PRImA-Research-Lab/PAGE-XML)."""

from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from s2s import __version__
from s2s.image.stretches import Box
from s2s.inference.documents.markup import document, element
from s2s.inference.documents.words import box_of, lines_of, words_of
from s2s.inference.transcript import Transcript

_NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"


def page_xml(transcript: Transcript, picture: str) -> bytes:
    """The document of a picture by its name; boxes are in pixels of the picture, turned upright."""
    root = element(None, "PcGts", xmlns=_NAMESPACE)
    metadata, now = element(root, "Metadata"), datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    element(metadata, "Creator", f"s2s {__version__}")
    element(metadata, "Created", now)
    element(metadata, "LastChange", now)
    page = element(
        root, "Page", imageFilename=picture, imageWidth=transcript.width, imageHeight=transcript.height,
        conf=f"{transcript.confidence:.4f}",
    )  # fmt: skip
    lines = lines_of(transcript)
    if not lines:
        return document(root)
    order = element(element(page, "ReadingOrder"), "OrderedGroup", id="order")
    element(order, "RegionRefIndexed", index=0, regionRef="region_1")
    region = element(page, "TextRegion", id="region_1")
    _coordinates(region, Box.around([box_of(line) for line in lines]))
    for number, line in enumerate(lines, 1):
        made = element(region, "TextLine", id=f"line_{number}")
        _coordinates(made, box_of(line))
        for count, word in enumerate(words_of(line), 1):
            inner = element(made, "Word", id=f"word_{number}_{count}")
            _coordinates(inner, word.box)
            _text(inner, word.text, word.confidence)
        _text(made, line.text, line.confidence)
    _text(region, "\n".join(line.text for line in lines), transcript.confidence)
    return document(root)


def _coordinates(parent: Element, box: Box) -> None:
    corners = ((box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom))
    element(parent, "Coords", points=" ".join(f"{x},{y}" for x, y in corners))


def _text(parent: Element, text: str, confidence: float) -> None:
    element(element(parent, "TextEquiv", conf=f"{confidence:.4f}"), "Unicode", text)
