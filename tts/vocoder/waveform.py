"""Samples from the spectra and the F0 that the vocoder's networks give, streamed, without torch.

It computes what `Vocoder` in `tts.vocoder.model` does beneath its networks, each number once: the
state after a stretch holds the phase, the samples of pulses that later windows reach, and the sum
of the frames that later ones overlap.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
from jaxtyping import Complex, Float

from tts.config import MelConfig, VocoderConfig
from tts.network_constants import F0_KERNEL, F0_LAYERS, GAP
from tts.runtime.base import Spectra, State, VocoderStretch
from tts.vocoder.fourier import block_frames, blocks, hann_window, inverse_stft, stft
from tts.vocoder.noise_spectra import NoiseSpectra
from tts.vocoder.overlap_add import OverlapState, overlap_add
from tts.vocoder.pulses import FIRST, PulseState, pulses

F0_DELAY = F0_LAYERS * (F0_KERNEL // 2)  # frames; of `Runtime.f0`


@dataclass(frozen=True)
class SoundState:
    """What the samples of later frames depend on. "Next" is the first frame not transformed yet.

    Args:
        vocoder: state of `vocode`.
        f0: state of `f0`.
        frames: how many frames of mel there were.
        pulses: state of the pulses.
        signal: pulses from the first hop of the next frame's window on.
        spectra: from the next frame on.
        overlap: state of the overlap-add.
    """

    vocoder: State
    f0: State
    frames: int
    pulses: PulseState
    signal: Float[np.ndarray, "hops hop"]
    spectra: Spectra | None
    overlap: OverlapState


class NumpySound(ABC):
    """A runtime's `sound`, from its `vocode` and `f0`. Threads may share it if they may those."""

    vocoder_config: VocoderConfig

    @abstractmethod
    def vocode(self, stretches: Sequence[VocoderStretch]) -> list[tuple[Spectra, State]]:
        """As `Runtime.vocode`."""

    @abstractmethod
    def f0(
        self, stretch: VocoderStretch
    ) -> tuple[Float[np.ndarray, " frames"], Float[np.ndarray, " frames"], State]:
        """As `Runtime.f0`."""

    @cached_property
    def sound_delay(self) -> int:
        """How many frames the samples are behind."""
        return self._spectrum_delay + _overlap(self.vocoder_config.mel)

    @cached_property
    def _spectrum_delay(self) -> int:
        """How many frames the windows that are added are behind; pulses may be less."""
        config = self.vocoder_config
        backbone = config.delay + config.patch - 1
        source = F0_DELAY + GAP // 2 + 1 + _overlap(config.mel)
        return max(backbone, source) if config.pitch_dim else backbone

    def sound(
        self, stretches: Sequence[VocoderStretch]
    ) -> list[tuple[Float[np.ndarray, " _"], State]]:
        """The samples, not clipped, `sound_delay` frames behind, and the state after each stretch.

        Raises:
            ValueError: samples are not finite, because weights are damaged.
        """
        states = [
            _first_state(self.vocoder_config.mel) if stretch.state is None else stretch.state
            for stretch in stretches
        ]
        vocoded = self.vocode(
            [
                replace(stretch, state=state.vocoder)
                for stretch, state in zip(stretches, states, strict=True)
            ]
        )
        with np.errstate(all="ignore"):  # what is not finite is refused below
            made = [
                self._sound(stretch, state, *given)
                for stretch, state, given in zip(stretches, states, vocoded, strict=True)
            ]
        if not all(np.isfinite(samples).all() for samples, _ in made):
            raise ValueError(
                "the models make samples that are not finite; download or make their checkpoints "
                "again"
            )
        return made

    def _sound(
        self, stretch: VocoderStretch, state: SoundState, spectra: Spectra, vocoder: State
    ) -> tuple[Float[np.ndarray, " samples"], SoundState]:
        mel, last = self.vocoder_config.mel, stretch.last
        state = replace(
            state,
            vocoder=vocoder,
            frames=state.frames + len(stretch.mel),
            spectra=_joined(state.spectra, spectra),
        )
        if self.vocoder_config.pitch_dim:
            octave, logit, f0 = self.f0(replace(stretch, state=state.f0))
            signal, pulse_state = pulses(state.pulses, octave, logit, last, mel)
            silence = np.zeros((_overlap(mel) - 1 if last else 0, mel.hop), np.float32)
            signal = np.concatenate([state.signal, signal, silence])
            state = replace(state, f0=f0, pulses=pulse_state, signal=signal)
        return _render(state, state.frames - (0 if last else self._spectrum_delay), last, mel)


