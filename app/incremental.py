"""Speak a text to one client while its parts arrive: first the words of a piece, then its audio."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Protocol, runtime_checkable

import numpy as np

from tts.audio import Audio
from tts.best_of.choice import Choice
from tts.delivery import Delivery
from tts.serving.engine import Engine, QueueFull
from tts.serving.stream import SpeechStream
from tts.speech import TimedWord
from tts.text.incremental import TextChunk
from tts.text.language_warnings import language_warnings

from .logs import log_event

log = logging.getLogger(__name__)
MAX_QUEUED_PARTS = 2**15  # of a client's texts; chosen by hand, to bound the memory


@dataclass(frozen=True)
class Request:
    """A part of a text with its delivery, and when it was asked for (`time.monotonic`)."""

    part: TextChunk
    delivery: Delivery
    asked: float = field(default_factory=monotonic)


@dataclass
class TextRecord:
    """What is known of a text, for the log; times are in seconds since it was asked for."""

    voice: str
    asked: float
    characters: int = 0
    first_sound: float | None = None


@runtime_checkable
class SpeechListener(Protocol):
    """Receives the speech of a text, in the order of the calls."""

    async def start(self, sample_rate: int, after: float) -> None:
        """The audio begins: its rate in Hz, and the seconds since it was asked for."""

    async def warn(self, warning: str) -> None:
        """The voices cannot read a part of the text, as the warning says."""

    async def choose(self, choice: Choice) -> None:
        """Which candidate of the sentence that follows was kept, where there were several."""

    async def words(self, words: Sequence[TimedWord]) -> None:
        """The words of the audio that follows."""

    async def play(self, audio: Audio) -> None:
        """The next samples, in [-1, 1]."""

    async def progress(self, stop: int, seconds: float) -> None:
        """The text is spoken up to character `stop`, after so many seconds of audio."""

    async def done(self, seconds: float) -> None:
        """The text is finished or stopped, after so many seconds of audio."""


class IncrementalSpeaker:
    """Speaks texts one after another; the parts of a text are added as they come, then None.

    Args:
        listener: receives the speech.
        engine: makes it.
        door: where the texts come from, for the log.
    """

    def __init__(self, listener: SpeechListener, engine: Engine, door: str) -> None:
        self._listener, self._engine, self._door = listener, engine, door
        self._record: TextRecord | None = None  # of the current text
        self._wishes: asyncio.Queue[Request | None] = asyncio.Queue()
        self._samples = 0
        self._warned: set[str] = set()  # of the current text
        self.characters = 0  # spoken, of all texts
        self.at_work = False

    @property
    def seconds(self) -> float:
        """Seconds of audio of the current text so far."""
        return self._samples / self._engine.synthesizer.sample_rate

    def add(self, wish: Request | None) -> None:
        if self._wishes.qsize() >= MAX_QUEUED_PARTS:
            raise ValueError(
                f"at most {MAX_QUEUED_PARTS} parts of texts may wait; send more after they are "
                "spoken"
            )
        self._wishes.put_nowait(wish)
        self.at_work = True

    async def go(self) -> None:
        """Speak what is added, until cancelled."""
        try:
            while True:
                await self._text()
                await self._listener.done(self.seconds)
                self._log("finished")
                self._samples = 0
                self._warned.clear()
        except asyncio.CancelledError:
            self._log("stopped")
            raise
        except Exception as error:
            self._log("failed", type(error).__name__)
            raise

    def _log(self, status: str, error: str | None = None) -> None:
        """Log how the current text ended, if any of it came."""
        record, self._record = self._record, None
        if record:
            log_event(
                log,
                self._door,
                status=status,
                error=error,
                voice=record.voice,
                characters=record.characters,
                sound_seconds=self.seconds,
                first_sound_seconds=record.first_sound,
                seconds=monotonic() - record.asked,
            )

    async def _text(self) -> None:
        pause = 0.0
        while wish := await self._next():
            record = self._record = self._record or TextRecord(wish.delivery.voice, wish.asked)
            record.characters += len(wish.part.text)
            reading = wish.delivery.reading
            for warning in await asyncio.to_thread(language_warnings, wish.part.text, reading):
                await self._warn(warning)
            if not wish.part.silent:
                with await self._reply(wish) as reply:
                    await self._silence(pause)
                    await self._speak(reply, wish, record)
                pause = wish.part.pause * wish.delivery.pauses
            self.characters += len(wish.part.text)
            await self._listener.progress(wish.part.start + len(wish.part.text), self.seconds)

    async def _warn(self, warning: str) -> None:
        if warning not in self._warned:
            self._warned.add(warning)
            await self._listener.warn(warning)

    async def _next(self) -> Request | None:
        self.at_work = not self._wishes.empty()
        return await self._wishes.get()

    async def _reply(self, wish: Request) -> SpeechStream:
        """A stream of the engine. If it is busy, a text that has begun waits; another fails."""
        while True:
            try:
                return self._engine.stream(wish.part.text, wish.delivery)
            except QueueFull as busy:
                if not self._samples:
                    raise
                await asyncio.sleep(busy.retry_after)

    async def _silence(self, seconds: float) -> None:
        await self._play(np.zeros(round(seconds * self._rate), np.float32))

    async def _speak(self, reply: SpeechStream, wish: Request, record: TextRecord) -> None:
        begun = self.seconds
        async for piece in reply:
            if not self._samples:
                record.first_sound = monotonic() - wish.asked
                await self._listener.start(self._rate, record.first_sound)
            for choice in piece.choices:
                await self._listener.choose(choice)
            if piece.words:
                words = piece.shifted(begun).words
                await self._listener.words([_placed(word, wish.part.start) for word in words])
            await self._play(piece.audio)

    async def _play(self, audio: Audio) -> None:
        self._samples += len(audio)
        await self._listener.play(audio)

    @property
    def _rate(self) -> int:
        return self._engine.synthesizer.sample_rate


def _placed(word: TimedWord, start: int) -> TimedWord:
    """A word with its span in the whole text, in which its part begins at `start`."""
    return replace(word, span=(word.span[0] + start, word.span[1] + start))
