"""Speech with the times of its words: beside the sound, as Kokoro-FastAPI has it, or by itself."""

from base64 import b64encode
from collections.abc import Sequence
from json import dumps
from typing import Literal

from fastapi import APIRouter
from starlette.responses import Response

from tts.captions.formats import FORMATS, Times
from tts.serving.engine import Engine
from tts.speech import Speech, TimedWord

from ..response import Answer
from ..schemas import Wanted
from ..settings import Settings
from .speech import Sound, WantedSound, begun, check_format, sound_of

MEDIA_TYPES = {
    "srt": "application/x-subrip",
    "vtt": "text/vtt",
    "json": "application/json",
    "textgrid": "text/plain",
}


class WantedCaptions(Wanted):
    """What would be said, and the format of its times."""

    response_format: Literal["srt", "vtt", "json", "textgrid"] = "srt"


def captions(engine: Engine, settings: Settings) -> APIRouter:
    """The routes that tell when each word is said."""
    router = APIRouter()

    @router.post("/v1/audio/captions", response_class=Response)
    async def caption(wanted: WantedCaptions) -> Answer:
        """Subtitles, or the time of every word and phone."""
        form = Captions(wanted.input, wanted.response_format)
        return Answer(await begun(wanted, engine, settings), form, settings)

    @router.post("/dev/captioned_speech", response_class=Response)
    async def captioned_speech(wanted: WantedSound) -> Answer:
        """Sound in base64, and when each of its words is said, in seconds of the whole.

        It comes as a line of JSON for each piece, or as one for the whole.
        """
        check_format(wanted, settings)
        reply, sound = await begun(wanted, engine, settings), sound_of(wanted, engine)
        return Answer(reply, Lines(sound) if wanted.stream else Whole(sound), settings)

    return router


class Captions:
    """The times of a text, once all of it has been spoken."""

    def __init__(self, text: str, name: str) -> None:
        self.media_type = MEDIA_TYPES[name]
        self._times, self._write = Times(text), FORMATS[f".{name}"]

    def add(self, piece: Speech) -> bytes:
        self._times.add(piece)
        return b""

    def end(self) -> bytes:
        # half a pair of surrogates has no place in a file
        return self._write(self._times).encode(errors="replace")


class Lines:
    """A line of JSON for each piece: its sound, and the words of it."""

    media_type = "application/json"

    def __init__(self, sound: Sound) -> None:
        self._sound = sound

    def add(self, piece: Speech) -> bytes:
        return self._line(self._sound.add(piece), piece.words)

    def end(self) -> bytes:
        return self._line(self._sound.end(), ())

    def _line(self, sound: bytes, words: Sequence[TimedWord]) -> bytes:
        if not sound and not words:
            return b""
        told = {
            "audio": b64encode(sound).decode(),
            "audio_format": self._sound.media_type,
            "timestamps": [
                {"word": word.text, "start_time": word.start, "end_time": word.end}
                for word in words
            ],
        }
        return dumps(told).encode() + b"\n"


class Whole(Lines):
    """The same for all pieces together."""

    def __init__(self, sound: Sound) -> None:
        super().__init__(sound)
        self._made: list[bytes] = []
        self._words: list[TimedWord] = []

    def add(self, piece: Speech) -> bytes:
        self._made.append(self._sound.add(piece))
        self._words += piece.words
        return b""

    def end(self) -> bytes:
        return self._line(b"".join([*self._made, self._sound.end()]), self._words)
