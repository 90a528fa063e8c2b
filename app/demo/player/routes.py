"""Routes of the page's player: speech while it is made, takes as files, and the player's scripts.

They lie below `player/`, beside Gradio's own, and are called by relative addresses, since the page
may be mounted below a path. Speech does not pass through Gradio's events, which would delay the
first sound by a queue and could merge updates.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, NoReturn

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from tts.cli.explain import explain

from ... import server
from ...network.streaming import STREAMED_HEADERS
from ..handlers import DemoHandlers, sentence
from ..html import readings
from ..request import DemoRequest
from .downloads import DOWNLOADS, encode_take
from .messages import Messages, speak_line, speak_text
from .response import MessagesResponse, refusal
from .take_store import TakeStore

STATIC = Path(__file__).parents[1] / "static"
# The page /live has the same worklet
SCRIPTS = (*STATIC.glob("*.[jc]*s"), Path(server.__file__).parent / "static" / "worklet.js")
CHECKED = {"Cache-Control": "no-cache"}  # a browser asks whether its copy is the newest
GONE = "this take is no longer kept; press Speak to make it again"


def player_routes(studio: DemoHandlers) -> list[BaseRoute]:
    """The routes of the player.

    Args:
        studio: makes the speech, within its limits.
    """
    player = PlayerRoutes(studio, TakeStore(studio.limits.kept))
    return [
        Mount(
            "/player",
            routes=[
                Route("/speak", player.speak, methods=["POST"]),
                Route("/takes/{take}/reading", player.reading),
                Route("/takes/{take}/{name}", player.file),
                *(Route(f"/static/{path.name}", _file(path)) for path in SCRIPTS),
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
            messages = self._messages(await read_json(request))
        except ValueError as error:
            return refusal(error)
        return MessagesResponse(messages, self.studio.limits.sending)

    async def file(self, request: Request) -> Response:
        """A take as a file."""
        take, name = self.takes.get(request.path_params["take"]), request.path_params["name"]
        if name not in DOWNLOADS:
            return _missing(f"no such file: {name}")
        if take is None:
            return _missing(GONE)
        if request.method == "HEAD":  # only asks whether it is there
            return Response(headers=STREAMED_HEADERS, media_type=DOWNLOADS[name])
        config = self.studio.engine.synthesizer.runtime.config.mel
        data = await asyncio.to_thread(encode_take, take, name, config)
        headers = STREAMED_HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(data, headers=headers, media_type=DOWNLOADS[name])

    async def reading(self, request: Request) -> Response:
        """How the text of a take is read, as HTML."""
        take = self.takes.get(request.path_params["take"])
        if take is None:
            return _missing(GONE)
        shown = await self.studio.read(lambda: readings(explain(take.text, take.delivery.reading)))
        # a text may have lone surrogates, which cannot be encoded
        data = shown.encode(errors="replace")
        return Response(data, headers=STREAMED_HEADERS, media_type="text/html")

    def _messages(self, given: dict[str, Any]) -> Messages:
        if "take" not in given:
            return speak_text(self.studio, self.takes, DemoRequest.parse(given))
        take, line = self.takes.get(given["take"]), given.get("line")
        if take is None:
            raise ValueError(GONE)
        if not isinstance(line, int) or line not in [one.utterance for one in take.lines]:
            raise ValueError("there is no such sentence; press Speak first")
        return speak_line(self.studio, self.takes, take, line)


def _file(path: Path) -> Callable[[Request], Response]:
    def file(_: Request) -> Response:
        return FileResponse(path, headers=CHECKED)

    return file


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
