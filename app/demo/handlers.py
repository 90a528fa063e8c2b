"""Handlers of the page's events. All visitors share one engine."""

import asyncio
import html
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any, TypeVar

import gradio as gr
import numpy as np

from tts.audio import pcm16
from tts.serving.engine import Engine
from tts.serving.stream import SpeechStream
from tts.speech import Speech
from tts.text.language_warnings import language_warnings

from ..failures import FailureKind, describe_failure
from ..logs import log_event
from ..work_limits import find_excess
from .limits import DemoLimits
from .progress import StreamProgress
from .request import DemoRequest

log = logging.getLogger(__name__)
Shown = tuple[Any, ...]
T = TypeVar("T")


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
        """Speak a text for a program: the figures while it is made, then the audio, too."""
        with show_errors():
            wanted, progress = DemoRequest.of(*fields), self.progress()
            progress.warnings = await self.read(lambda: language_warnings(wanted.text))
            with self.start(wanted) as reply:
                async for _ in pieces_of(reply, progress):
                    yield None, progress.times, progress.stats_html("Made")
            made = sound(Speech.join(progress.pieces))
            yield made, progress.times, progress.stats_html("Made")

    async def compare(self, many: float, *fields: Any) -> AsyncIterator[Shown]:
        """Speak a text in one step and in several, from the same noise."""
        with show_errors():
            wanted = DemoRequest.of(*fields)
            made: list[Any] = []
            for steps in (1, round(many)):
                delivery = replace(wanted.delivery, steps=steps, best_of=1)
                progress = self.progress()
                with self.start(replace(wanted, delivery=delivery)) as reply:
                    async for _ in pieces_of(reply, progress):
                        pass
                caption = progress.stats_html("One step:" if steps == 1 else f"{steps} steps:")
                made += [sound(Speech.join(progress.pieces)), caption]
                yield *made, *(None, "")[len(made) - 2 :]

    @contextmanager
    def start(self, wanted: DemoRequest, utterance: int | None = None) -> Iterator[SpeechStream]:
        """Start the speech of a request within the limits; it stops at the end of the block.

        How it went is a line in the log.
        """
        length, most = len(wanted.text), self.limits.characters
        if not wanted.text.strip():
            raise ValueError("the text is empty; type some text first")
        if length > most:
            raise ValueError(
                f"the text must be at most {most} characters long, got {length}; speak it in parts"
            )
        if excess := find_excess(wanted.delivery.steps, wanted.delivery.best_of, self.limits):
            raise ValueError(excess[1])
        begun, status = monotonic(), "failed"
        with self.engine.stream(wanted.text, wanted.delivery, utterance) as reply:
            try:
                yield reply
                status = "finished"
            except (GeneratorExit, asyncio.CancelledError):
                status = "stopped"
                raise
            finally:
                first = reply.sound_began
                log_event(
                    log,
                    "demo",
                    status=status,
                    voice=wanted.delivery.voice,
                    characters=length,
                    sound_seconds=reply.made_seconds,
                    first_sound_seconds=None if first is None else first - begun,
                    seconds=monotonic() - begun,
                )

    async def read(self, look: Callable[[], T]) -> T:
        """Run a function on the engine's threads for texts, off the event loop."""
        return await asyncio.wrap_future(self.engine.submit(look))

    def progress(self) -> StreamProgress:
        return StreamProgress(self.limits.seconds)


def sound(piece: Speech) -> tuple[int, np.ndarray]:
    """Audio for Gradio: 16-bit samples, since it normalises the peak of floats."""
    return piece.sample_rate, pcm16(piece.audio)


async def pieces_of(reply: SpeechStream, progress: StreamProgress) -> AsyncIterator[Speech]:
    """The pieces of a stream, up to the limit of seconds."""
    async for piece in reply:
        progress.add(piece)
        yield piece
        if progress.over:
            break


@contextmanager
def show_errors() -> Iterator[None]:
    """Show errors on the page as a sentence, escaped, since Gradio renders it as HTML."""
    try:
        yield
    except Exception as error:
        failure = describe_failure(error)
        if failure.kind is FailureKind.UNEXPECTED:
            raise
        said = html.escape(sentence(failure.message), quote=False)
        raise gr.Error(said, print_exception=False) from None


def sentence(message: str) -> str:
    """The message of an error as a sentence."""
    return f"{message[:1].upper()}{message[1:]}."
