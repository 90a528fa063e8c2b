"""Parts of a text told to one listener over a WebSocket: its words, and then their sound."""

import asyncio
from dataclasses import asdict, dataclass, field, replace
from json import dumps
from time import monotonic

import numpy as np
from fastapi import WebSocket

from tts.audio import Audio, pcm16
from tts.engine import Busy, Engine
from tts.reply import Reply
from tts.speech import Delivery, TimedWord
from tts.text.arriving import Part

SAMPLES = 2**16  # of a message, at most


@dataclass(frozen=True)
class Wish:
    """A part of a text, how it is to be said, and when that was asked for."""

    part: Part
    delivery: Delivery
    asked: float = field(default_factory=monotonic)


class Listener:
    """Who is told something, and takes it within so many seconds."""

    def __init__(self, socket: WebSocket, seconds: float) -> None:
        self._socket, self._seconds = socket, seconds

    async def tell(self, **message: object) -> None:
        async with asyncio.timeout(self._seconds):
            await self._socket.send_text(dumps(message))

    async def play(self, audio: Audio) -> None:
        for start in range(0, len(audio), SAMPLES):
            async with asyncio.timeout(self._seconds):
                await self._socket.send_bytes(pcm16(audio[start : start + SAMPLES]).tobytes())


class Telling:
    """Texts, one after another, each as the wishes for its parts come in and None at its end."""

    def __init__(self, listener: Listener, engine: Engine) -> None:
        self._listener, self._engine = listener, engine
        self._wishes: asyncio.Queue[Wish | None] = asyncio.Queue()
        self._samples = 0
        self.at_work = False

    @property
    def seconds(self) -> float:
        """How long it was, as far as it was told."""
        return self._samples / self._engine.synthesizer.sample_rate

    def add(self, wish: Wish | None) -> None:
        self._wishes.put_nowait(wish)
        self.at_work = True

    async def go(self) -> None:
        """Tell whatever is wished for, until cancelled."""
        while True:
            await self._text()
            await self._listener.tell(done=True, seconds=self.seconds)
            self._samples = 0

    async def _text(self) -> None:
        pause = 0.0
        while wish := await self._next():
            if wish.part.silent:
                continue
            with await self._reply(wish) as reply:
                await self._silence(pause)
                await self._speak(reply, wish)
            pause = wish.part.pause * wish.delivery.pauses

    async def _next(self) -> Wish | None:
        self.at_work = not self._wishes.empty()
        return await self._wishes.get()

    async def _reply(self, wish: Wish) -> Reply:
        """A place on the engine; who has begun to speak does wait for the next."""
        while True:
            try:
                return self._engine.stream(wish.part.text, wish.delivery)
            except Busy as busy:
                if not self._samples:
                    raise
                await asyncio.sleep(busy.retry_after)

    async def _silence(self, seconds: float) -> None:
        await self._play(np.zeros(round(seconds * self._rate), np.float32))

    async def _speak(self, reply: Reply, wish: Wish) -> None:
        begun = self.seconds
        async for piece in reply:
            if not self._samples:
                after = monotonic() - wish.asked
                await self._listener.tell(start=True, sample_rate=self._rate, after=after)
            if piece.words:
                words = [_shown(word, wish.part.start) for word in piece.later(begun).words]
                await self._listener.tell(words=words)
            await self._play(piece.audio)

    async def _play(self, audio: Audio) -> None:
        self._samples += len(audio)
        await self._listener.play(audio)

    @property
    def _rate(self) -> int:
        return self._engine.synthesizer.sample_rate


def _shown(word: TimedWord, start: int) -> dict[str, object]:
    """A word with its span in a text of which its part starts there."""
    span = word.span[0] + start, word.span[1] + start
    return asdict(replace(word, span=span))
