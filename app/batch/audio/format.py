"""The form of a sound in a file: its format, sample rate and level."""

from dataclasses import dataclass

from tts.audio_formats import AUDIO_FORMATS
from tts.validation import check_types

ITEM_FORMATS = tuple(name for name, known in AUDIO_FORMATS.items() if known.batched == "items")
BOOK_FORMATS = tuple(name for name, known in AUDIO_FORMATS.items() if known.batched == "books")
OUTPUT_FORMATS = ITEM_FORMATS + BOOK_FORMATS
LOWEST, HIGHEST = 8_000, 48_000


@dataclass(frozen=True, kw_only=True, slots=True)
class OutputFormat:
    """A format at a sample rate in Hz, with a gain of `volume` dB, or brought to a `loudness` in
    LUFS (ITU-R BS.1770) as far as its true peak stays under -1 dBTP."""

    format: str = "wav"
    sample_rate: int = 24_000
    volume: float = 0.0
    loudness: float | None = None

    def __post_init__(self) -> None:
        check_types(self)
        if self.format not in OUTPUT_FORMATS:
            known = ", ".join(OUTPUT_FORMATS)
            raise ValueError(f"format must be one of {known}, not {self.format!r}")
        rates = AUDIO_FORMATS[self.format].sample_rates
        if not LOWEST <= self.sample_rate <= HIGHEST:
            given = self.sample_rate
            raise ValueError(f"sample rate must lie between 8000 and 48000 Hz, not {given}")
        if rates and self.sample_rate not in rates:
            known = ", ".join(map(str, rates))
            raise ValueError(f"{self.format} has the rates {known}, not {self.sample_rate}")
        if not -60 <= self.volume <= 30:
            raise ValueError(f"volume must lie between -60 and 30 dB, not {self.volume}")
        if self.loudness is not None and not -60 <= self.loudness <= -5:
            raise ValueError(f"loudness must lie between -60 and -5 LUFS, not {self.loudness}")
        if self.loudness is not None and self.volume:
            raise ValueError("expected a volume or a loudness, not both; leave one out")
