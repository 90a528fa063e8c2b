"""The output format of a batch: audio format, sample rate and level."""

from dataclasses import dataclass

from tts.audio_formats import AUDIO_FORMATS
from tts.validation import check_types

ITEM_FORMATS = tuple(name for name, known in AUDIO_FORMATS.items() if known.batched == "items")
BOOK_FORMATS = tuple(name for name, known in AUDIO_FORMATS.items() if known.batched == "books")
OUTPUT_FORMATS = ITEM_FORMATS + BOOK_FORMATS
LOWEST, HIGHEST = 8_000, 48_000  # Hz: telephone speech, and the highest rate of MP3 and Opus


@dataclass(frozen=True, kw_only=True, slots=True)
class OutputFormat:
    """How audio files are written.

    Args:
        format: a name of `OUTPUT_FORMATS`, such as `wav`.
        sample_rate: in Hz, from 8000 to 48000; some formats have a few rates only.
        volume: gain in dB, from -60 to 30; samples beyond full scale are clipped.
        loudness: target in LUFS (ITU-R BS.1770), from -60 to -5, reached as far as the true peak
            stays below -1 dBTP; None leaves the level as it is. Excludes `volume`.

    Raises:
        ValueError: a value is out of its range, or there are both a volume and a loudness.
    """

    format: str = "wav"
    sample_rate: int = 24_000
    volume: float = 0.0
    loudness: float | None = None

    def __post_init__(self) -> None:
        check_types(self)
        if self.format not in OUTPUT_FORMATS:
            known = ", ".join(OUTPUT_FORMATS)
            raise ValueError(f"format must be one of {known}; got {self.format!r}")
        rates = AUDIO_FORMATS[self.format].sample_rates
        if not LOWEST <= self.sample_rate <= HIGHEST:
            given = self.sample_rate
            raise ValueError(f"sample rate must be from {LOWEST} to {HIGHEST} Hz, got {given}")
        if rates and self.sample_rate not in rates:
            known = ", ".join(map(str, rates))
            given = self.sample_rate
            raise ValueError(f"sample rate of {self.format} must be one of {known}; got {given}")
        if not -60 <= self.volume <= 30:
            raise ValueError(f"volume must be from -60 to 30 dB, got {self.volume:g}")
        if self.loudness is not None and not -60 <= self.loudness <= -5:
            raise ValueError(f"loudness must be from -60 to -5 LUFS, got {self.loudness:g}")
        if self.loudness is not None and self.volume:
            raise ValueError("volume and loudness exclude each other")
