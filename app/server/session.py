"""Speech over a WebSocket: text arrives while it is typed, and audio is sent while it is made.

Messages of the client are JSON objects; all fields are optional:

- `voice`, `judge` and the numbers of `Delivery`, such as `pace` and `volume`: hold from then on;
- `text`: continues the text; `flush`: speak what has arrived, even within a sentence;
- `end`: the text is complete; `stop`: discard the rest. After either, another text may begin.

Messages of the server are JSON objects, and binary audio in 16-bit little-endian samples:

- `choice`: which candidate of the sentence that follows was kept, where there were several;
- `start`: `sample_rate` in Hz, and `after`, the seconds since the text was asked for;
- `warning`: what the voices cannot read of the text, in one sentence; the speech goes on;
- `words`: the words of the next audio, each with its span in the text and its times in seconds;
- `told`: the characters spoken so far, with `seconds` of audio;
- `done`: the end of the text, with `seconds`, and `stopped` after a `stop`;
- `error`: a message in one sentence, after which the connection is closed.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from json import dumps
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect
from pydantic import ConfigDict, Field, ValidationError
from starlette.status import (
    WS_1008_POLICY_VIOLATION,
    WS_1011_INTERNAL_ERROR,
    WS_1013_TRY_AGAIN_LATER,
)

from tts.audio import Audio, pcm16
from tts.best_of.choice import Choice
from tts.best_of.judges import ENSEMBLE
from tts.delivery import DELIVERY_FIELDS, Delivery
from tts.error_messages import excerpt
from tts.serving.engine import Engine, EngineClosed, QueueFull
from tts.speech import TimedWord
from tts.text.incremental import IncrementalText, TextChunk

from ..choices import choices_json
from ..failures import FailureKind, describe_failure
from ..incremental import IncrementalSpeaker, Request
from ..work_limits import find_excess
from .errors import STREAM_ROUTE
from .schemas import ClientMessage, add_delivery_fields, aliases, default_voice, unknown_judge
from .settings import ServerSettings
from .validation import explain_invalid

DOOR = f"WS {STREAM_ROUTE}"
DELIVERY_NAMES = {"voice", "judge", *DELIVERY_FIELDS}
# Chosen by hand
SAMPLES = 2**16  # of a message, at most: under 3 s
STRETCH = 256  # characters that are parsed at once, before other sessions have a turn
CLOSE_CODES = {
    FailureKind.INVALID_REQUEST: WS_1008_POLICY_VIOLATION,
    FailureKind.BUSY: WS_1013_TRY_AGAIN_LATER,
    FailureKind.CLOSED: WS_1011_INTERNAL_ERROR,
    FailureKind.VOICE_UNAVAILABLE: WS_1011_INTERNAL_ERROR,
    FailureKind.UNEXPECTED: WS_1011_INTERNAL_ERROR,
}


@add_delivery_fields(names={}, ranges=False)
class Message(ClientMessage):
    """A message of the client."""

    model_config = ConfigDict(extra="forbid")

    voice: str = Field(default="", description="A voice, an alias or a blend, from here on.")
    judge: str = Field(default="", description="What chooses between candidates, from here on.")
    text: str = Field(default="", description="Continues the text.")
    flush: bool = Field(default=False, description="Speak what has arrived of the text.")
    end: bool = Field(default=False, description="The text is complete.")
    stop: bool = Field(default=False, description="Discard the rest of the text.")

    def delivery(self, before: Delivery, engine: Engine, settings: ServerSettings) -> Delivery:
        """The delivery from this message on.

        Raises:
            ValueError: a value is out of its range, or the voice is unknown.
        """
        said = self.model_dump(include=DELIVERY_NAMES, exclude_unset=True)
        if "voice" in said:
            said["voice"] = aliases(engine).get(self.voice, self.voice)
            engine.synthesizer.voice_weights(said["voice"])
        if said.get("judge", ENSEMBLE) not in settings.judges:
            raise ValueError(unknown_judge(said["judge"], settings))
        numbers = {"steps": before.steps, "best_of": before.best_of, **said}
        if excess := find_excess(numbers["steps"], numbers["best_of"], settings):
            raise ValueError(excess[1])
        return replace(before, **said)


class Client:
    """Sends speech over a WebSocket; a message that is not sent in `seconds` ends the session."""

    def __init__(self, socket: WebSocket, seconds: float) -> None:
        self._socket, self._seconds = socket, seconds

    async def start(self, sample_rate: int, after: float) -> None:
        await self._tell(start=True, sample_rate=sample_rate, after=after)

    async def warn(self, warning: str) -> None:
        await self._tell(warning=warning)

    async def choose(self, choice: Choice) -> None:
        (shown,) = choices_json([choice])
        del shown["utterance"]  # it counts from the start of a part of the text
        await self._tell(choice=shown)

    async def words(self, words: Sequence[TimedWord]) -> None:
        await self._tell(words=[asdict(word) for word in words])

    async def play(self, audio: Audio) -> None:
        for start in range(0, len(audio), SAMPLES):
            async with asyncio.timeout(self._seconds):
                await self._socket.send_bytes(pcm16(audio[start : start + SAMPLES]).tobytes())

    async def progress(self, stop: int, seconds: float) -> None:
        await self._tell(told=stop, seconds=seconds)

    async def done(self, seconds: float, **more: bool) -> None:
        await self._tell(done=True, seconds=seconds, **more)

    async def refuse(self, why: str, code: int = WS_1008_POLICY_VIOLATION, **more: float) -> None:
        """Send an error and close the connection."""
        with suppress(WebSocketDisconnect, TimeoutError, RuntimeError):  # it may be closed already
            await self._tell(error=why, **more)
            await self._socket.close(code)

    async def _tell(self, **message: object) -> None:
        async with asyncio.timeout(self._seconds):
            await self._socket.send_text(dumps(message))


class StreamSession:
    """A session with one client, over one connection.

    Args:
        socket: the connection, accepted.
        engine: makes the speech.
        settings: limits and timeouts.
    """

    def __init__(self, socket: WebSocket, engine: Engine, settings: ServerSettings) -> None:
        self._socket, self._engine, self._settings = socket, engine, settings
        self._listener = Client(socket, settings.response_timeout_seconds)
        self._delivery = Delivery(voice=default_voice(engine, settings))
        self._begin()

    async def go(self) -> None:
        """Serve the client until it disconnects, or until an error."""
        try:
            while True:
                await self._obey(await self._message())
        except (WebSocketDisconnect, TimeoutError):  # it has disconnected, or does not read
            pass
        except ValueError as error:
            await self._listener.refuse(str(error))
        except EngineClosed as error:
            await self._listener.refuse(str(error), WS_1011_INTERNAL_ERROR)
        finally:
            await self._hush()

    def _begin(self) -> None:
        self._arriving, self._characters = IncrementalText(), 0
        self._telling = IncrementalSpeaker(self._listener, self._engine, DOOR)
        self._task = asyncio.create_task(self._tell(self._telling))

    async def _tell(self, telling: IncrementalSpeaker) -> None:
        """Speak what the client sends; an error ends the session."""
        try:
            await telling.go()
        except (WebSocketDisconnect, TimeoutError):  # it has disconnected, or does not read
            pass
        except Exception as error:
            failure = describe_failure(error)
            more = {"retry_after": error.retry_after} if isinstance(error, QueueFull) else {}
            await self._listener.refuse(failure.message, CLOSE_CODES[failure.kind], **more)
            if failure.kind is FailureKind.UNEXPECTED:
                raise

    async def _hush(self) -> None:
        self._task.cancel()
        (result,) = await asyncio.gather(self._task, return_exceptions=True)
        if isinstance(result, Exception):
            raise result

    async def _message(self) -> Message:
        """The next message. An idle connection is closed after the timeout."""
        text = None
        while text is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.response_timeout_seconds):
                    text = await _received(self._socket)
            if self._task.done():
                raise WebSocketDisconnect(WS_1011_INTERNAL_ERROR)
            if text is None and not self._telling.at_work:
                await self._socket.close()  # normally: the client may connect again
                raise WebSocketDisconnect
        return _read(text, self._settings.max_body_bytes)

    async def _obey(self, message: Message) -> None:
        if message.stop:
            await self._hush()
            await self._listener.done(self._telling.seconds, stopped=True)
            self._begin()
        self._delivery = message.delivery(self._delivery, self._engine, self._settings)
        await self._hear(message.text)
        if message.flush or message.end:
            self._wish(await self._read(self._arriving.flush))
        if message.end:
            self._arriving = IncrementalText()
            self._telling.add(None)

    async def _hear(self, text: str) -> None:
        self._characters += len(text)
        waiting, most = self._characters - self._telling.characters, self._settings.max_characters
        if waiting > most:
            raise ValueError(f"at most {most} characters may wait to be spoken, got {waiting}")
        for start in range(0, len(text), STRETCH):
            stretch = text[start : start + STRETCH]
            self._wish(await self._read(partial(self._arriving.feed, stretch)))

    async def _read(self, look: Callable[[], list[TextChunk]]) -> list[TextChunk]:
        """Find the complete parts of the text, off the event loop."""
        return await asyncio.wrap_future(self._engine.submit(look))

    def _wish(self, parts: Iterable[TextChunk]) -> None:
        for part in parts:
            self._telling.add(Request(part, self._delivery))


async def _received(socket: WebSocket) -> str:
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", WS_1011_INTERNAL_ERROR))
    if message.get("text") is None:
        raise ValueError("the message must be text, a JSON object; got bytes")
    return message["text"]


def _read(text: str, most: int) -> Message:
    if len(text) > most:
        raise ValueError(f"a message must be at most {most} characters long, got {len(text)}")
    try:
        return Message.model_validate_json(text)
    except ValidationError as error:
        first: Any = error.errors()[0]
        if not first["loc"]:
            raise ValueError("the message must be a JSON object") from error
        raise ValueError(explain_invalid(excerpt(first["loc"][0]), first)) from error
