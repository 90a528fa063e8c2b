"""The networks in ONNX Runtime, on a CPU, without torch."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache, partial

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
    WeightDifferences,
)
from tts.runtime.differences import (
    Changes,
    RecordedWeights,
    SummedWeights,
    check_differences,
    check_vector,
)
from tts.runtime.expected_mel import ExpectedMel
from tts.runtime.graph_files import ACOUSTIC, networks_of, read_graph
from tts.runtime.int8_check import MIN_SNR, check_ratios
from tts.runtime.streaming import Columns, Feed, StreamedNetwork, StreamState, Stretch
from tts.vocoder.waveform import NumpySound
from tts.weight_shapes import weight_shapes

ReadWeights = Callable[[str], Weights]  # of `acoustic` or `vocoder`
EMBEDDING = "encoder.embedding.weight"


@dataclass(frozen=True)
class _Network:
    """A network with its weights.

    Args:
        session: that evaluates it.
        keys: of the weights that it was made from.
        scales: of its layers in int8.
    """

    session: onnxruntime.InferenceSession
    keys: frozenset[str]
    scales: Scales


class _Adaptation:
    """The weights of a runtime plus differences; those of a model are read at most once.

    Args:
        read_weights: of the runtime.
        changes: by model, then by key.
    """

    def __init__(self, read_weights: ReadWeights, changes: Changes) -> None:
        self.changes = changes
        self.read_again = partial(_read_sums, read_weights, changes)  # keeps no weights
        self.read = cache(self.read_again)


def _read_sums(read_weights: ReadWeights, changes: Changes, model: str) -> Weights:
    return SummedWeights(read_weights(model), changes[model])


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
        read_weights: gives the weights of a model again, for `adapted`; by default, the runtime
            keeps those it was given.

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
        read_weights: ReadWeights | None = None,
    ) -> None:
        self.config, self.vocoder_config = config, vocoder_config
        given = {"acoustic": weights, "vocoder": vocoder_weights}
        self._read_weights = read_weights or given.__getitem__
        self._threads = threads
        self.statistics = _statistics(weights)
        self.decode_delay = config.decoder.delay
        self._embedding, self._expected_mel = weights[EMBEDDING], ExpectedMel(weights)
        self._set_networks(
            {
                network: _network(network, model, values, threads, scales or {})
                for model, values in ((config, weights), (vocoder_config, vocoder_weights))
                for network in networks_of(model)
            }
        )

    def _set_networks(self, networks: Mapping[str, _Network]) -> None:
        self._networks = networks
        self.precision = "int8" if any(each.scales for each in networks.values()) else "float32"
        self._decoder = _streamed_decoder(networks["decoder"].session, self.config)
        self._vocoder = _streamed_vocoder(networks["vocoder"].session, self.vocoder_config)
        f0 = networks.get("f0")
        self._f0 = _streamed_f0(f0.session, self.vocoder_config) if f0 else None

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

    def expected_mel(
        self,
        tokens: Tokens,
        token: Int[np.ndarray, " frames"],
        position: Float[np.ndarray, "frames features"],
    ) -> Float[np.ndarray, "frames mels"]:
        """The natural log-mel that the model expects of frames, computed in numpy."""
        statistics = self.statistics
        mel = self._expected_mel(tokens, token, position) * np.float32(statistics.mel_deviation)
        return np.maximum(mel + np.float32(statistics.mel_mean), np.float32(self.config.mel.floor))

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

    def adapted(
        self, differences: WeightDifferences, voice: Float[np.ndarray, " voice"]
    ) -> "OnnxRuntime":
        """A runtime whose weights are those of this one plus differences.

        It shares the networks that do not differ. Where this one has layers in int8, their scales
        are tried on a sentence with the voice and the new weights. A model that is then too far
        from float32 runs in float32, also where the user chose int8.

        Args:
            differences: of weights, added in single precision.
            voice: the vector of the voice that the weights belong to.

        Raises:
            FileNotFoundError: the file of the weights is gone.
            ValueError: there is no such weight, a difference has another shape or is not finite,
                or the file of the weights has changed.
        """
        check_vector(voice, self.config.voice_dim)
        shapes = weight_shapes(self.config), weight_shapes(self.vocoder_config)
        changes = check_differences(differences, *shapes)
        adaptation = _Adaptation(self._read_weights, changes)
        exact = self._with_weights(adaptation)
        if self.precision == "float32":
            return exact
        int8 = {name: each.scales for name, each in self._networks.items() if each.scales}
        rounded = exact._with_networks(self._changed_networks(adaptation, int8))
        ratios = check_ratios(exact, rounded, voice)
        fitting = {name for name in int8 if ratios[_model(name)] >= MIN_SNR[_model(name)]}
        return exact._with_networks({name: rounded._networks[name] for name in fitting})

    def _with_weights(self, adaptation: "_Adaptation") -> "OnnxRuntime":
        """A runtime in float32 that shares with this one the networks that do not differ."""
        plain: dict[str, Scales] = {name: {} for name in self._networks}
        made = self._with_networks(self._changed_networks(adaptation, plain))
        made._read_weights = adaptation.read_again
        if changed := adaptation.changes["acoustic"]:
            weights = adaptation.read("acoustic")
            made.statistics, made._expected_mel = _statistics(weights), ExpectedMel(weights)
            if EMBEDDING in changed:
                made._embedding = weights[EMBEDDING]
        return made

    def _changed_networks(
        self, adaptation: "_Adaptation", scales: Mapping[str, Scales]
    ) -> dict[str, _Network]:
        """The networks that have scales here, new where weights or scales differ from this one."""
        networks = {}
        for name, wanted in scales.items():
            network, model = self._networks[name], _model(name)
            if network.scales != wanted or network.keys & adaptation.changes[model].keys():
                config = self.config if model == "acoustic" else self.vocoder_config
                network = _network(name, config, adaptation.read(model), self._threads, wanted)
            networks[name] = network
        return networks

    def _with_networks(self, networks: Mapping[str, _Network]) -> "OnnxRuntime":
        """A copy with some other networks."""
        made = copy(self)
        made._set_networks({**self._networks, **networks})
        return made

    def _run(self, network: str, **values: np.ndarray) -> Feed:
        """The outputs of a network for inputs without their leading sizes of 1."""
        session = self._networks[network].session
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


def _model(network: str) -> str:
    """The model that a network belongs to."""
    return "acoustic" if network in ACOUSTIC else "vocoder"


def _network(
    network: str,
    config: ModelConfig | VocoderConfig,
    weights: Weights,
    threads: int,
    scales: Scales,
) -> _Network:
    """A network with its weights.

    Waiting threads sleep, as spinning ones would slow a busy machine down. Memory is not planned
    ahead, as a plan for each length would be kept. Sums of int8 products overflow on x86 processors
    without VNNI unless they are made in a slower way.
    """
    recorded = RecordedWeights(weights)
    arrays = prepare(network, config, recorded, scales)
    quantised = [key for key in scales if f"{key}.weight" in arrays]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if quantised and not int8_support().fast:
        options.add_session_config_entry("session.x64quantprecision", "1")
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in arrays.values()]
    options.add_external_initializers(list(arrays), values)
    session = onnxruntime.InferenceSession(
        read_graph(network, config, quantised), options, providers=["CPUExecutionProvider"]
    )
    return _Network(session, frozenset(recorded.read), {key: scales[key] for key in quantised})


def _statistics(weights: Weights) -> AcousticStatistics:
    return AcousticStatistics(
        voices=weights["voices.weight"],
        pitch=weights["pitch"],
        prosody_mean=weights["prosody_mean"],
        prosody_deviation=weights["prosody_deviation"],
        mel_mean=float(weights["mel_mean"]),
        mel_deviation=float(weights["mel_deviation"]),
    )
