"""What is said over a WebSocket: text comes as it is typed, and speech goes as it is made.

Every message of the listener's is an object in JSON, in which all is optional: `voice` and the
numbers of a `Delivery`, such as `pace` and `volume`, hold from then on; `text` goes on from the
text before; `flush` says that what there is of it is complete; `end` that all of it is; `stop` that
nothing more of it is wanted. After either of the last two, another text may begin.

What goes out are messages in JSON and, between them, sound: whole numbers of 16 bits, little end
first. `start` tells its rate, and after how many seconds it was there; `words` are told before
they are heard, with their spans in the text and their times; `told` is up to which character all
has gone out, and `done` that the text has, each with the seconds that it lasts. An `error` is a
sentence, and the last of the messages.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from json import dumps

from fastapi import WebSocket, WebSocketDisconnect
from pydantic import ConfigDict, ValidationError
from starlette.status import (
    WS_1008_POLICY_VIOLATION,
    WS_1011_INTERNAL_ERROR,
    WS_1013_TRY_AGAIN_LATER,
)

from tts.audio import Audio, pcm16
from tts.delivery import DELIVERY_FIELDS, Delivery
from tts.error_messages import excerpt
from tts.serving.engine import Engine, EngineClosed, QueueFull
from tts.speech import TimedWord
from tts.text.incremental import IncrementalText, TextChunk

from ..failures import FailureKind, describe_failure
from ..incremental import IncrementalSpeaker, Request
from .schemas import ClientMessage, add_delivery_fields, aliases
from .settings import ServerSettings

DELIVERY_NAMES = {"voice", *DELIVERY_FIELDS}
SAMPLES = 2**16  # of a message, at most
STRETCH = 256  # characters that are looked at before somebody else has a turn
CLOSE_CODES = {
    FailureKind.INVALID_REQUEST: WS_1008_POLICY_VIOLATION,
    FailureKind.BUSY: WS_1013_TRY_AGAIN_LATER,
    FailureKind.CLOSED: WS_1011_INTERNAL_ERROR,
    FailureKind.UNEXPECTED: WS_1011_INTERNAL_ERROR,
}


@add_delivery_fields(names={}, ranges=False)
class Message(ClientMessage):
    """What a listener may send."""

    model_config = ConfigDict(extra="forbid")

    voice: str = ""
    text: str = ""
    flush: bool = False
    end: bool = False
    stop: bool = False

    def delivery(self, before: Delivery, engine: Engine, settings: ServerSettings) -> Delivery:
        """How it is to be said from here on, where all of it may be."""
        said = self.model_dump(include=DELIVERY_NAMES, exclude_unset=True)
        if "voice" in said:
            said["voice"] = aliases(engine).get(self.voice, self.voice)
            engine.synthesizer.voice_weights(said["voice"])
        steps = said.get("steps", 1)
        if steps > settings.steps:
            raise ValueError(f"steps must be at most {settings.steps}, not {excerpt(steps)}")
        return replace(before, **said)


class Client:
    """A listener at the other end of a WebSocket, who takes each message within so many seconds."""

    def __init__(self, socket: WebSocket, seconds: float) -> None:
        self._socket, self._seconds = socket, seconds

    async def start(self, sample_rate: int, after: float) -> None:
        await self._tell(start=True, sample_rate=sample_rate, after=after)

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
        """Say why, and that is the last of it."""
        with suppress(WebSocketDisconnect, TimeoutError, RuntimeError):  # he may have left
            await self._tell(error=why, **more)
            await self._socket.close(code)

    async def _tell(self, **message: object) -> None:
        async with asyncio.timeout(self._seconds):
            await self._socket.send_text(dumps(message))


class StreamSession:
    """With one listener, for as long as he stays; what he wants no more is made no further."""

    def __init__(self, socket: WebSocket, engine: Engine, settings: ServerSettings) -> None:
        self._socket, self._engine, self._settings = socket, engine, settings
        self._listener = Client(socket, settings.response_timeout_seconds)
        self._delivery = Delivery(voice=engine.synthesizer.voices[0])
        self._begin()

    async def go(self) -> None:
        """Listen until the listener has left, or was told what was wrong."""
        try:
            while True:
                await self._obey(await self._message())
        except (WebSocketDisconnect, TimeoutError):  # he has left, or takes nothing
            pass
        except ValueError as error:
            await self._listener.refuse(str(error))
        except EngineClosed as error:
            await self._listener.refuse(str(error), WS_1011_INTERNAL_ERROR)
        finally:
            await self._hush()

    def _begin(self) -> None:
        self._arriving, self._characters = IncrementalText(), 0
        self._telling = IncrementalSpeaker(self._listener, self._engine)
        self._task = asyncio.create_task(self._tell(self._telling))

    async def _tell(self, telling: IncrementalSpeaker) -> None:
        """All that is wished for; what cannot be had ends the conversation."""
        try:
            await telling.go()
        except (WebSocketDisconnect, TimeoutError):  # he has left, or takes nothing
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
        """The next message; whoever neither speaks nor listens is not waited for."""
        text = None
        while text is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.response_timeout_seconds):
                    text = await _received(self._socket)
            if self._task.done():
                raise WebSocketDisconnect(WS_1011_INTERNAL_ERROR)
            if text is None and not self._telling.at_work:
                await self._socket.close()  # nothing is wrong: it is over until one connects again
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
            raise ValueError(f"expected at most {most} characters to wait, not {waiting}; wait too")
        for start in range(0, len(text), STRETCH):
            stretch = text[start : start + STRETCH]
            self._wish(await self._read(partial(self._arriving.feed, stretch)))

    async def _read(self, look: Callable[[], list[TextChunk]]) -> list[TextChunk]:
        """Look for what is complete of the text, off the event loop."""
        return await asyncio.wrap_future(self._engine.submit(look))

    def _wish(self, parts: Iterable[TextChunk]) -> None:
        for part in parts:
            self._telling.add(Request(part, self._delivery))


async def _received(socket: WebSocket) -> str:
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", WS_1011_INTERNAL_ERROR))
    if message.get("text") is None:
        raise ValueError("expected a message of text, an object in JSON, not one of bytes")
    return message["text"]


def _read(text: str, most: int) -> Message:
    if len(text) > most:
        raise ValueError(f"expected a message of at most {most} characters; send less at a time")
    try:
        return Message.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = "".join(f"{excerpt(part)}: " for part in first["loc"])
        fault = first["msg"][:1].lower() + first["msg"][1:]
        raise ValueError(f"expected an object in JSON that we know, {place}{fault}") from error
