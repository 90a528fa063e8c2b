"""POST /v1/audio/speech: synthesise a text and stream the audio, in the form of OpenAI's API."""

from base64 import b64encode
from json import dumps
from threading import Lock
from typing import Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from tts.audio import pcm16
from tts.audio_formats import AUDIO_FORMATS
from tts.best_of.choice import Choice
from tts.serving.engine import Engine
from tts.speech import Speech
from tts.text.markup.voices import spoken_voices

from ...choices import choices_json
from ...encoding import ENCODERS, BufferedEncoder
from ..errors import ApiError
from ..openapi import ErrorExample, error_responses, speech_response
from ..responder import SpeechResponder
from ..response import Serializer, SpeechResponse
from ..schemas import SpeechRequest, example_request
from ..settings import ResponseFormat, ServerSettings

SPEECH_ERRORS = (400, 401, 404, 413, 429, 504)
WRONG_FORMAT = ErrorExample(
    "response_format must be one of wav, flac, mp3, opus, aac, pcm; got 'ogg'", "response_format"
)


class AudioRequest(SpeechRequest):
    """A text and its delivery, and how its audio is sent."""

    model_config = example_request(response_format="mp3", stream=False)

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

    model_config = example_request(model="tts-1", response_format="mp3")

    stream_format: Literal["audio", "sse"] = Field(
        default="audio",
        description="`audio` sends the audio itself; `sse` sends server-sent events with the audio "
        "in base64.",
        examples=["sse"],
    )


def speech_router(responder: SpeechResponder) -> APIRouter:
    """The route for speech."""
    router = APIRouter(responses=error_responses(*SPEECH_ERRORS, format=WRONG_FORMAT))
    engine, settings = responder.engine, responder.settings
    media_types = sorted({AUDIO_FORMATS[name].media_type for name in settings.formats})

    @router.post(
        "/v1/audio/speech",
        response_class=Response,
        summary="Speech of a text",
        responses={
            200: speech_response(
                "The audio, or events if `stream_format` is sse.", *media_types, "text/event-stream"
            )
        },
    )
    async def speak(wanted: OpenAISpeechRequest) -> SpeechResponse:
        """Synthesise a text and send the audio while it is made.

        A response that is cut short has no final chunk, so that clients notice it. The events of
        `sse` are `speech.audio.delta`, and `speech.audio.done` with the characters and phones used.
        Where the text has letters of other scripts, which are left out, or is in another language,
        the header `TTS-Warning` says so. With `best_of`, the header `TTS-Choice` tells which
        candidate was kept of each sentence that was chosen before the first byte: of all with
        `stream` false. The last event of `sse` has all `choices`.
        """
        check_format(wanted, settings)

        def form() -> Serializer:
            sound = sound_of(wanted, engine, settings)
            sse = wanted.stream_format == "sse"
            return SseSerializer(sound, len(wanted.input)) if sse else sound

        return await responder.respond(wanted, form)

    return router


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
        self._choices: list[Choice] = []

    def add(self, piece: Speech) -> bytes:
        self._phones += len(piece.phones)
        self._choices += piece.choices
        return self._delta(self._sound.add(piece))

    def end(self) -> bytes:
        taken, given = self._characters, self._phones
        usage = {"input_tokens": taken, "output_tokens": given, "total_tokens": taken + given}
        choices = {"choices": choices_json(self._choices)} if self._choices else {}
        done = _event("speech.audio.done", usage=usage, **choices)
        return self._delta(self._sound.end()) + done

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
