"""Speech for Home Assistant, by the Wyoming protocol."""

import asyncio
import socket
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from importlib.metadata import version
from typing import Any

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Attribution, Describe, Info, TtsProgram, TtsVoice
from wyoming.server import AsyncEventHandler
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeStopped,
    SynthesizeVoice,
)

from tts.audio import Audio, pcm16
from tts.delivery import Delivery
from tts.error_messages import quoted
from tts.serving.engine import Engine, EngineClosed
from tts.speech import TimedWord
from tts.text.incremental import IncrementalText, TextChunk

from ..failures import FailureKind, describe_failure
from ..incremental import IncrementalSpeaker, Request
from ..server.schemas import MODEL_NAME
from .events import MAX_EVENT_BYTES, EventReader

LANGUAGE, DESCRIPTION = "en-US", "Text to speech in one step"
CHARACTERS = 20_000  # that wait to be said, at most
CONNECTIONS = 64  # at once, at most
CLIENT_TIMEOUT_SECONDS = (
    120.0  # within which a piece of sound is taken, and an event begins where nothing is said
)
LEAVING = 5.0  # seconds to take what was left to send
SAMPLES = 2**14  # of a piece of sound, at most


async def serve(engine: Engine, sockets: Sequence[socket.socket]) -> None:
    """Answer whoever comes to sockets that are bound, until cancelled."""
    visits: set[asyncio.Task[None]] = set()
    refused: set[asyncio.Task[None]] = set()

    def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        one = WyomingHandler(engine, reader, writer)
        if len(visits) < CONNECTIONS:
            _keep(one.run(), visits)
        elif len(refused) < CONNECTIONS:
            _keep(one.turn_away(), refused)
        else:
            writer.transport.abort()

    servers = [
        await asyncio.start_server(visit, sock=each, limit=MAX_EVENT_BYTES) for each in sockets
    ]
    try:
        await asyncio.Event().wait()
    finally:
        for server in servers:
            server.close()
        await ended(visits | refused)


def _keep(work: Coroutine[Any, Any, None], tasks: set[asyncio.Task[None]]) -> None:
    """Do it, and have it among the tasks until it is done."""
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)


