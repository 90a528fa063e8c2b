"""What a model is: the frozen values that travel in its checkpoint."""

from dataclasses import dataclass, field, is_dataclass
from textwrap import shorten
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from tts.text.pronounce.conventions import CONVENTIONS, MISAKI

Config = TypeVar("Config")
TYPES = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}


@dataclass(frozen=True, kw_only=True, slots=True)
class MelConfig:
    """The Vocos 24 kHz log-mel spectrogram: magnitude, natural logarithm, floored."""

    sample_rate: int = 24_000
    n_fft: int = 1024
    hop: int = 256
    bands: int = 100
    floor: float = -8.0


@dataclass(frozen=True, kw_only=True, slots=True)
class EncoderConfig:
    """Blocks of a convolution, each followed by attention over the sentence if it has `heads`.

    Without, a symbol sees `depth * (kernel // 2)` others to either side.
    """

    dim: int = 192
    depth: int = 4
    heads: int = 4
    kernel: int = 5
    dropout: float = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class ProsodyConfig:
    """Rhythm and melody of each phone, and where a reader pauses.

    Args:
        dropout: while it learns, this share of what the networks are told of the text is kept
            from them.
        pause_depth: blocks of the network that says where pauses are; without any, it is one
            linear layer, which sees no further than the encoder.
    """

    dim: int = 128
    depth: int = 3
    heads: int = 4
    kernel: int = 5
    dropout: float = 0.3
    pause_depth: int = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class DecoderConfig:
    """The mel decoder works on patches of neighbouring frames, each one position of its own."""

    dim: int = 320
    depth: int = 8
    kernel: int = 7
    patch: int = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelConfig:
    """An acoustic model: its alphabet, its voices, and the sizes of its three networks.

    Args:
        convention: whose phonemes it was trained on, `misaki` or `espeak`
            (`tts.text.pronounce.conventions`); the front end follows it.
    """

    symbols: str
    voices: tuple[str, ...]
    convention: str = MISAKI
    voice_dim: int = 64
    mel: MelConfig = field(default_factory=MelConfig)
    encoder: EncoderConfig = field(default_factory=EncoderConfig)
    prosody: ProsodyConfig = field(default_factory=ProsodyConfig)
    decoder: DecoderConfig = field(default_factory=DecoderConfig)

    def __post_init__(self) -> None:
        if not self.voices:
            raise ValueError("a model needs at least one voice, and none was named")
        if len(set(self.voices)) < len(self.voices):
            raise ValueError(f"each voice has one name of its own, not {', '.join(self.voices)}")
        if self.convention not in CONVENTIONS:
            known = ", ".join(CONVENTIONS)
            raise ValueError(f"convention must be one of {known}, not {self.convention!r}")


@dataclass(frozen=True, kw_only=True, slots=True)
class VocoderConfig:
    """Vocos; with a `pitch_dim`, its head shapes pulses at the pitch of the mel, and breath.

    Args:
        patch: how many neighbouring frames are one position of the backbone. With two, it takes
            half the arithmetic; the source and the spectra stay at the rate of frames.
    """

    dim: int = 256
    intermediate_dim: int = 768
    depth: int = 8
    patch: int = 1
    pitch_dim: int = 0
    mel: MelConfig = field(default_factory=MelConfig)


def from_dict(kind: type[Config], values: Any) -> Config:
    """Build a config, or any dataclass of plain values, from parsed JSON.

    Raises:
        ValueError: it is no object, has a name too many or too few, or a value of another type.
    """
    if not isinstance(values, dict):
        raise ValueError(
            f"expected the fields of a {kind.__name__}, not {shorten(repr(values), 60)}"
        )
    types = get_type_hints(kind)
    if unknown := values.keys() - types.keys():
        raise ValueError(f"{kind.__name__} has no field {', '.join(sorted(unknown))}")
    if missing := types.keys() - values.keys():
        raise ValueError(f"{kind.__name__} lacks the field {', '.join(sorted(missing))}")
    return kind(**{name: fitting(name, types[name], value) for name, value in values.items()})


def fitting(name: str, kind: Any, value: Any) -> Any:
    """A value of parsed JSON as a field's type has it: lists become tuples, whole numbers floats.

    Raises:
        ValueError: it is of another type.
    """
    if get_origin(kind) is UnionType:
        if value is None:
            return None
        kind = next(other for other in get_args(kind) if other is not NoneType)
    if isinstance(kind, type) and is_dataclass(kind):
        return from_dict(kind, value)
    if get_origin(kind) is tuple and isinstance(value, list):
        inner = get_args(kind)
        inner = inner[:1] * len(value) if inner[-1] is Ellipsis else inner
        if len(inner) == len(value):
            return tuple(fitting(name, each, item) for each, item in zip(inner, value, strict=True))
    if type(value) is kind or (kind is float and type(value) is int):
        return float(value) if kind is float else value
    wanted = TYPES.get(kind, "a list, and of the right length,")
    raise ValueError(f"expected {wanted} for {name}, not {shorten(repr(value), 60)}")
