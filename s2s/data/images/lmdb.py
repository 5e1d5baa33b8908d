"""LMDB databases of word pictures, as the benchmarks of scene text exchange them.

One database a folder, with the keys that clovaai's deep-text-recognition-benchmark, CRNN and PARSeq read:
`num-samples`, then `image-000000001` (a picture file's bytes) and `label-000000001` (UTF-8), counted from 1.
`name-000000001` is ours: what the picture is called in messages; other readers do not ask for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any

from s2s.config.errors import RequestError, WorkError
from s2s.data.images.boundary import Boundary
from s2s.data.images.folder import WHOLE
from s2s.data.images.labelled import Problem
from s2s.data.images.lmdb_file import BadPage, CutShort, LmdbFile
from s2s.data.images.pictures import Example, LabelledSplit, Pictures
from s2s.image.load import BadImage, Pixels, load

FILE = "data.mdb"
"""The file by which a database is known."""

_FIRST_SIZE = 1 << 28  # bytes that a new database may have; doubled as often as they are not enough
_TOGETHER = 1000  # pictures that are written in a transaction
_DIGITS = 9  # of the numbers in keys
_OPENED = 64  # databases that are kept open


@dataclass(frozen=True)
class LmdbImage:
    """A picture in a database."""

    folder: Path
    number: int
    name: str
    text: str

    def load(self, colour: bool = True) -> Pixels:
        """Pixels (H, W, 3) in RGB or (H, W) grey. Raises BadImage."""
        return load(self.content(), colour, self.name)

    def content(self) -> bytes:
        """The picture file's bytes. Raises BadImage where there are none."""
        try:
            found = _open(self.folder).get(_key("image", self.number))
        except BadPage as error:
            raise BadImage(f"{self.name}: the database is damaged: {error}") from None
        if found is None:
            raise BadImage(f"{self.name}: the database has no {_key('image', self.number).decode()}")
        return found


class LmdbPictures(Pictures):
    """A database, or a folder with one for every split."""

    @cached_property
    def splits(self) -> tuple[str, ...]:
        """Names of the splits; a single database is one, `all`."""
        return tuple(_databases(self.path))

    def read(self, split: str) -> LabelledSplit:
        """See Pictures. What has no label or no picture is a problem."""
        self.check_split(split)
        folder = _databases(self.path)[split]
        boundary = Boundary(self.path, self.allow_outside)
        for path in (folder, folder / FILE):
            boundary.check(path)
        examples: list[LmdbImage] = []
        problems: list[Problem] = []
        database = _open(folder)
        for number in range(1, _count(database, folder) + 1):
            called = f"{folder.name}#{number}"
            try:
                raw, name = (database.get(_key(part, number)) for part in ("label", "name"))
            except CutShort as error:
                raise RequestError(f"{folder}: this LMDB database is damaged: {error}; copy it again") from None
            except BadPage as error:
                problems.append(Problem(called, f"the database is damaged: {error}"))
                continue
            called = called if name is None else name.decode(errors="replace")
            if raw is None:
                problems.append(Problem(called, f"has no label: {_key('label', number).decode()} is missing"))
                continue
            try:
                examples.append(LmdbImage(folder, number, called, raw.decode()))
            except UnicodeDecodeError:
                problems.append(Problem(called, "its label is not UTF-8"))
        return LabelledSplit("an LMDB database", examples, problems)


class LmdbWriter:
    """A new database in a folder; `add` pictures within a `with` block."""

    def __init__(self, folder: Path) -> None:
        self._lmdb = _library()
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._environment = self._lmdb.open(str(folder), map_size=_FIRST_SIZE)
        self._waiting: list[tuple[bytes, bytes]] = []
        self.count = 0

    def __enter__(self) -> "LmdbWriter":
        return self

    def add(self, name: str, text: str, content: bytes) -> None:
        """Write a picture file's bytes, its label and what it is called. WorkError where the disk fails."""
        self.count += 1
        for part, value in (("image", content), ("label", text.encode()), ("name", name.encode(errors="replace"))):
            self._waiting.append((_key(part, self.count), value))
        if self.count % _TOGETHER == 0:
            self._write()

    def _write(self) -> None:
        while True:
            try:
                with self._environment.begin(write=True) as transaction:
                    for key, value in self._waiting:
                        transaction.put(key, value)
            except self._lmdb.MapFullError:
                self._environment.set_mapsize(2 * self._environment.info()["map_size"])
            except self._lmdb.Error as error:
                raise WorkError(f"{self._folder}: the database cannot be written: {error}") from None
            else:
                self._waiting.clear()
                return

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._waiting.append((b"num-samples", str(self.count).encode()))
                self._write()
        finally:
            self._environment.close()


def write_lmdb(examples: Iterable[Example], folder: Path) -> tuple[int, list[Problem]]:
    """Write pictures into a new database; how many there are, and what cannot be decoded and is left out."""
    broken = []
    with LmdbWriter(folder) as writer:
        for example in examples:
            try:
                example.load()
                writer.add(example.name, example.text, example.content())
            except BadImage as error:
                broken.append(Problem(example.name, str(error).removeprefix(f"{example.name}: ")))
    return writer.count, broken


def holds_lmdb(folder: Path) -> bool:
    """Whether there is a database in the folder, or in a sub-folder."""
    return bool(_databases(folder))


def _databases(folder: Path) -> dict[str, Path]:
    """The databases by split."""
    if (folder / FILE).is_file():
        return {WHOLE: folder}
    return {path.parent.name: path.parent for path in sorted(folder.glob(f"*/{FILE}"))}


def _key(part: str, number: int) -> bytes:
    return f"{part}-{number:09}".encode()


def _count(database: LmdbFile, folder: Path) -> int:
    """Pictures that a database states it has."""
    try:
        listed = database.get(b"num-samples")
    except BadPage as error:
        raise RequestError(f"{folder}: this LMDB database is damaged: {error}; copy it again") from None
    if listed is None or not listed.isdigit():
        raise RequestError(
            f"{folder}: this LMDB database has no num-samples; s2s reads those with num-samples, image-000000001, "
            "label-000000001 and so on"
        )
    if len(listed) > _DIGITS or int(listed) >= database.entries:
        many = (
            f"{int(listed):,} pictures"
            if len(listed) <= 2 * _DIGITS
            else f"a number of pictures of {len(listed):,} digits"
        )
        raise RequestError(f"{folder}: states {many}, and has {database.entries:,} entries")
    return int(listed)


@lru_cache(_OPENED)
def _open(folder: Path) -> LmdbFile:
    """The database, opened once for all its pictures."""
    return LmdbFile(folder / FILE)


def _library() -> Any:
    try:
        import lmdb
    except ImportError:
        raise RequestError("writing LMDB databases needs the package lmdb: pip install 's2s[lmdb]'") from None
    return lmdb