async def ended(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel what goes on, and tell what went wrong."""
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            raise result


class WyomingHandler(AsyncEventHandler):
    """A connection of Home Assistant's; what it waits for no longer is made no further."""

    def __init__(
        self, engine: Engine, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        super().__init__(reader, writer)
        self._engine = engine
        self._incoming = EventReader(reader)
        self._listener = WyomingClient(self)
        self._telling = IncrementalSpeaker(self._listener, engine)
        self._arriving: IncrementalText | None = None
        self._delivery, self._characters = Delivery(), 0

    async def run(self) -> None:
        """Listen and tell until nothing more is asked for, or something is wrong."""
        tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._tell())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            await ended(tasks)
            await self._leave()
        finally:
            for task in tasks:
                task.cancel()
            self.writer.transport.abort()

    async def turn_away(self) -> None:
        """There are too many already."""
        await self.refuse(f"expected at most {CONNECTIONS} connections at once; come again later")
        await self._leave()
        self.writer.transport.abort()

    async def _listen(self) -> None:
        try:
            while await self._begins():
                event = await self._incoming.event()
                if event is None or not await self.handle_event(event):
                    break
        except ValueError as error:
            await self.refuse(str(error))
        except OSError:  # it has left, or takes nothing
            pass

    async def _begins(self) -> bool:
        """Whether another event comes; whoever neither speaks nor listens is not waited for."""
        while True:
            try:
                async with asyncio.timeout(CLIENT_TIMEOUT_SECONDS):
                    return await self._incoming.begins()
            except TimeoutError:
                if not self._telling.at_work:
                    return False

    async def _leave(self) -> None:
        """Close, once the other side has had time to take what was sent and to stop sending."""
        with suppress(OSError):  # it has left, or takes nothing, or goes on
            async with asyncio.timeout(LEAVING):
                self.writer.write_eof()
                while await self.reader.read(MAX_EVENT_BYTES):
                    pass
                self.writer.close()
                await self.writer.wait_closed()

    async def write_event(self, event: Event) -> None:
        async with asyncio.timeout(CLIENT_TIMEOUT_SECONDS):
            await super().write_event(event)

    async def handle_event(self, event: Event) -> bool:
        """Do what was asked; after a wrong question there is no other."""
        try:
            if Describe.is_type(event.type):
                await self.write_event(_info(self._engine).event())
            else:
                await self._obey(event)
        except KeyError as error:
            await self.refuse(f"expected {error} in {event.type}, found none; add it")
            return False
        except (AttributeError, TypeError):
            await self.refuse(f"expected {event.type} with a text and names of voices; send those")
            return False
        except (ValueError, EngineClosed) as error:
            await self.refuse(str(error))
            return False
        return True

    async def refuse(self, why: str) -> None:
        with suppress(OSError):
            await self.write_event(Error(text=why).event())

    async def _obey(self, event: Event) -> None:
        given = {name: value for name, value in event.data.items() if value is not None}
        event, voice = Event(event.type, given, event.payload), given.get("voice")
        if not isinstance(voice, dict | None):  # the package would take some for none
            raise ValueError(f"expected a voice as an object with a name, not {quoted(voice)}")
        if SynthesizeStart.is_type(event.type):
            self._begin(SynthesizeStart.from_event(event).voice)
            self._arriving = IncrementalText()
        elif Synthesize.is_type(event.type) and not self._arriving:
            whole = Synthesize.from_event(event)
            self._begin(whole.voice)
            self._wish([TextChunk(self._counted(whole.text), 0)])
            self._end(streamed=False)
        elif SynthesizeChunk.is_type(event.type) and self._arriving:
            stretch = self._counted(SynthesizeChunk.from_event(event).text)
            self._wish(await self._read(partial(self._arriving.feed, stretch)))
        elif SynthesizeStop.is_type(event.type) and self._arriving:
            self._wish(await self._read(self._arriving.flush))
            self._arriving = None
            self._end(streamed=True)

    def _begin(self, voice: SynthesizeVoice | None) -> None:
        synthesizer = self._engine.synthesizer
        name = (voice and (voice.speaker or voice.name)) or synthesizer.voices[0]
        if not isinstance(name, str):
            raise ValueError(f"expected the name of a voice, not {quoted(name)}")
        synthesizer.voice_weights(name)
        self._delivery = Delivery(voice=name)

    def _counted(self, text: object) -> str:
        if not isinstance(text, str):  # the package hands on whatever came
            raise ValueError(f"expected a text, not {quoted(text)}")
        self._characters += len(text)
        waiting = self._characters - self._telling.characters
        if waiting > CHARACTERS:
            raise ValueError(f"expected at most {CHARACTERS} characters to wait, not {waiting}")
        return text

    async def _read(self, look: Callable[[], list[TextChunk]]) -> list[TextChunk]:
        """Look for what is complete of the text, off the event loop."""
        return await asyncio.wrap_future(self._engine.submit(look))

    def _wish(self, parts: Sequence[TextChunk]) -> None:
        for part in parts:
            self._telling.add(Request(part, self._delivery))

    def _end(self, *, streamed: bool) -> None:
        self._listener.streamed.append(streamed)
        self._telling.add(None)

    async def _tell(self) -> None:
        """All that is asked for; what cannot be had ends the visit."""
        try:
            await self._telling.go()
        except OSError:  # it has left, or takes nothing
            pass
        except Exception as error:
            failure = describe_failure(error)
            await self.refuse(failure.message)
            if failure.kind is FailureKind.UNEXPECTED:
                raise


class WyomingClient:
    """Sound as events."""

    def __init__(self, visit: WyomingHandler) -> None:
        self._visit = visit
        self._rate = 0
        self.streamed: list[bool] = []

    async def start(self, sample_rate: int, after: float) -> None:
        self._rate = sample_rate
        await self._visit.write_event(AudioStart(rate=sample_rate, width=2, channels=1).event())

    async def words(self, words: Sequence[TimedWord]) -> None:
        """There is no event for them."""

    async def progress(self, stop: int, seconds: float) -> None:
        """Nor for this."""

    async def play(self, audio: Audio) -> None:
        for start in range(0, len(audio), SAMPLES):
            sound = pcm16(audio[start : start + SAMPLES]).tobytes()
            chunk = AudioChunk(rate=self._rate, width=2, channels=1, audio=sound)
            await self._visit.write_event(chunk.event())

    async def done(self, seconds: float) -> None:
        await self._visit.write_event(AudioStop().event())
        if self.streamed.pop(0):
            await self._visit.write_event(SynthesizeStopped().event())


def _info(engine: Engine) -> Info:
    """Who speaks here."""
    ours = Attribution(name=MODEL_NAME, url="")
    release = version(MODEL_NAME)
    voices = [
        TtsVoice(name, ours, True, description=name, version=release, languages=[LANGUAGE])
        for name in engine.synthesizer.voices
    ]
    program = TtsProgram(MODEL_NAME, ours, True, DESCRIPTION, release, voices)
    program.supports_synthesize_streaming = True
    return Info(tts=[program])
