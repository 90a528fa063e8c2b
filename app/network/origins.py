"""Web pages of other sites, which may call the server only if their origin is allowed."""

import logging
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tts.error_messages import quoted

from ..server.errors import error_body

ANY = "*"
JSON = "application/json"
FOREIGN = "pages of other sites may not call the demo unless their origin is allowed"
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


class OriginMiddleware:
    """Logs requests of pages of other sites, and refuses those to the web demo.

    Of the other routes, a browser keeps such a page from the response. Gradio lets it read every
    response, with the visitor's password, unless the host is localhost.

    Args:
        app: the application.
        origins: allowed origins; `*` allows all.
        refuses: path of the application whose requests are refused; empty for all paths, None for
            none.
    """

    def __init__(
        self, app: ASGIApp, origins: Collection[str] = (), refuses: str | None = None
    ) -> None:
        self._app, self._origins = app, origins
        self._refuses = None if refuses is None else f"{refuses}/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        foreign = scope["type"] == "http" and is_origin_refused(Headers(scope=scope), self._origins)
        if foreign and self._is_refused(scope["path"]):
            body = error_body(FOREIGN, 403, code="origin_not_allowed")
            return await Response(body, 403, media_type=JSON)(scope, receive, send)
        await self._app(scope, receive, send)

    def _is_refused(self, path: str) -> bool:
        return self._refuses is not None and f"{path}/".startswith(self._refuses)


def _place(origin: str) -> str:
    """Host and port of an origin, as in a `Host` header; empty if it is invalid."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
