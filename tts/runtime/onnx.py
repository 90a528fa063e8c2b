"""The networks in ONNX Runtime, on a CPU, without torch."""

from collections.abc import Sequence

import numpy as np
import onnxruntime
from jaxtyping import Bool, Float, Int

from tts.config import VOCOS_KERNEL, ModelConfig, VocoderConfig
from tts.network_constants import F0_KERNEL, F0_LAYERS
from tts.processor import int8_support
from tts.runtime.arrays import Scales, Weights, prepare
from tts.runtime.base import (
    AcousticStatistics,
    DecoderStretch,
    Spectra,
    State,
    Tokens,
    VocoderStretch,
)
from tts.runtime.graph_files import networks_of, read_graph
from tts.runtime.streaming import Columns, Feed, StreamedNetwork, StreamState, Stretch
from tts.vocoder.waveform import NumpySound


class OnnxRuntime(NumpySound):
    """The networks of an acoustic model and a vocoder in ONNX Runtime, on a CPU.

    Calls change nothing, so threads may share one.

    Args:
        config: of the acoustic model.
        weights: its weights in single precision, by their keys in files.
        vocoder_config: of the vocoder.
        vocoder_weights: its weights.
        threads: of each network, at least 1.
        scales: of the linear layers that run in int8; none by default.

    Raises:
        ValueError: the sizes are not those of the shipped models, and the package onnx, which
            builds graphs of other sizes, is not installed.
    """

    name, device = "onnx", "cpu"

    def __init__(  # noqa: PLR0913
        self,
        config: ModelConfig,
        weights: Weights,
        vocoder_config: VocoderConfig,
        vocoder_weights: Weights,
        *,
        threads: int = 1,
        scales: Scales | None = None,
    ) -> None:
        self.config, self.vocoder_config = config, vocoder_config
        self.precision = "int8" if scales else "float32"
        self.statistics = _statistics(weights)
        self.decode_delay = config.decoder.delay
        self._embedding = weights["encoder.embedding.weight"]
        self._sessions = {
            network: _session(network, model, values, threads, scales or {})
            for model, values in ((config, weights), (vocoder_config, vocoder_weights))
            for network in networks_of(model)
        }
        self._decoder = _streamed_decoder(self._sessions["decoder"], config)
        self._vocoder = _streamed_vocoder(self._sessions["vocoder"], vocoder_config)
        f0 = self._sessions.get("f0")
        self._f0 = _streamed_f0(f0, vocoder_config) if f0 else None

    def encode(
        self, tokens: Int[np.ndarray, " text"], voice: Float[np.ndarray, " voice"]
    ) -> tuple[Float[np.ndarray, "text dim"], Float[np.ndarray, " text"]]:
        """Hidden vectors of a sentence's tokens, and the probability that each one lasts."""
        found = self._run("encoder", embedded=self._embedding[tokens], voice=voice)
        return found["hidden"][0, 0], found["pause"][0, 0, :, 0]

    def prosody_jump(
        self,
        tokens: Tokens,
        has_duration: Bool[np.ndarray, " text"],
        s: float,
        t: float,
    ) -> Float[np.ndarray, "text 3"]:
        """The prosody at time `t`, from `tokens.prosody` at time `s`."""
        found = self._run(
            "prosody",
            hidden=tokens.hidden,
            has_duration=has_duration[:, None],
            x=tokens.prosody,
            voice=tokens.voice,
            s=np.array([s]),
            t=np.array([t]),
        )
        return found["y"][0, 0]

    def decode(
        self, stretches: Sequence[DecoderStretch]
    ) -> list[tuple[Float[np.ndarray, "_ mels"], State]]:
        """The mel at time `t`, behind by the decoder's delay, and the state after each stretch."""
        found = self._decoder.run([self._decoder_stretch(stretch) for stretch in stretches])
        return [(outputs["y"], state) for outputs, state in found]

    def vocode(self, stretches: Sequence[VocoderStretch]) -> list[tuple[Spectra, State]]:
        """The spectra, behind by the vocoder's delay, and the state after each stretch."""
        found = self._vocoder.run([_mel_stretch(stretch) for stretch in stretches])
        return [
            (Spectra(outputs["real"], outputs["imaginary"], outputs.get("noise_gain")), state)
            for outputs, state in found
        ]

    def f0(
        self, stretch: VocoderStretch
    ) -> tuple[Float[np.ndarray, " frames"], Float[np.ndarray, " frames"], State]:
        """Octaves from the mean F0, and the logit that a frame is voiced, 8 frames behind."""
        assert self._f0, "only harmonic sources have an F0"
        ((outputs, state),) = self._f0.run([_mel_stretch(stretch)])
        return outputs["octave"][:, 0], outputs["voiced"][:, 0], state

    def _run(self, network: str, **values: np.ndarray) -> Feed:
        """The outputs of a network for inputs without their leading sizes of 1."""
        session = self._sessions[network]
        feed = {}
        for info in session.get_inputs():
            array = np.asarray(values[info.name], np.float32)
            feed[info.name] = array.reshape((1,) * (len(info.shape) - array.ndim) + array.shape)
        names = [info.name for info in session.get_outputs()]
        return dict(zip(names, session.run(names, feed), strict=True))

    def _decoder_stretch(self, stretch: DecoderStretch) -> Stretch:
        tokens, token = stretch.tokens, stretch.token
        features = {
            "x": stretch.x,
            "hidden": tokens.hidden[token],
            "prosody": tokens.prosody[token, 1:],
            "position": stretch.position,
            "real": np.ones((len(token), 1), np.float32),
        }
        late = np.asarray(stretch.x, np.float32)
        state = stretch.state or StreamState(fixed=self._modulation(stretch))
        return Stretch(features, late, state, stretch.last)

    def _modulation(self, stretch: DecoderStretch) -> Feed:
        """What depends on the voice and the times of a jump, as inputs of the decoder."""
        s, t = np.array([stretch.s]), np.array([stretch.t])
        span = np.full((1, 1, 1, 1), stretch.t - stretch.s, np.float32)
        return self._run("modulation", voice=stretch.tokens.voice, s=s, t=t) | {"span": span}


