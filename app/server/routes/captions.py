"""Routes for the times of words: captions alone, or with the audio as Kokoro-FastAPI sends them."""

from base64 import b64encode
from collections.abc import Sequence
from json import dumps
from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from tts.best_of.choice import Choice
from tts.captions.formats import CAPTION_FORMATS, TimedText
from tts.speech import Speech, TimedWord

from ...choices import choices_json
from ..openapi import ErrorExample, error_responses, speech_response
from ..responder import SpeechResponder
from ..response import SpeechResponse
from ..schemas import SpeechRequest, example_request
from .speech import (
    SPEECH_ERRORS,
    WRONG_FORMAT,
    AudioRequest,
    AudioSerializer,
    check_format,
    sound_of,
)

if TYPE_CHECKING:
    CaptionName = str
else:  # pydantic accepts a Literal computed from a table; type checkers do not
    CaptionName = Literal[tuple(CAPTION_FORMATS)]
WRONG_CAPTIONS = ErrorExample(
    "response_format must be one of srt, vtt, json, textgrid; got 'doc'", "response_format"
)
CAPTIONED = {
    "audio": "SUQz...",
    "audio_format": "audio/mpeg",
    "timestamps": [{"word": "Hello", "start_time": 0.05, "end_time": 0.41}],
}


class CaptionsRequest(SpeechRequest):
    """A text and its delivery, and the format of its captions."""

    model_config = example_request(response_format="srt")

    response_format: CaptionName = Field(
        default="srt",
        description="Format of the captions: srt, vtt, json with words and phones, or textgrid.",
        examples=["vtt"],
    )


def captions_router(responder: SpeechResponder) -> APIRouter:
    """The routes for the times of words."""
    router = APIRouter()
    media_types = sorted({each.media_type for each in CAPTION_FORMATS.values()})

    @router.post(
        "/v1/audio/captions",
        response_class=Response,
        summary="Captions of a text",
        responses={
            **error_responses(*SPEECH_ERRORS, format=WRONG_CAPTIONS),
            200: speech_response("The captions, without audio.", *media_types),
        },
    )
    async def caption(wanted: CaptionsRequest) -> SpeechResponse:
        """Synthesise a text and return only its captions: subtitles, or times of words and phones.

        The times are those of the audio that /v1/audio/speech returns for the same fields.
        """
        return await responder.respond(
            wanted, lambda: CaptionSerializer(wanted.input, wanted.response_format)
        )

    @router.post(
        "/dev/captioned_speech",
        response_class=Response,
        summary="Speech with the times of its words",
        responses={
            **error_responses(*SPEECH_ERRORS, format=WRONG_FORMAT),
            200: speech_response(
                "One JSON object, or one a line.", "application/json", example=CAPTIONED
            ),
        },
    )
    async def captioned_speech(wanted: AudioRequest) -> SpeechResponse:
        """Return audio in base64 with the words that it speaks, as Kokoro-FastAPI does.

        With `stream` a line of JSON is sent for each piece of audio, else one object for all.
        Times are in seconds from the start of the whole audio. With `best_of`, `choices` tells
        which candidate was kept of each sentence that begins in the piece.
        """
        check_format(wanted, responder.settings)
        form = JsonLinesSerializer if wanted.stream else JsonSerializer
        return await responder.respond(
            wanted, lambda: form(sound_of(wanted, responder.engine, responder.settings))
        )

    return router


class CaptionSerializer:
    """Captions of a text; they are written at the end."""

    def __init__(self, text: str, name: str) -> None:
        self._times, self._format = TimedText(text), CAPTION_FORMATS[name]
        self.media_type = self._format.media_type

    def add(self, piece: Speech) -> bytes:
        self._times.add(piece)
        return b""

    def end(self) -> bytes:
        return self._format.encode(self._times)


class JsonLinesSerializer:
    """A line of JSON for each piece: its audio and its words."""

    media_type = "application/json"

    def __init__(self, sound: AudioSerializer) -> None:
        self._sound = sound

    def add(self, piece: Speech) -> bytes:
        return self._line(self._sound.add(piece), piece.words, piece.choices)

    def end(self) -> bytes:
        return self._line(self._sound.end(), (), ())

    def _line(self, sound: bytes, words: Sequence[TimedWord], choices: Sequence[Choice]) -> bytes:
        if not sound and not words and not choices:
            return b""
        message = {
            "audio": b64encode(sound).decode(),
            "audio_format": self._sound.media_type,
            "timestamps": [
                {"word": word.text, "start_time": word.start, "end_time": word.end}
                for word in words
            ],
        }
        if choices:
            message["choices"] = choices_json(choices)
        return dumps(message).encode() + b"\n"


class JsonSerializer(JsonLinesSerializer):
    """One JSON object with the audio and the words of all pieces."""

    def __init__(self, sound: AudioSerializer) -> None:
        super().__init__(sound)
        self._made: list[bytes] = []
        self._words: list[TimedWord] = []
        self._choices: list[Choice] = []

    def add(self, piece: Speech) -> bytes:
        self._made.append(self._sound.add(piece))
        self._words += piece.words
        self._choices += piece.choices
        return b""

    def end(self) -> bytes:
        return self._line(b"".join([*self._made, self._sound.end()]), self._words, self._choices)
