"""What the page's buttons do, on an engine that others may be using too."""

import asyncio
import html
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import gradio as gr
import numpy as np

from tts.audio import pcm16
from tts.cli.explain import explain
from tts.delivery import DELIVERY_FIELDS, Delivery
from tts.serving.engine import Engine
from tts.serving.stream import SpeechStream
from tts.speech import Speech

from ..failures import FailureKind, describe_failure
from .controls import DIALS
from .files import Part, read_document, save
from .html import readings, sheet, word_times
from .limits import DemoLimits
from .progress import StreamProgress
from .spectrogram import picture
from .take import Take

SPEAKING = ("live", "sheet", "times", "stats", "take", "result")
HELD_BACK = 2048  # samples of the first piece that make a segment of their own
Shown = tuple[Any, ...]
T = TypeVar("T")


@dataclass(frozen=True)
class DemoRequest:
    """A text, and how it is to be spoken."""

    text: str
    delivery: Delivery

    @classmethod
    def of(
        cls, text: str | None, voice: Any, other: Any, share: float, *dials: float
    ) -> "DemoRequest":
        """The fields of the page in their order."""
        if not isinstance(voice, str) or not isinstance(other, str | None):
            raise ValueError("expected names of voices; choose one of them")
        numbers: dict[str, Any] = {
            name: round(dial or 0) if DELIVERY_FIELDS[name].type is int else dial
            for name, dial in zip(DIALS, dials, strict=True)
        }
        return cls(text or "", Delivery(voice=blend(voice, other, share), **numbers))


def blend(voice: str, other: str | None, share: float) -> str:
    """One voice, or one with so many per cent of another in it."""
    if not other or other == voice or not share:
        return voice
    return f"{voice}({1 - share / 100:.2f})+{other}({share / 100:.2f})"


