"""The PyTorch runtime: the modules that training makes, on a CPU or a GPU.

A stretch is computed with the frames around it that decide about its frames. On a GPU the source
and the inverse transform of the vocoder are computed there, too.
"""

from collections.abc import Mapping, Sequence
from copy import copy, deepcopy
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from tts.acoustic.model import AcousticModel
from tts.config import ModelConfig, VocoderConfig
from tts.runtime.base import (
    AcousticStatistics,
    DecoderStretch,
    Spectra,
    State,
    Tokens,
    VocoderStretch,
    WeightDifferences,
)
from tts.runtime.differences import Shapes, check_differences, check_vector
from tts.vocoder.heads import HarmonicHead
from tts.vocoder.model import MelSpan, Vocoder
from tts.vocoder.waveform import F0_DELAY, NumpySound

Module = TypeVar("Module", bound=nn.Module)


@dataclass(frozen=True)
class InputWindow:
    """The state of a streamed network: the frames that later ones may still need.

    Args:
        inputs: of these frames, each of shape (frames, channels).
        start: number of the first of them.
        given: frames of output so far.
    """

    inputs: tuple[Tensor, ...]
    start: int = 0
    given: int = 0


@dataclass(frozen=True)
class DeviceSoundState:
    """The state of the sound on a GPU: the whole mel so far, and frames of sound so far."""

    mel: Float[Tensor, "frames mels"]
    given: int = 0


