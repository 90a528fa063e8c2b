"""What the page's buttons do, on an engine that others may be using too."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

import gradio as gr
import numpy as np

from app.highlight import heard, sheet
from app.limits import Limits
from app.takes import Take
from tts.audio import pcm16
from tts.engine import Busy, Engine
from tts.reply import Reply
from tts.speech import Delivery, Speech

Sound = tuple[int, np.ndarray]
Shown = tuple[Any, ...]


@dataclass(frozen=True)
class Wanted:
    """A text, and how it is to be spoken."""

    text: str
    delivery: Delivery

    @classmethod
    def of(cls, text: str | None, voice: str, other: str, share: float, *dials: float) -> "Wanted":
        """The fields of the page in their order."""
        steps, pace, pitch, energy, pauses, seed = dials
        return cls(
            text or "",
            Delivery(
                voice=blend(voice, other, share),
                steps=round(steps),
                pace=pace,
                pitch=pitch,
                energy=energy,
                pauses=pauses,
                seed=round(seed),
            ),
        )


def blend(voice: str, other: str, share: float) -> str:
    """One voice, or one with so many per cent of another in it."""
    if not other or other == voice or not share:
        return voice
    return f"{voice}({1 - share / 100:.2f})+{other}({share / 100:.2f})"


@dataclass
class Progress:
    """Pieces that came, and when the first and the last of them did."""

    begun: float = field(default_factory=monotonic)
    first: float = 0.0
    last: float = 0.0
    pieces: list[Speech] = field(default_factory=list)

    def add(self, piece: Speech) -> None:
        """The piece that has just come."""
        self.last = monotonic() - self.begun
        self.first = self.first or self.last
        self.pieces.append(piece)

    @property
    def seconds(self) -> float:
        return sum(piece.seconds for piece in self.pieces)

    def told(self, what: str) -> str:
        """What of it a visitor may want to know, as HTML."""
        factor = self.last / max(self.seconds, 0.01)
        return (
            f"<p class='told'>{what} <b>{self.seconds:.1f} s</b> of speech, the first of it made "
            f"in <b>{self.first * 1000:.0f} ms</b>, all in <b>{self.last:.1f} s</b>: "
            f"real-time factor <b>{factor:.3f}</b>.</p>"
        )


@dataclass(frozen=True)
class Studio:
    """Speaks for the visitors of a page, within limits."""

    engine: Engine
    limits: Limits

    async def speak(self, *fields: Any) -> AsyncIterator[Shown]:
        """Sound, the sheet, times of words, what is told and the take, as they become ready."""
        with refusals():
            wanted, progress, times = Wanted.of(*fields), Progress(), ""
            with await self._reply(wanted) as reply:
                yield None, *[gr.skip()] * 4
                async for piece in reply:
                    progress.add(piece)
                    times += heard([piece])
                    begun = len(progress.pieces) == 1
                    shown = sheet(wanted.text) if begun else gr.skip()
                    if begun:
                        yield (piece.sample_rate, pcm16(piece.audio)[:-2048]), *[gr.skip()] * 4
                        yield (piece.sample_rate, pcm16(piece.audio)[-2048:]), *[gr.skip()] * 4
                        continue
                    yield sound(piece), shown, times, progress.told("So far"), gr.skip()
                    if progress.seconds > self.limits.seconds:
                        break
            take = Take.of(wanted.text, wanted.delivery, progress.pieces)
            yield gr.skip(), gr.skip(), times, progress.told("That was"), take

    async def again(self, take: Take | None, chosen: gr.EventData) -> AsyncIterator[Shown]:
        """One line with the next seed, as it becomes ready, and the take with it."""
        with refusals():
            if take is None or chosen.line not in [line.line for line in take.lines]:
                raise ValueError("expected a sentence that was spoken; press Speak first")
            line, progress, times = chosen.line, Progress(), ""
            seed = take.delivery.seed_of(line) + 1
            wanted = Wanted(take.text, take.another(line, seed))
            with await self._reply(wanted, only=line) as reply:
                async for piece in reply:
                    progress.add(piece)
                    times += heard([piece])
                    told = progress.told(f"This sentence with seed {seed}:")
                    yield sound(piece), times, told, gr.skip()
            made = Speech.join(progress.pieces)
            told = progress.told(f"This sentence with seed {seed}:")
            yield gr.skip(), times, told, take.with_line(wanted.delivery, made)

    async def compare(self, many: float, *fields: Any) -> AsyncIterator[Shown]:
        """A text in one step and in many, from the same noise."""
        with refusals():
            wanted = Wanted.of(*fields)
            made: list[Any] = []
            for steps in (1, round(many)):
                delivery, progress = replace(wanted.delivery, steps=steps), Progress()
                with await self._reply(replace(wanted, delivery=delivery)) as reply:
                    async for piece in reply:
                        progress.add(piece)
                count = "One step" if steps == 1 else f"{steps} steps"
                made += [sound(Speech.join(progress.pieces)), progress.told(f"{count}:")]
                yield (*made, *[gr.skip()] * (4 - len(made)))

    async def _reply(self, wanted: Wanted, only: int | None = None) -> Reply:
        """What the engine says to a text that is not too long."""
        length, most = len(wanted.text), self.limits.characters
        if length > most:
            raise ValueError(f"expected at most {most} characters, not {length}; speak it in parts")
        return await asyncio.to_thread(self.engine.stream, wanted.text, wanted.delivery, only)


def sound(piece: Speech) -> Sound:
    """Sound as Gradio takes it: whole numbers, for it makes the peak of any other the loudest."""
    return piece.sample_rate, pcm16(piece.audio)


@contextmanager
def refusals() -> Iterator[None]:
    """What cannot be done is said on the page, in a sentence."""
    try:
        yield
    except (ValueError, Busy) as error:
        said = str(error)
        raise gr.Error(f"{said[:1].upper()}{said[1:]}.", print_exception=False) from error
