"""A response that is sent while it is made; synthesis stops when the client disconnects."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from json import dumps
from typing import Protocol, runtime_checkable

from anyio import CancelScope, current_time, to_thread
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tts.best_of.choice import Choice
from tts.serving.engine import EngineClosed
from tts.serving.stream import SpeechStream
from tts.speech import Speech

from ..choices import choices_json
from ..network.streaming import STREAMED_HEADERS, cancel_on_disconnect
from .errors import ApiError, refuse_speech
from .request_record import RequestRecord, record_of
from .settings import ServerSettings

WARNING_HEADER, CHOICE_HEADER = "TTS-Warning", "TTS-Choice"
MAX_CHOICES_LENGTH = 4000  # characters of a header; proxies refuse headers beyond 8 kB


@runtime_checkable
class Serializer(Protocol):
    """Turns pieces of speech into the bytes of a body."""

    @property
    def media_type(self) -> str:
        """The Content-Type of the body."""

    def add(self, piece: Speech) -> bytes:
        """The bytes that are ready after this piece; may be empty."""

    def end(self) -> bytes:
        """The bytes after the last piece."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SpokenText:
    """What is known of the text of a request, but not the text itself.

    Args:
        voice: that speaks it, a voice or a blend.
        characters: its length.
        warnings: on what the voices cannot read of it.
    """

    voice: str
    characters: int
    warnings: Sequence[str] = ()


class SpeechResponse(Response):
    """Streams the speech of a request.

    The body must begin within `response_timeout_seconds`, and may then fall behind real time by no
    more than that, so that a client may play it while it downloads it. A response that is cut
    short has no final chunk, by which HTTP clients recognise it as incomplete.

    Args:
        reply: the speech.
        form: encodes it.
        settings: timeouts and the longest audio.
        text: about the text, for the log; its warnings are sent in a header.
    """

    def __init__(
        self,
        reply: SpeechStream,
        form: Serializer,
        settings: ServerSettings,
        text: SpokenText,
    ) -> None:
        self.reply, self.form, self.settings, self.text = reply, form, settings, text
        self.status_code, self.background, self.media_type = 200, None, form.media_type
        self.init_headers(STREAMED_HEADERS | _warning_header(text.warnings))
        self._begun = self._broken = self._ended = False
        self._choices: list[Choice] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        record = record_of(scope)
        record.voice, record.characters = self.text.voice, self.text.characters
        with (
            self.reply,
            CancelScope(deadline=current_time() + self.settings.response_timeout_seconds) as limit,
        ):
            going = asyncio.create_task(cancel_on_disconnect(receive, limit))
            try:
                await self._make(send, limit, record)
            finally:
                left = going.done()
                going.cancel()
                if not self._ended:
                    self.form.end()  # frees the codec
        if limit.cancelled_caught and not left and not self._begun:
            raise late(self.settings)

    async def _make(self, send: Send, limit: CancelScope, record: RequestRecord) -> None:
        # in a thread, since encoding some seconds of audio would block the event loop
        while piece := await self._next():
            limit.deadline += piece.seconds
            self._choices += piece.choices
            record.add_sound(piece.seconds)
            if record.sound_seconds > self.settings.max_audio_seconds:
                self._cut()
                return
            await self._send(send, await to_thread.run_sync(self.form.add, piece))
        if self._broken:
            return
        self._ended = True
        await self._send(send, await to_thread.run_sync(self.form.end), more=False)

    async def _next(self) -> Speech | None:
        """The next piece. On an error, refuse the request, or end it if the body has begun."""
        try:
            return await anext(self.reply, None)
        except (ValueError, EngineClosed) as error:
            self._broken = True
            if self._begun:
                return None
            raise refuse_speech(error) from error

    def _cut(self) -> None:
        """The audio is too long: refuse the request, unless the body has begun."""
        if not self._begun:
            most = f"{self.settings.max_audio_seconds:g} s of audio"
            raise ApiError(400, f"input may give at most {most}; send it in parts", "input")

    async def _send(self, send: Send, body: bytes, more: bool = True) -> None:
        if not body and more:
            return
        if not self._begun:
            self._begun = True
            self.headers.update(choice_header(self._choices))
            head = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await send(head)
        await send({"type": "http.response.body", "body": body, "more_body": more})


def _warning_header(warnings: Sequence[str]) -> dict[str, str]:
    """Warnings in ASCII, as headers must be: other letters are written as in JSON."""
    shown = dumps("; ".join(warnings))[1:-1]
    return {WARNING_HEADER: shown} if warnings else {}


def choice_header(choices: Sequence[Choice]) -> dict[str, str]:
    """The choices before the first byte as a list of JSON, without scores; the first that fit."""
    kept = ("utterance", "judge", "seed", "chosen", "why")
    shown = [{name: choice[name] for name in kept} for choice in choices_json(choices)]
    while len(written := dumps(shown)) > MAX_CHOICES_LENGTH:
        shown.pop()
    return {CHOICE_HEADER: written} if shown else {}


def late(settings: ServerSettings) -> ApiError:
    """The error response when no audio was ready in time."""
    limit = settings.response_timeout_seconds
    message = f"no audio was ready within {limit:g} s; try again later"
    return ApiError(504, message, code="timeout")
