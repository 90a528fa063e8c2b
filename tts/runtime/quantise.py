"""Which linear layers run in int8, from a file of scales, and whether the scales fit the weights.

Weights are symmetric int8 with a scale for each output, made when a model is loaded. Inputs of
layers are uint8 with a fixed scale and zero point, measured by `tts training calibrate`. They do
not depend on the sound, so a stretch gives what the whole utterance would.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tts.config import ModelConfig, VocoderConfig
from tts.files import write_json_file
from tts.processor import int8_support
from tts.runtime.arrays import InputRange, Scales, Weights
from tts.runtime.int8_check import MIN_SNR, check_ratios
from tts.runtime.load import SCALES
from tts.runtime.onnx import OnnxRuntime, ReadWeights
from tts.validation import from_dict, parse_json

MAX_UINT8 = 255


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
    """An acoustic model and a vocoder: their configs, and their weights by keys in files.

    With `read_weights`, runtimes keep no weights, as for `OnnxRuntime`.
    """

    config: ModelConfig
    weights: Weights
    vocoder_config: VocoderConfig
    vocoder_weights: Weights
    read_weights: ReadWeights | None = None

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
            read_weights=self.read_weights,
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
