"""POST /v1/audio/speech: a text in, and its sound while it is made, as OpenAI has it."""

import asyncio
from base64 import b64encode
from json import dumps
from threading import Lock
from typing import Literal

from fastapi import APIRouter
from starlette.responses import Response

from tts.audio import pcm16
from tts.audio_formats import AUDIO_FORMATS
from tts.serving.engine import Engine, EngineClosed
from tts.serving.stream import SpeechStream
from tts.speech import Speech

from ...encoding import ENCODERS, BufferedEncoder
from ..errors import ApiError, refuse_speech
from ..response import SpeechResponse, late
from ..schemas import SpeechRequest
from ..settings import ResponseFormat, ServerSettings


class AudioRequest(SpeechRequest):
    """What is to be said, the format it is to come in, and whether while it is made or whole."""

    response_format: ResponseFormat = "mp3"
    stream: bool = True


class OpenAISpeechRequest(AudioRequest):
    """As OpenAI has it: as sound, or as events with sound in them."""

    stream_format: Literal["audio", "sse"] = "audio"


def speech_router(engine: Engine, settings: ServerSettings) -> APIRouter:
    """The route that speaks."""
    router = APIRouter()

    @router.post("/v1/audio/speech", response_class=Response)
    async def speak(wanted: OpenAISpeechRequest) -> SpeechResponse:
        """Sound as it is made."""
        check_format(wanted, settings)
        reply, sound = await start_stream(wanted, engine, settings), sound_of(wanted, engine)
        sse = wanted.stream_format == "sse"
        return SpeechResponse(
            reply, SseSerializer(sound, len(wanted.input)) if sse else sound, settings
        )

    return router


async def start_stream(
    wanted: SpeechRequest, engine: Engine, settings: ServerSettings
) -> SpeechStream:
    """A reply to what is wanted; refused if it cannot be had. The text is not read yet."""
    try:
        if wanted.lexicon:
            # a lexicon is text too, and takes as long to read
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
    """Pieces as sound in a format, whichever threads bring them."""

    def __init__(self, name: str, sample_rate: int, *, stream: bool = True) -> None:
        self.media_type = AUDIO_FORMATS[name].media_type
        self._encoder = (
            ENCODERS[name](sample_rate) if stream else BufferedEncoder(name, sample_rate)
        )
        self._lock = Lock()

    def add(self, piece: Speech) -> bytes:
        with self._lock:
            return self._encoder.add(pcm16(piece.audio))

    def end(self) -> bytes:
        with self._lock:
            return self._encoder.end()


class SseSerializer:
    """Sound in server-sent events, and what was used: characters go in, and phones come out."""

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


def sound_of(wanted: AudioRequest, engine: Engine) -> AudioSerializer:
    rate = engine.synthesizer.sample_rate
    return AudioSerializer(wanted.response_format, rate, stream=wanted.stream)


def check_format(wanted: AudioRequest, settings: ServerSettings) -> None:
    """Refuse a format that is not given here."""
    name = wanted.response_format
    if name not in settings.formats:
        known = ", ".join(settings.formats)
        raise ApiError(400, f"expected one of the formats {known}, not {name}", "response_format")
