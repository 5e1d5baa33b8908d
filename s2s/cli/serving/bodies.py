"""What stands before everything else: bodies of bounded size and time, requests of bounded number, all counted."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

from fastapi.responses import JSONResponse

from s2s.cli.serving.limits import Limits
from s2s.cli.serving.measures import Measures

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

PICTURES = "/v1/transcribe"
PATIENCE = 60
"""Seconds in which a body has to have come."""
PARTING = 2
"""Seconds for which what is refused is still received: who is cut off while sending does not read the answer."""


class _Refused(Exception):
    """The status and the sentence of a request that is not taken."""


class Bounded:
    """An ASGI application that passes on only requests whose bodies have come whole."""

    def __init__(self, app: App, limits: Limits, measures: Measures) -> None:
        self._app, self._limits, self._measures = app, limits, measures
        self._held = 0
        """Bytes of bodies."""

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        with self._measures.request(scope["path"]) as status:

            async def counted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    status.append(message["status"])
                await send(message)

            if scope["method"] in ("GET", "HEAD"):
                return await self._app(scope, receive, counted)
            body = bytearray()
            self._measures.open += 1
            try:
                if not await self._receive(scope, receive, body):
                    return None
                given = iter([{"type": "http.request", "body": bytes(body), "more_body": False}])

                async def replay() -> Message:
                    return next(given, None) or await receive()

                await self._app(scope, replay, counted)
            except _Refused as refused:
                await _part(receive)
                await _refuse(counted, *refused.args)
            finally:
                self._held -= len(body)
                self._measures.open -= 1

    async def _receive(self, scope: MutableMapping[str, Any], receive: Receive, body: bytearray) -> bool:
        """Take in the body; False where the client went away before its end."""
        limits = self._limits
        if self._measures.open > limits.max_requests:
            raise _Refused(429, f"{limits.max_requests:,} requests are waiting already; ask again in a moment")
        most, what = limits.max_json, f"more than {limits.max_characters:,} characters need; ask in parts"
        if scope["path"] == PICTURES:
            most, what = limits.max_bytes, "the most for a picture; make it smaller"
        size = int(dict(scope["headers"]).get(b"content-length", 0))
        try:
            async with asyncio.timeout(PATIENCE):
                more = True
                while more:
                    if size > most:
                        raise _Refused(413, f"the request is larger than {most:,} bytes, {what}")
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        self._measures.gone.inc()
                        return False
                    part = message.get("body", b"")
                    body += part
                    self._held += len(part)
                    if self._held > limits.max_held:
                        raise _Refused(429, "too many large requests are being answered; ask again in a moment")
                    size = max(size, len(body))
                    more = message.get("more_body", False)
        except TimeoutError:
            raise _Refused(408, f"the request did not arrive within {PATIENCE} seconds; ask again") from None
        return True


async def _part(receive: Receive) -> None:
    """Receive and forget, for a while, what is still being sent."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PARTING):
            while (message := await receive())["type"] == "http.request" and message.get("more_body", False):
                pass


async def _refuse(send: Send, status: int, sentence: str) -> None:
    headers = {"retry-after": "1"} if status == 429 else {}
    response = JSONResponse({"error": sentence}, status, {**headers, "connection": "close"})
    await send({"type": "http.response.start", "status": status, "headers": response.raw_headers})
    await send({"type": "http.response.body", "body": response.body})
