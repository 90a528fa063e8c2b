"""The configuration of models, which checkpoints carry as JSON.

Ranges keep damaged files from taking all memory; they are chosen by hand, far beyond any use.
"""

from dataclasses import dataclass, field
from typing import Any

from tts.error_messages import short_repr
from tts.text.pronounce.conventions import CONVENTIONS, MISAKI
from tts.text.pronounce.symbols import PhonemeTokenizer
from tts.validation import check_ranges, check_types

WIDTH_RANGE, DEPTH_RANGE, KERNEL_RANGE, PATCH_RANGE = (1, 65_536), (1, 256), (1, 255), (1, 64)
DROPOUT_RANGE = (0, 0.99)
VOCOS_KERNEL = 7  # of all convolutions of the backbone, as in the package vocos
MAX_SYMBOLS, MAX_VOICES, MAX_VOICE_NAME_CHARACTERS = 1000, 100_000, 200


@dataclass(frozen=True, kw_only=True, slots=True)
class MelConfig:
    """The log-mel-spectrogram: magnitudes of mel bands, natural logarithm, floored.

    The defaults but the floor are those of the 24 kHz Vocos (`charactr/vocos-mel-24khz`), so public
    vocoders can be used.

    Args:
        sample_rate: samples a second, from 8,000 to 192,000.
        n_fft: samples of a window, from 64 to 65,536; a multiple of `2 * hop`.
        hop: samples from frame to frame, from 16 to 65,536 (10.7 ms by default).
        bands: mel bands, from 1 to 1,024.
        floor: lowest value, from -100 to 0. -8 is 87 dB below the peaks of speech and cannot be
            heard; without it, digital silence would be most of the variance of the data.
    """

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
        # windows overlap by half or more; else overlap-add would divide by zero between them
        if self.n_fft % (2 * self.hop):
            raise ValueError(f"hop must divide half of n_fft {self.n_fft}, got {self.hop}")


@dataclass(frozen=True, kw_only=True, slots=True)
class EncoderConfig:
    """Sizes of the text encoder.

    Args:
        dim: channels.
        depth: blocks.
        heads: of the attention after each block; without (0), a symbol sees
            `depth * (kernel // 2)` others to either side.
        kernel: of the convolutions, in symbols; odd.
        dropout: share of channels that is dropped in training, from 0 to 0.99.
    """

    dim: int = 192
    depth: int = 4
    heads: int = 4
    kernel: int = 5
    dropout: float = 0.1

    def __post_init__(self) -> None:
        _check(self, dim=WIDTH_RANGE, depth=DEPTH_RANGE, kernel=KERNEL_RANGE, dropout=DROPOUT_RANGE)
        _check_network(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class ProsodyConfig:
    """Sizes of the networks of prosody and of pauses.

    Args:
        dim: channels.
        depth: blocks of the prosody network.
        heads: of the attention after each block; 0 for none.
        kernel: of the convolutions, in symbols; odd.
        dropout: share of the encoder's channels that is dropped in training, from 0 to 0.99,
            against learning sentences by heart (docs/log/2026-11-27-first-voices.md); the default
            was chosen by hand.
        pause_depth: blocks of the pause network; with none, it is one linear layer, which sees as
            far as the encoder does.
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
            dropout=DROPOUT_RANGE,
            pause_depth=pauses,
        )
        _check_network(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class DecoderConfig:
    """Sizes of the mel decoder.

    Args:
        dim: channels.
        depth: blocks.
        kernel: of the convolutions, in patches; odd.
        patch: frames of a patch, which is one position of the network.
    """

    dim: int = 320
    depth: int = 8
    kernel: int = 7
    patch: int = 2

    def __post_init__(self) -> None:
        _check(self, dim=WIDTH_RANGE, depth=DEPTH_RANGE, kernel=KERNEL_RANGE, patch=PATCH_RANGE)
        _check_kernel(self.kernel)

    @property
    def delay(self) -> int:
        """How many frames a streamed decoder is behind those that it was given."""
        return self.patch * self.depth * (self.kernel // 2)


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelConfig:
    """The configuration of an acoustic model.

    Args:
        symbols: its alphabet; a token is a symbol's place in it, counted from 1.
        voices: names of the voices it was trained on, in the order of their vectors.
        convention: of the phonemes it was trained on, `misaki` or `espeak`
            (`tts.text.pronounce.conventions`); the front end follows it.
        voice_dim: size of a voice's vector.
        mel: of the mel-spectrogram it makes.
        encoder: sizes of the text encoder.
        prosody: sizes of the networks of prosody and of pauses.
        decoder: sizes of the mel decoder.
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
            choices = ", ".join(CONVENTIONS)
            raise ValueError(
                f"convention must be one of {choices}; got {short_repr(self.convention)}"
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


@dataclass(frozen=True, kw_only=True, slots=True)
class VocoderConfig:
    """The configuration of a vocoder, which is Vocos with an optional harmonic source.

    Args:
        dim: channels of the backbone.
        intermediate_dim: channels inside its blocks.
        depth: blocks.
        patch: frames of a patch, which is one position of the backbone; source and spectra stay at
            the rate of frames.
        pitch_dim: channels of the F0 predictor of the harmonic source; 0 for the head of Vocos.
        mel: of the mel-spectrogram it takes.
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
    def delay(self) -> int:
        """How many frames a streamed backbone is behind those that it was given."""
        return self.patch * (self.depth + 1) * (VOCOS_KERNEL // 2)


def _check(config: Any, **ranges: tuple[float, float]) -> None:
    check_types(config)
    check_ranges(config, ranges)


def _check_network(config: EncoderConfig | ProsodyConfig) -> None:
    """Check kernel and heads; rotary positions need an even number of channels in each head."""
    _check_kernel(config.kernel)
    dim, heads = config.dim, config.heads
    if heads < 0 or (heads and dim % (2 * heads)):
        raise ValueError(f"heads must be 0 or divide half of dim {dim}, got {short_repr(heads)}")


def _check_kernel(kernel: int) -> None:
    if kernel % 2 == 0:
        raise ValueError(f"kernel must be odd, got {kernel}")
