"""DurationModel: log lengths of the symbols of a sentence, from the encoder's vectors and noise."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import safetensors.torch
import torch
from jaxtyping import Float
from torch import Tensor, nn

from tts.acoustic.flow import FlowMap
from tts.acoustic.layers import Conditioning
from tts.checkpoint import read_metadata
from tts.config import ProsodyConfig
from tts.validation import check_types, from_dict, parse_json

from .bins import DurationBins
from .categorical import CategoricalFlowMap
from .network import DurationNetwork

REGRESSION, CONTINUOUS, CATEGORICAL = "regression", "continuous", "categorical"
MODELS = (REGRESSION, CONTINUOUS, CATEGORICAL)
Noise = Float[Tensor, "batch text channels"]


@dataclass(frozen=True, kw_only=True)
class DurationConfig:
    """What a duration model is.

    Args:
        kind: `regression`, one mean log length; `continuous`, a flow map of the log length; or
            `categorical`, a flow map over the bins.
        network: sizes of its network.
        bins: bins of the categorical map.
        hidden_dim: channels of the text encoder.
        voice_dim: size of a voice's vector.

    Raises:
        ValueError: a value is of the wrong type, or the kind is unknown.
    """

    kind: str
    network: ProsodyConfig = field(default_factory=ProsodyConfig)
    bins: DurationBins = field(default_factory=DurationBins)
    hidden_dim: int
    voice_dim: int

    def __post_init__(self) -> None:
        check_types(self)
        if self.kind not in MODELS:
            raise ValueError(f"kind must be one of {', '.join(MODELS)}; got {self.kind!r}")

    @property
    def channels(self) -> int:
        """Numbers of the state of a symbol."""
        return len(self.bins) if self.kind == CATEGORICAL else 1


class DurationModel(nn.Module):
    """A model of durations, of one of three kinds.

    Attributes:
        mean: mean of the natural logarithm of a length in frames, over the training set.
        deviation: its standard deviation.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, config: DurationConfig) -> None:
        super().__init__()
        self.config = config
        conditioning_dim = config.hidden_dim + 1
        self.network = DurationNetwork(
            config.network, conditioning_dim, config.voice_dim, config.channels
        )
        self.register_buffer("mean", torch.tensor(0.0))
        self.register_buffer("deviation", torch.tensor(1.0))

    def flow(self, given: Conditioning) -> FlowMap:
        """The flow map of the normalised log length (`continuous`)."""
        return FlowMap(partial(self.network, given))

    def categorical_flow(self, given: Conditioning) -> CategoricalFlowMap:
        """The flow map over bins (`categorical`)."""
        return CategoricalFlowMap(partial(self.network, given))

    def expected(self, given: Conditioning) -> Float[Tensor, "batch text"]:
        """The mean normalised log length (`regression`)."""
        nothing = given.features.new_zeros(*given.features.shape[:2], 1)
        time = given.features.new_zeros(len(given.features))
        mean: Tensor = self.network(given, nothing, time, time)
        return mean[..., 0]

    def generate(
        self, given: Conditioning, noise: Noise, steps: int = 1
    ) -> Float[Tensor, "batch text"]:
        """Log lengths of all symbols, in one step by default.

        Args:
            given: the encoder's vectors with a 1 where a symbol lasts, the voice, and the mask.
            noise: normal, of `config.channels` numbers a symbol; its deviation is the temperature.
                Regression does not use it.
            steps: jumps of a flow map, at least 1.

        Returns:
            The natural logarithm of each length in frames; of no meaning where a symbol does not
            last.
        """
        return GENERATORS[self.config.kind](self, given, noise, steps)

    def denormalise(self, length: Tensor) -> Tensor:
        """The log length of a normalised one."""
        return length * self.deviation + self.mean


def _regress(model: DurationModel, given: Conditioning, noise: Noise, steps: int) -> Tensor:
    return model.denormalise(model.expected(given))


def _continuous(model: DurationModel, given: Conditioning, noise: Noise, steps: int) -> Tensor:
    return model.denormalise(model.flow(given).sample(noise, steps)[..., 0])


def _categorical(model: DurationModel, given: Conditioning, noise: Noise, steps: int) -> Tensor:
    bins = model.categorical_flow(given).sample(noise, steps)
    return model.config.bins.centers.to(noise)[bins]


GENERATORS: dict[str, Callable[[DurationModel, Conditioning, Noise, int], Tensor]] = {
    REGRESSION: _regress,
    CONTINUOUS: _continuous,
    CATEGORICAL: _categorical,
}


def load_durations(path: Path) -> DurationModel:
    """Load a duration model from its checkpoint, in `eval` mode.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not a duration model, or is damaged.
    """
    metadata = read_metadata(path)
    if metadata.get("kind") != DurationModel.__name__:
        raise ValueError(
            f"{path} is not a duration model; name the averages of a recipe of durations"
        )
    try:
        model = DurationModel(from_dict(DurationConfig, parse_json(metadata["config"])))
        model.load_state_dict(safetensors.torch.load_file(path))
    except (KeyError, RuntimeError, ValueError) as error:
        raise ValueError(f"cannot read {path}: {error}; train it again") from error
    return model.eval()
