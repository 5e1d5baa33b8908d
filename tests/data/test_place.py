"""Downloads: once, whole, inside the cache; and a sentence for each way the network fails."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from s2s.config.errors import RequestError, WorkError
from s2s.data.place import Place, cache_folder

FILES = {"/corpus/train.de": b"ein Satz\n", "/corpus/sub/a%20b.en": b"x\n"}


class Handler(BaseHTTPRequestHandler):
    """Serves `FILES`; one file breaks off, one is the server's fault."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        Handler.asked.append(self.path)
        if self.path.endswith("broken"):
            self.send_response(500)
            self.end_headers()
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
