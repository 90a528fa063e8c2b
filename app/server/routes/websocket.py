"""The WebSocket that speaks text as it arrives."""

from base64 import urlsafe_b64decode

from fastapi import APIRouter, WebSocket
from starlette.status import WS_1008_POLICY_VIOLATION

from tts.serving.engine import Engine

from ...network.origins import is_origin_refused
from ..auth import is_authorized
from ..errors import STREAM_ROUTE
from ..session import Client, StreamSession
from ..settings import ServerSettings

# Subprotocols that a browser offers. The key is one of them, since a page cannot set headers
PROTOCOL, KEY = "tts", "key."
WRONG_KEY = "the API key is missing or wrong"  # the page recognises it by these words


def websocket_router(engine: Engine, settings: ServerSettings) -> APIRouter:
    """The route of the WebSocket, which checks the key."""
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

    return router


def _key(offered: list[str]) -> str | None:
    """The key among the subprotocols that a browser offers, where it is in base64."""
    coded = next((name[len(KEY) :] for name in offered if name.startswith(KEY)), "")
    try:
        return urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode()
    except ValueError:
        return None
