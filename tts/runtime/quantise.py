"""Which linear layers run in int8, from a file of scales, and whether the scales fit the weights.

Weights are symmetric int8 with a scale for each output, made when a model is loaded. Inputs of
layers are uint8 with a fixed scale and zero point, measured by `tts training calibrate`. They do
not depend on the sound, so a stretch gives what the whole utterance would.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import inf, log10
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from tts.acoustic.durations import position_features, token_of_frames
from tts.config import ModelConfig, VocoderConfig
from tts.files import write_json_file
from tts.noise import noise
from tts.processor import int8_support
from tts.runtime.arrays import InputRange, Scales, Weights
from tts.runtime.base import DecoderStretch, Runtime, Tokens, VocoderStretch
from tts.runtime.load import SCALES
from tts.runtime.onnx import OnnxRuntime
from tts.text.pronounce.symbols import END, START, PhonemeTokenizer
from tts.validation import from_dict, parse_json

MAX_UINT8 = 255
# "The boat left the harbour at dawn", and the frames of each symbol: about 1.5 s in all.
CHECK_SENTENCE = f"{START}ðə bˈOt lˈɛft ðə hˈɑɹbəɹ ət dˈɔn.{END}"  # noqa: RUF001 - IPA
CHECK_FRAMES = 4
# Least SNR of the outputs in dB; the shipped models have 35 in both. Chosen by hand; not tuned.
MIN_SNR = {"acoustic": 25.0, "vocoder": 25.0}


@dataclass(frozen=True)
class Calibration:
    """The scales of a model's layers.

    Args:
        fingerprint: of the layers that they were measured with.
        scales: by the keys of the layers.
    """

    fingerprint: str
    scales: Scales

    def covers(self, weights: Weights) -> bool:
        """Whether a model has all the layers."""
        return all(f"{key}.weight" in weights for key in self.scales)

    def is_of(self, weights: Weights) -> bool:
        """Whether the scales were measured with these weights."""
        return self.covers(weights) and fingerprint(weights, self.scales) == self.fingerprint


Calibrations = Mapping[str, Calibration]  # by model, `acoustic` and `vocoder`


@dataclass(frozen=True)
class Models:
    """An acoustic model and a vocoder: their configs, and their weights by keys in files."""

    config: ModelConfig
    weights: Weights
    vocoder_config: VocoderConfig
    vocoder_weights: Weights

    def weights_of(self, model: str) -> Weights:
        return self.weights if model == "acoustic" else self.vocoder_weights

    def runtime(self, threads: int = 1, scales: Scales | None = None) -> OnnxRuntime:
        return OnnxRuntime(
            self.config,
            self.weights,
            self.vocoder_config,
            self.vocoder_weights,
            threads=threads,
            scales=scales,
        )


def make_runtime(
    models: Models, precision: str | None, threads: int, calibrations: Calibrations | None = None
) -> OnnxRuntime:
    """A runtime in float32, or with the layers in int8 whose scales fit the weights.

    Scales of other weights are tried on a sentence.

    Args:
        models: the networks.
        precision: `float32`, `int8`, or None for int8 where it is faster and its scales fit.
        threads: of each network.
        calibrations: by default those of the shipped models.

    Raises:
        ValueError: int8 was given, and the scales do not fit.
    """
    if precision == "float32" or (precision is None and not int8_support().fast):
        return models.runtime(threads)
    found = read_calibrations() if calibrations is None else calibrations
    unsure = [name for name, one in found.items() if not one.is_of(models.weights_of(name))]
    wrong = _misfits(models, {name: found[name] for name in unsure})
    if wrong and precision == "int8":
        raise ValueError(
            f"the int8 scales do not fit the weights ({', '.join(wrong)}); "
            "use the precision 'float32'"
        )
    fitting = {name: one for name, one in found.items() if name not in wrong}
    return models.runtime(threads, _all_scales(fitting))


def _all_scales(calibrations: Calibrations) -> Scales:
    return {key: scale for one in calibrations.values() for key, scale in one.scales.items()}


def _misfits(models: Models, calibrations: Calibrations) -> list[str]:
    """The models that lack layers, or whose outputs in int8 are too far from those in float32."""
    covering = {
        name: one for name, one in calibrations.items() if one.covers(models.weights_of(name))
    }
    if not covering:
        return list(calibrations)
    rounded = models.runtime(scales=_all_scales(covering))
    ratios = check_ratios(models.runtime(), rounded)
    return [name for name in calibrations if name not in covering or ratios[name] < MIN_SNR[name]]


def check_ratios(reference: Runtime, other: Runtime) -> dict[str, float]:
    """SNR in dB of the mel and of the spectra that a runtime makes for a sentence, by model."""
    mel = _check_mel(reference)
    statistics = reference.statistics
    natural = VocoderStretch(mel * statistics.mel_deviation + statistics.mel_mean, None, last=True)
    return {
        "acoustic": snr(mel, _check_mel(other)),
        "vocoder": snr(_spectra(reference, natural), _spectra(other, natural)),
    }


def _check_mel(runtime: Runtime) -> Float[np.ndarray, "frames mels"]:
    """The normalised mel of a sentence with average prosody, by one jump of the mel map."""
    config, voice = runtime.config, runtime.statistics.voices[0]
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
    """The ratio of an array's energy to that of its difference from another, in dB."""
    exact = reference.astype(np.float64)
    signal, error = float((exact**2).sum()), float(((exact - other) ** 2).sum())
    return 10 * log10(signal / error) if signal and error else inf


def input_range(low: float, high: float) -> InputRange:
    """Steps from the lowest to the highest input of a layer; 0 is one of them."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = (high - low) / MAX_UINT8 or 1.0
    return InputRange(scale, round(-low / scale))


def fingerprint(weights: Weights, keys: Mapping[str, object]) -> str:
    """A SHA-256 of the weights of layers."""
    digest = hashlib.sha256()
    for key in sorted(keys):
        digest.update(key.encode())
        digest.update(np.asarray(weights[f"{key}.weight"], np.float32).tobytes())
    return digest.hexdigest()


def read_calibrations(path: Path | None = None) -> dict[str, Calibration]:
    """The calibrations in a file; by default the shipped one.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it has no calibrations.
    """
    place = path or SCALES
    if path and not path.is_file():
        raise FileNotFoundError(f"no such file: {path}")
    try:
        parsed = parse_json(place.read_text(encoding="utf-8"))
        return {name: _calibration(one) for name, one in parsed.items()}
    except (ValueError, AttributeError, TypeError, KeyError) as error:
        raise ValueError(f"cannot read {place}: expected scales of models") from error


def _calibration(parsed: dict[str, Any]) -> Calibration:
    scales = {key: from_dict(InputRange, scale) for key, scale in parsed["scales"].items()}
    return Calibration(str(parsed["fingerprint"]), scales)


def write_calibrations(path: Path, calibrations: Calibrations) -> None:
    """Write a file that `read_calibrations` reads."""
    write_json_file(path, {name: asdict(one) for name, one in calibrations.items()})
