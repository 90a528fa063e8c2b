"""Handlers of the page's events. All visitors share one engine."""

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
from tts.text.language_warnings import language_warnings
from tts.voices import blend_parts

from ..failures import FailureKind, describe_failure
from .controls import DIALS
from .files import save
from .html import readings, sheet, word_times
from .limits import DemoLimits
from .progress import StreamProgress
from .spectrogram import picture
from .take import Take

SPEAKING = ("live", "sheet", "times", "stats", "take", "result")
HELD_BACK = 2048  # samples: two AAC frames of the first piece, sent as a second segment
Shown = tuple[Any, ...]
T = TypeVar("T")


@dataclass(frozen=True)
class DemoRequest:
    """A text and its delivery."""

    text: str
    delivery: Delivery

    @classmethod
    def of(
        cls, text: str | None, voice: Any, other: Any, share: float, *dials: float
    ) -> "DemoRequest":
        """A request from the values of `Composer.fields`, in their order.

        Raises:
            ValueError: a value is out of its range or of another type.
        """
        if not isinstance(voice, str) or not isinstance(other, str | None):
            raise ValueError("voice must be the name of a voice")
        numbers: dict[str, Any] = {
            name: round(dial or 0) if DELIVERY_FIELDS[name].type is int else dial
            for name, dial in zip(DIALS, dials, strict=True)
        }
        return cls(text or "", Delivery(voice=blend(voice, other, share), **numbers))


def blend(voice: str, other: str | None, share: float) -> str:
    """A voice, or its blend with a share of another, in percent."""
    if not other or other == voice or not share:
        return voice
    parts = blend_parts(voice)
    if len(parts) == 1 or not (total := sum(weight for _, weight in parts)):
        return f"{voice}({1 - share / 100:.2f})+{other}({share / 100:.2f})"
    left = (1 - share / 100) / total  # of a blend, each voice keeps its share of the rest
    kept = "+".join(f"{name}({weight * left:.4f})" for name, weight in parts)
    return f"{kept}+{other}({share / 100:.2f})"


