"""Web pages of other sites, which may call the server only if their origin is allowed."""

import logging
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from tts.error_messages import quoted

ANY = "*"
log = logging.getLogger(__name__)


def is_origin_refused(headers: Headers, origins: Collection[str]) -> bool:
    """Whether a request comes from a page of an origin that is not allowed; it is logged then.

    Args:
        headers: of the request.
        origins: allowed origins; `*` allows all. The server's own pages are always allowed.
    """
    origin = headers.get("origin")
    if origin is None or {ANY, origin} & set(origins):
        return False
    if _place(origin) == headers.get("host", "").lower():
        return False
    log.warning("refused a page of %s; --origin with this origin allows it", quoted(origin))
    return True


class OriginLog:
    """Logs requests of pages to which the browser will not show the response."""

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self._app, self._origins = app, origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            is_origin_refused(Headers(scope=scope), self._origins)
        await self._app(scope, receive, send)


def _place(origin: str) -> str:
    """Host and port of an origin, as in a `Host` header; empty if it is invalid."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
