"""Pages of other sites, which may ask only where their origin is let in."""

import logging
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from tts.error_messages import quoted

ANY = "*"
log = logging.getLogger(__name__)


def is_origin_refused(headers: Headers, origins: Collection[str]) -> bool:
    """Whether a page asks that is neither this server's nor of an origin that may.

    One that is refused is told in the log, with the option that lets it in.
    """
    origin = headers.get("origin")
    if origin is None or {ANY, origin} & set(origins):
        return False
    if _place(origin) == headers.get("host", "").lower():
        return False
    log.warning("refused a page of %s; --origin with this origin lets it in", quoted(origin))
    return True


class OriginLog:
    """Tells in the log of pages from which the browser will withhold the answer."""

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self._app, self._origins = app, origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            is_origin_refused(Headers(scope=scope), self._origins)
        await self._app(scope, receive, send)


def _place(origin: str) -> str:
    """Host and port of an origin, as a request names them."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
