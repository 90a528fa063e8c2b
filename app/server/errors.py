"""Errors in the form of OpenAI's API: a status, a message and the parameter that is wrong."""

from collections.abc import Mapping
from json import JSONDecodeError, dumps
from math import ceil

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.responses import Response

from tts.error_messages import quoted
from tts.serving.engine import EngineClosed, QueueFull

from ..failures import UNEXPECTED_FAILURE, FailureKind, describe_failure
from .validation import explain_invalid

KINDS = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}
OURS = "server_error"
THEIRS = "invalid_request_error"
UNREAD = "There was an error parsing the body"  # FastAPI's message for JSON nested too deep
JSON_TYPES = {list: "a list", str: "text", bool: "true or false", int: "a number"}
JSON_TYPES |= {float: "a number", type(None): "nothing"}
STREAM_ROUTE = "/v1/audio/stream"  # the WebSocket


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
    if failure.kind is FailureKind.VOICE_UNAVAILABLE:
        return ApiError(503, failure.message, "voice", "voice_unavailable")
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
    param, code = getattr(error, "param", None), getattr(error, "code", None)
    message = str(error.detail) if isinstance(error, ApiError) else _reworded(request, error)
    return _answer(error.status_code, message, param, code, error.headers)


def _reworded(request: Request, error: AnyHTTPException) -> str:
    """The message of an error that FastAPI or Starlette has raised."""
    path = request.scope["path"]
    route = quoted(path)[1:-1]
    if error.detail == UNREAD:
        cause = "nested too deep" if isinstance(error.__cause__, RecursionError) else "not UTF-8"
        return f"the body is not JSON: it is {cause}"
    if error.status_code == 404 and path == STREAM_ROUTE:
        return f"{route} is a WebSocket; connect to it with ws:// or wss://"
    if error.status_code == 404:
        return f"unknown route {route}"
    if error.status_code == 405:
        return f"{route} takes {(error.headers or {}).get('Allow')}, got {request.method}"
    return str(error.detail)


async def _misread(request: Request, error: Exception) -> Response:
    """Report the first of the validation errors."""
    assert isinstance(error, RequestValidationError), "it is registered for this exception"
    first = error.errors()[0]
    place = [part for part in first["loc"][1:] if isinstance(part, str)]
    if place:
        return _answer(400, explain_invalid(place[0], first), place[0])
    if first["type"] == "json_invalid":
        reason = JSONDecodeError(first["ctx"]["error"], error.body, first["loc"][1])
        where = f"line {reason.lineno}, column {reason.colno}"
        why = f"{reason.msg[:1].lower()}{reason.msg[1:]}"
        return _answer(400, f"the body is not JSON: {where}: {why}")
    given = first["input"]
    if isinstance(given, bytes):  # FastAPI parses no other types
        kind = request.headers.get("content-type")
        got = f"got {quoted(kind)}" if kind else "got none"
        return _answer(400, f"Content-Type must be application/json, {got}")
    return _answer(
        400, f"the body must be a JSON object, got {JSON_TYPES.get(type(given), 'another value')}"
    )


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
