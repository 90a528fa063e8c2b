"""Wrong calls of the page's API: a message for the caller and a line in the log, no traceback."""

import logging
from typing import Any

import gradio as gr
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tts.error_messages import quoted

OURS = __name__.partition(".")[0]
VALUES = "The values do not fit this function; /gradio_api/info lists those that it takes."
NAMES = "Unknown function or wrong values; /gradio_api/info lists the functions and their values."
ADDRESSES = ("http://", "https://")
log = logging.getLogger(__name__)


class DemoBlocks(gr.Blocks):
    """Gradio's Blocks, which would fetch the address that a visitor gives in place of a file.

    They would also print a traceback for a wrong number or type of values.
    """

    async def preprocess_data(
        self, block_fn: Any, inputs: list[Any], *given: Any, **named: Any
    ) -> list[Any]:
        try:
            if _has_address(inputs):
                raise ValueError("an address instead of a file")
            return await super().preprocess_data(block_fn, inputs, *given, **named)
        except Exception as error:
            raise _wrong(block_fn, error) from None

    async def call_function(self, block_fn: Any, *given: Any, **named: Any) -> Any:
        try:
            return await super().call_function(block_fn, *given, **named)
        except Exception as error:
            # our own functions check their values, so other exceptions in them are bugs
            if getattr(block_fn.fn, "__module__", "").partition(".")[0] == OURS:
                raise
            raise _wrong(block_fn, error) from None


class CallErrorMiddleware:
    """Answers 400 where a route of Gradio raises, as it does for unknown functions or sessions."""

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


def _has_address(value: Any) -> bool:
    """Whether the path of a file, at any depth, is an address of the web."""
    if isinstance(value, dict):
        path = value.get("path")
        is_address = isinstance(path, str) and path.lower().startswith(ADDRESSES)
        return is_address or _has_address([*value.values()])
    return isinstance(value, list) and any(map(_has_address, value))


def _wrong(block_fn: Any, error: Exception) -> gr.Error:
    _log(f"/{block_fn.api_name}", error)
    return gr.Error(VALUES, print_exception=False)


def _log(place: str, error: Exception) -> None:
    """Log the error in one line, and its traceback at debug level."""
    why = quoted(str(error).partition("\n")[0])
    log.warning("wrong call of %s: %s, %s", quoted(place), type(error).__name__, why)
    log.debug("where it was raised", exc_info=error)
