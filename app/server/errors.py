"""What goes wrong, told as OpenAI tells it: a status, a sentence, and the parameter."""

from collections.abc import Mapping
from json import dumps
from math import ceil

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.responses import Response

from tts.error_messages import quoted
from tts.serving.engine import EngineClosed, QueueFull

from ..failures import UNEXPECTED_FAILURE, FailureKind, describe_failure

KINDS = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}
OURS = "server_error"
THEIRS = "invalid_request_error"
UNREAD = "There was an error parsing the body"  # FastAPI's, of what is nested too deep
NO_JSON = "expected an object in JSON, of type application/json, and got none; send one"


class ApiError(HTTPException):
    """An answer that is no: why, and by which parameter of the request."""

    def __init__(
        self, status: int, message: str, param: str | None = None, code: str | None = None
    ) -> None:
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
        super().__init__(status, message, headers)
        self.param, self.code = param, code


def refuse_speech(error: ValueError | EngineClosed) -> ApiError:
    """The answer to a request for speech that cannot be made."""
    failure = describe_failure(error)
    if failure.kind is FailureKind.CLOSED:
        return ApiError(503, failure.message)
    return ApiError(400, failure.message, "input")


def error_body(
    message: str, status: int, param: str | None = None, code: str | None = None
) -> bytes:
    """An error as OpenAI's clients read it."""
    kind = OURS if status >= 500 else KINDS.get(status, THEIRS)
    error = {"message": message, "type": kind, "param": param, "code": code}
    # half a pair of surrogates, quoted from a request, has no place in UTF-8; escaped it has
    return dumps({"error": error}).encode()


def add_error_handlers(app: FastAPI) -> None:
    """Whatever is raised while a request is answered becomes an answer."""
    app.add_exception_handler(AnyHTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(QueueFull, _busy)
    app.add_exception_handler(Exception, _failed)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, AnyHTTPException), "it is registered for these"
    if error.detail == UNREAD:
        return _answer(error.status_code, NO_JSON)
    param, code = getattr(error, "param", None), getattr(error, "code", None)
    return _answer(error.status_code, str(error.detail), param, code, error.headers)


async def _misread(request: Request, error: Exception) -> Response:
    """Of all that does not fit, the first."""
    assert isinstance(error, RequestValidationError), "it is registered for these"
    first = error.errors()[0]
    place = [part for part in first["loc"][1:] if isinstance(part, str)]
    if not place:
        return _answer(400, NO_JSON)
    why = f"{first['msg'][:1].lower()}{first['msg'][1:]}"
    given = "" if first["type"] == "missing" else f", not {quoted(first['input'])}"
    return _answer(400, f"{place[0]}: {why}{given}", place[0])


async def _busy(request: Request, error: Exception) -> Response:
    assert isinstance(error, QueueFull), "it is registered for these"
    later = {"Retry-After": str(ceil(error.retry_after))}
    return _answer(429, str(error), None, "busy", later)


async def _failed(request: Request, error: Exception) -> Response:
    return _answer(500, UNEXPECTED_FAILURE)


def _answer(
    status: int,
    message: str,
    param: str | None = None,
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    body = error_body(message, status, param, code)
    return Response(body, status, headers=headers, media_type="application/json")
