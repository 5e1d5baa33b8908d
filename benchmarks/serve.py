"""`python -m benchmarks.serve speed|soak`: clients that ask `s2s serve` over the loopback as fast as they get answers.

`speed` starts a server for each setting, with gathered batches and one request at a time, and measures 1, 8 and 64
clients: requests a second that the server computes, requests a second, and how long the median, the 95th and the 99th
of 100 waited. `soak` asks for some minutes; every fourth request of its clients is given up, while it is sent or while
it waits, and every other one has to be answered, with the same words as the first time; at the end nothing may be left
open.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.request import urlopen

PAGE = 4096
HUNG_UP = 0.25
"""Share of the requests of a soak that are given up."""


@dataclass
class Seen:
    """What clients saw."""

    waited: list[float] = field(default_factory=list)
    """Seconds of each answer."""
    given_up: int = 0
    lost: list[str] = field(default_factory=list)
    """What became of those that were not answered with 200."""
    different: int = 0
    """Answers whose text is not that of the first time."""
    seconds: float = 0.0

    def row(self) -> str:
        """Requests a second and milliseconds of waiting, as columns of a table."""
        ordered = sorted(self.waited) or [0.0]
        p50, p95, p99 = (
            1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (0.5, 0.95, 0.99)
        )
        return f"{len(self.waited) / self.seconds:,.0f} | {p50:,.0f} | {p95:,.0f} | {p99:,.0f} | {len(self.lost)}"


def requests(model: str, text: Path | None, pictures: Path | None) -> list[bytes]:
    """Whole requests: of every line of a text, or of every picture in a folder."""
    if text is not None:
        lines = filter(None, text.read_text(encoding="utf-8").split("\n"))
        bodies = [("/v1/translate", json.dumps({"model": model, "text": line}).encode()) for line in lines]
    else:
        assert pictures is not None
        files = sorted(path for path in pictures.rglob("*") if path.suffix in (".jpg", ".png"))
        bodies = [(f"/v1/transcribe?model={model}", path.read_bytes()) for path in files]
    head = "POST {} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n"
    return [head.format(path, len(body)).encode() + body for path, body in bodies]


def ask(port: int, asked: Sequence[bytes], clients: int, seconds: float, hung_up: float = 0.0) -> Seen:
    """Ask for so many seconds; a share of the requests is given up."""
    seen, first = Seen(), dict[int, str]()

    async def client(number: int) -> None:
        random, place = Random(number), number
        line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        while time.perf_counter() < begun + seconds:
            place = (place + clients) % len(asked)
            begin = time.perf_counter()
            try:
                reader, writer = line = line or await asyncio.open_connection("127.0.0.1", port)
                if random.random() < hung_up:
                    writer.write(
                        asked[place][: random.choice((len(asked[place]), random.randrange(len(asked[place]))))]
                    )
                    await writer.drain()
                    await asyncio.sleep(random.random() * 0.05)
                    writer.transport.abort()
                    line = None
                    seen.given_up += 1
                    continue
                writer.write(asked[place])
                status, text = await _answer(reader)
            except (OSError, asyncio.IncompleteReadError) as error:
                seen.lost.append(type(error).__name__)
                line = None
                continue
            seen.waited.append(time.perf_counter() - begin)
            if status != 200:
                seen.lost.append(f"{status} {text}")
            seen.different += first.setdefault(place, text) != text
        if line:
            line[1].close()

    async def everybody() -> None:
        await asyncio.gather(*map(client, range(clients)))

    begun = time.perf_counter()
    asyncio.run(everybody())
    seen.seconds = time.perf_counter() - begun
    return seen


async def _answer(reader: asyncio.StreamReader) -> tuple[int, str]:
    """Status, and the text without scores, whose last digits depend on who else is in the batch."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(re.search(rb"content-length: (\d+)", head)[1])  # type: ignore[index]
    values = json.loads(await reader.readexactly(length))
    found = values.get("results", [values])[0]
    return int(head.split()[1]), str(found.get("text", found))


@contextmanager
def server(*arguments: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """`s2s serve` on a free port."""
    command = [sys.executable, "-m", "s2s", "serve", *arguments, "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        found = re.search(r":(\d+)$", process.stderr.readline().strip())
        if found is None:
            raise SystemExit(f"the server did not start: {process.stderr.read()}")
        try:
            yield int(found[1]), process
        finally:
            process.terminate()
            process.wait()


def speed(args: argparse.Namespace, asked: Sequence[bytes]) -> int:
    """The table."""
    print("| computed | clients | requests/CPU s | requests/s | p50 ms | p95 ms | p99 ms | not answered |")
    print("|---|---|---|---|---|---|---|---|")
    for name, options in (("one at a time", ["--batch", "1"]), ("gathered", [])):
        with server(args.model, "--threads", args.threads, *options) as (port, process):
            ask(port, asked, 8, 2)  # warm
            for clients in args.clients:
                begin = _computed(process.pid)
                seen = ask(port, asked, clients, args.seconds)
                each = len(seen.waited) / (_computed(process.pid) - begin)
                print(f"| {name} | {clients} | {each:,.0f} | {seen.row()} |", flush=True)
    return 0


def _computed(pid: int) -> float:
    """Seconds that a process has computed, on all cores: what it is given of a busy machine does not count in them."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def soak(args: argparse.Namespace, asked: Sequence[bytes]) -> int:
    """Ask for long, giving up often."""
    with server(args.model, "--threads", args.threads) as (port, process):

        def resident() -> float:
            return int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * PAGE / 1e6

        ask(port, asked, 16, 15 * args.minutes, HUNG_UP)
        begin = resident()
        seen = ask(port, asked, 16, 45 * args.minutes, HUNG_UP)
        time.sleep(1)
        counters = urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()
        left = re.search(r"^s2s_open_requests (\S+)$", counters, re.MULTILINE)[1]  # type: ignore[index]
        end = resident()
    print(
        f"{len(seen.waited):,} requests answered and {seen.given_up:,} given up in {seen.seconds:,.0f} s; "
        f"{len(seen.lost)} lost, {seen.different} answered with other words than before; {left} left open; "
        f"resident {begin:,.0f} MB after a quarter, {end:,.0f} MB at the end; exit status {process.returncode}"
    )
    print(*sorted(set(seen.lost)), sep="\n", end="")
    return 1 if seen.lost or float(left) or process.returncode else 0


def main() -> int:
    """Run one of the two."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serve", description=__doc__)
    parser.add_argument("what", choices=("speed", "soak"))
    parser.add_argument("model")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--text", type=Path, metavar="FILE", help="lines to be translated")
    source.add_argument("--pictures", type=Path, metavar="DIR", help="pictures to be read")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--threads", default="1")
    args = parser.parse_args()
    asked = requests(Path(args.model).name, args.text, args.pictures)
    return (speed if args.what == "speed" else soak)(args, asked)


if __name__ == "__main__":
    sys.exit(main())
