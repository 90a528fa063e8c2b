"""The interface of a runtime: the networks of a synthesizer, on numpy arrays.

Networks that work frame by frame are streamed: they take the frames of an utterance in stretches
and are `delay` frames behind. After `n` frames in all they have given `n - delay`; with the last
stretch they give the rest. Beyond both ends of an utterance, each layer sees zeros. The state after
a stretch is a value: it is never changed in place, so a stretch can be computed again. The frames
are the same, within 1e-5, however an utterance is cut into stretches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float, Int

from tts.config import ModelConfig, VocoderConfig

State = Any  # of a streamed network; None before the first frame


@dataclass(frozen=True)
class AcousticStatistics:
    """Numbers of an acoustic model that are used outside its networks, in single precision.

    Args:
        voices: the vector of each voice.
        pitch: mean and deviation of each voice's log-F0.
        prosody_mean: of log length (frames), pitch and energy (dB).
        prosody_deviation: their standard deviations.
        mel_mean: mean of the log-mel of the training set.
        mel_deviation: its standard deviation.
    """

    voices: Float[np.ndarray, "voices dim"]
    pitch: Float[np.ndarray, "voices 2"]
    prosody_mean: Float[np.ndarray, "3"]
    prosody_deviation: Float[np.ndarray, "3"]
    mel_mean: float
    mel_deviation: float


@dataclass(frozen=True)
class WeightDifferences:
    """What is added to the weights of both models, in single precision, by their keys in files.

    Args:
        acoustic: differences of the acoustic model.
        vocoder: differences of the vocoder.
    """

    acoustic: Mapping[str, np.ndarray] = field(default_factory=dict)
    vocoder: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.acoustic or self.vocoder)


@dataclass(frozen=True)
class Tokens:
    """The symbols of an utterance, as the decoder reads them.

    Args:
        hidden: vectors of the encoder.
        prosody: length, pitch and energy, normalised.
        voice: the vector of the voice.
    """

    hidden: Float[np.ndarray, "text dim"]
    prosody: Float[np.ndarray, "text 3"]
    voice: Float[np.ndarray, " voice"]


@dataclass(frozen=True)
class DecoderStretch:
    """Consecutive frames of an utterance for one jump of the mel map.

    Args:
        tokens: the symbols of the utterance.
        token: the index of the symbol that each frame belongs to.
        position: where in its symbol each frame lies, from `position_features`.
        x: the frames at time `s`, a normalised mel. A multiple of `DecoderConfig.patch` frames
            (above 0), unless the last ones are among them.
        s: where the jump begins, from 0 (noise) to 1 (data).
        t: where it ends.
        state: of this jump, after the frames before these.
        last: whether the utterance ends with these frames.
    """

    tokens: Tokens
    token: Int[np.ndarray, " frames"]
    position: Float[np.ndarray, "frames features"]
    x: Float[np.ndarray, "frames mels"]
    s: float
    t: float
    state: State
    last: bool


@dataclass(frozen=True)
class VocoderStretch:
    """Consecutive frames of an utterance for the vocoder.

    Args:
        mel: natural log-mel. A multiple of `VocoderConfig.patch` frames (above 0), unless the last
            ones are among them.
        state: after the frames before these.
        last: whether the utterance ends with these frames.
    """

    mel: Float[np.ndarray, "frames mels"]
    state: State
    last: bool


@dataclass(frozen=True)
class Spectra:
    """What the vocoder's network gives for each frame, `n_fft / 2 + 1` bins each.

    With a harmonic source, a frame's spectrum is (real + i imaginary) pulses + noise_gain noise;
    without one, `noise_gain` is None and the spectrum is real + i imaginary.
    """

    real: Float[np.ndarray, "frames bins"]
    imaginary: Float[np.ndarray, "frames bins"]
    noise_gain: Float[np.ndarray, "frames bins"] | None


@runtime_checkable
class Runtime(Protocol):
    """The networks of an acoustic model and a vocoder. Calls change nothing, so threads share it.

    Attributes:
        name: `onnx` or `torch`.
        precision: `float32` or `int8`.
        device: as torch names it: `cpu`, `cuda`, `mps`.
        config: of the acoustic model.
        vocoder_config: of the vocoder.
        statistics: of the acoustic model.
        decode_delay: frames that `decode` is behind.
        sound_delay: frames that `sound` is behind.
    """

    @property
    def name(self) -> str: ...

    @property
    def precision(self) -> str: ...

    @property
    def device(self) -> str: ...

    @property
    def config(self) -> ModelConfig: ...

    @property
    def vocoder_config(self) -> VocoderConfig: ...

    @property
    def statistics(self) -> AcousticStatistics: ...

    @property
    def decode_delay(self) -> int: ...

    @property
    def sound_delay(self) -> int: ...

    def encode(
        self, tokens: Int[np.ndarray, " text"], voice: Float[np.ndarray, " voice"]
    ) -> tuple[Float[np.ndarray, "text dim"], Float[np.ndarray, " text"]]:
        """Hidden vectors of a sentence's tokens, and the probability that each one lasts."""

    def prosody_jump(
        self,
        tokens: Tokens,
        has_duration: Bool[np.ndarray, " text"],
        s: float,
        t: float,
    ) -> Float[np.ndarray, "text 3"]:
        """The prosody at time `t`, from `tokens.prosody` at time `s`."""

    def expected_mel(
        self,
        tokens: Tokens,
        token: Int[np.ndarray, " frames"],
        position: Float[np.ndarray, "frames features"],
    ) -> Float[np.ndarray, "frames mels"]:
        """The natural log-mel that the model expects of frames, before the mel map draws one.

        `token` and `position` are those of `DecoderStretch`.
        """

    def decode(
        self, stretches: Sequence[DecoderStretch]
    ) -> list[tuple[Float[np.ndarray, "_ mels"], State]]:
        """The mel at time `t`, `decode_delay` frames behind, and the state after it.

        Stretches may belong to different utterances; they are computed together if that is faster.
        """

    def vocode(self, stretches: Sequence[VocoderStretch]) -> list[tuple[Spectra, State]]:
        """The spectra, `vocoder_config.delay` frames behind, and the state after each stretch."""

    def f0(
        self, stretch: VocoderStretch
    ) -> tuple[Float[np.ndarray, " frames"], Float[np.ndarray, " frames"], State]:
        """Octaves from the mean F0, and the logit that a frame is voiced, 8 frames behind.

        They are the two outputs of `F0Predictor.net`, in double precision.
        """

    def sound(
        self, stretches: Sequence[VocoderStretch]
    ) -> list[tuple[Float[np.ndarray, " _"], State]]:
        """The samples, not clipped, `sound_delay` frames behind, and the state after each stretch.

        With a harmonic source, the phases depend on all frames before.
        """

    def adapted(
        self, differences: WeightDifferences, voice: Float[np.ndarray, " voice"]
    ) -> "Runtime":
        """A runtime whose weights are those of this one plus differences.

        It shares with this one what does not differ. Where the scales of a model's int8 layers do
        not fit the new weights, these layers are in float32, also where the user chose int8.

        Args:
            differences: of weights, added in single precision.
            voice: the vector of the voice that the weights belong to; scales are tried with it.

        Raises:
            FileNotFoundError: the file of the weights is gone.
            ValueError: there is no such weight, a difference has another shape or is not finite,
                or the file of the weights has changed.
        """
