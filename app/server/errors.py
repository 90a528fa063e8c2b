"""Errors in the form of OpenAI's API: a status, a message and the parameter that is wrong."""

from collections.abc import Mapping
from json import dumps
from math import ceil

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.responses import Response

from tts.serving.engine import EngineClosed, QueueFull

from ..failures import UNEXPECTED_FAILURE, FailureKind, describe_failure
from .validation import explain_invalid

KINDS = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}
OURS = "server_error"
THEIRS = "invalid_request_error"
UNREAD = "There was an error parsing the body"  # FastAPI's message for JSON nested too deep
NO_JSON = "the body must be a JSON object, with Content-Type application/json"


class ApiError(HTTPException):
    """An error response.

    Args:
        status: the HTTP status.
        message: one sentence for the user.
        param: the field of the request that is wrong.
        code: a name of the error for programs.
    """

    def __init__(
        self, status: int, message: str, param: str | None = None, code: str | None = None
    ) -> None:
        headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
        super().__init__(status, message, headers)
        self.param, self.code = param, code


def refuse_speech(error: ValueError | EngineClosed) -> ApiError:
    """The error response to a request whose speech cannot be made."""
    failure = describe_failure(error)
    if failure.kind is FailureKind.CLOSED:
        return ApiError(503, failure.message)
    return ApiError(400, failure.message, "input")


def error_body(
    message: str, status: int, param: str | None = None, code: str | None = None
) -> bytes:
    """The JSON of an error, as OpenAI's clients parse it."""
    kind = OURS if status >= 500 else KINDS.get(status, THEIRS)
    error = {"message": message, "type": kind, "param": param, "code": code}
    # escaped, since lone surrogates quoted from a request cannot be encoded as UTF-8
    return dumps({"error": error}).encode()


def add_error_handlers(app: FastAPI) -> None:
    """Turn every exception raised by a route into an error response."""
    app.add_exception_handler(AnyHTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(QueueFull, _busy)
    app.add_exception_handler(Exception, _failed)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, AnyHTTPException), "it is registered for this exception"
    if error.detail == UNREAD:
        return _answer(error.status_code, NO_JSON)
    param, code = getattr(error, "param", None), getattr(error, "code", None)
    return _answer(error.status_code, str(error.detail), param, code, error.headers)


async def _misread(request: Request, error: Exception) -> Response:
    """Report the first of the validation errors."""
    assert isinstance(error, RequestValidationError), "it is registered for this exception"
    first = error.errors()[0]
    place = [part for part in first["loc"][1:] if isinstance(part, str)]
    if not place:
        return _answer(400, NO_JSON)
    return _answer(400, explain_invalid(place[0], first), place[0])


async def _busy(request: Request, error: Exception) -> Response:
    assert isinstance(error, QueueFull), "it is registered for this exception"
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