def _mel_stretch(stretch: VocoderStretch) -> Stretch:
    mel = np.asarray(stretch.mel, np.float32)
    return Stretch({"mel": mel}, mel, stretch.state or StreamState(), stretch.last)


def _streamed_decoder(
    session: onnxruntime.InferenceSession, config: ModelConfig
) -> StreamedNetwork:
    sizes = config.decoder
    columns = {"left": Columns(sizes.depth, sizes.dim, "right")}
    return StreamedNetwork(session, kernel=sizes.kernel, columns=columns, patch=sizes.patch)


def _streamed_vocoder(
    session: onnxruntime.InferenceSession, config: VocoderConfig
) -> StreamedNetwork:
    columns = {
        "left_mel": Columns(1, config.patch * config.mel.bands, "right_mel"),
        "left": Columns(config.depth, config.dim, "right"),
    }
    return StreamedNetwork(
        session, kernel=VOCOS_KERNEL, columns=columns, patch=config.patch, patched=True
    )


def _streamed_f0(session: onnxruntime.InferenceSession, config: VocoderConfig) -> StreamedNetwork:
    columns = {
        "left_mel": Columns(1, config.mel.bands, "right_mel"),
        "left": Columns(F0_LAYERS - 1, config.pitch_dim, "right"),
    }
    return StreamedNetwork(session, kernel=F0_KERNEL, columns=columns)


def _session(
    network: str,
    config: ModelConfig | VocoderConfig,
    weights: Weights,
    threads: int,
    scales: Scales,
) -> onnxruntime.InferenceSession:
    """A network with its weights.

    Waiting threads sleep, as spinning ones would slow a busy machine down. Memory is not planned
    ahead, as a plan for each length would be kept. Sums of int8 products overflow on x86 processors
    without VNNI unless they are made in a slower way.
    """
    arrays = prepare(network, config, weights, scales)
    quantised = [key for key in scales if f"{key}.weight" in arrays]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if quantised and not int8_support().fast:
        options.add_session_config_entry("session.x64quantprecision", "1")
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in arrays.values()]
    options.add_external_initializers(list(arrays), values)
    return onnxruntime.InferenceSession(
        read_graph(network, config, quantised), options, providers=["CPUExecutionProvider"]
    )


def _statistics(weights: Weights) -> AcousticStatistics:
    return AcousticStatistics(
        voices=weights["voices.weight"],
        pitch=weights["pitch"],
        prosody_mean=weights["prosody_mean"],
        prosody_deviation=weights["prosody_deviation"],
        mel_mean=float(weights["mel_mean"]),
        mel_deviation=float(weights["mel_deviation"]),
    )
