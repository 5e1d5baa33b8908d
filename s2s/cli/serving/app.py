"""The application: what is asked under which path, and what is answered."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Sequence
from concurrent.futures import Executor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse

from s2s import __version__
from s2s.cli.serving import answers, asked
from s2s.cli.serving.bodies import PICTURES, Bounded
from s2s.cli.serving.errors import HungUp, TooLong, Unknown, handle_errors
from s2s.cli.serving.gathering import Gatherer
from s2s.cli.serving.limits import Limits
from s2s.cli.serving.measures import Measures
from s2s.cli.serving.served import Sent, Served
from s2s.config.errors import RequestError
from s2s.inference.options import Sampling

PATHS = {"/", "/docs", "/openapi.json", "/healthz", "/metrics", "/v1/models", PICTURES}
PATHS |= {"/v1/translate", "/v1/generate", "/v1/predict"}
_HERE = Path(__file__).parent
_PIECES = 8
"""Of a text, that are drawn before something else gets its turn."""
_ABOUT = (
    "Every answer but 200 is a JSON object whose `error` is one sentence. Requests of several clients share batches."
)


def build(models: Sequence[Served], limits: Limits, thread: Executor) -> Bounded:
    """The ASGI application that serves these models, which compute in `thread`."""
    measures = Measures(PATHS)
    gatherers = {
        one.name: Gatherer(one.work, thread, limits.gather / 1000, limits.batch, measures.batches(one.name))
        for one in models
    }
    tasks: list[asyncio.Task[None]] = []

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        tasks.extend(asyncio.create_task(gatherer.run()) for gatherer in gatherers.values())
        yield
        for task in tasks:
            task.cancel()

    app = FastAPI(
        title="s2s",
        version=__version__,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        responses={status: {"model": answers.Problem} for status in (404, 413, 422, 429)},
    )
    handle_errors(app)

    def chosen(name: str | None, path: str) -> Served:
        """The model of this name, or the first that is asked here."""
        able = [one for one in models if one.path == path]
        known = ", ".join(f"{one.name} ({one.path})" for one in models)
        if name is None and able:
            return able[0]
        if name is None:
            raise Unknown(f"no model here is asked at {path}; there is {known}")
        for one in able:
            if one.name == name:
                return one
        raise Unknown(f'there is no model "{name}" at {path}; there is {known}')

    def within(characters: int) -> None:
        if characters > limits.max_characters:
            raise TooLong(f"{characters:,} characters are more than {limits.max_characters:,}; ask in parts")

    async def batched(request: Request, served: Served, inputs: Sequence[Any], **options: Any) -> Sequence[Any]:
        return await _unless_gone(request, gatherers[served.name](inputs, options), measures)

    @app.post("/v1/translate", response_model=answers.Translations, summary="Translate text")
    async def translate(wanted: asked.Translate, request: Request) -> Response:
        served, texts = chosen(wanted.model, "/v1/translate"), _texts(wanted.text)
        within(sum(map(len, texts)))
        if wanted.drawing and not wanted.sample:
            raise RequestError(f'{next(iter(wanted.drawing))} goes with "sample": true')
        sampling = Sampling(**wanted.drawing) if wanted.sample else None  # type: ignore[arg-type]
        config: Any = served.predictor.config
        beam = wanted.beam or config.decoding.beam
        if wanted.n_best > beam and not wanted.sample:
            raise RequestError(
                f'the {wanted.n_best} best need a beam of {wanted.n_best} or more, not {beam}; add "beam": '
                f"{wanted.n_best}, which may change the best one too"
            )
        given = wanted.model_dump(include={"n_best", "beam", "length_penalty", "coverage_penalty", "alignment"})
        results = await batched(request, served, texts, sampling=sampling, **given)
        return JSONResponse({"model": served.name, "results": results})

    @app.post("/v1/predict", response_model=answers.Predictions, summary="Classify text, or tag its words")
    async def predict(wanted: asked.Predict, request: Request) -> Response:
        served, texts = chosen(wanted.model, "/v1/predict"), _texts(wanted.text)
        within(sum(map(len, texts)))
        return JSONResponse({"model": served.name, "results": await batched(request, served, texts)})

    picture = {"required": True, "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}}

    @app.post(
        PICTURES,
        response_model=answers.Transcription,
        response_model_exclude_none=True,
        summary="Read the picture in the body",
        openapi_extra={"requestBody": picture},
    )
    async def transcribe(wanted: asked.Reading, request: Request) -> Response:
        served = chosen(wanted.model, PICTURES)
        if wanted.n_best > 1 and not wanted.whole:
            raise RequestError("n_best is of single words or lines; add whole=true, which takes no picture for a page")
        if request.headers.get("content-type", "").startswith("multipart/"):
            raise RequestError("send the bytes of the picture as the body (curl --data-binary @FILE), not as a form")
        sent = Sent(await request.body(), limits.max_pixels)
        given = wanted.model_dump(include={"whole", "n_best", "beam"})
        (found,) = await batched(request, served, [sent], **given)
        if isinstance(found, Exception):
            raise found
        return JSONResponse({"model": served.name, **found})

    @app.post("/v1/generate", response_model=answers.Written, summary="Write on from a prompt")
    async def generate(wanted: asked.Generate, request: Request) -> Response:
        served = chosen(wanted.model, "/v1/generate")
        within(len(wanted.prompt) + wanted.length)
        predictor: Any = served.predictor
        begin = partial(predictor.stream, wanted.prompt, wanted.length, Sampling(**wanted.drawing))  # type: ignore[arg-type]
        pieces = await asyncio.get_running_loop().run_in_executor(thread, begin)

        async def texts() -> AsyncIterator[str]:
            loop = asyncio.get_running_loop()
            while text := await loop.run_in_executor(thread, lambda: "".join(islice(pieces, _PIECES))):
                yield text

        if wanted.stream:
            return StreamingResponse(texts(), media_type="text/plain; charset=utf-8")
        text = await _unless_gone(request, _joined(texts()), measures)
        return JSONResponse({"model": served.name, "text": text})

    @app.get("/v1/models", summary="What is served, and within which limits")
    async def about() -> JSONResponse:
        bounds = {name: getattr(limits, name) for name in ("max_bytes", "max_pixels", "max_characters")}
        return JSONResponse({"version": __version__, "limits": bounds, "models": [one.facts() for one in models]})

    @app.get("/healthz", summary="Whether it works")
    async def health() -> JSONResponse:
        sound = not any(task.done() for task in tasks)
        return JSONResponse({"status": "ok" if sound else "broken"}, 200 if sound else 503)

    @app.get("/metrics", summary="Counters for Prometheus", response_class=PlainTextResponse)
    async def metrics() -> Response:
        return Response(measures.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(_HERE / "page.html")

    @app.get("/docs", include_in_schema=False)
    async def description() -> FileResponse:
        return FileResponse(_HERE / "docs.html")

    return Bounded(app, limits, measures)


def _texts(text: str | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else text


async def _joined(pieces: AsyncIterator[str]) -> str:
    return "".join([piece async for piece in pieces])


async def _unless_gone(request: Request, work: Coroutine[Any, Any, Any], measures: Measures) -> Any:
    """What `work` gives. HungUp, and it is cancelled, where the client does not wait for it."""

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    working, leaving = asyncio.create_task(work), asyncio.create_task(gone())
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        measures.gone.inc()
        raise HungUp
    finally:
        working.cancel()
        leaving.cancel()
