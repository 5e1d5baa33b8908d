"""The pictures that the paths of a command line mean, and what is passed over on the way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s2s.image.load import Pixels

NAMED = 10
"""Skipped files that are named; the others are counted."""
UNREAD = frozenset(
    f".{name}"
    for name in (
        *("djvu", "djv", "ps", "eps", "xps", "oxps", "svg", "svgz", "doc", "docx", "odt", "rtf", "epub"),
        *("heic", "heif", "hif", "jxl", "jpx", "j2k", "psd", "tga", "pcx", "dng", "cr2", "nef"),
    )
)
"""Names of files that hold text in a form that is not read."""


@dataclass(frozen=True)
class File:
    """A picture by its path."""

    path: str
    """Empty for a blank line of a list."""
    wrong: str = ""
    """Why there is no picture."""

    def load(self, colour: bool = True) -> "Pixels":
        """Its pixels. Raises BadImage."""
        from s2s.image.load import BadImage, load
        from s2s.image.several import PDF, count_pages, load_page, page_of

        if self.wrong:
            raise BadImage(f"{self.path}: {self.wrong}")
        path, page = page_of(self.path)
        if page is not None:
            return load_page(Path(path), page, colour)
        if (pages := count_pages(Path(path))) > 1:
            raise BadImage(f"{path}: holds {pages:,} pages; name the one to read, as {path}[1]")
        return load_page(Path(path), 1, colour) if Path(path).suffix.lower() in PDF else load(path, colour)


class Found:
    """The pictures, in groups: all that are named together, and those of standard input as they come."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths
        self.unread: list[str] = []
        """Files in folders that hold text which is not read."""
        self.others: list[str] = []
        """Files in folders that are no pictures."""

    def __iter__(self) -> Iterator[list[File]]:
        from s2s.cli.streams import standard_input
        from s2s.inference.arrivals import groups
        from s2s.inference.stream import GROUP

        named: list[File] = []
        for path in self._paths:
            if path != "-":
                named += self._expand(path)
                continue
            yield named
            named = []
            for lines in groups(standard_input(), "standard input", GROUP):
                yield [File(line if line.strip() else "") for line in lines]
        yield named

    def _expand(self, path: str) -> list[File]:
        """The pictures of a path, by name; a folder or a pattern that has none counts as one that cannot be read."""
        from glob import glob, has_magic

        from s2s.image.several import page_of

        if Path(path).is_dir():
            return self._inside(Path(path)) or [File(path, "this folder holds no pictures")]
        if page_of(path)[1] is None and has_magic(path) and not Path(path).exists():
            matched = sorted(glob(path, recursive=True))
            return [file for one in matched for file in _pages(one)] or [File(path, "no file matches this pattern")]
        return _pages(path)

    def _inside(self, folder: Path) -> list[File]:
        from s2s.data.images.labelled import is_image
        from s2s.image.several import PDF

        pictures: list[File] = []
        for inner in sorted(folder.rglob("*")):
            if is_image(inner) or (inner.suffix.lower() in PDF and not inner.name.startswith(".")):
                pictures += _pages(str(inner))
            elif inner.is_file() and not inner.name.startswith("."):
                (self.unread if inner.suffix.lower() in UNREAD else self.others).append(str(inner))
        return pictures

    def skipped(self) -> Iterator[str]:
        """What was passed over, by name."""
        if self.unread:
            yield f"{_named(self.unread)} skipped: not in a form that is read; save each page as a PNG, and read those"
        if self.others:
            yield f"{_named(self.others)} skipped: not pictures by their names"


def _pages(path: str) -> list[File]:
    """A file as its pages, where it has several: `scan.pdf[1]`, `scan.pdf[2]`."""
    from s2s.image.load import BadImage
    from s2s.image.several import count_pages

    try:
        pages = count_pages(Path(path))
    except BadImage:
        return [File(path)]  # which reports it when it is its turn
    return [File(path)] if pages == 1 else [File(f"{path}[{number}]") for number in range(1, pages + 1)]


def _named(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - NAMED:,} more" if len(paths) > NAMED else ""
    count = "1 file was" if len(paths) == 1 else f"{len(paths):,} files were"
    return f"{', '.join(paths[:NAMED])}{more}: {count}"
