"""Speech for Home Assistant, by the Wyoming protocol."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from importlib.metadata import version

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Attribution, Describe, Info, TtsProgram, TtsVoice
from wyoming.server import AsyncEventHandler, AsyncServer
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeStopped,
    SynthesizeVoice,
)

from app.openai import OURS
from app.telling import Telling, Wish
from tts.audio import Audio, pcm16
from tts.engine import Busy, Closed, Engine
from tts.speech import Delivery, TimedWord
from tts.text.arriving import Arriving, Part

SCHEMES = ("tcp://", "unix://")
LANGUAGE, DESCRIPTION = "en-US", "Text to speech in one step"
CHARACTERS = 20_000  # that wait to be said, at most
SECONDS = 120.0  # within which a piece of sound is taken
SAMPLES = 2**14  # of a piece of sound, at most


async def serve(engine: Engine, uri: str) -> None:
    """Answer whoever comes, until cancelled."""
    if not uri.startswith(SCHEMES):
        raise ValueError(f"expected tcp://host:port or unix://path, not {uri!r}")
    await AsyncServer.from_uri(uri).run(partial(Visit, engine))


class Visit(AsyncEventHandler):
    """A connection of Home Assistant's; what it waits for no longer is made no further."""

    def __init__(
        self, engine: Engine, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        super().__init__(reader, writer)
        self._engine = engine
        self._listener = Speaker(self)
        self._telling = Telling(self._listener, engine)
        self._task = asyncio.create_task(self._tell())
        self._arriving: Arriving | None = None
        self._delivery, self._characters = Delivery(), 0

    async def run(self) -> None:
        # whoever leaves in the middle of a word, or speaks something else, is only let go
        with suppress(OSError, EOFError, ValueError):
            await super().run()

    async def disconnect(self) -> None:
        self._task.cancel()

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
        except TypeError as error:
            await self.refuse(f"expected another {event.type}, for {error}")
            return False
        except (ValueError, Closed) as error:
            await self.refuse(str(error))
            return False
        return True

    async def refuse(self, why: str) -> None:
        with suppress(OSError):
            await self.write_event(Error(text=why).event())

    async def _obey(self, event: Event) -> None:
        if SynthesizeStart.is_type(event.type):
            self._begin(SynthesizeStart.from_event(event).voice)
            self._arriving = Arriving()
        elif Synthesize.is_type(event.type) and not self._arriving:
            whole = Synthesize.from_event(event)
            self._begin(whole.voice)
            self._wish([Part(self._counted(whole.text), 0)])
            self._end(streamed=False)
        elif SynthesizeChunk.is_type(event.type) and self._arriving:
            stretch = self._counted(SynthesizeChunk.from_event(event).text)
            self._wish(await self._read(partial(self._arriving.add, stretch)))
        elif SynthesizeStop.is_type(event.type) and self._arriving:
            self._wish(await self._read(self._arriving.end))
            self._arriving = None
            self._end(streamed=True)

    def _begin(self, voice: SynthesizeVoice | None) -> None:
        synthesizer = self._engine.synthesizer
        name = (voice and (voice.speaker or voice.name)) or synthesizer.voices[0]
        synthesizer.shares(name)
        self._delivery = Delivery(voice=name)

    def _counted(self, text: object) -> str:
        if not isinstance(text, str):  # the package hands on whatever came
            raise ValueError(f"expected a text, not {text!r}")
        self._characters += len(text)
        waiting = self._characters - self._telling.characters
        if waiting > CHARACTERS:
            raise ValueError(f"expected at most {CHARACTERS} characters to wait, not {waiting}")
        return text

    async def _read(self, look: Callable[[], list[Part]]) -> list[Part]:
        """Look for what is complete of the text, off the event loop."""
        return await asyncio.wrap_future(self._engine.submit(look))

    def _wish(self, parts: Sequence[Part]) -> None:
        for part in parts:
            self._telling.add(Wish(part, self._delivery))

    def _end(self, *, streamed: bool) -> None:
        self._listener.streamed.append(streamed)
        self._telling.add(None)

    async def _tell(self) -> None:
        """All that is asked for; what cannot be had ends the visit."""
        try:
            await self._telling.go()
        except (ValueError, Busy, Closed) as error:
            await self.refuse(str(error))
        except OSError:  # it has left, or takes nothing
            pass
        finally:
            self.writer.close()


class Speaker:
    """Sound as events."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._rate = 0
        self.streamed: list[bool] = []

    async def start(self, sample_rate: int, after: float) -> None:
        self._rate = sample_rate
        await self._write(AudioStart(rate=sample_rate, width=2, channels=1).event())

    async def words(self, words: Sequence[TimedWord]) -> None:
        """There is no event for them."""

    async def told(self, stop: int, seconds: float) -> None:
        """Nor for this."""

    async def play(self, audio: Audio) -> None:
        for start in range(0, len(audio), SAMPLES):
            sound = pcm16(audio[start : start + SAMPLES]).tobytes()
            chunk = AudioChunk(rate=self._rate, width=2, channels=1, audio=sound)
            await self._write(chunk.event())

    async def done(self, seconds: float) -> None:
        await self._write(AudioStop().event())
        if self.streamed.pop(0):
            await self._write(SynthesizeStopped().event())

    async def _write(self, event: Event) -> None:
        async with asyncio.timeout(SECONDS):
            await self._visit.write_event(event)


def _info(engine: Engine) -> Info:
    """Who speaks here."""
    ours = Attribution(name=OURS, url="")
    release = version(OURS)
    voices = [
        TtsVoice(name, ours, True, description=name, version=release, languages=[LANGUAGE])
        for name in engine.synthesizer.voices
    ]
    program = TtsProgram(OURS, ours, True, DESCRIPTION, release, voices)
    program.supports_synthesize_streaming = True
    return Info(tts=[program])
