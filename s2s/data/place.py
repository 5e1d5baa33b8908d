"""Where a recipe's files lie: a folder, or an address whose files are downloaded once into a cache."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from s2s.config.errors import RequestError
from s2s.data.download import download, is_address, plain, sum_of


class Place:
    """A folder or an http(s) address that file names are resolved in."""

    def __init__(self, base: str, asked_by: str, sha256: Mapping[str, str] | None = None):
        """`asked_by` names the recipe in errors; `sha256` has sums of files by name.

        Raises RequestError for an address that is none, or is not of http(s).
        """
        self.base = base
        self.asked_by = asked_by
        self.sha256 = sha256 or {}
        self.remote = is_address(base)
        if self.remote:
            plain(base)

    def find(self, name: str) -> Path | None:
        """Return the local path of the file `name`, downloaded if need be; None where there is no such file.

        Raises RequestError for a name that leaves the folder and for a file of another sum than the recipe gives,
        WorkError when a download fails.
        """
        inside = PurePosixPath(name)
        for wrong, what in (
            (inside.is_absolute(), "is an absolute path"),
            (".." in inside.parts, "leaves its folder by .."),
            ("\\" in name, "has a backslash, and folders are separated by /"),
        ):
            if wrong:
                raise RequestError(
                    f"{self.asked_by}: the file name {name} {what}; name files relative to `base` (or --source)"
                )
        wanted = self.sha256.get(name, "")
        if self.remote:
            return download(f"{self.base.rstrip('/')}/{quote(name, errors='replace')}", wanted)
        path = Path(self.base, name)
        if not path.is_file():
            return None
        if wanted and (found := sum_of(path)) != wanted:
            raise RequestError(
                f"{self.asked_by}: the SHA-256 of {path} is {found}, and the recipe gives {wanted}; get the file that "
                "the recipe is for, or correct the recipe"
            )
        return path

    def need(self, name: str) -> Path:
        """Return the local path of the file `name`; raise RequestError where there is no such file."""
        path = self.find(name)
        if path is None:
            raise RequestError(
                f"{self.asked_by}: there is no file {name} in {self.base}; --source names another folder or address"
            )
        return path
