"""Downloads: once, whole, inside the cache; and a sentence for each way the network fails."""

import hashlib
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from s2s.config.errors import RequestError, WorkError
from s2s.config.recipe import Recipe
from s2s.config.strict import from_dict
from s2s.data import download
from s2s.data.download import cache_folder
from s2s.data.hub import load_split
from s2s.data.place import Place

LARGE = bytes(range(256)) * 4096
FILES = {"/corpus/train.de": b"ein Satz\n", "/corpus/sub/a%20b.en": b"x\n", "/gr%C3%B6%C3%9Fe/x": b"y\n"}
REDIRECTS = {
    "/corpus/round": "/corpus/round",
    "/corpus/on": "/corpus/train.de",
    "/corpus/ftp": "ftp://127.0.0.1/x",
    "/corpus/file": "file:///etc/hostname",
    "/corpus/bad": "http://[::1",
}


class Handler(BaseHTTPRequestHandler):
    """Serves `FILES`; one file breaks off, one is the server's fault."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        Handler.asked.append(self.path)
        if self.path.endswith("broken"):
            self.send_response(500)
            self.end_headers()
            return
        if self.path in REDIRECTS:
            self.send_response(302, "Found\x1b[2J")
            self.send_header("Location", REDIRECTS[self.path])
            self.end_headers()
            return
        if self.path.endswith("resumed"):
            first = int((self.headers.get("Range") or "bytes=0-")[6:-1])
            self.send_response(206 if first else 200)
            self.send_header("Content-Length", str(len(LARGE) - first))
            self.send_header("Content-Range", f"bytes {first}-{len(LARGE) - 1}/{len(LARGE)}")
            self.end_headers()
            self.wfile.write(LARGE[first:] if first else LARGE[:100_000])  # breaks off the first time
            return
        if self.path.endswith("lengthless") or self.path.endswith("endless"):
            self.send_response(200)
            if self.path.endswith("lengthless"):
                self.send_header("Content-Length", "many")
            self.end_headers()
            with suppress(OSError):
                for _ in range(1000):
                    self.wfile.write(LARGE)
            return
        body = FILES.get(self.path)
        self.send_response(200 if body or self.path.endswith("short") else 404)
        self.send_header("Content-Length", str(len(body)) if body else "100")
        self.end_headers()
        self.wfile.write(body or b"too little")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address(tmp_path, monkeypatch):
    monkeypatch.setenv("S2S_CACHE", str(tmp_path / "cache"))
    Handler.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/corpus/"
    server.shutdown()
    server.server_close()


def test_a_file_is_downloaded_once(address):
    place = Place(address, "recipe")
    assert place.need("train.de") == place.need("train.de")
    assert place.need("train.de").read_bytes() == b"ein Satz\n"
    assert Handler.asked == ["/corpus/train.de"]


def test_downloads_stay_inside_the_cache(address):
    path = Place(address, "recipe").need("sub/a b.en")
    assert path.parent == cache_folder() / "downloads"


def test_a_file_the_server_does_not_have_is_named(address):
    with pytest.raises(RequestError, match=r"there is no file nothing\.de in http"):
        Place(address, "recipe").need("nothing.de")


@pytest.mark.parametrize(("name", "said"), [("broken", "answered 500"), ("short", "broke off after 10 of 100 bytes")])
def test_a_failed_download_leaves_nothing_behind(address, name, said):
    with pytest.raises(WorkError, match=said):
        Place(address, "recipe").need(name)
    assert list((cache_folder() / "downloads").iterdir()) == []


def test_no_network_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("S2S_CACHE", str(tmp_path))
    with pytest.raises(
        WorkError, match=r"no download \(.*\); check the network, or give a local copy with --source DIR"
    ):
        Place("http://127.0.0.1:9/corpus", "recipe").need("train.de")


def test_an_address_in_any_script_is_asked_for(address):
    assert Place(address.replace("corpus", "größe"), "recipe").need("x").read_bytes() == b"y\n"


@pytest.mark.parametrize(
    "base", ["http://[::1", "http://", "http://x:many/", "ftp://host/x", "http://" + "ü" * 80, "file:///etc"]
)
def test_an_address_that_is_none_is_refused_before_anything_is_asked(base):
    with pytest.raises(RequestError, match="is not an address"):
        Place(base, "recipe")


def test_a_redirect_is_followed(address):
    assert Place(address, "recipe").need("on").read_bytes() == b"ein Satz\n"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("round", "redirects .302. more than 5 times or to no"),
        ("ftp", "redirects .302. more than 5 times or to no"),
        ("file", "redirects .302. more than 5 times or to no"),
        ("bad", "no download"),
        ("lengthless", "Content-Length is 'many', not a number"),
    ],
)
def test_a_hostile_answer_is_one_sentence_and_leaves_nothing(address, name, said):
    with pytest.raises(WorkError, match=said) as refusal:
        Place(address, "recipe").need(name)
    assert "\n" not in str(refusal.value)
    assert list((cache_folder() / "downloads").iterdir()) == []
    assert len(Handler.asked) <= 7


@pytest.mark.parametrize(("bound", "most"), [("MOST", 3_000_000), ("LONGEST", 0.05)])
def test_a_download_without_end_is_stopped(address, monkeypatch, bound, most):
    monkeypatch.setattr(download, bound, most)
    with pytest.raises(WorkError, match="stopped after"):
        Place(address, "recipe").need("endless")
    assert list((cache_folder() / "downloads").iterdir()) == []


def test_with_a_sum_a_download_that_broke_off_is_gone_on_with(address):
    place = Place(address, "recipe", {"resumed": hashlib.sha256(LARGE).hexdigest()})
    with pytest.raises(WorkError, match="broke off after 100000 of"):
        place.need("resumed")
    assert place.need("resumed").read_bytes() == LARGE
    assert place.need("resumed").read_bytes() == LARGE
    assert Handler.asked == ["/corpus/resumed"] * 2
    assert len(list((cache_folder() / "downloads").iterdir())) == 1


def test_another_content_than_the_sum_is_refused_remote_and_local(address, tmp_path):
    wrong = {"train.de": "0" * 64}
    with pytest.raises(WorkError, match=r"its SHA-256 is .*, and the recipe gives 0000"):
        Place(address, "recipe", wrong).need("train.de")
    assert list((cache_folder() / "downloads").iterdir()) == []
    (tmp_path / "train.de").write_text("x")
    with pytest.raises(RequestError, match=r"the SHA-256 of .*train\.de is"):
        Place(str(tmp_path), "recipe", wrong).need("train.de")


@pytest.mark.parametrize(
    ("name", "said"),
    [("/etc/passwd", "is an absolute path"), ("../x", r"leaves its folder by \.\."), ("a\\b", "backslash")],
)
def test_a_name_that_leaves_its_folder_is_said_to_in_its_own_words(tmp_path, name, said):
    with pytest.raises(RequestError, match=said):
        Place(str(tmp_path), "recipe").find(name)


def test_a_recipe_gives_sums_of_files_that_it_reads():
    splits = {"train": {"source": "a", "target": "b"}}
    values = {"languages": ["en", "de"], "read": {"kind": "lines", "splits": splits}}
    assert from_dict({**values, "sha256": {"a": "0" * 64}}, Recipe, "it").sha256 == {"a": "0" * 64}
    for wrong in ({"c": "0" * 64}, {"a": "0"}, {"a": "G" * 64}):
        with pytest.raises(RequestError, match="sha256"):
            from_dict({**values, "sha256": wrong}, Recipe, "it")


def test_a_hub_dataset_with_a_script_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "old.py").write_text("import os\n")
    with pytest.raises(RequestError, match="made by a script, which would run code"):
        load_split("someone/old", None, "train", None, str(tmp_path / "old"))
