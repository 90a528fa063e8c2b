"""Starts the speech of a request, and answers with it while it is made."""

import asyncio
from collections.abc import Callable

from anyio import CapacityLimiter, to_thread

from tts.serving.engine import Engine, EngineClosed
from tts.serving.stream import SpeechStream
from tts.text.language_warnings import language_warnings

from .errors import refuse_speech
from .response import Serializer, SpeechResponse, SpokenText, late
from .schemas import SpeechRequest
from .settings import ServerSettings


class SpeechResponder:
    """Answers requests for speech.

    Args:
        engine: makes the speech.
        settings: limits and timeouts.
    """

    def __init__(self, engine: Engine, settings: ServerSettings) -> None:
        self.engine, self.settings = engine, settings
        # texts are read in Python, and /health is to answer soon
        self._one_at_a_time = CapacityLimiter(1)

    async def respond(
        self, wanted: SpeechRequest, form: Callable[[], Serializer]
    ) -> SpeechResponse:
        """The response to a request; a header warns of what the voices cannot read of its text.

        Args:
            wanted: the request.
            form: makes the serializer of the body, once the speech has begun.

        Raises:
            ApiError: a field is invalid, or the engine is closed.
            QueueFull: too many requests wait.
        """
        text = wanted.input[: self.settings.max_characters]
        warnings = await to_thread.run_sync(language_warnings, text, limiter=self._one_at_a_time)
        reply = await self._start(wanted)
        spoken = SpokenText(
            voice=wanted.voice_name(self.engine, self.settings),
            characters=len(wanted.input),
            warnings=warnings,
        )
        return SpeechResponse(reply, form(), self.settings, spoken)

    async def _start(self, wanted: SpeechRequest) -> SpeechStream:
        """Start the speech of a request. The text is parsed later, by the engine's threads."""
        engine, settings = self.engine, self.settings
        try:
            if wanted.lexicon:
                # parsing a lexicon takes time, and must not block the event loop
                reading = engine.submit(lambda: wanted.delivery(engine, settings))
                async with asyncio.timeout(settings.response_timeout_seconds):
                    delivery = await asyncio.wrap_future(reading)
            else:
                delivery = wanted.delivery(engine, settings)
            return engine.stream(wanted.input, delivery)
        except (ValueError, EngineClosed) as error:
            raise refuse_speech(error) from error
        except TimeoutError as error:
            raise late(settings) from error
