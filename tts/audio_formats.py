"""The formats of sound: an entry each, from which files, streams and batches are derived."""

from dataclasses import dataclass
from typing import Literal

Options = tuple[tuple[str, str], ...]

MPEG_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)


@dataclass(frozen=True, kw_only=True, slots=True)
class AudioFormat:
    """How sound is encoded, and where the format is offered.

    Args:
        name: of the format, and the ending of its files.
        media_type: what HTTP calls it.
        container: FFmpeg's name of the container.
        codec: FFmpeg's name of the encoder.
        bit_rate: in bits per second; of none, the codec has its own.
        sample_rates: all that the codec has, in Hz; of none, it has any.
        stream_options: of the container, in a stream whose length is not known.
        file_options: of the container, in a whole file.
        disk_options: of the container, in a file that the container may read again.
        codec_options: of the codec, in a whole file.
        soundfile: the format and the subtype by which `tts.audio` writes it to a file.
        streamed: whether it is sent while it is made.
        batched: what a batch writes in it: `items` and what they are joined to, if the libraries
            that load datasets can read it, or `books` and chapters alone.
    """

    name: str
    media_type: str
    container: str
    codec: str
    bit_rate: int | None = None
    sample_rates: tuple[int, ...] = ()
    stream_options: Options = ()
    file_options: Options = ()
    disk_options: Options = ()
    codec_options: Options = ()
    soundfile: tuple[str, str] | None = None
    streamed: bool = False
    batched: Literal["items", "books"] | None = None

    @property
    def suffix(self) -> str:
        """The end of a file's name, in small letters."""
        return f".{self.name}"


_FORMATS = (
    AudioFormat(
        name="wav",
        media_type="audio/wav",
        container="wav",
        codec="pcm_s16le",
        file_options=(("rf64", "auto"),),  # from 4 GB on
        soundfile=("WAV", "PCM_16"),
        streamed=True,
        batched="items",
    ),
    AudioFormat(
        name="flac",
        media_type="audio/flac",
        container="flac",
        codec="flac",
        soundfile=("FLAC", "PCM_16"),
        streamed=True,
        batched="items",
    ),
    AudioFormat(
        name="mp3",
        media_type="audio/mpeg",
        container="mp3",
        codec="libmp3lame",
        bit_rate=96_000,
        sample_rates=MPEG_RATES,
        # a Xing header tells how long the sound is, which nobody knows while it is made
        stream_options=(("write_xing", "0"), ("id3v2_version", "0")),
        soundfile=("MP3", "MPEG_LAYER_III"),
        streamed=True,
        batched="items",
    ),
    AudioFormat(
        name="opus",
        media_type="audio/ogg",
        container="ogg",
        codec="libopus",
        bit_rate=48_000,
        sample_rates=(8_000, 12_000, 16_000, 24_000, 48_000),
        # pages of two packets, for a player waits for a whole one
        stream_options=(("page_duration", "40000"),),
        # all of a short sound would be on one page, which libsndfile cannot tell the end of
        file_options=(("page_duration", "200000"),),
        soundfile=("OGG", "OPUS"),
        streamed=True,
        batched="items",
    ),
    AudioFormat(
        name="ogg",
        media_type="audio/ogg",
        container="ogg",
        codec="libvorbis",
        soundfile=("OGG", "VORBIS"),
    ),
    AudioFormat(
        name="aac",
        media_type="audio/aac",
        container="adts",
        codec="aac",
        bit_rate=96_000,
        sample_rates=MPEG_RATES,
        streamed=True,
    ),
    AudioFormat(
        name="m4b",
        media_type="audio/mp4",
        container="ipod",
        codec="aac",
        bit_rate=96_000,
        sample_rates=MPEG_RATES,
        file_options=(("brand", "M4B "),),
        disk_options=(("movflags", "+faststart"),),  # it has to read again what it wrote
        # the other way to choose takes six times as long, and DistillMOS hears no difference
        codec_options=(("aac_coder", "fast"),),
        batched="books",
    ),
    AudioFormat(
        name="pcm",
        media_type="audio/pcm",
        container="s16le",
        codec="pcm_s16le",
        streamed=True,
    ),
)
AUDIO_FORMATS = {audio_format.name: audio_format for audio_format in _FORMATS}
