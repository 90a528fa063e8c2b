"""The `calibrate` command: scales of the inputs of layers that run in int8."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

if TYPE_CHECKING:
    from torch import Tensor, nn

    from tts.acoustic.model import AcousticModel
    from tts.runtime.quantise import Calibration
    from tts.synthesis import Synthesizer
    from tts.vocoder.model import Vocoder

TEXTS = Path(__file__).with_name("calibration.txt")
# Models, and the networks whose blocks have layers in int8. They are most of the arithmetic: the
# other layers in int8 save 3 % of the time, and they cost 2 dB of SNR (vocoder) and 8 dB
# (decoder; six sentences). In encoder and prosody network, int8 changes most sentences' durations.
NETWORKS = {"acoustic": "decoder", "vocoder": "vocoder"}
VOICES_A_TEXT = 4  # chosen by hand
STRIDE = 16  # of the frames that are kept, so that a layer's inputs fit into memory
# Percentile of the range. On six sentences the SNR of the spectra was 32.7 dB, 32.6 with the
# outermost values, 30.6 with 99.99 and 23.5 with 99.9.
PERCENTILE = 99.999


def calibrate(
    out: Annotated[Path, typer.Argument(help="File of scales to write (JSON).")],
    acoustic: Annotated[
        Path | None, typer.Option(help="Acoustic model (.safetensors). Default: the installed one.")
    ] = None,
    vocoder: Annotated[
        Path | None, typer.Option(help="Vocoder (.safetensors). Default: the installed one.")
    ] = None,
    texts: Annotated[
        Path | None,
        typer.Option(
            help="Texts to speak, one a line; no text of a benchmark. Default: 60 sentences."
        ),
    ] = None,
    models: Annotated[
        str,
        typer.Option(help="Models with layers in int8: acoustic, vocoder, or both with a comma."),
    ] = "acoustic,vocoder",
) -> None:
    """Measure the scales of layers in int8.

    Needs the extra `torch`, and an acoustic model and a vocoder. Speaks each text with four of the
    offered voices, in float32, and writes the scale of the inputs of each layer. The same models
    and texts give the same file. It takes about a minute.

    Examples:
      tts training calibrate scales.json
      tts training calibrate vocoder.json --models vocoder
    """
    from tts.cli.main import configure_device
    from tts.runtime.quantise import write_calibrations
    from tts.synthesis import load

    configure_device("cpu", 1)
    if unknown := set(chosen := models.split(",")) - NETWORKS.keys():
        raise ValueError(
            f"unknown model {', '.join(sorted(unknown))!r}; models: {', '.join(NETWORKS)}"
        )
    lines = (texts or TEXTS).read_text(encoding="utf-8").splitlines()
    synthesizer = load(acoustic, vocoder, runtime="torch")
    write_calibrations(out, measure_scales(synthesizer, lines, chosen))


def measure_scales(
    synthesizer: "Synthesizer", texts: Sequence[str], models: Sequence[str]
) -> dict[str, "Calibration"]:
    """The scales of the layers of models, each of `NETWORKS`, from the synthesizer's speech.

    Args:
        synthesizer: on PyTorch.
        texts: to speak; each by `VOICES_A_TEXT` of the voices in turn.
        models: `acoustic`, `vocoder` or both.
    """
    from tts.delivery import Delivery
    from tts.runtime.quantise import Calibration, fingerprint, input_range

    from ..evaluation.systems import modules

    acoustic, vocoder = modules(synthesizer)
    networks: dict[str, AcousticModel | Vocoder] = {"acoustic": acoustic, "vocoder": vocoder}
    layers = {name: _layers(networks[name], NETWORKS[name]) for name in models}
    names = synthesizer.voices
    with _recorded([layer for found in layers.values() for layer in found.values()]) as inputs:
        for number, text in enumerate(texts):
            for turn in range(VOICES_A_TEXT):
                voice = names[(number * VOICES_A_TEXT + turn) % len(names)]
                synthesizer.speak(text, Delivery(voice=voice, seed=number))
    calibrations = {}
    for name, found in layers.items():
        weights = {key: weight.numpy() for key, weight in networks[name].state_dict().items()}
        scales = {key: input_range(*_range(inputs[layer])) for key, layer in found.items()}
        calibrations[name] = Calibration(fingerprint(weights, scales), scales)
    return calibrations


def _layers(model: "AcousticModel | Vocoder", network: str) -> dict[str, "nn.Module"]:
    """The layers in int8 of a network, by their keys in files."""
    from tts.runtime.graph_files import block_layers

    keys = {weight.data_ptr(): key for key, weight in model.state_dict().items()}
    layers = {
        keys[weight.data_ptr()].removesuffix(".weight"): layer
        for layer in model.modules()
        if (weight := getattr(layer, "weight", None)) is not None and weight.data_ptr() in keys
    }
    return {key: layers[key] for key in block_layers(network, model.config)}


@contextmanager
def _recorded(layers: Sequence["nn.Module"]) -> Iterator[dict["nn.Module", list[np.ndarray]]]:
    """Every sixteenth frame of the inputs of layers, while they are used."""
    inputs: dict[nn.Module, list[np.ndarray]] = {layer: [] for layer in layers}

    def record(layer: "nn.Module", given: tuple["Tensor", ...]) -> None:
        inputs[layer].append(given[0].detach()[:, ::STRIDE].flatten().numpy().copy())

    hooks = [layer.register_forward_pre_hook(record) for layer in layers]
    try:
        yield inputs
    finally:
        for hook in hooks:
            hook.remove()


def _range(inputs: Sequence[np.ndarray]) -> tuple[float, float]:
    low, high = np.percentile(np.concatenate(inputs), [100 - PERCENTILE, PERCENTILE])
    return float(low), float(high)
