"""Whether int8 is near float32: both make a sentence, and their outputs are compared."""

from math import inf, log10

import numpy as np
from jaxtyping import Float

from tts.acoustic.durations import position_features, token_of_frames
from tts.noise import noise
from tts.runtime.base import DecoderStretch, Runtime, Tokens, VocoderStretch
from tts.text.pronounce.symbols import END, START, PhonemeTokenizer

# "The boat left the harbour at dawn", and the frames of each symbol: about 1.5 s in all.
CHECK_SENTENCE = f"{START}ðə bˈOt lˈɛft ðə hˈɑɹbəɹ ət dˈɔn.{END}"  # noqa: RUF001 - IPA
CHECK_FRAMES = 4
# Least SNR of the outputs in dB; the shipped models have 35 in both. Chosen by hand; not tuned.
MIN_SNR = {"acoustic": 25.0, "vocoder": 25.0}


def check_ratios(
    reference: Runtime, other: Runtime, voice: Float[np.ndarray, " voice"] | None = None
) -> dict[str, float]:
    """SNR in dB of the mel and of the spectra that a runtime makes for a sentence, by model.

    Args:
        reference: in float32.
        other: of the same models, in int8.
        voice: the vector of a voice; by default that of the first one.
    """
    if voice is None:
        voice = reference.statistics.voices[0]
    mel = _check_mel(reference, voice)
    statistics = reference.statistics
    natural = VocoderStretch(mel * statistics.mel_deviation + statistics.mel_mean, None, last=True)
    return {
        "acoustic": snr(mel, _check_mel(other, voice)),
        "vocoder": snr(_spectra(reference, natural), _spectra(other, natural)),
    }


def _check_mel(
    runtime: Runtime, voice: Float[np.ndarray, " voice"]
) -> Float[np.ndarray, "frames mels"]:
    """The normalised mel of a sentence with average prosody, by one jump of the mel map."""
    config = runtime.config
    numbers = np.array(PhonemeTokenizer(inventory=config.symbols).encode(CHECK_SENTENCE))
    hidden, _ = runtime.encode(numbers, voice)
    durations = np.full(len(numbers), CHECK_FRAMES)
    token = token_of_frames(durations)
    tokens = Tokens(hidden, np.zeros((len(numbers), 3), np.float32), voice)
    position = position_features(durations, token)
    x = noise((0,), 0, len(token), config.mel.bands)
    [(mel, _)] = runtime.decode(
        [DecoderStretch(tokens, token, position, x, 0.0, 1.0, None, last=True)]
    )
    return mel


def _spectra(runtime: Runtime, stretch: VocoderStretch) -> Float[np.ndarray, "frames bins"]:
    """Real and imaginary parts, and the gains of the noise if there are any, side by side."""
    [(spectra, _)] = runtime.vocode([stretch])
    parts = spectra.real, spectra.imaginary, spectra.noise_gain
    return np.concatenate([part for part in parts if part is not None], axis=1)


def snr(reference: np.ndarray, other: np.ndarray) -> float:
    """The ratio of an array's energy to that of its difference from another, in dB.

    It is infinite for equal arrays, and minus infinity beside an error where nothing is left to
    compare: the reference is zero, or a number is not finite.
    """
    exact = reference.astype(np.float64)
    signal, error = float((exact**2).sum()), float(((exact - other) ** 2).sum())
    if not error:
        return inf
    return 10 * log10(signal / error) if 0 < signal < inf and error < inf else -inf
