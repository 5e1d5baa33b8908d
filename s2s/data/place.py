"""Where a recipe's files lie: a folder, or an address whose files are downloaded once into a cache."""

import hashlib
import os
import sys
import tempfile
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from s2s.config.errors import RequestError, WorkError
from s2s.config.visible import visible

_TIMEOUT = 30  # seconds without a byte


class Place:
    """A folder or an http(s) address that file names are resolved in."""

    def __init__(self, base: str, asked_by: str):
        """`asked_by` names the recipe in errors."""
        self.base = base
        self.asked_by = asked_by
        self.remote = is_address(base)

    def find(self, name: str) -> Path | None:
        """Return the local path of the file `name`, downloaded if need be; None where there is no such file.

        Raises RequestError for a name that leaves the folder, WorkError when a download fails.
        """
        inside = PurePosixPath(name)
        if inside.is_absolute() or ".." in inside.parts or "\\" in name:
            raise RequestError(
                f"{self.asked_by}: the file name {name} leaves its folder; "
                "name files relative to `base` (or --source), without .."
            )
        if self.remote:
            return _download(f"{self.base.rstrip('/')}/{quote(name)}")
        path = Path(self.base, name)
        return path if path.is_file() else None

    def need(self, name: str) -> Path:
        """Return the local path of the file `name`; raise RequestError where there is no such file."""
        path = self.find(name)
        if path is None:
            raise RequestError(
                f"{self.asked_by}: there is no file {name} in {self.base}; --source names another folder or address"
            )
        return path


def is_address(base: str) -> bool:
    """Whether files are to be downloaded from it."""
    return base.startswith(("http://", "https://"))


def cache_folder() -> Path:
    """Return the folder of downloads: $S2S_CACHE, or s2s in the user's cache folder."""
    return Path(os.environ.get("S2S_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "s2s")).expanduser()


def _download(url: str) -> Path | None:
    """Return the cached file of an address; None where the server has no such file."""
    # The address names the cached file by its hash, so no name in a recipe can point outside the cache.
    path = (
        cache_folder() / "downloads" / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}-{url.rsplit('/', 1)[1][-80:]}"
    )
    if path.is_file():
        return path
    print(visible(f"downloading {url}"), file=sys.stderr)
    path.parent.mkdir(parents=True, exist_ok=True)
    request = urllib.request.Request(url, headers={"User-Agent": "s2s"})
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as partial:
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
                received = 0
                while block := response.read(1 << 16):
                    received += partial.write(block)
                expected = response.headers.get("Content-Length")
            if expected is not None and received != int(expected):
                raise WorkError(
                    f"{url}: the download broke off after {received} of {expected} bytes; run the command again"
                )
            partial.flush()
            os.replace(partial.name, path)
        except urllib.error.HTTPError as error:
            if error.code in (404, 410):
                return None
            raise WorkError(
                f"{url}: the server answered {error.code} {error.reason}; try later, or --source a local copy"
            ) from None
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise WorkError(
                f"{url}: no download ({reason}); check the network, or give a local copy with --source DIR"
            ) from None
        finally:
            Path(partial.name).unlink(missing_ok=True)
    return path