class TorchRuntime(NumpySound):
    """The networks of an acoustic model and a vocoder, evaluated by PyTorch.

    Args:
        acoustic: on its device, in `eval` mode.
        vocoder: on the same device, in `eval` mode.
    """

    name, precision = "torch", "float32"

    def __init__(self, acoustic: AcousticModel, vocoder: Vocoder) -> None:
        self.acoustic, self.vocoder = acoustic, vocoder
        self.decode_delay = acoustic.decoder.context - (acoustic.decoder.patch - 1)

    @property
    def config(self) -> ModelConfig:
        return self.acoustic.config

    @property
    def vocoder_config(self) -> VocoderConfig:  # type: ignore[override]
        return self.vocoder.config

    @property
    def device(self) -> str:
        return str(self.acoustic.mel_mean.device)

    @property
    def statistics(self) -> AcousticStatistics:
        model = self.acoustic
        return AcousticStatistics(
            voices=_numpy(model.voices.weight),
            pitch=_numpy(model.pitch),
            prosody_mean=_numpy(model.prosody_mean),
            prosody_deviation=_numpy(model.prosody_deviation),
            mel_mean=model.mel_mean.item(),
            mel_deviation=model.mel_deviation.item(),
        )

    @torch.inference_mode()
    def encode(
        self, tokens: Int[np.ndarray, " text"], voice: Float[np.ndarray, " voice"]
    ) -> tuple[Float[np.ndarray, "text dim"], Float[np.ndarray, " text"]]:
        mask = self._real(tokens)
        hidden = self.acoustic.encoder(self._tensor(tokens), self._tensor(voice), mask)
        return _numpy(hidden[0]), _numpy(self.acoustic.pauses(hidden, mask)[0])

    @torch.inference_mode()
    def prosody_jump(
        self, tokens: Tokens, has_duration: Bool[np.ndarray, " text"], s: float, t: float
    ) -> Float[np.ndarray, "text 3"]:
        hidden, x, voice = map(self._tensor, (tokens.hidden, tokens.prosody, tokens.voice))
        lasting, mask = self._tensor(has_duration), self._real(has_duration)
        flow = self.acoustic.prosody_map(hidden, lasting, voice, mask)
        return _numpy(flow.jump(x, self._time(s), self._time(t))[0])

    @torch.inference_mode()
    def expected_mel(
        self,
        tokens: Tokens,
        token: Int[np.ndarray, " frames"],
        position: Float[np.ndarray, "frames features"],
    ) -> Float[np.ndarray, "frames mels"]:
        model = self.acoustic
        hidden = model.embed_prosody(self._tensor(tokens.hidden), self._tensor(tokens.prosody))
        features = model.condition_frames(hidden[:, token], self._tensor(position))
        return _numpy(model.denormalise(features[..., : self.config.mel.bands])[0])

    @torch.inference_mode()
    def decode(
        self, stretches: Sequence[DecoderStretch]
    ) -> list[tuple[Float[np.ndarray, "_ mels"], State]]:
        return [self._decode(stretch) for stretch in stretches]

    def _decode(self, stretch: DecoderStretch) -> tuple[Float[np.ndarray, "_ mels"], State]:
        """Each stretch by itself: F0 depends on the last digits of a mel."""
        model = self.acoustic
        new = tuple(
            torch.from_numpy(part).to(model.mel_mean.device)
            for part in (stretch.token, stretch.position, stretch.x)
        )
        window = _joined(stretch.state, new)
        token, position, x = (part[None] for part in window.inputs)
        tokens = stretch.tokens
        hidden = model.embed_prosody(self._tensor(tokens.hidden), self._tensor(tokens.prosody))
        conditioning = model.condition_frames(hidden[:, token[0]], position)
        flow = model.mel_map(conditioning, self._tensor(tokens.voice), torch.ones_like(token) > 0)
        made = flow.jump(x, self._time(stretch.s), self._time(stretch.t))[0]
        reach, patch = model.decoder.context, model.decoder.patch
        part, state = _shown(window, self.decode_delay, reach, patch, stretch.last)
        return _numpy(made[part]), state

    @torch.inference_mode()
    def vocode(self, stretches: Sequence[VocoderStretch]) -> list[tuple[Spectra, State]]:
        backbone, patch = self.vocoder.backbone, self.vocoder_config.patch
        windows = [_joined(one.state, (self._tensor(one.mel)[0],)) for one in stretches]
        mels = [window.inputs[0] for window in windows]
        mel = pad_sequence(mels, batch_first=True)
        lengths = torch.tensor([len(one) for one in mels], device=mel.device)
        mask = torch.arange(mel.shape[1], device=mel.device) < lengths[:, None]
        hidden = backbone(mel, mask)
        made = []
        for index, (window, stretch) in enumerate(zip(windows, stretches, strict=True)):
            delay = self.vocoder_config.delay
            part, state = _shown(window, delay, backbone.context, patch, stretch.last)
            made.append((self._spectra(hidden[index, None, part], mel[index, None, part]), state))
        return made

    def _spectra(
        self, hidden: Float[Tensor, "1 frames dim"], mel: Float[Tensor, "1 frames mels"]
    ) -> Spectra:
        if not isinstance(self.vocoder.head, HarmonicHead):
            spectrum = self.vocoder.head(hidden)[0]
            return Spectra(_numpy(spectrum.real), _numpy(spectrum.imag), None)
        gain, noise_gain = self.vocoder.head.gains(hidden, mel)
        return Spectra(_numpy(gain[0].real), _numpy(gain[0].imag), _numpy(noise_gain[0]))

    @torch.inference_mode()
    def f0(
        self, stretch: VocoderStretch
    ) -> tuple[Float[np.ndarray, " frames"], Float[np.ndarray, " frames"], State]:
        source = self.vocoder.source
        assert source is not None, "the vocoder has a harmonic source"
        window = _joined(stretch.state, (self._tensor(stretch.mel)[0],))
        octave, logit = source.pitch.in_double(window.inputs[0][None])
        part, state = _shown(window, F0_DELAY, F0_DELAY, 1, stretch.last)
        return _numpy(octave[0, part]), _numpy(logit[0, part]), state

    def sound(
        self, stretches: Sequence[VocoderStretch]
    ) -> list[tuple[Float[np.ndarray, " _"], State]]:
        if self.device == "cpu":
            return super().sound(stretches)
        return self._sound_on_device(stretches)

    @torch.inference_mode()
    def _sound_on_device(
        self, stretches: Sequence[VocoderStretch]
    ) -> list[tuple[Float[np.ndarray, " _"], State]]:
        """Samples by `Vocoder.spans`, whose source is computed on the device."""
        spans, states = [], []
        for stretch in stretches:
            before = stretch.state or DeviceSoundState(self._tensor(stretch.mel)[0, :0])
            mel = torch.cat([before.mel, self._tensor(stretch.mel)[0]])
            stop = max(before.given, len(mel) if stretch.last else len(mel) - self.sound_delay)
            total = len(mel) if stretch.last else len(mel) + 1
            spans.append(MelSpan(mel, before.given, stop, total))
            states.append(DeviceSoundState(mel, stop))
        full = [span for span in spans if span.start < span.stop]
        made = iter(self.vocoder.spans(full) if full else ())
        return [
            (_numpy(next(made)) if span.start < span.stop else np.zeros(0, np.float32), state)
            for span, state in zip(spans, states, strict=True)
        ]

    def adapted(
        self, differences: WeightDifferences, voice: Float[np.ndarray, " voice"]
    ) -> "TorchRuntime":
        """A runtime whose weights are those of this one plus differences.

        Its modules are copies that share the tensors that do not differ.

        Args:
            differences: of weights, added in single precision.
            voice: the vector of the voice that the weights belong to.

        Raises:
            ValueError: there is no such weight, or a difference has another shape or is not finite.
        """
        check_vector(voice, self.config.voice_dim)
        changes = check_differences(differences, _shapes(self.acoustic), _shapes(self.vocoder))
        made = copy(self)
        made.acoustic = _with_differences(self.acoustic, changes["acoustic"])
        made.vocoder = _with_differences(self.vocoder, changes["vocoder"])
        return made

    def _tensor(self, values: np.ndarray) -> Tensor:
        """A batch of one."""
        return torch.from_numpy(np.ascontiguousarray(values))[None].to(
            self.acoustic.mel_mean.device
        )

    def _real(self, like: np.ndarray) -> Bool[Tensor, "1 text"]:
        return torch.ones(1, len(like), dtype=torch.bool, device=self.acoustic.mel_mean.device)

    def _time(self, time: float) -> Float[Tensor, " 1"]:
        return torch.tensor([time], device=self.acoustic.mel_mean.device)


