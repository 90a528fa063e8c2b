"""A take as a file: sound, subtitles, or a picture of its spectrogram."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from tts.captions.formats import CAPTION_FORMATS
from tts.config import MelConfig

from .spectrogram import picture
from .take import Take

# The names of the files and their media types
DOWNLOADS: Mapping[str, str] = {
    "speech.wav": "audio/wav",
    "speech.mp3": "audio/mpeg",
    "speech.srt": CAPTION_FORMATS["srt"].media_type,
    "spectrogram.png": "image/png",
}


def encode_take(take: Take, name: str, config: MelConfig) -> bytes:
    """The bytes of a file of a take.

    Args:
        take: the take.
        name: one of `DOWNLOADS`.
        config: of the spectrogram.
    """
    match name.rpartition(".")[2]:
        case "png":
            written = BytesIO()
            Image.fromarray(picture(take.speech().audio, config)).save(written, "PNG")
            return written.getvalue()
        case "srt":
            return CAPTION_FORMATS["srt"].encode(take.times())
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        take.speech().save(path)
        return path.read_bytes()
