"""`Delivery`: the options of one call, and the schema of its numbers.

Each numeric field states its range, unit and help once, in its metadata. The range check, the
columns of lists, the requests of the server and the options of the commands are derived from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from tts.best_of.judges import ENSEMBLE, Judge, check_judge
from tts.deprecation import renamed_members
from tts.error_messages import short_repr
from tts.text.markup.tags import PROSODY_RANGES, UNITS
from tts.text.normalise.normalise import DEFAULT_TEXT_OPTIONS
from tts.text.options import TextOptions
from tts.text.pauses import BREATH_PAUSE_SECONDS, SENTENCE_PAUSE_SECONDS
from tts.text.pronounce.lexicon import Lexicon
from tts.validation import check_ranges, check_types

MAX_SEED = 2**63 - 1


def number(low: float, high: float, unit: str, help: str) -> Mapping[str, Any]:
    """Metadata of a numeric field: its range, both ends included, its unit and a line of help."""
    return {"low": low, "high": high, "unit": unit, "help": help}


@renamed_members(silence="pause_seconds")
@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """How to speak: everything that may change from one call to the next.

    A delivery is immutable; `dataclasses.replace(delivery, pace=1.2)` makes another. Values are
    checked when it is made. All arguments are keywords.

    Args:
        voice: name of a voice, or a blend such as `heart(2)+michael(1)`; default `heart`.
            `Synthesizer.voices` lists them.
        steps: jumps from noise to speech, from 1 to 256; default 1. The shipped voices are
            trained for 1; more take longer and sound no better.
        seed: from 0 to 2**63 - 1; default 0. A different seed gives a different rendition of
            the same text; the same seed gives the same samples.
        pace: speed of speech as a factor, from 0.25 to 4; default 1. 2 is twice as fast.
        pitch: shift in semitones, from -12 to 12; default 0.
        energy: vocal effort in decibels, from -20 to 20; default 0. It changes how the voice
            speaks; `volume` changes only the level.
        pauses: length of pauses between and within sentences as a factor, from 0.25 to 4;
            default 1. Pauses that the text gives in seconds keep their length.
        sentence_pause: pause between sentences in seconds, from 0 to 10; pauses after headings and
            paragraphs change by the same seconds. By default None, which is 0.25 s times `pauses`.
        temperature: scale of the noise of the mel-spectrogram, from 0 to 2; default 0.6. 0 has no
            variation; the shipped voices are trained for 0.6.
        prosody_temperature: scale of the noise of prosody (durations, pitch and energy), from 0
            to 2; default 0.3.
        volume: gain of the samples in decibels, from -60 to 30; default 0. Samples beyond full
            scale are clipped.
        best_of: candidates of each utterance, from 1 to 64; default 1. Each has a seed of its own,
            the first that of the delivery; `judge` scores them, and the best one is kept.
            `Speech.choices` tells which. Time grows with their number.
        judge: what scores the candidates: `ensemble` (the default; needs no extra), `distillmos` or
            `dnsmos` (extra `evaluate`), or a function of the samples (float32, one channel, at the
            sample rate of the synthesizer) and the `UtterancePlan`, which returns a number or
            the numbers of its parts by name; higher is better.
        other_seeds: pairs of an utterance's number (from 0) and a seed, for utterances that are
            not to use `seed`; default ().
        reading: how dates, links and emoji are read; default `TextOptions()`.
        lexicon: pronunciations of your own words; default None.

    Raises:
        ValueError: a value is of another type, or out of its range. An unknown voice is refused
            when a synthesizer is to speak with it.

    Example:
        >>> Delivery(voice="michael", pace=1.1, pitch=-2, seed=7).pitch
        -2
        >>> Delivery(pace=9)
        Traceback (most recent call last):
        ...
        ValueError: pace must be from 0.25 to 4, got 9
    """

    voice: str = "heart"
    steps: int = field(
        default=1,
        metadata=number(
            1, 256, "", "Jumps from noise to speech; the shipped voices are trained for 1."
        ),
    )
    seed: int = field(
        default=0, metadata=number(0, MAX_SEED, "", "A different seed gives a different rendition.")
    )
    pace: float = field(
        default=1.0,
        metadata=number(*PROSODY_RANGES["pace"], UNITS["pace"], "Speed; 2 is twice as fast."),
    )
    pitch: float = field(
        default=0.0,
        metadata=number(
            *PROSODY_RANGES["pitch"], UNITS["pitch"], "Shift; 2 is two semitones higher."
        ),
    )
    energy: float = field(
        default=0.0,
        metadata=number(
            *PROSODY_RANGES["energy"],
            UNITS["energy"],
            "Vocal effort; 6 is more forceful, -6 softer.",
        ),
    )
    pauses: float = field(
        default=1.0, metadata=number(0.25, 4, "a factor", "Length of pauses; 2 is twice as long.")
    )
    sentence_pause: float | None = field(
        default=None,
        metadata=number(0, 10, "seconds", "Pause between sentences; longer after paragraphs."),
    )
    temperature: float = field(
        default=0.6,
        metadata=number(
            0, 2, "", "Variation of the sound; 0 has none, the voices are trained for 0.6."
        ),
    )
    prosody_temperature: float = field(
        default=0.3,
        metadata=number(0, 2, "", "Variation of prosody; 0 has none."),
    )
    volume: float = field(
        default=0.0,
        metadata=number(-60, 30, "decibels", "Gain; samples beyond full scale are clipped."),
    )
    best_of: int = field(
        default=1,
        metadata=number(1, 64, "", "Candidates of each sentence, of which the best is kept."),
    )
    judge: str | Judge = ENSEMBLE
    other_seeds: tuple[tuple[int, int], ...] = ()
    reading: TextOptions = DEFAULT_TEXT_OPTIONS
    lexicon: Lexicon | None = None

    def __post_init__(self) -> None:
        check_judge(self.judge)
        check_types(self)
        if not 0 <= self.seed <= MAX_SEED:
            raise ValueError(f"seed must be from 0 to 2**63 - 1, got {short_repr(self.seed)}")
        for number, seed in self.other_seeds:
            if number < 0 or not 0 <= seed <= MAX_SEED:
                raise ValueError(
                    "other_seeds must have numbers of at least 0 and seeds from 0 to 2**63 - 1, "
                    f"got {short_repr((number, seed))}"
                )
        if len(dict(self.other_seeds)) < len(self.other_seeds):
            raise ValueError("other_seeds must have each number once")
        check_ranges(self, DELIVERY_RANGES)

    def pause_seconds(self, usual: float) -> float:
        """The length of a pause in this delivery.

        Args:
            usual: its length in seconds in a delivery of default values.

        Returns:
            Seconds, at least 0.

        Example:
            >>> Delivery(pauses=2).pause_seconds(0.25)
            0.5
        """
        if self.sentence_pause is None or usual <= BREATH_PAUSE_SECONDS:
            return max(0.0, usual * self.pauses)
        return max(0.0, usual - SENTENCE_PAUSE_SECONDS + self.sentence_pause)

    def seed_of(self, line: int) -> int:
        """The seed of the utterance number `line`, counted from 0."""
        return dict(self.other_seeds).get(line, self.seed)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryField:
    """A number of a `Delivery`: its type, default, range (both ends included), unit and help."""

    name: str
    type: type[int] | type[float]
    default: float | None
    low: float
    high: float
    unit: str
    help: str

    @property
    def annotation(self) -> Any:
        """Its type; a union with None where the default is None."""
        return self.type | None if self.default is None else self.type

    @property
    def described(self) -> str:
        """Its help with unit and range, as the options of commands show it."""
        high = "2**63 - 1" if self.high == MAX_SEED else f"{self.high:g}"
        unit = f"{self.unit[:1].upper()}{self.unit[1:]}, from" if self.unit else "From"
        return f"{self.help} {unit} {self.low:g} to {high}."


def _numeric_fields() -> dict[str, DeliveryField]:
    """The fields of a `Delivery` whose metadata is a `number`, by name."""
    found: dict[str, DeliveryField] = {}
    for each in fields(Delivery):
        if each.metadata:
            default: Any = each.default
            kind = int if each.type is int else float
            found[each.name] = DeliveryField(
                name=each.name, type=kind, default=default, **each.metadata
            )
    return found


DELIVERY_FIELDS: Mapping[str, DeliveryField] = _numeric_fields()
DELIVERY_RANGES = {name: (each.low, each.high) for name, each in DELIVERY_FIELDS.items()}
