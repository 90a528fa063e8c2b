"""What a model is: the frozen values that travel in its checkpoint."""

from dataclasses import dataclass, field
from typing import Any

from tts.error_messages import short_repr
from tts.text.pronounce.conventions import CONVENTIONS, MISAKI
from tts.text.pronounce.symbols import PhonemeTokenizer
from tts.validation import check_ranges, check_types

WIDTH_RANGE, DEPTH_RANGE, KERNEL_RANGE, PATCH_RANGE = (1, 65_536), (1, 256), (1, 255), (1, 64)
SHARE = (0, 0.99)  # of what is dropped
MAX_SYMBOLS, MAX_VOICES, MAX_VOICE_NAME_CHARACTERS = 1000, 100_000, 200


@dataclass(frozen=True, kw_only=True, slots=True)
class MelConfig:
    """The Vocos 24 kHz log-mel spectrogram: magnitude, natural logarithm, floored."""

    sample_rate: int = 24_000
    n_fft: int = 1024
    hop: int = 256
    bands: int = 100
    floor: float = -8.0

    def __post_init__(self) -> None:
        _check(
            self,
            sample_rate=(8_000, 192_000),
            n_fft=(64, 65_536),
            hop=(16, 65_536),
            bands=(1, 1024),
            floor=(-100, 0),
        )
        # windows overlap by half or more, or samples between them would be divided by nothing
        if self.n_fft % (2 * self.hop):
            raise ValueError(f"hop must divide half of n_fft {self.n_fft}, got {self.hop}")


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

    def __post_init__(self) -> None:
        _check(self, dim=WIDTH_RANGE, depth=DEPTH_RANGE, kernel=KERNEL_RANGE, dropout=SHARE)
        _check_network(self)

    @property
    def least_weights(self) -> int:
        """No such network has fewer weights."""
        return self.depth * self.dim**2


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

    def __post_init__(self) -> None:
        pauses = (0, DEPTH_RANGE[1])
        _check(
            self,
            dim=WIDTH_RANGE,
            depth=DEPTH_RANGE,
            kernel=KERNEL_RANGE,
            dropout=SHARE,
            pause_depth=pauses,
        )
        _check_network(self)

    @property
    def least_weights(self) -> int:
        """No such networks have fewer weights."""
        return (self.depth + self.pause_depth) * self.dim**2


@dataclass(frozen=True, kw_only=True, slots=True)
class DecoderConfig:
    """The mel decoder works on patches of neighbouring frames, each one position of its own."""

    dim: int = 320
    depth: int = 8
    kernel: int = 7
    patch: int = 2

    def __post_init__(self) -> None:
        _check(self, dim=WIDTH_RANGE, depth=DEPTH_RANGE, kernel=KERNEL_RANGE, patch=PATCH_RANGE)
        _check_kernel(self.kernel)

    @property
    def least_weights(self) -> int:
        """No such network has fewer weights."""
        return self.depth * self.dim**2


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
        _check(self, voice_dim=WIDTH_RANGE)
        if len(self.symbols) > MAX_SYMBOLS:
            raise ValueError(
                f"a model must have at most {MAX_SYMBOLS} symbols, got {len(self.symbols)}"
            )
        PhonemeTokenizer(inventory=self.symbols)
        self._check_voices()
        if self.convention not in CONVENTIONS:
            known = ", ".join(CONVENTIONS)
            raise ValueError(
                f"convention must be one of {known}; got {short_repr(self.convention)}"
            )

    def _check_voices(self) -> None:
        if not self.voices:
            raise ValueError("a model must have at least 1 voice, got 0")
        if len(self.voices) > MAX_VOICES:
            raise ValueError(
                f"a model must have at most {MAX_VOICES} voices, got {len(self.voices)}"
            )
        if len(set(self.voices)) < len(self.voices):
            raise ValueError(f"names of voices must differ, got {short_repr(self.voices)}")
        for name in self.voices:
            if not (name.strip() and name.isprintable() and len(name) <= MAX_VOICE_NAME_CHARACTERS):
                raise ValueError(
                    f"names of voices must have 1 to {MAX_VOICE_NAME_CHARACTERS} printable "
                    f"characters, got {short_repr(name)}"
                )

    @property
    def least_weights(self) -> int:
        """No such model has fewer weights."""
        networks = (self.encoder, self.prosody, self.decoder)
        tables = len(self.voices) * self.voice_dim + len(self.symbols) * self.encoder.dim
        return tables + sum(network.least_weights for network in networks)


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

    def __post_init__(self) -> None:
        _check(
            self,
            dim=WIDTH_RANGE,
            intermediate_dim=WIDTH_RANGE,
            depth=DEPTH_RANGE,
            patch=PATCH_RANGE,
            pitch_dim=(0, WIDTH_RANGE[1]),
        )

    @property
    def least_weights(self) -> int:
        """No such vocoder has fewer weights."""
        head = self.dim * self.mel.n_fft
        return head + self.depth * self.dim * self.intermediate_dim + self.pitch_dim**2


def _check(config: Any, **ranges: tuple[float, float]) -> None:
    check_types(config)
    check_ranges(config, ranges)


def _check_network(config: EncoderConfig | ProsodyConfig) -> None:
    """Attention turns pairs of channels, so each of its heads has an even number of them."""
    _check_kernel(config.kernel)
    dim, heads = config.dim, config.heads
    if heads < 0 or (heads and dim % (2 * heads)):
        raise ValueError(f"heads must be 0 or divide half of dim {dim}, got {short_repr(heads)}")


def _check_kernel(kernel: int) -> None:
    if kernel % 2 == 0:
        raise ValueError(f"kernel must be odd, got {kernel}")
