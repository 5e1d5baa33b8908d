"""A file of an http(s) address, downloaded once into a cache: bounded; checked and resumed where its sum is known."""

import hashlib
import os
import shutil
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO
from urllib.parse import quote, urlsplit, urlunsplit

from s2s.config.errors import RequestError, WorkError
from s2s.config.visible import visible

MOST = 50 * 10**9
"""Bytes that a file may have."""
LONGEST = 6 * 3600.0
"""Seconds that its download may take."""
_SCHEMES = ("http", "https")
_SILENCE = 30  # seconds without a byte
_REDIRECTS = 5
_BLOCK = 1 << 16


def is_address(base: str) -> bool:
    """Whether it is an address and not a folder; `plain` says whether of a kind that files are downloaded from."""
    return "://" in base


def cache_folder() -> Path:
    """Return the folder of downloads: $S2S_CACHE, or s2s in the user's cache folder."""
    return Path(os.environ.get("S2S_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "s2s")).expanduser()


def plain(url: str) -> str:
    """An address as it is sent, in ASCII: `http://host/größe` too. RequestError where it is not one of http(s)."""
    try:
        parts = urlsplit(url)
        if parts.scheme not in _SCHEMES or not parts.hostname or (parts.port or 0) < 0:
            raise ValueError("http://HOST/PATH is expected")
        host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    except ValueError as error:
        raise RequestError(f"{url} is not an address ({error}); correct it, or name a folder") from None
    path, query = (quote(part, safe="/%:@!$&'()*+,;=?~", errors="replace") for part in (parts.path, parts.query))
    return urlunsplit((parts.scheme, host, path, query, ""))


def sum_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def download(url: str, sha256: str = "") -> Path | None:
    """Return the cached file of an address; None where the server has no such file.

    With a `sha256` the file must have it, and a download that broke off is gone on with. Raises RequestError for an
    address that is none, WorkError where the download fails.
    """
    url = plain(url)
    # The address names the cached file by its hash, so no name in a recipe can point outside the cache.
    name = f"{hashlib.sha256(url.encode()).hexdigest()[:16]}-{url.rsplit('/', 1)[1][-80:]}"
    path = cache_folder() / "downloads" / name
    if path.is_file() and (not sha256 or sum_of(path) == sha256):
        return path
    print(visible(f"downloading {url}"), file=sys.stderr)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _partial(path, sha256) as partial:
        try:
            if not _fetch(url, partial):
                return None
        except urllib.error.HTTPError as error:
            what = f"answered {error.code} {error.reason}"
            if 300 <= error.code < 400:
                what = f"redirects ({error.code}) more than {_REDIRECTS} times or to no http(s) address"
            raise WorkError(f"{url}: the server {what}; try later, or --source a local copy") from None
        except (OSError, HTTPException, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            raise WorkError(
                f"{url}: no download ({reason}); check the network, or give a local copy with --source DIR"
            ) from None
        partial.flush()
        if sha256 and (found := sum_of(Path(partial.name))) != sha256:
            Path(partial.name).unlink()
            raise WorkError(
                f"{url}: its SHA-256 is {found}, and the recipe gives {sha256}; the recipe is for another file"
            )
        os.replace(partial.name, path)
    return path


@contextmanager
def _partial(path: Path, sha256: str) -> Iterator[IO[bytes]]:
    """The file that a download goes into, at its end; it stays for the next time where there is a sum."""
    if sha256:
        with path.with_name(f"{path.name}.{sha256[:16]}.partial").open("ab") as file:
            yield file
            return
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as temporary:
        try:
            yield temporary.file
        finally:
            Path(temporary.name).unlink(missing_ok=True)


def _fetch(url: str, partial: IO[bytes]) -> bool:
    """Append what the file still lacks; False where the server has no such file."""
    deadline = time.monotonic() + LONGEST
    have = partial.tell()
    request = urllib.request.Request(
        url, headers={"User-Agent": "s2s", **({"Range": f"bytes={have}-"} if have else {})}
    )
    opener = urllib.request.build_opener(_Redirects)
    try:
        response = opener.open(request, timeout=_SILENCE)
    except urllib.error.HTTPError as error:
        if error.code in (404, 410):
            return False
        if error.code != 416 or not have:  # nothing is left of it: its sum shows whether it is whole
            raise
        return True
    with response:
        if have and (
            response.status != 206 or not response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        ):
            partial.truncate(0)  # it is sent from the start
            have = 0
        expected = _expected(response, url)
        if have + (expected or 0) > MOST:
            raise WorkError(
                f"{url}: has {have + (expected or 0):,} bytes, more than {MOST:,}; use --source a local copy"
            )
        if expected and shutil.disk_usage(cache_folder()).free < expected:
            raise WorkError(
                f"{url}: {expected:,} bytes do not fit into {cache_folder()}; S2S_CACHE names another folder"
            )
        received = 0
        while block := response.read1(_BLOCK):
            received += partial.write(block)
            if have + received > MOST or time.monotonic() > deadline:
                raise WorkError(
                    f"{url}: stopped after {received:,} bytes, as a download has at most {MOST:,} bytes and "
                    f"{LONGEST / 3600:g} hours; use --source a local copy"
                )
    if expected is not None and received != expected:
        raise WorkError(f"{url}: the download broke off after {received} of {expected} bytes; run the command again")
    return True


def _expected(response: HTTPResponse, url: str) -> int | None:
    """How many bytes are to come, if the server states it."""
    stated = response.headers.get("Content-Length")
    if stated is None:
        return None
    if not (stated.isascii() and stated.isdigit() and len(stated) < 16):
        raise WorkError(
            f"{url}: the server's Content-Length is {stated[:40]!r}, not a number; use --source a local copy"
        )
    return int(stated)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a few, to http(s) alone."""

    max_redirections = _REDIRECTS

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme not in _SCHEMES:
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)
