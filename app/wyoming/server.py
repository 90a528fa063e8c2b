"""Serve speech to Home Assistant by the Wyoming protocol."""

import asyncio
import logging
import socket
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import suppress
from functools import partial
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

from tts import DISTRIBUTION, __version__
from tts.audio import Audio, pcm16
from tts.best_of.choice import Choice
from tts.delivery import Delivery
from tts.error_messages import quoted
from tts.serving.engine import Engine, EngineClosed
from tts.speech import TimedWord
from tts.text.incremental import IncrementalText, TextChunk

from ..failures import FailureKind, describe_failure
from ..incremental import IncrementalSpeaker, Request
from ..voices import describe_voices
from .events import MAX_EVENT_BYTES, EventReader

log = logging.getLogger(__name__)
DESCRIPTION = "Text to speech in one step"
# Chosen by hand
CHARACTERS = 20_000  # of a connection that wait to be spoken, at most
CONNECTIONS = 64  # at once, at most
CLIENT_TIMEOUT_SECONDS = 120.0  # for a client to read an event, and for an idle one to send one
LEAVING = 5.0  # seconds for a client to read the rest before the connection is closed
SAMPLES = 2**14  # of an audio event, at most: 32 KiB


async def serve(
    engine: Engine,
    sockets: Sequence[socket.socket],
    ready: Callable[[], object] = str,
    voice: str | None = None,
) -> None:
    """Serve the Wyoming protocol until cancelled.

    Args:
        engine: makes the speech; the caller closes it.
        sockets: sockets that listen already.
        ready: called once connections are accepted.
        voice: of clients that name none, a voice or a blend; None for the first that is listed.
    """
    visits: set[asyncio.Task[None]] = set()
    refused: set[asyncio.Task[None]] = set()

    def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        one = WyomingHandler(engine, reader, writer, voice or engine.synthesizer.voices[0])
        if len(visits) < CONNECTIONS:
            _keep(one.run(), visits)
        elif len(refused) < CONNECTIONS:
            _keep(one.turn_away(), refused)
        else:
            writer.transport.abort()

    servers = [
        await asyncio.start_server(visit, sock=each, limit=MAX_EVENT_BYTES) for each in sockets
    ]
    ready()
    try:
        await asyncio.Event().wait()
    finally:
        for server in servers:
            server.close()
        await ended(visits | refused)


def _keep(work: Coroutine[Any, Any, None], tasks: set[asyncio.Task[None]]) -> None:
    """Run a coroutine as a task, and keep it in the set until it is done."""
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)


