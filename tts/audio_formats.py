"""The audio formats of files, streams and batches, in one table."""

from dataclasses import dataclass
from typing import Literal

Options = tuple[tuple[str, str], ...]

MPEG_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)


@dataclass(frozen=True, kw_only=True, slots=True)
class AudioFormat:
    """How audio is encoded, and where the format is offered.

    Bit rates are chosen by hand, for speech of one channel at 24 kHz.

    Args:
        name: of the format, and the ending of its files.
        media_type: the `Content-Type` of HTTP.
        container: FFmpeg's name of the container.
        codec: FFmpeg's name of the encoder.
        bit_rate: in bits per second; None leaves it to the codec.
        sample_rates: in Hz, all that the codec has; empty if it has any.
        stream_options: of the container, in a stream of unknown length.
        file_options: of the container, in a file.
        disk_options: of the container, in a file on disk, which the container may read again.
        codec_options: of the codec, in a file.
        software_tag: FFmpeg's name of the field for the program that wrote the file; None for none.
        soundfile: libsndfile's format and subtype, by which `tts.audio` writes a file.
        streamed: whether servers stream it.
        batched: `items` if a batch writes items and books in it, `books` if only books and their
            chapters, since libraries that load datasets cannot read it.
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
    software_tag: str | None = None
    soundfile: tuple[str, str] | None = None
    streamed: bool = False
    batched: Literal["items", "books"] | None = None

    @property
    def suffix(self) -> str:
        """The end of a file's name, in lower case."""
        return f".{self.name}"


_FORMATS = (
    AudioFormat(
        name="wav",
        media_type="audio/wav",
        container="wav",
        codec="pcm_s16le",
        file_options=(("rf64", "auto"),),  # RF64 from 4 GB on, which WAV cannot hold
        software_tag="ISFT",
        soundfile=("WAV", "PCM_16"),
        streamed=True,
        batched="items",
    ),
    AudioFormat(
        name="flac",
        media_type="audio/flac",
        container="flac",
        codec="flac",
        software_tag="software",
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
        # a Xing header holds the length, which a stream does not have
        stream_options=(("write_xing", "0"),),
        software_tag="TSSE",
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
        # pages of two packets: a player waits for a whole page
        stream_options=(("page_duration", "40000"),),
        # shorter pages: libsndfile does not find the end of a file of one page
        file_options=(("page_duration", "200000"),),
        software_tag="software",
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
        container="mp4",  # FFmpeg's muxer ipod takes no cover
        codec="aac",
        bit_rate=96_000,
        sample_rates=MPEG_RATES,
        file_options=(("brand", "M4B "),),
        disk_options=(
            ("movflags", "+faststart"),
        ),  # moves the index to the front, for which it reads the file
        # the default coder takes six times as long, and DistillMOS is the same
        codec_options=(("aac_coder", "fast"),),
        software_tag="encoding_tool",
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