def _shapes(module: nn.Module) -> Shapes:
    return {key: tuple(weight.shape) for key, weight in module.state_dict().items()}


def _with_differences(module: Module, differences: Mapping[str, np.ndarray]) -> Module:
    """A copy with added differences, or the module itself if there are none."""
    if not differences:
        return module
    weights = module.state_dict(keep_vars=True)
    shared = [weight for key, weight in weights.items() if key not in differences]
    made = deepcopy(module, {id(weight): weight for weight in shared})
    with torch.no_grad():
        for key, weight in made.state_dict().items():
            if key in differences:
                weight += torch.from_numpy(np.asarray(differences[key], np.float32)).to(weight)
    return made


def _joined(state: InputWindow | None, new: tuple[Tensor, ...]) -> InputWindow:
    """The frames that are kept, and new ones."""
    if state is None:
        return InputWindow(new)
    inputs = tuple(torch.cat(pair) for pair in zip(state.inputs, new, strict=True))
    return InputWindow(inputs, state.start, state.given)


def _shown(
    window: InputWindow, delay: int, reach: int, patch: int, last: bool
) -> tuple[slice, InputWindow]:
    """Which frames of a window are given, and the window of the frames that later ones need."""
    frames = window.start + len(window.inputs[0])
    stop = frames if last else max(window.given, frames - delay)
    kept = max(window.start, (stop - reach) // patch * patch)
    inputs = tuple(part[kept - window.start :] for part in window.inputs)
    given = slice(window.given - window.start, stop - window.start)
    return given, InputWindow(inputs, kept, stop)


def _numpy(tensor: Tensor) -> np.ndarray:
    array: np.ndarray = tensor.detach().cpu().numpy()
    return array
