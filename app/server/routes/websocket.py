"""The WebSocket that speaks text as it arrives, and the page `/live` that uses it."""

from base64 import urlsafe_b64decode
from collections.abc import Callable
from pathlib import Path

from fastapi import APIRouter, WebSocket
from fastapi.responses import FileResponse
from starlette.status import WS_1008_POLICY_VIOLATION

from tts.serving.engine import Engine

from ...network.origins import is_origin_refused
from ..auth import is_authorized
from ..errors import STREAM_ROUTE
from ..session import Client, StreamSession
from ..settings import ServerSettings

STATIC = Path(__file__).parent.parent / "static"
PAGE, BESIDE = "live.html", ("live.js", "worklet.js", "live.css")
# the page loads nothing from other sites, and cannot be framed
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
# Subprotocols that a browser offers. The key is one of them, since a page cannot set headers
PROTOCOL, KEY = "tts", "key."
WRONG_KEY = "the API key is missing or wrong"  # the page recognises it by these words


def websocket_router(engine: Engine, settings: ServerSettings) -> APIRouter:
    """The routes of the page, which needs no key, and of the WebSocket, which does."""
    router = APIRouter()

    @router.websocket(STREAM_ROUTE)
    async def converse(socket: WebSocket) -> None:
        """Serve a session to a client that is authorised."""
        if is_origin_refused(socket.headers, settings.origins):
            await socket.close(WS_1008_POLICY_VIOLATION)
            return
        offered = socket.scope["subprotocols"]
        await socket.accept(PROTOCOL if PROTOCOL in offered else None)
        if is_authorized(settings, socket.headers.get("authorization") or _key(offered)):
            await StreamSession(socket, engine, settings).go()
        else:
            await Client(socket, settings.response_timeout_seconds).refuse(WRONG_KEY)

    @router.get("/live", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(STATIC / PAGE, headers={"Content-Security-Policy": POLICY})

    for name in BESIDE:
        router.add_api_route(f"/live/{name}", _file(name), include_in_schema=False)
    return router


def _file(name: str) -> Callable[[], FileResponse]:
    def file() -> FileResponse:
        return FileResponse(STATIC / name)

    return file


def _key(offered: list[str]) -> str | None:
    """The key among the subprotocols that a browser offers, where it is in base64."""
    coded = next((name[len(KEY) :] for name in offered if name.startswith(KEY)), "")
    try:
        return urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode()
    except ValueError:
        return None
