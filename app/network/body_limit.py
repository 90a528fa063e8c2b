"""Middleware of every route: it refuses requests for unknown hosts, and bodies too large."""

import logging

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tts.error_messages import quoted

from ..server.errors import ApiError, error_body
from .hosts import Hosts

UPLOAD = "/upload"  # end of the path to which Gradio uploads files
log = logging.getLogger(__name__)
CAREFUL = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))


class BodyLimitMiddleware:
    """Limits the bytes of a body, and adds security headers to every response.

    Args:
        app: the application.
        most: bytes of a body, at most; more get status 413.
        uploads: the same for uploads of files; None for `most`.
        mounted: path of an application with limits of its own, if there is one.
    """

    def __init__(
        self, app: ASGIApp, most: int, uploads: int | None = None, mounted: str | None = None
    ) -> None:
        self._app, self._most, self._uploads = app, most, uploads or most
        self._mounted = f"{mounted}/" if mounted else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._leaves(scope["path"]):
            return await self._app(scope, receive, send)
        declared = Headers(scope=scope).get("content-length", "")
        taken = int(declared) if declared.isdecimal() else 0
        come = 0
        most = self._uploads if scope["path"].endswith(UPLOAD) else self._most
        too_large = ApiError(413, f"the body must have at most {most} bytes")

        async def measured() -> Message:
            nonlocal come
            if taken > most:
                raise too_large
            message = await receive()
            come += len(message.get("body", b""))
            if come > most:
                raise too_large
            return message

        async def careful(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                added = (header for header in CAREFUL if header[0] not in given)
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await self._app(scope, measured, careful)

    def _leaves(self, path: str) -> bool:
        return self._mounted is not None and path.startswith(self._mounted)


class AllowedHostMiddleware:
    """Answers requests for known host names; others get 421, Misdirected Request."""

    def __init__(self, app: ASGIApp, hosts: Hosts) -> None:
        self._app, self._hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            # browsers always send a Host header
            for given in Headers(scope=scope).getlist("host"):
                if given not in self._hosts:
                    return await _misdirected(given)(scope, receive, send)
        await self._app(scope, receive, send)


def _misdirected(given: str) -> Response:
    named = quoted(given)
    log.warning("refused a request for the host %s; --allow-host allows a name", named)
    message = f"unknown host {named}; use localhost, or start the server with --allow-host"
    body = error_body(message, 421, code="unknown_host")
    return Response(body, 421, media_type="application/json")
