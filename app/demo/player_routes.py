"""Routes of the page's player: speech while it is made, takes as files, and the player's scripts.

They lie below `player/`, beside Gradio's own, and are called by relative addresses, since the page
may be mounted below a path. Speech does not pass through Gradio's events, which would delay the
first sound by a queue and could merge updates.
"""

import asyncio
import json
import logging
from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, NoReturn

from anyio import CancelScope
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from tts.cli.explain import explain

from .. import server
from ..failures import FailureKind, describe_failure
from .downloads import DOWNLOADS, encode_take
from .handlers import DemoHandlers, sentence
from .html import readings
from .request import FIELDS, DemoRequest
from .speech_messages import Message, Messages, speak_line, speak_text
from .take_store import TakeStore

STATIC = Path(__file__).parent / "static"
WORKLET = Path(server.__file__).parent / "static" / "worklet.js"  # the page /live has the same
LINES = "application/x-ndjson"
# no caches, and no buffering by proxies such as nginx
FRESH = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
STATUS = {
    FailureKind.INVALID_REQUEST: HTTPStatus.BAD_REQUEST,
    FailureKind.BUSY: HTTPStatus.TOO_MANY_REQUESTS,
    FailureKind.CLOSED: HTTPStatus.SERVICE_UNAVAILABLE,
    FailureKind.VOICE_UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    FailureKind.UNEXPECTED: HTTPStatus.INTERNAL_SERVER_ERROR,
}
log = logging.getLogger(__name__)
GONE = "this take is no longer kept; press Speak to make it again"


def player_routes(studio: DemoHandlers) -> list[BaseRoute]:
    """The routes of the player.

    Args:
        studio: makes the speech, within its limits.
    """
    limits = studio.limits
    player = PlayerRoutes(studio, TakeStore(limits.visitors * limits.seconds))
    return [
        Mount(
            "/player",
            routes=[
                Route("/speak", player.speak, methods=["POST"]),
                Route("/takes/{take}/reading", player.reading),
                Route("/takes/{take}/{name}", player.file),
                Route("/worklet.js", lambda _: FileResponse(WORKLET)),
                Mount("/static", StaticFiles(directory=STATIC)),
            ],
        )
    ]


@dataclass(frozen=True)
class PlayerRoutes:
    """The functions behind the routes.

    Args:
        studio: makes the speech, within its limits.
        takes: what was spoken lately.
    """

    studio: DemoHandlers
    takes: TakeStore

    async def speak(self, request: Request) -> Response:
        """Speak a text, or one sentence of a take with its next seed.

        The body is an object of JSON with the fields of a `DemoRequest`; or with `take`, the
        identifier of a take, and `line`, the number of a sentence. The answer is messages as in
        `speech_messages`, one a line. An error before the first has a status, and an object of
        JSON with `error` and the `field` that is wrong.
        """
        try:
            return MessagesResponse(self._messages(await read_json(request)))
        except ValueError as error:
            return refusal(error)

    async def file(self, request: Request) -> Response:
        """A take as a file."""
        take, name = self.takes.get(request.path_params["take"]), request.path_params["name"]
        if name not in DOWNLOADS:
            return _missing(f"no such file: {name}")
        if take is None:
            return _missing(GONE)
        config = self.studio.engine.synthesizer.runtime.config.mel
        data = await asyncio.to_thread(encode_take, take, name, config)
        headers = FRESH | {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(data, headers=headers, media_type=DOWNLOADS[name])

    async def reading(self, request: Request) -> Response:
        """How the text of a take is read, as HTML."""
        take = self.takes.get(request.path_params["take"])
        if take is None:
            return _missing(GONE)
        shown = await self.studio.read(lambda: readings(explain(take.text, take.delivery.reading)))
        return Response(shown, headers=FRESH, media_type="text/html")

    def _messages(self, given: dict[str, Any]) -> Messages:
        if "take" not in given:
            return speak_text(self.studio, self.takes, DemoRequest.parse(given))
        take, line = self.takes.get(given["take"]), given.get("line")
        if take is None:
            raise ValueError(GONE)
        if not isinstance(line, int) or line not in [one.utterance for one in take.lines]:
            raise ValueError("there is no such sentence; press Speak first")
        return speak_line(self.studio, self.takes, take, line)


class MessagesResponse(Response):
    """Sends messages while they are made; speech is no longer made when the client leaves."""

    def __init__(self, messages: Messages) -> None:
        self.messages = messages
        self.status_code, self.background, self.media_type = 200, None, LINES
        self.init_headers(FRESH)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with CancelScope() as making:
            leaving = asyncio.create_task(_gone(receive, making))
            try:
                async with aclosing(self.messages) as messages:
                    await self._answer(messages, scope, receive, send)
            finally:
                leaving.cancel()

    async def _answer(self, messages: Messages, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            first = await anext(messages)
        except Exception as error:
            return await refusal(error)(scope, receive, send)
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await _send(send, first)
        try:
            async for message in messages:
                await _send(send, message)
        except Exception as error:
            await _send(send, _told(error))
        await send({"type": "http.response.body", "body": b""})


async def _send(send: Send, message: Message) -> None:
    body = json.dumps(message).encode() + b"\n"
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _gone(receive: Receive, making: CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    making.cancel()


def refusal(error: Exception) -> Response:
    """The answer to a request that cannot be met."""
    kind = describe_failure(error).kind
    return JSONResponse(_told(error), STATUS[kind], FRESH)


def _told(error: Exception) -> Message:
    """The sentence of an error, and the field that it names."""
    failure = describe_failure(error)
    if failure.kind is FailureKind.UNEXPECTED:
        log.error("speech of the page failed", exc_info=error)
    named = failure.message.lower().replace("unknown voice", "voice").partition(" ")[0]
    theirs = failure.kind is FailureKind.INVALID_REQUEST
    field = (named if named in FIELDS else "text") if theirs else None
    return {"error": sentence(failure.message), "field": field}


def _missing(message: str) -> Response:
    return JSONResponse({"error": sentence(message), "field": None}, HTTPStatus.NOT_FOUND)


async def read_json(request: Request) -> dict[str, Any]:
    """The object of JSON that a request has as its body.

    Raises:
        ValueError: it is none. Other sites' pages cannot send this content type unasked.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise ValueError("content-type must be application/json")
    try:
        given = json.loads(await request.body(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ValueError("the body must be an object of JSON") from error
    if not isinstance(given, dict):
        raise ValueError("the body must be an object of JSON")
    return given


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
