"""Files that `s2s transcribe` writes, one for each picture."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s2s.image.load import Pixels
    from s2s.inference.transcript import Transcript

OVERLAY = "overlay"
DOCUMENTS: Mapping[str, str] = {"hocr": ".hocr", "alto": ".alto.xml", "page": ".page.xml", "pdf": ".pdf"}
"""Suffixes of the files, by format."""


class Documents:
    """A folder that documents of one format are written to, named after their pictures.

    Raises RequestError where the folder cannot be made, or a library is missing.
    """

    def __init__(self, form: str, folder: Path, option: str = "--out") -> None:
        from importlib.util import find_spec

        from s2s.config.errors import RequestError

        if form == "pdf" and find_spec("pypdfium2") is None:
            raise RequestError("--format pdf needs pypdfium2; pip install 's2s[pdf]'")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RequestError(f"{option} {folder} cannot be made: {error.strerror}") from None
        self._form, self._folder = form, folder
        self._taken: set[str] = set()
        self._alike: dict[str, int] = {}
        """How many pictures of a name there were."""

    def write(self, path: str, transcript: "Transcript", load: Callable[[], "Pixels"]) -> None:
        """Write the document of the picture at `path`, whose pixels `load` gives. WorkError where the disk fails."""
        from s2s.data.atomic import write_atomically

        write_atomically(self._folder / self._name(path), _content(self._form, path, transcript, load))

    def _name(self, path: str) -> str:
        """`scan.hocr` of scan.png, `scan-2.hocr` of page 2 of scan.pdf or of another scan.png."""
        from s2s.image.several import page_of

        file, page = page_of(path)
        stem = Path(file).stem + (f"-{page}" if page else "")
        name = stem
        while name in self._taken:
            self._alike[stem] = self._alike.get(stem, 1) + 1
            name = f"{stem}-{self._alike[stem]}"
        self._taken.add(name)
        return name + (".png" if self._form == OVERLAY else DOCUMENTS[self._form])


def _content(form: str, path: str, transcript: "Transcript", load: Callable[[], "Pixels"]) -> bytes:
    if form == "pdf":
        from s2s.inference.documents.pdf import pdf

        return pdf(transcript, load())
    if form == OVERLAY:
        from s2s.inference.documents.overlay import overlay

        return overlay(transcript, load())
    from s2s.inference.documents.alto import alto
    from s2s.inference.documents.hocr import hocr
    from s2s.inference.documents.page_xml import page_xml

    return {"hocr": hocr, "alto": alto, "page": page_xml}[form](transcript, Path(path).name)