@dataclass(frozen=True)
class DemoHandlers:
    """Speaks for the visitors of a page, within limits."""

    engine: Engine
    limits: DemoLimits

    async def speak(self, *fields: Any) -> AsyncIterator[Shown]:
        """Sound and all that goes with it, as it becomes ready, the take so far too.

        Another text is shown when sound has begun, for until then the browser has its hands full.
        """
        with show_errors():
            wanted, progress = DemoRequest.of(*fields), self._progress()
            take = Take.of(wanted.text, wanted.delivery, [])
            another = {"sheet": sheet(wanted.text), "result": gr.Column(visible=False)}
            with self._reply(wanted) as reply:
                async for parts in self._streamed(reply, progress, "That is"):
                    if "stats" in parts:
                        take = take.with_piece(progress.pieces[-1])
                        if len(progress.pieces) > 1:
                            parts |= {"take": take, **another}
                            another = {}
                    yield showing(**parts)
            yield showing(take=take, **another)

    async def again(self, take: Take | None, chosen: gr.EventData) -> AsyncIterator[Shown]:
        """One line with the next seed, as it becomes ready; the take with it at the end."""
        with show_errors():
            if take is None or chosen.line not in [line.utterance for line in take.lines]:
                raise ValueError("expected a sentence that was spoken; press Speak first")
            delivery, progress = take.another(chosen.line), self._progress()
            caption = f"This sentence with seed {delivery.seed_of(chosen.line)} is"
            with self._reply(DemoRequest(take.text, delivery), utterance=chosen.line) as reply:
                async for parts in self._streamed(reply, progress, caption):
                    yield showing(**parts)
            yield showing(take=take.with_line(delivery, Speech.join(progress.pieces)))

    async def keep(self, take: Take | None) -> AsyncIterator[Shown]:
        """A take to play again and to look at, its times, and its files."""
        take = spoken(take)
        config = self.engine.synthesizer.acoustic.config.mel
        speech = await asyncio.to_thread(take.speech)
        with TemporaryDirectory() as folder:
            files = await asyncio.to_thread(save, speech, take.times(), Path(folder))
            drawn = await asyncio.to_thread(picture, speech.audio, config)
            yield files[0], word_times(take.timed()), drawn, *files, gr.Column(visible=True)

    async def read(self, take: Take | None) -> str:
        """How the text of a take is read."""
        take = spoken(take)
        return await self._read(lambda: readings(explain(take.text, take.delivery.reading)))

    async def compare(self, many: float, *fields: Any) -> AsyncIterator[Shown]:
        """A text in one step and in many, from the same noise."""
        with show_errors():
            wanted = DemoRequest.of(*fields)
            made: list[Any] = []
            for steps in (1, round(many)):
                delivery, progress = replace(wanted.delivery, steps=steps), self._progress()
                with self._reply(replace(wanted, delivery=delivery)) as reply:
                    async for _ in _pieces(reply, progress):
                        pass
                caption = progress.stats_html("One step:" if steps == 1 else f"{steps} steps:")
                made += [sound(Speech.join(progress.pieces)), caption]
                yield *made, *(None, "")[len(made) - 2 :]

    async def open(self, path: str | None) -> Shown:
        """What a file holds, its chapters to choose from, and the first of them as the text."""
        with show_errors():
            if path is None:
                raise ValueError("expected a file; choose one")
            found = await self._read(lambda: read_document(Path(path), self.limits.characters))
            names = [(title, number) for number, (title, _) in enumerate(found)]
            return found, gr.Dropdown(names, value=0, visible=len(found) > 1), found[0][1]

    async def choose(self, found: list[Part] | None, number: int | None) -> str:
        """The text of a chapter."""
        with show_errors():
            if not found or number is None or number not in range(len(found)):
                raise ValueError("expected a chapter of a file; choose the file, and then one")
            return found[number][1]

    async def _streamed(
        self, reply: SpeechStream, progress: StreamProgress, caption: str
    ) -> AsyncIterator[dict[str, Any]]:
        """The player opens when the text was read, and gets ready while the first piece is made."""
        if await reply.has_speech():
            yield {"times": ""}
        async for piece in _pieces(reply, progress):
            *early, last = _segments(piece, first=len(progress.pieces) == 1)
            for segment in early:
                yield {"live": segment}
            yield {"live": last, "times": progress.times, "stats": progress.stats_html(caption)}

    def _reply(self, wanted: DemoRequest, utterance: int | None = None) -> SpeechStream:
        """What the engine says to a text that is not too long."""
        length, most = len(wanted.text), self.limits.characters
        if length > most:
            raise ValueError(f"expected at most {most} characters, not {length}; speak it in parts")
        return self.engine.stream(wanted.text, wanted.delivery, utterance)

    async def _read(self, look: Callable[[], T]) -> T:
        """What is found out about a text, off the event loop and beside what speaks."""
        return await asyncio.wrap_future(self.engine.submit(look))

    def _progress(self) -> StreamProgress:
        return StreamProgress(self.limits.seconds)


def showing(**parts: Any) -> Shown:
    """What changes of the parts of the page that speech has to do with.

    The player is given nothing rather than told to stay as it is: that would make it another.
    """
    return tuple(parts.get(name, None if name == "live" else gr.skip()) for name in SPEAKING)


def sound(piece: Speech) -> tuple[int, np.ndarray]:
    """Sound as Gradio takes it: whole numbers, for it makes the peak of any other the loudest."""
    return piece.sample_rate, pcm16(piece.audio)


def _segments(piece: Speech, *, first: bool) -> Iterator[tuple[int, np.ndarray]]:
    """A piece, and the first of all in two: a player comes back for more after twice as long as
    the last that it found, and that has to be soon."""
    rate, samples = sound(piece)
    cut = len(samples) - HELD_BACK
    if first and cut > 0:
        yield rate, samples[:cut]
        samples = samples[cut:]
    yield rate, samples


async def _pieces(reply: SpeechStream, progress: StreamProgress) -> AsyncIterator[Speech]:
    """What comes of a reply, until there is as much as may be."""
    async for piece in reply:
        progress.add(piece)
        yield piece
        if progress.over:
            break


def spoken(take: Take | None) -> Take:
    """A take, which is there once something was spoken."""
    with show_errors():
        if take is None:
            raise ValueError("expected a take; press Speak first")
        return take


@contextmanager
def show_errors() -> Iterator[None]:
    """What cannot be done is said on the page, in a sentence; the page takes it for HTML."""
    try:
        yield
    except Exception as error:
        failure = describe_failure(error)
        if failure.kind is FailureKind.UNEXPECTED:
            raise
        said = html.escape(failure.message, quote=False)
        raise gr.Error(f"{said[:1].upper()}{said[1:]}.", print_exception=False) from None
