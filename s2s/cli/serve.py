"""`s2s serve`: models over HTTP, and a page to try them."""

import argparse
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING

from s2s.cli.decoding import add_computing
from s2s.cli.printing import notice

if TYPE_CHECKING:
    from socket import socket

    from s2s.cli.serving.limits import Limits

_NEEDED = ("fastapi", "uvicorn", "prometheus_client")
_GRACE = 60
"""Seconds that what is in flight may take to end after SIGTERM."""
_BACKLOG = 2048
_EPILOG = """\
Open the address that is printed in a browser: type, paste or drop something, and see what the model makes of it. The
same as JSON, described at /docs:

  /v1/translate /v1/predict   POST {"text": "Three dogs."}         one result for each text
  /v1/generate                POST {"prompt": "To be"}             what goes on from it
  /v1/transcribe              POST the bytes of a picture          its text, characters and their places
  /v1/models /healthz /metrics   GET                               what is served; whether it works; counters

A MODEL is served under the last part of its path, or as NAME=MODEL. Requests name it ("model": "NAME"), or get the
first that can do what they ask for. What is sent stays in memory and is forgotten with the answer.

Only this machine can reach it unless --host says otherwise; there are no passwords and no encryption. What is larger or
longer than the limits is refused with status 413, what would have to wait behind --max-requests others with 429.
SIGTERM and Ctrl-C end it after what is in flight has been answered, within a minute.

  s2s serve runs/phrases words
  s2s serve en-de=runs/multi30k de-en=runs/back --port 8080
  curl -H 'content-type: application/json' -d '{"text": "Three dogs."}' http://127.0.0.1:8000/v1/translate
  curl --data-binary @photo.png 'http://127.0.0.1:8000/v1/transcribe'
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument(
        "models", metavar="[NAME=]MODEL", nargs="+", help="runs, model directories, checkpoints or shipped models"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; default: 127.0.0.1, this machine")
    parser.add_argument("--port", type=int, default=8000, help="0 chooses one that is free; default: 8000")
    parser.add_argument("--max-bytes", type=int, metavar="N", help="of a picture; default: 20 million")
    parser.add_argument("--max-pixels", type=int, metavar="N", help="of a picture; default: 40 million")
    parser.add_argument(
        "--max-characters", type=int, metavar="N", help="of the texts of a request; default: 10 thousand"
    )
    parser.add_argument("--max-requests", type=int, metavar="N", help="that wait or are answered; default: 256")
    parser.add_argument(
        "--batch", type=int, metavar="N", help="inputs of several requests computed together; default: 64"
    )
    parser.add_argument(
        "--gather", type=float, metavar="MS", help="milliseconds that a batch waits for more; default: 3"
    )
    add_computing(parser)


def run(args: argparse.Namespace, extra: list[str]) -> int:
    """Serve until stopped."""
    from s2s.config.errors import RequestError

    if not all(map(find_spec, _NEEDED)):
        raise RequestError("s2s serve needs FastAPI, uvicorn and prometheus-client: pip install 's2s[serve]'")
    from concurrent.futures import ThreadPoolExecutor

    import uvicorn

    from s2s.cli.decoding import load_bundle
    from s2s.cli.serving.app import build
    from s2s.cli.serving.served import check_served, named
    from s2s.inference.device import use_threads
    from s2s.inference.load import PREDICTORS

    limits, names = _limits(args), named(args.models)
    listening = _listen(args.host, args.port)
    models = []
    for name, path in names.items():
        device, bundle = load_bundle(path, args)
        models.append(check_served(name, PREDICTORS[bundle.config.task].from_bundle(bundle, device)))
    with ThreadPoolExecutor(1, initializer=use_threads, initargs=(args.threads,)) as thread:
        app = build(models, limits, thread)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, timeout_graceful_shutdown=_GRACE, server_header=False
        )
        host, port = listening.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        notice(f"serving {', '.join(f'{one.name} ({one.task})' for one in models)} at http://{shown}:{port}")
        if host not in ("127.0.0.1", "::1"):
            notice("whoever reaches this machine can use it; there are no passwords and no encryption")
        with suppress(KeyboardInterrupt):  # raised once more when all has been answered
            uvicorn.Server(config).run(sockets=[listening])
    return 0


def _limits(args: argparse.Namespace) -> "Limits":
    from dataclasses import fields

    from s2s.cli.serving.limits import Limits

    given = {one.name: getattr(args, one.name) for one in fields(Limits)}
    return Limits(**{name: value for name, value in given.items() if value is not None})


def _listen(host: str, port: int) -> "socket":
    """A socket at this address. RequestError where it cannot be had."""
    import socket

    from s2s.config.errors import RequestError

    if not 0 <= port < 2**16:
        raise RequestError(f"--port must be between 0 and {2**16 - 1}, not {port}")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RequestError(f"{host}:{port} cannot be listened on: {reason}; choose another --host or --port") from None