def _render(
    state: SoundState, stop: int, last: bool, mel: MelConfig
) -> tuple[Float[np.ndarray, " samples"], SoundState]:
    """Transform and add the frames up to `stop`."""
    assert state.spectra is not None, "it is joined with the spectra of each stretch"
    window, overlap, first = _window(mel), state.overlap, state.overlap.frames
    sound = [np.zeros((0, mel.hop), np.float32)]
    for start, end in blocks(first, stop, block_frames(mel.n_fft)):
        spectra = _between(state.spectra, start - first, end - first)
        signal = state.signal[start - first : end - first + 2 * _overlap(mel) - 1]
        noise_end = state.frames if last else None
        complete = _spectrum(spectra, signal, (start, end, noise_end), mel)
        pieces = inverse_stft(complete, window)
        samples, overlap = overlap_add(overlap, pieces, window, mel.hop, last and end == stop)
        sound.append(samples)
    done = max(stop - first, 0)
    after = replace(
        state,
        signal=state.signal[done:].copy(),
        spectra=_from(state.spectra, done),
        overlap=overlap,
    )
    return np.concatenate(sound).reshape(-1), after


def _spectrum(
    spectra: Spectra,
    signal: Float[np.ndarray, "hops hop"],
    place: tuple[int, int, int | None],
    mel: MelConfig,
) -> Complex[np.ndarray, "frames bins"]:
    """The spectra of frames; `place` is the first, the one after the last, and the noise's end."""
    spectrum = np.empty(spectra.real.shape, np.complex64)
    spectrum.real, spectrum.imag = spectra.real, spectra.imaginary
    if spectra.noise_gain is not None:
        spectrum *= stft(signal.reshape(-1), _pulse_window(mel), mel.hop)
        spectrum += spectra.noise_gain * _noise_spectra(mel).frames(*place)
    return spectrum


def _between(spectra: Spectra, start: int, stop: int) -> Spectra:
    gain = spectra.noise_gain
    return Spectra(
        real=spectra.real[start:stop],
        imaginary=spectra.imaginary[start:stop],
        noise_gain=None if gain is None else gain[start:stop],
    )


def _from(spectra: Spectra, start: int) -> Spectra:
    """A copy of the spectra from `start` on, so that those before take no memory."""
    gain = spectra.noise_gain
    return Spectra(
        real=spectra.real[start:].copy(),
        imaginary=spectra.imaginary[start:].copy(),
        noise_gain=None if gain is None else gain[start:].copy(),
    )


def _joined(first: Spectra | None, second: Spectra) -> Spectra:
    if first is None or not len(first.real):
        return second
    gain = None
    if first.noise_gain is not None and second.noise_gain is not None:
        gain = np.concatenate([first.noise_gain, second.noise_gain])
    return Spectra(
        real=np.concatenate([first.real, second.real]),
        imaginary=np.concatenate([first.imaginary, second.imaginary]),
        noise_gain=gain,
    )


def _first_state(mel: MelConfig) -> SoundState:
    """Before the first frame there is silence, which its window reaches."""
    silence = np.zeros((_overlap(mel), mel.hop), np.float32)
    return SoundState(None, None, 0, FIRST, silence, None, OverlapState())


def _overlap(mel: MelConfig) -> int:
    """Hops from the centre of a window to its end."""
    return mel.n_fft // (2 * mel.hop)


@cache
def _noise_spectra(mel: MelConfig) -> NoiseSpectra:
    return NoiseSpectra(mel)


@cache
def _window(mel: MelConfig) -> Float[np.ndarray, " n_fft"]:
    return hann_window(mel.n_fft).astype(np.float32)


@cache
def _pulse_window(mel: MelConfig) -> Float[np.ndarray, " n_fft"]:
    """With it, the spectrum of a cosine of amplitude 1 has a magnitude of 2."""
    window = hann_window(mel.n_fft)
    return (window / (window.sum() / 4)).astype(np.float32)
