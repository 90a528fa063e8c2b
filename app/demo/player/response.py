"""The answer to a request for speech: messages as lines of JSON while it is made, or an error."""

import asyncio
import json
import logging
from contextlib import aclosing
from http import HTTPStatus
from math import inf

from anyio import CancelScope, current_time
from starlette.responses import JSONResponse, Response
from starlette.types import Message as Event
from starlette.types import Receive, Scope, Send

from ...failures import Failure, FailureKind, describe_failure
from ...network.streaming import STREAMED_HEADERS, cancel_on_disconnect
from ..handlers import sentence
from ..request import FIELDS
from .messages import Message, Messages

LINES = "application/x-ndjson"
STATUS = {
    FailureKind.INVALID_REQUEST: HTTPStatus.BAD_REQUEST,
    FailureKind.BUSY: HTTPStatus.TOO_MANY_REQUESTS,
    FailureKind.CLOSED: HTTPStatus.SERVICE_UNAVAILABLE,
    FailureKind.VOICE_UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    FailureKind.UNEXPECTED: HTTPStatus.INTERNAL_SERVER_ERROR,
}
log = logging.getLogger(__name__)


class MessagesResponse(Response):
    """Sends messages while they are made; nothing more is made once the client has left.

    An error before the first message gives the answer its status; a later one is the last message.

    Args:
        messages: the messages.
        seconds: in which a client takes a message; one that does not read counts as having left.
    """

    def __init__(self, messages: Messages, seconds: float) -> None:
        self.messages, self.seconds = messages, seconds
        self.status_code, self.background, self.media_type = HTTPStatus.OK, None, LINES
        self.init_headers(STREAMED_HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with CancelScope() as making:
            leaving = asyncio.create_task(cancel_on_disconnect(receive, making))
            try:
                async with aclosing(self.messages) as messages:
                    await self._answer(
                        messages, scope, receive, _in_time(send, making, self.seconds)
                    )
            finally:
                leaving.cancel()

    async def _answer(self, messages: Messages, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            first = await anext(messages)
        except Exception as error:
            await refusal(error)(scope, receive, send)
            return
        head = {"type": "http.response.start", "status": HTTPStatus.OK, "headers": self.raw_headers}
        await send(head)
        await _send(send, first)
        try:
            async for message in messages:
                await _send(send, message)
        except Exception as error:
            await _send(send, _told(error, describe_failure(error)))
        await send({"type": "http.response.body", "body": b""})


def refusal(error: Exception) -> Response:
    """The answer to a request that cannot be met."""
    failure = describe_failure(error)
    return JSONResponse(_told(error, failure), STATUS[failure.kind], STREAMED_HEADERS)


def _told(error: Exception, failure: Failure) -> Message:
    """The sentence of an error, and the field that it names; the text if it names none."""
    if failure.kind is FailureKind.UNEXPECTED:
        log.error("speech of the page failed", exc_info=error)
    field = None
    if failure.kind is FailureKind.INVALID_REQUEST:
        named = failure.message.lower().removeprefix("unknown ").partition(" ")[0]
        field = named if named in FIELDS else "text"
    return {"error": sentence(failure.message), "field": field}


async def _send(send: Send, message: Message) -> None:
    body = json.dumps(message).encode() + b"\n"
    await send({"type": "http.response.body", "body": body, "more_body": True})


def _in_time(send: Send, making: CancelScope, seconds: float) -> Send:
    """Sends as `send` does, and cancels the work if that takes longer."""

    async def sent(event: Event) -> None:
        making.deadline = current_time() + seconds
        await send(event)
        making.deadline = inf

    return sent
