"""POST /v1/audio/speech: synthesise a text and stream the audio, in the form of OpenAI's API."""

import asyncio
from base64 import b64encode
from json import dumps
from threading import Lock
from typing import Literal

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from tts.audio import pcm16
from tts.audio_formats import AUDIO_FORMATS
from tts.serving.engine import Engine, EngineClosed
from tts.serving.stream import SpeechStream
from tts.speech import Speech
from tts.text.language_warnings import language_warnings
from tts.text.markup.voices import spoken_voices

from ...encoding import ENCODERS, BufferedEncoder
from ..errors import ApiError, refuse_speech
from ..openapi import content_response, error_responses
from ..response import SpeechResponse, late
from ..schemas import SpeechRequest
from ..settings import ResponseFormat, ServerSettings

SPEECH_ERRORS = (400, 401, 404, 413, 429, 504)


class AudioRequest(SpeechRequest):
    """A text and its delivery, and how its audio is sent."""

    response_format: ResponseFormat = Field(
        default="mp3",
        description="Format of the audio; pcm is 16-bit little-endian samples without a header.",
        examples=["wav"],
    )
    stream: bool = Field(
        default=True,
        description="Send audio while it is made. If false, it is sent once it is complete, and a "
        "wav has its length in its header.",
        examples=[False],
    )


class OpenAISpeechRequest(AudioRequest):
    """A request of OpenAI's API."""

    stream_format: Literal["audio", "sse"] = Field(
        default="audio",
        description="`audio` sends the audio itself; `sse` sends server-sent events with the audio "
        "in base64.",
        examples=["sse"],
    )


def speech_router(engine: Engine, settings: ServerSettings) -> APIRouter:
    """The route for speech."""
    router = APIRouter(responses=error_responses(*SPEECH_ERRORS))
    media_types = sorted({AUDIO_FORMATS[name].media_type for name in settings.formats})
    one_at_a_time = CapacityLimiter(1)  # texts are read in Python, and /health is to answer soon

    @router.post(
        "/v1/audio/speech",
        response_class=Response,
        summary="Speech of a text",
        responses={
            200: content_response(
                "The audio, or events if `stream_format` is sse.", *media_types, "text/event-stream"
            )
        },
    )
    async def speak(wanted: OpenAISpeechRequest) -> SpeechResponse:
        """Synthesise a text and send the audio while it is made.

        A response that is cut short has no final chunk, so that clients notice it. The events of
        `sse` are `speech.audio.delta`, and `speech.audio.done` with the characters and phones used.
        Where the text has letters of other scripts, which are left out, or is in another language,
        the header `TTS-Warning` says so.
        """
        check_format(wanted, settings)
        warnings = await to_thread.run_sync(language_warnings, wanted.input, limiter=one_at_a_time)
        reply = await start_stream(wanted, engine, settings)
        sound = sound_of(wanted, engine, settings)
        sse = wanted.stream_format == "sse"
        form = SseSerializer(sound, len(wanted.input)) if sse else sound
        return SpeechResponse(reply, form, settings, warnings)

    return router


async def start_stream(
    wanted: SpeechRequest, engine: Engine, settings: ServerSettings
) -> SpeechStream:
    """Start the speech of a request. The text is parsed later, by the engine's threads.

    Raises:
        ApiError: a field is invalid, or the engine is closed.
        QueueFull: too many requests wait.
    """
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


class AudioSerializer:
    """Encodes pieces to an audio format; may be called from any thread."""

    def __init__(self, name: str, sample_rate: int, *voices: str, stream: bool = True) -> None:
        self.media_type = AUDIO_FORMATS[name].media_type
        self._encoder = (
            ENCODERS[name](sample_rate, *voices)
            if stream
            else BufferedEncoder(name, sample_rate, *voices)
        )
        self._lock = Lock()

    def add(self, piece: Speech) -> bytes:
        with self._lock:
            return self._encoder.add(pcm16(piece.audio))

    def end(self) -> bytes:
        with self._lock:
            return self._encoder.end()


class SseSerializer:
    """Server-sent events with the audio, and at the end the characters and phones used."""

    media_type = "text/event-stream"

    def __init__(self, sound: AudioSerializer, characters: int) -> None:
        self._sound, self._characters, self._phones = sound, characters, 0

    def add(self, piece: Speech) -> bytes:
        self._phones += len(piece.phones)
        return self._delta(self._sound.add(piece))

    def end(self) -> bytes:
        taken, given = self._characters, self._phones
        usage = {"input_tokens": taken, "output_tokens": given, "total_tokens": taken + given}
        return self._delta(self._sound.end()) + _event("speech.audio.done", usage=usage)

    def _delta(self, sound: bytes) -> bytes:
        return _event("speech.audio.delta", audio=b64encode(sound).decode()) if sound else b""


def _event(name: str, **data: object) -> bytes:
    return f"event: {name}\ndata: {dumps({'type': name, **data})}\n\n".encode()


def sound_of(wanted: AudioRequest, engine: Engine, settings: ServerSettings) -> AudioSerializer:
    """The encoder for a request."""
    rate, voice = engine.synthesizer.sample_rate, wanted.voice_name(engine, settings)
    voices = spoken_voices(wanted.input, voice)
    return AudioSerializer(wanted.response_format, rate, *voices, stream=wanted.stream)


def check_format(wanted: AudioRequest, settings: ServerSettings) -> None:
    """Check that the server offers the audio format of a request."""
    name = wanted.response_format
    if name not in settings.formats:
        known = ", ".join(settings.formats)
        message = f"response_format must be one of {known}; got {name!r}"
        raise ApiError(400, message, "response_format")
