"""Pages with a file of lines each, PAGE XML or ALTO: what Transkribus, eScriptorium, kraken and OCR-D exchange."""

from collections.abc import Iterator
from pathlib import Path, PureWindowsPath
from xml.etree.ElementTree import Element, ParseError, XMLParser, fromstring

from s2s.config.errors import RequestError
from s2s.config.regular import read_regular
from s2s.data.images.labelled import ImageFolder, LabelledImage, Problem, is_image

MOST_BYTES = 64 * 2**20
_LOOKED_AT = 4096
"""Bytes at the beginning of a file that say what it is."""
_ROOTS = ("PcGts", "alto")

Polygon = tuple[float, ...]


def has_page_files(folder: Path) -> bool:
    """Whether there is any file of this kind below the folder."""
    return any(_is_page_file(path) for path in folder.rglob("*.xml"))


def read_page_files(folder: Path) -> ImageFolder:
    """Every line of every page, named PICTURE#NUMBER; each is cut out along its polygon. What lacks is a problem."""
    examples: list[LabelledImage] = []
    problems: list[Problem] = []
    named: set[Path] = set()
    for table in sorted(filter(_is_page_file, folder.rglob("*.xml"))):
        where = table.relative_to(folder).as_posix()
        try:
            root = _parsed(table)
        except (RequestError, ParseError, ValueError, OSError) as error:
            problems.append(Problem(where, f"is damaged ({error})"))
            continue
        picture = _picture(root, table)
        if picture is None:
            problems.append(Problem(where, "the picture that it names is not beside it"))
            continue
        if picture in named:
            problems.append(Problem(where, f"is a second file of {picture.name}; the first is used"))
            continue
        named.add(picture)
        for number, line in enumerate(_all(root, "TextLine"), 1):
            name = f"{picture.relative_to(folder).as_posix()}#{number}"
            text, polygon = _text(line), _polygon(line)
            if text is None:
                problems.append(Problem(name, f"has no text in {table.name}"))
            elif polygon is None:
                problems.append(Problem(name, f"has no place in {table.name}"))
            else:
                examples.append(LabelledImage(name, picture, text, table=table, polygon=polygon))
    for path in sorted(filter(is_image, folder.rglob("*"))):
        if path not in named:
            problems.append(Problem(path.relative_to(folder).as_posix(), "has no PAGE or ALTO file"))
    return ImageFolder("PAGE or ALTO", tuple(examples), tuple(problems))


def _is_page_file(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            start = file.read(_LOOKED_AT)
    except OSError:
        return False
    return any(f"<{root}".encode() in start or f":{root}".encode() in start for root in _ROOTS)


def _parsed(path: Path) -> Element:
    """The root; ValueError for a file that defines entities, which can grow without bounds."""
    content = read_regular(path, MOST_BYTES)
    if b"<!ENTITY" in content or b"<!DOCTYPE" in content:
        raise ValueError("it has a DOCTYPE, which is not read")
    return fromstring(content, XMLParser(encoding=None))


def _picture(root: Element, table: Path) -> Path | None:
    """The picture that the file names, if it lies beside it; or else the one of its own name."""
    page, source = next(_all(root, "Page"), None), next(_all(root, "fileName"), None)
    stated = (page.get("imageFilename") if page is not None else None) or (source.text if source is not None else None)
    name = PureWindowsPath(stated.strip()).name if stated else ""  # the folders are those of another machine
    if name and is_image(table.parent / name) and (table.parent / name).is_file():
        return table.parent / name
    stems = {table.name[: -len(table.suffix)], table.name.split(".")[0]}
    return next((path for path in sorted(table.parent.iterdir()) if is_image(path) and path.stem in stems), None)


def _text(line: Element) -> str | None:
    """The line's own text in PAGE, that of its words if it has none; in ALTO that of its strings."""
    own = [one for one in _children(line, "TextEquiv") if next(_children(one, "Unicode"), None) is not None]
    if own:
        chosen = min(own, key=lambda one: int(one.get("index") or 0))
        return " ".join((next(_children(chosen, "Unicode")).text or "").split())
    words = [*(_text(word) for word in _children(line, "Word")), *(one.get("CONTENT") for one in _all(line, "String"))]
    return " ".join(word for word in words if word) or None


def _polygon(line: Element) -> Polygon | None:
    """x1, y1, x2, y2 ... around the line; None where it has no place."""
    points = next((one.get("points") for one in _children(line, "Coords")), None)
    shape = next((one.get("POINTS") for part in _children(line, "Shape") for one in _children(part, "Polygon")), None)
    try:
        if points or shape:
            numbers = tuple(float(value) for value in (points or shape or "").replace(",", " ").split())
            return numbers if len(numbers) >= 6 and len(numbers) % 2 == 0 else None
        left, top, wide, high = (float(line.attrib[name]) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
    except (KeyError, ValueError):
        return None
    return (left, top, left + wide, top, left + wide, top + high, left, top + high)


def _all(parent: Element, name: str) -> Iterator[Element]:
    """Elements of a name in any version's namespace, however deep."""
    return (one for one in parent.iter() if one.tag.rpartition("}")[2] == name)


def _children(parent: Element, name: str) -> Iterator[Element]:
    return (one for one in parent if one.tag.rpartition("}")[2] == name)
