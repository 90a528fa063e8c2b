"""The web demo below `/demo`, beside the routes of the server and with the same engine."""

from base64 import b64decode

import gradio as gr
from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from tts.serving.engine import Engine

from ..demo.handlers import DemoHandlers
from ..demo.limits import DemoLimits
from ..demo.page import app_options, build_page
from ..demo.theme import head, theme
from .auth import is_authorized
from .settings import DEMO, ServerSettings

BASIC = "basic "
WRONG_PASSWORD = "the password is the API key of this server; the user name may be anything\n"
CHALLENGE = {"WWW-Authenticate": 'Basic realm="the API key is the password", charset="UTF-8"'}


def mount_demo(app: FastAPI, engine: Engine, settings: ServerSettings, limits: DemoLimits) -> None:
    """Add the web demo to an application.

    Args:
        app: the application; its middleware checks the host.
        engine: makes the speech.
        settings: the key, and the voice that is chosen first.
        limits: of a request.
    """
    studio = DemoHandlers(engine, limits)
    blocks = build_page(studio, settings.voice)
    blocks.queue(max_size=limits.waiting)
    blocks.state_session_capacity = limits.visitors
    gr.mount_gradio_app(
        app,
        blocks,
        DEMO,
        max_file_size=limits.file_bytes,
        ssr_mode=False,
        app_kwargs=app_options(studio, Middleware(PasswordMiddleware, settings=settings)),
        theme=theme(),
        head=head(),
        footer_links=[],
    )
    # Gradio takes any path for an uploaded file, unless the page counts as launched
    blocks.has_launched = True


class PasswordMiddleware:
    """Lets in whoever sends the API key, which a browser asks for as a password.

    Args:
        app: the application.
        settings: its `key`; without one, anyone is let in.
    """

    def __init__(self, app: ASGIApp, settings: ServerSettings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = Headers(scope=scope).get("authorization") if scope["type"] == "http" else None
        if scope["type"] in ("http", "websocket") and not is_authorized(
            self._settings, _password(given)
        ):
            refusal = PlainTextResponse(WRONG_PASSWORD, 401, CHALLENGE)
            return await refusal(scope, receive, send)
        await self._app(scope, receive, send)


def _password(given: str | None) -> str | None:
    """The password of HTTP's basic authentication; another header as it is."""
    if given is None or given[: len(BASIC)].lower() != BASIC:
        return given
    try:
        return b64decode(given[len(BASIC) :]).decode().partition(":")[2]
    except ValueError:
        return None