async def ended(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel the tasks, wait for them, and raise the first exception of one."""
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            raise result


class WyomingHandler(AsyncEventHandler):
    """One connection of a client. Synthesis stops when it disconnects."""

    def __init__(
        self,
        engine: Engine,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        voice: str,
    ) -> None:
        super().__init__(reader, writer)
        self._engine, self._voice = engine, voice
        self._incoming = EventReader(reader)
        self._listener = WyomingClient(self)
        self._telling = IncrementalSpeaker(self._listener, engine, "Wyoming")
        self._arriving: IncrementalText | None = None
        self._delivery, self._characters = Delivery(), 0

    async def run(self) -> None:
        """Serve the client until it disconnects, or until an error."""
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
        """Refuse the connection, since there are too many."""
        why = f"at most {CONNECTIONS} connections are possible at once; try again later"
        await self.refuse(why)
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
        except OSError:  # the client has disconnected, or does not read
            pass

    async def _begins(self) -> bool:
        """Whether another event begins; an idle connection ends after the timeout."""
        while True:
            try:
                async with asyncio.timeout(CLIENT_TIMEOUT_SECONDS):
                    return await self._incoming.begins()
            except TimeoutError:
                if not self._telling.at_work:
                    return False

    async def _leave(self) -> None:
        """Close the connection after giving the client time to read what was sent."""
        with suppress(OSError):  # it has disconnected, does not read, or goes on sending
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
        """Handle an event; an error ends the connection."""
        try:
            if Describe.is_type(event.type):
                await self.write_event(_info(self._engine).event())
            else:
                await self._obey(event)
        except KeyError as error:
            await self.refuse(f"{event.type} needs {error}")
            return False
        except (AttributeError, TypeError):
            await self.refuse(f"the data of {event.type} must be a text and a voice")
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
        if not isinstance(voice, dict | None):  # the package would ignore some of these
            raise ValueError(f"voice must be an object with a name, got {quoted(voice)}")
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
        name = (voice and (voice.speaker or voice.name)) or self._voice
        if not isinstance(name, str):
            raise ValueError(f"the name of the voice must be text, got {quoted(name)}")
        self._engine.synthesizer.voice_weights(name)
        self._delivery = Delivery(voice=name)

    def _counted(self, text: object) -> str:
        if not isinstance(text, str):  # the package does not check it
            raise ValueError(f"text must be text, got {quoted(text)}")
        self._characters += len(text)
        waiting = self._characters - self._telling.characters
        if waiting > CHARACTERS:
            raise ValueError(
                f"at most {CHARACTERS} characters may wait to be spoken, got {waiting}"
            )
        return text

    async def _read(self, look: Callable[[], list[TextChunk]]) -> list[TextChunk]:
        """Find the complete parts of the text, off the event loop."""
        return await asyncio.wrap_future(self._engine.submit(look))

    def _wish(self, parts: Sequence[TextChunk]) -> None:
        for part in parts:
            self._telling.add(Request(part, self._delivery))

    def _end(self, *, streamed: bool) -> None:
        self._listener.streamed.append(streamed)
        self._telling.add(None)

    async def _tell(self) -> None:
        """Speak what the client asks for; an error ends the connection."""
        try:
            await self._telling.go()
        except OSError:  # the client has disconnected, or does not read
            pass
        except Exception as error:
            failure = describe_failure(error)
            await self.refuse(failure.message)
            if failure.kind is FailureKind.UNEXPECTED:
                raise


class WyomingClient:
    """Sends speech to the client as audio events.

    The protocol has none for words or progress, nor for warnings: those are logged, and one is the
    error of a text that has no words.
    """

    def __init__(self, visit: WyomingHandler) -> None:
        self._visit = visit
        self._rate = 0
        self._warning = ""
        self.streamed: list[bool] = []

    async def start(self, sample_rate: int, after: float) -> None:
        self._rate = sample_rate
        await self._visit.write_event(AudioStart(rate=sample_rate, width=2, channels=1).event())

    async def warn(self, warning: str) -> None:
        self._warning = warning
        log.warning("a text is not read as it is written: %s", warning)

    async def choose(self, choice: Choice) -> None:
        """Nothing is sent for choices."""

    async def words(self, words: Sequence[TimedWord]) -> None:
        """Nothing is sent for words."""

    async def progress(self, stop: int, seconds: float) -> None:
        """Nothing is sent for progress."""

    async def play(self, audio: Audio) -> None:
        for start in range(0, len(audio), SAMPLES):
            sound = pcm16(audio[start : start + SAMPLES]).tobytes()
            chunk = AudioChunk(rate=self._rate, width=2, channels=1, audio=sound)
            await self._visit.write_event(chunk.event())

    async def done(self, seconds: float) -> None:
        warning, self._warning = self._warning, ""
        if warning and not seconds:
            raise ValueError(f"no words to speak: {warning}")
        await self._visit.write_event(AudioStop().event())
        if self.streamed.pop(0):
            await self._visit.write_event(SynthesizeStopped().event())


def _info(engine: Engine) -> Info:
    """The answer to `describe`: this program and its voices."""
    ours = Attribution(name=DISTRIBUTION, url="")
    voices = [
        TtsVoice(
            voice["name"],
            ours,
            True,
            description=_described(voice),
            version=__version__,
            languages=voice["languages"],
        )
        for voice in describe_voices(engine.synthesizer)
    ]
    program = TtsProgram(DISTRIBUTION, ours, True, DESCRIPTION, __version__, voices)
    program.supports_synthesize_streaming = True
    return Info(tts=[program])


def _described(voice: Mapping[str, Any]) -> str:
    """What Home Assistant shows for a voice: its name, and what is known of it."""
    about = voice["description"]
    return f"{voice['name']} ({about})" if about else str(voice["name"])