@dataclass(frozen=True)
class DemoHandlers:
    """The functions behind the page.

    Args:
        engine: makes the speech.
        limits: of a request.
    """

    engine: Engine
    limits: DemoLimits

    async def speak(self, *fields: Any) -> AsyncIterator[Shown]:
        """Speak a text; yields updates of the page while it is made.

        The text on the right is replaced once audio plays, so as not to delay the first sound by
        work in the browser.
        """
        with show_errors():
            wanted, progress = DemoRequest.of(*fields), self._progress()
            progress.warnings = await self._read(lambda: language_warnings(wanted.text))
            take = Take.of(wanted.text, wanted.delivery, [])
            another = {"sheet": sheet(wanted.text), "result": gr.Column(visible=False)}
            with self._reply(wanted) as reply:
                async for parts in self._streamed(reply, progress, "Made"):
                    if "stats" in parts:
                        take = take.with_piece(progress.pieces[-1])
                        if len(progress.pieces) > 1:
                            parts |= {"take": take, **another}
                            another = {}
                    yield showing(**parts)
            yield showing(take=take, **another)

    async def again(self, take: Take | None, chosen: gr.EventData) -> AsyncIterator[Shown]:
        """Speak one sentence of a take with the next seed; yields updates of the page."""
        with show_errors():
            if take is None or chosen.line not in [line.utterance for line in take.lines]:
                raise ValueError("there is no such sentence; press Speak first")
            delivery, progress = take.another(chosen.line), self._progress()
            caption = f"This sentence with seed {delivery.seed_of(chosen.line)}:"
            with self._reply(DemoRequest(take.text, delivery), utterance=chosen.line) as reply:
                async for parts in self._streamed(reply, progress, caption):
                    yield showing(**parts)
            yield showing(take=take.with_line(delivery, Speech.join(progress.pieces)))

    async def keep(self, take: Take | None) -> AsyncIterator[Shown]:
        """Show a finished take: its player, spectrogram, times and files."""
        take = spoken(take)
        config = self.engine.synthesizer.runtime.config.mel
        speech = await asyncio.to_thread(take.speech)
        with TemporaryDirectory() as folder:
            files = await asyncio.to_thread(save, speech, take.times(), Path(folder))
            drawn = await asyncio.to_thread(picture, speech.audio, config)
            yield files[0], word_times(take.timed()), drawn, *files, gr.Column(visible=True)

    async def read(self, take: Take | None) -> str:
        """Show how the text of a take is read."""
        take = spoken(take)
        return await self._read(lambda: readings(explain(take.text, take.delivery.reading)))

    async def compare(self, many: float, *fields: Any) -> AsyncIterator[Shown]:
        """Speak a text in one step and in several, from the same noise."""
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

    async def _streamed(
        self, reply: SpeechStream, progress: StreamProgress, caption: str
    ) -> AsyncIterator[dict[str, Any]]:
        """Updates of the page for each piece. The first opens the player before there is audio, so
        that it is ready when the first piece is."""
        if await reply.has_speech():
            yield {"times": ""}
        async for piece in _pieces(reply, progress):
            *early, last = _segments(piece, first=len(progress.pieces) == 1)
            for segment in early:
                yield {"live": segment}
            yield {"live": last, "times": progress.times, "stats": progress.stats_html(caption)}

    def _reply(self, wanted: DemoRequest, utterance: int | None = None) -> SpeechStream:
        """Start the speech of a text that is not too long."""
        length, most = len(wanted.text), self.limits.characters
        if length > most:
            raise ValueError(
                f"the text must be at most {most} characters long, got {length}; speak it in parts"
            )
        return self.engine.stream(wanted.text, wanted.delivery, utterance)

    async def _read(self, look: Callable[[], T]) -> T:
        """Run a function on the engine's threads for texts, off the event loop."""
        return await asyncio.wrap_future(self.engine.submit(look))

    def _progress(self) -> StreamProgress:
        return StreamProgress(self.limits.seconds)


def showing(**parts: Any) -> Shown:
    """Updates of the components in `SPEAKING`; those not named stay as they are.

    The live player gets None instead of `gr.skip()`, which would replace it.
    """
    return tuple(parts.get(name, None if name == "live" else gr.skip()) for name in SPEAKING)


def sound(piece: Speech) -> tuple[int, np.ndarray]:
    """Audio for Gradio: 16-bit samples, since it normalises the peak of floats."""
    return piece.sample_rate, pcm16(piece.audio)


def _segments(piece: Speech, *, first: bool) -> Iterator[tuple[int, np.ndarray]]:
    """A piece as segments. The first piece gives two, since a player polls again after twice the
    length of the last segment, and that must be soon."""
    rate, samples = sound(piece)
    cut = len(samples) - HELD_BACK
    if first and cut > 0:
        yield rate, samples[:cut]
        samples = samples[cut:]
    yield rate, samples


async def _pieces(reply: SpeechStream, progress: StreamProgress) -> AsyncIterator[Speech]:
    """The pieces of a stream, up to the limit of seconds."""
    async for piece in reply:
        progress.add(piece)
        yield piece
        if progress.over:
            break


def spoken(take: Take | None) -> Take:
    """The take, if something was spoken."""
    with show_errors():
        if take is None:
            raise ValueError("nothing was spoken yet; press Speak first")
        return take


@contextmanager
def show_errors() -> Iterator[None]:
    """Show errors on the page as a sentence, escaped, since the page renders it as HTML."""
    try:
        yield
    except Exception as error:
        failure = describe_failure(error)
        if failure.kind is FailureKind.UNEXPECTED:
            raise
        said = html.escape(failure.message, quote=False)
        raise gr.Error(f"{said[:1].upper()}{said[1:]}.", print_exception=False) from None
