"""An answer that is sent as it is made, and made no further once its listener has gone."""

import asyncio
from typing import Protocol, runtime_checkable

from anyio import CancelScope, current_time, to_thread
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tts.serving.engine import EngineClosed
from tts.serving.stream import SpeechStream
from tts.speech import Speech

from .errors import ApiError, refuse_speech
from .settings import ServerSettings

# proxies are to hand it on as it comes, and nobody is to keep it
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@runtime_checkable
class Serializer(Protocol):
    """What pieces of speech become on their way to whoever asked."""

    @property
    def media_type(self) -> str: ...

    def add(self, piece: Speech) -> bytes: ...

    def end(self) -> bytes:
        """What comes after the last piece."""


class SpeechResponse(Response):
    """A reply in a form, sent as it becomes ready.

    It begins within so many seconds, and never lags so far behind its own sound: whoever plays it
    while it comes may take as long as it lasts. What is cut short is left without an end, by which
    its listener knows.
    """

    def __init__(self, reply: SpeechStream, form: Serializer, settings: ServerSettings) -> None:
        self.reply, self.form, self.settings = reply, form, settings
        self.status_code, self.background, self.media_type = 200, None, form.media_type
        self.init_headers(HEADERS)
        self._begun = self._broken = self._ended = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with (
            self.reply,
            CancelScope(deadline=current_time() + self.settings.response_timeout_seconds) as limit,
        ):
            going = asyncio.create_task(_gone(receive, limit))
            try:
                await self._make(send, limit)
            finally:
                left = going.done()
                going.cancel()
                if not self._ended:
                    self.form.end()  # a codec keeps its memory until then
        if limit.cancelled_caught and not left and not self._begun:
            raise late(self.settings)

    async def _make(self, send: Send, limit: CancelScope) -> None:
        # off the event loop, for to code some seconds of sound takes a while
        spoken = 0.0
        while piece := await self._next():
            limit.deadline += piece.seconds
            spoken += piece.seconds
            if spoken > self.settings.max_audio_seconds:
                self._cut()
                return
            await self._send(send, await to_thread.run_sync(self.form.add, piece))
        if self._broken:
            return
        self._ended = True
        await self._send(send, await to_thread.run_sync(self.form.end), more=False)

    async def _next(self) -> Speech | None:
        """The next piece. What cannot be made is refused, or cut short if some of it was sent."""
        try:
            return await anext(self.reply, None)
        except (ValueError, EngineClosed) as error:
            self._broken = True
            if self._begun:
                return None
            raise refuse_speech(error) from error

    def _cut(self) -> None:
        """There is more to say than may be: whoever has heard nothing yet is told so."""
        if not self._begun:
            most = f"at most {self.settings.max_audio_seconds:g} s of sound"
            raise ApiError(400, f"expected {most}, and there is more; send it in parts", "input")

    async def _send(self, send: Send, body: bytes, more: bool = True) -> None:
        if not body and more:
            return
        if not self._begun:
            self._begun = True
            head = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await send(head)
        await send({"type": "http.response.body", "body": body, "more_body": more})


def late(settings: ServerSettings) -> ApiError:
    """The answer to whoever has waited too long for a first sound."""
    limit = settings.response_timeout_seconds
    message = f"expected sound within {limit:g} s, and had none; ask again later"
    return ApiError(504, message, code="timeout")


async def _gone(receive: Receive, limit: CancelScope) -> None:
    """Nothing more is made for whoever has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
    limit.cancel()
