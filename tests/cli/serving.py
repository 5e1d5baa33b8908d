"""Small models of every kind, a server of them in this process, and clients that are as rude as they need to be."""

import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import torch
import uvicorn

import s2s
from s2s.bundle.bundle import Bundle
from s2s.bundle.save import save
from s2s.cli.serving.app import build
from s2s.cli.serving.limits import Limits
from s2s.cli.serving.served import Served
from s2s.config.experiment import experiment_from
from s2s.nn.model import build_model
from s2s.text.labels import Labels
from s2s.text.tags import Tags
from tests.bars import random_bundle
from tests.languages import language_bundle
from tests.tiny import subwords, tiny_bundle


def labelling_bundle(kind: str) -> Bundle:
    """A classifier (`label`) or a tagger (`tags`) of random weights."""
    labels = Labels(["good", "bad", "<b>neither</b>"]) if kind == "label" else Tags(["B-PER", "I-PER", "O"])
    values = {
        "source": {"kind": "text", "vocabulary": {"kind": "bpe", "size": 330}},
        "target": {"kind": kind},
        "model": {"encoder": {"embedding": 8, "hidden": 8}},
    }
    config = experiment_from(values, "the test")
    torch.manual_seed(1)
    model = build_model(config, {"source": len(subwords()), "target": len(labels)}).eval()
    return Bundle(model, config, {"source": subwords(), "target": labels}, max_source=30)


BUNDLES = {
    "translator": lambda: tiny_bundle(max_source=30),
    "reader": random_bundle,
    "writer": language_bundle,
    "classifier": lambda: labelling_bundle("label"),
    "tagger": lambda: labelling_bundle("tags"),
}


def write_models(folder: Path) -> dict[str, Path]:
    """Model directories by name."""
    for name, bundle in BUNDLES.items():
        save(folder / name, bundle())
    return {name: folder / name for name in BUNDLES}


@dataclass
class Server:
    """One that runs."""

    port: int
    thread: ThreadPoolExecutor
    """Where its models compute."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def ask(self, path: str, body: object = None, headers: Mapping[str, str] = {}) -> tuple[int, dict]:
        """Status and JSON of an answer; a body that is not bytes is sent as JSON."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        kind = {} if body is None or isinstance(body, bytes) else {"content-type": "application/json"}
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request("GET" if body is None else "POST", path, content, {**kind, **headers})
        response = connection.getresponse()
        text = response.read()
        connection.close()
        return response.status, json.loads(text)

    def counters(self) -> dict[str, float]:
        """What /metrics has."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", "/metrics")
        lines = connection.getresponse().read().decode().splitlines()
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}

    def until(self, name: str, value: float) -> None:
        """Wait until a counter has this value."""
        for _ in range(2000):
            if self.counters().get(name) == value:
                return
            time.sleep(0.01)
        raise AssertionError(f"{name} is {self.counters().get(name)}, not {value}")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nothing is computed inside the block."""
        gate = threading.Event()
        self.thread.submit(gate.wait, 60)
        try:
            yield
        finally:
            gate.set()

    def connect(self) -> socket.socket:
        """A bare connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)


@contextmanager
def serving(models: Mapping[str, Path], **limits: float) -> Iterator[Server]:
    """A server of these models."""
    served = [Served(name, s2s.load(path, "cpu")) for name, path in models.items()]
    with ThreadPoolExecutor(1) as thread, socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
        app = build(served, Limits(**limits), thread)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        running = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        running.start()
        try:
            yield Server(listening.getsockname()[1], thread)
        finally:
            server.should_exit = True
            running.join()
