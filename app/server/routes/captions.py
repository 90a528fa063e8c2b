"""Speech with the times of its words: beside the sound, as Kokoro-FastAPI has it, or by itself."""

from base64 import b64encode
from collections.abc import Sequence
from json import dumps
from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter
from starlette.responses import Response

from tts.captions.formats import CAPTION_FORMATS, TimedText
from tts.serving.engine import Engine
from tts.speech import Speech, TimedWord

from ..response import SpeechResponse
from ..schemas import SpeechRequest
from ..settings import ServerSettings
from .speech import AudioRequest, AudioSerializer, check_format, sound_of, start_stream

if TYPE_CHECKING:
    CaptionName = str
else:  # what the table holds is a type to pydantic, and none to a checker of types
    CaptionName = Literal[tuple(CAPTION_FORMATS)]


class CaptionsRequest(SpeechRequest):
    """What would be said, and the format of its times."""

    response_format: CaptionName = "srt"


def captions_router(engine: Engine, settings: ServerSettings) -> APIRouter:
    """The routes that tell when each word is said."""
    router = APIRouter()

    @router.post("/v1/audio/captions", response_class=Response)
    async def caption(wanted: CaptionsRequest) -> SpeechResponse:
        """Subtitles, or the time of every word and phone."""
        form = CaptionSerializer(wanted.input, wanted.response_format)
        return SpeechResponse(await start_stream(wanted, engine, settings), form, settings)

    @router.post("/dev/captioned_speech", response_class=Response)
    async def captioned_speech(wanted: AudioRequest) -> SpeechResponse:
        """Sound in base64, and when each of its words is said, in seconds of the whole.

        It comes as a line of JSON for each piece, or as one for the whole.
        """
        check_format(wanted, settings)
        reply, sound = await start_stream(wanted, engine, settings), sound_of(wanted, engine)
        return SpeechResponse(
            reply, JsonLinesSerializer(sound) if wanted.stream else JsonSerializer(sound), settings
        )

    return router


class CaptionSerializer:
    """The times of a text, once all of it has been spoken."""

    def __init__(self, text: str, name: str) -> None:
        self._times, self._format = TimedText(text), CAPTION_FORMATS[name]
        self.media_type = self._format.media_type

    def add(self, piece: Speech) -> bytes:
        self._times.add(piece)
        return b""

    def end(self) -> bytes:
        return self._format.encode(self._times)


class JsonLinesSerializer:
    """A line of JSON for each piece: its sound, and the words of it."""

    media_type = "application/json"

    def __init__(self, sound: AudioSerializer) -> None:
        self._sound = sound

    def add(self, piece: Speech) -> bytes:
        return self._line(self._sound.add(piece), piece.words)

    def end(self) -> bytes:
        return self._line(self._sound.end(), ())

    def _line(self, sound: bytes, words: Sequence[TimedWord]) -> bytes:
        if not sound and not words:
            return b""
        message = {
            "audio": b64encode(sound).decode(),
            "audio_format": self._sound.media_type,
            "timestamps": [
                {"word": word.text, "start_time": word.start, "end_time": word.end}
                for word in words
            ],
        }
        return dumps(message).encode() + b"\n"


class JsonSerializer(JsonLinesSerializer):
    """The same for all pieces together."""

    def __init__(self, sound: AudioSerializer) -> None:
        super().__init__(sound)
        self._made: list[bytes] = []
        self._words: list[TimedWord] = []

    def add(self, piece: Speech) -> bytes:
        self._made.append(self._sound.add(piece))
        self._words += piece.words
        return b""

    def end(self) -> bytes:
        return self._line(b"".join([*self._made, self._sound.end()]), self._words)
