"""Calls of the demo's functions that are wrong: a sentence for the caller, a line in the log."""

import logging
from typing import Any

import gradio as gr
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tts.error_messages import quoted

OURS = __name__.partition(".")[0]
VALUES = "Expected a call with the values that /gradio_api/info lists for this function."
NAMES = "Expected a call of a function that /gradio_api/info lists, with the values it lists there."
log = logging.getLogger(__name__)


class DemoBlocks(gr.Blocks):
    """Gradio's, which would print a traceback for values of another number or type."""

    async def preprocess_data(self, block_fn: Any, *given: Any, **named: Any) -> list[Any]:
        try:
            return await super().preprocess_data(block_fn, *given, **named)
        except Exception as error:
            raise _wrong(block_fn, error) from None

    async def call_function(self, block_fn: Any, *given: Any, **named: Any) -> Any:
        try:
            return await super().call_function(block_fn, *given, **named)
        except Exception as error:
            # our own functions look at their values; what else they raise is a fault of ours
            if getattr(block_fn.fn, "__module__", "").partition(".")[0] == OURS:
                raise
            raise _wrong(block_fn, error) from None


class CallErrorMiddleware:
    """Answers where one of Gradio's routes raises: by a function or a session unknown to it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            _log(scope["path"], error)
            if not begun:
                await JSONResponse({"detail": NAMES}, 400)(scope, receive, send)


def _wrong(block_fn: Any, error: Exception) -> gr.Error:
    _log(f"/{block_fn.api_name}", error)
    return gr.Error(VALUES, print_exception=False)


def _log(place: str, error: Exception) -> None:
    """A line in the log; where it was raised is told to those who debug."""
    why = quoted(str(error).partition("\n")[0])
    log.warning("wrong call of %s: %s, %s", quoted(place), type(error).__name__, why)
    log.debug("where it was raised", exc_info=error)
