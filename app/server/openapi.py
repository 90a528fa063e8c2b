"""What the OpenAPI schema says beyond the routes themselves: the service, and its errors."""

from typing import Any

from pydantic import BaseModel, Field

SUMMARY = "Text to speech, with the routes of OpenAI's API"
DESCRIPTION = """\
Audio is mono and is sent while it is made. Every error is a JSON object with a message in one
sentence; its status is declared at each route.

`GET /v1/voices` lists the voices: those of the model, and learned ones, which come from voice files
of the server. Requests name voices of either kind, or blends of them; they cannot name files.

The WebSocket `/v1/audio/stream` speaks text as it arrives; `GET /live` is a page that uses it.
Messages to the server are JSON objects whose fields are all optional: `text` continues the text,
`flush` completes what was sent, `end` ends the text, `stop` discards the rest, and `voice` and the
numbers of a request (with `pace` for `speed`) hold from then on. Messages to the client are JSON
objects, `start`, `words`, `warning`, `told`, `done` or `error`, and binary audio in 16-bit
little-endian samples.
"""
REFUSED = {
    400: "A field is wrong, or the body is not a JSON object; `param` names the field.",
    401: "The API key is missing or wrong; only if the server has one.",
    404: "There is no model of this name.",
    408: "The request took too long to arrive.",
    413: "The body has too many bytes, or too many small chunks.",
    421: "The request is for a host name that the server does not know; see --allow-host.",
    429: "Too many requests wait; `Retry-After` has the seconds after which to try again.",
    500: "Internal error; the log of the server has the details.",
    503: "The server is shutting down, or too many connections are open; try again later.",
    504: "No audio was ready in time, because the server is overloaded; try again later.",
}
ALWAYS = (408, 421, 500, 503)  # possible at every route


class ErrorDetail(BaseModel):
    """What is wrong with a request, in the form of OpenAI's API."""

    message: str = Field(
        description="What is wrong, in one sentence.",
        examples=["speed must be from 0.25 to 4, got 5"],
    )
    type: str = Field(
        description="`invalid_request_error`, `authentication_error`, `not_found_error`, "
        "`rate_limit_error` or `server_error`.",
        examples=["invalid_request_error"],
    )
    param: str | None = Field(
        default=None, description="The field that is wrong, if it is a field.", examples=["speed"]
    )
    code: str | None = Field(
        default=None,
        description="A name of some errors for programs, such as `voice_not_found` or `busy`.",
        examples=["voice_not_found"],
    )


class ErrorBody(BaseModel):
    """The body of every error."""

    error: ErrorDetail = Field(description="What is wrong.")


def error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The declarations of error statuses for FastAPI's `responses`, with those of every route."""
    declared: dict[int | str, dict[str, Any]] = {
        status: {"model": ErrorBody, "description": REFUSED[status]}
        for status in sorted({*statuses, *ALWAYS})
    }
    # declared, it also keeps FastAPI from declaring a status 422 that never occurs
    return declared | {"default": {"model": ErrorBody, "description": "Any other error."}}


def content_response(description: str, *media_types: str, example: Any = None) -> dict[str, Any]:
    """The declaration of a successful response with one of these media types."""
    content: dict[str, Any] = {} if example is None else {"example": example}
    return {"description": description, "content": dict.fromkeys(media_types, content)}
