"""Rendered pictures in a folder: files, labels.tsv and render.json, the same for any number of workers."""

import json
import multiprocessing
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2

from s2s.config.errors import RequestError
from s2s.image.render.renderer import Renderer
from s2s.image.render.tally import Entry, Tally, entry

FOLDER_SIZE = 1000
"""Pictures in a sub-folder."""
CHUNK = 32
"""Pictures given to a worker at once."""

_state: tuple[Renderer, Path]


def encode(image: Any, quality: int) -> bytes:
    """A picture (H, W, 3) in RGB as JPEG of this quality, or PNG if it is 0."""
    pixels = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    if quality:
        # Full colour resolution: reds on blue smear otherwise, which the renderer does itself where it is wanted.
        options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x111111]
        return bytes(cv2.imencode(".jpg", pixels, options)[1])
    return bytes(cv2.imencode(".png", pixels)[1])


def render_folder(
    renderer: Renderer, out: Path, count: int, workers: int = 1, progress: Callable[[int], None] = lambda _: None
) -> Tally:
    """Write pictures 0 to count - 1 to images/ below `out`, and labels.tsv. `progress` is called with the number done.

    Raises RequestError if `out` exists and is not an empty folder.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise RequestError(f"{out}: exists already; name a new folder or empty it")
    for number in range(-(-count // FOLDER_SIZE)):
        (out / "images" / f"{number:04}").mkdir(parents=True)
    tally = Tally()
    with open(out / "labels.tsv", "w", encoding="utf-8", newline="\n") as labels:
        for done, picture in enumerate(_entries(renderer, out, count, workers), 1):
            labels.write(f"{picture.name}\t{picture.text}\n")
            tally.add(picture)
            progress(done)
    return tally


def write_account(out: Path, account: dict[str, Any]) -> None:
    """Write render.json: how the pictures were made and what they are like."""
    (out / "render.json").write_text(json.dumps(account, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _entries(renderer: Renderer, out: Path, count: int, workers: int) -> Iterator[Entry]:
    """Pictures in the order of their numbers."""
    if workers <= 1:
        _start(renderer, out)
        yield from map(_write, range(count))
        return
    # Spawned, not forked: beside threads, a fork can be stuck from its start, on a lock that one of them held.
    with multiprocessing.get_context("spawn").Pool(workers, _start, (renderer, out)) as pool:
        yield from pool.imap(_write, range(count), chunksize=min(CHUNK, -(-count // workers)))


def _start(renderer: Renderer, out: Path) -> None:
    global _state
    _state = (renderer, out)


def _write(index: int) -> Entry:
    """Render and write one picture."""
    renderer, out = _state
    start = time.process_time()
    rendered = renderer(index)
    suffix = "jpg" if renderer.config.quality else "png"
    name = f"images/{index // FOLDER_SIZE:04}/{index:07}.{suffix}"
    (out / name).write_bytes(encode(rendered.image, renderer.config.quality))
    return entry(name, rendered, time.process_time() - start)
