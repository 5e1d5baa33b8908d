"""Every answer that is not what was asked for: a status, and one sentence."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from s2s.cli.serving import asked
from s2s.config.errors import RequestError, WorkError
from s2s.config.nearest import did_you_mean
from s2s.config.visible import visible
from s2s.image.load import TooManyPixels

_ASKED: Mapping[str, type[BaseModel]] = {
    "/v1/translate": asked.Translate,
    "/v1/predict": asked.Predict,
    "/v1/generate": asked.Generate,
    "/v1/transcribe": asked.Transcribe,
}


class Unknown(RequestError):
    """A model that is not here."""


class TooLong(RequestError):
    """More text than is taken."""


class HungUp(Exception):
    """The client did not wait for the answer."""


def handle_errors(app: FastAPI) -> None:
    """Have the application answer them all."""

    @app.exception_handler(RequestError)
    async def wrong(request: Request, error: RequestError) -> JSONResponse:
        return _answer(404 if isinstance(error, Unknown) else 413 if _large(error) else 422, error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return _answer(422, _sentence(error.errors()[0], request.url.path))

    @app.exception_handler(WorkError)
    async def failed(request: Request, error: WorkError) -> JSONResponse:
        return _answer(500, error)

    @app.exception_handler(HungUp)
    async def gone(request: Request, error: HungUp) -> Response:
        return Response(status_code=499)  # nobody gets it; so it is called in the counters, as nginx calls it

    @app.exception_handler(HTTPException)
    async def other(request: Request, error: HTTPException) -> JSONResponse:
        sentences = {404: "there is nothing at this address", 405: f"{request.method} is not answered here"}
        return _answer(error.status_code, f"{sentences.get(error.status_code, error.detail)}; see /docs")

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> JSONResponse:
        return _answer(500, "the server failed, which is its fault; its log has the reason")


def _large(error: RequestError) -> bool:
    return isinstance(error, TooLong | TooManyPixels)


def _answer(status: int, sentence: object) -> JSONResponse:
    return JSONResponse({"error": visible(sentence)}, status)


def _sentence(fault: dict[str, Any], path: str) -> str:
    """What is wrong with a request, of what pydantic found first."""
    where = [str(part) for part in fault["loc"][1:]]
    match fault["type"]:
        case "json_invalid":
            return f"the body is not JSON ({fault['ctx']['error']}); see /docs"
        case "missing" if not where:
            return "the body is empty; see /docs"
        case "extra_forbidden":
            return f'"{where[-1][:80]}" is not known here{did_you_mean(where[-1][:80], _ASKED[path].model_fields)}'
        case _ if not where:
            return 'the body must be a JSON object, sent with the header "content-type: application/json"; see /docs'
    message = fault["msg"]
    return f"{where[0]}: {message[:1].lower()}{message[1:]}; see /docs"
