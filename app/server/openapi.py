"""What the OpenAPI schema says beyond the routes themselves: the service, and its errors."""

from dataclasses import dataclass
from json import loads
from typing import Any

from pydantic import BaseModel, Field

from ..failures import UNEXPECTED_FAILURE
from .auth import WRONG_KEY
from .errors import error_body

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
objects, `start`, `words`, `warning`, `choice`, `told`, `done` or `error`, and binary audio in
16-bit little-endian samples.
"""
SPEECH_HEADERS = {
    "TTS-Warning": {
        "description": "What of the text is not read as it is meant; absent if all is.",
        "schema": {"type": "string"},
    },
    "TTS-Choice": {
        "description": "With `best_of`, a list of JSON of the candidates that were kept, of the "
        "sentences before the first byte: `utterance`, `judge`, `seed`, `chosen` and `why`.",
        "schema": {"type": "string"},
    },
}
REFUSED = {
    400: "A field is wrong, or the body is not a JSON object; `param` names the field.",
    401: "The API key is missing or wrong; only if the server has one.",
    404: "There is no model of this name.",
    408: "The request took too long to arrive.",
    413: "The body has too many bytes, or too many small chunks.",
    421: "The request is for a host name that the server does not know; see --allow-host.",
    429: "Too many requests wait; `Retry-After` has the seconds after which to try again.",
    500: "Internal error; the log of the server has the details.",
    503: "The server is shutting down, too many connections are open, or the file of the voice is "
    "gone.",
    504: "No audio was ready in time, because the server is overloaded; try again later.",
}
ALWAYS = (408, 421, 500, 503)  # possible at every route


@dataclass(frozen=True, slots=True)
class ErrorExample:
    """An error as a route answers it: its message, the field that is wrong, and its code."""

    message: str
    param: str | None = None
    code: str | None = None

    def of(self, status: int) -> dict[str, Any]:
        """The example of a response with this status."""
        return {"value": loads(error_body(self.message, status, self.param, self.code))}


EXAMPLES: dict[int, dict[str, ErrorExample]] = {
    400: {
        "range": ErrorExample("speed must be from 0.25 to 4, got 5", "speed"),
        "voice": ErrorExample(
            "unknown voice 'nobody'; voices: heart, michael, or a blend such as "
            "heart(2)+michael(1)",
            "voice",
            "voice_not_found",
        ),
        "no words": ErrorExample("no words to speak in '!'", "input"),
        "too long": ErrorExample(
            "input must be at most 4096 characters long, got 5000; send it in parts",
            "input",
            "string_above_max_length",
        ),
        "missing": ErrorExample("input is missing", "input"),
    },
    401: {"key": ErrorExample(WRONG_KEY, code="invalid_api_key")},
    404: {
        "model": ErrorExample(
            "unknown model 'tts-9'; models: one-step-tts, tts-1, tts-1-hd, gpt-4o-mini-tts, "
            "gpt-4o-mini-tts-2025-12-15, kokoro",
            "model",
            "model_not_found",
        )
    },
    408: {"slow": ErrorExample("the request must arrive within 30 s")},
    413: {"size": ErrorExample("the body must have at most 1048576 bytes")},
    421: {
        "host": ErrorExample(
            "unknown host 'tts.example.com'; use localhost, or start the server with --allow-host",
            code="unknown_host",
        )
    },
    429: {"busy": ErrorExample("the queue is full; try again in 2 s", code="busy")},
    500: {"failure": ErrorExample(UNEXPECTED_FAILURE)},
    503: {"closing": ErrorExample("the engine is closed")},
    504: {"late": ErrorExample("no audio was ready within 120 s; try again later", code="timeout")},
}


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


def error_responses(*statuses: int, **invalid: ErrorExample) -> dict[int | str, dict[str, Any]]:
    """The declarations of error statuses for FastAPI's `responses`, with those of every route.

    Args:
        statuses: that a route may have.
        invalid: further examples of status 400 by their names.
    """
    declared: dict[int | str, dict[str, Any]] = {
        status: _declaration(status, EXAMPLES[status] | (invalid if status == 400 else {}))
        for status in sorted({*statuses, *ALWAYS})
    }
    # declared, it also keeps FastAPI from declaring a status 422 that never occurs
    return declared | {"default": {"model": ErrorBody, "description": "Any other error."}}


def _declaration(status: int, examples: dict[str, ErrorExample]) -> dict[str, Any]:
    shown = {name: example.of(status) for name, example in examples.items()}
    content = {"application/json": {"examples": shown}}
    return {"model": ErrorBody, "description": REFUSED[status], "content": content}


def speech_response(description: str, *media_types: str, example: Any = None) -> dict[str, Any]:
    """The declaration of speech, or of its captions: as `content_response`, with its headers."""
    return content_response(description, *media_types, example=example) | {
        "headers": SPEECH_HEADERS
    }


def content_response(description: str, *media_types: str, example: Any = None) -> dict[str, Any]:
    """The declaration of a successful response with one of these media types."""
    content: dict[str, Any] = {} if example is None else {"example": example}
    return {"description": description, "content": dict.fromkeys(media_types, content)}
