"""The acoustic model while training, where it has more than ships: guidance as an input of the mel
map, and a head for its velocity. Both fold back into a plain model.

Guidance as an input: improved MeanFlow (arXiv 2512.02012). Here it is added to the vector of the
voice, so that the map of one scale is a plain one, whose modulation has another bias.

A head for the velocity, on the trunk of the average velocity, is also improved MeanFlow's; tangents
and guided targets are its velocities. It begins as a copy of the layers of the average velocity,
and is of no use after training.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from tts.acoustic.decoder import Decoder, read_velocity
from tts.acoustic.flow import FlowMap, Mel, Time
from tts.acoustic.layers import Conditioning, SkipGain
from tts.acoustic.model import AcousticModel
from tts.config import DecoderConfig, ModelConfig

from .guidance import Guidance, GuidanceInput

GUIDANCE_DIM = 64  # chosen by hand, not tuned


@dataclass(frozen=True)
class WideNetwork:
    """What a mel decoder has in training beside the plain one.

    Args:
        guided: guidance is one of its inputs.
        headed: it has a head for the velocity.
    """

    guided: bool = False
    headed: bool = False

    def __bool__(self) -> bool:
        return self.guided or self.headed


@dataclass(frozen=True)
class GuidedConditioning(Conditioning):
    """The inputs of a mel decoder beside state and times, with the guidance of each item."""

    guidance: GuidanceInput

    def at(self, time: Time) -> "GuidedConditioning":
        """With the guidance of a velocity at a time."""
        return GuidedConditioning(self.features, self.voice, self.mask, self.guidance.at(time))


class WideDecoder(Decoder):
    """A mel decoder with guidance as an input, or with a head for the velocity, or both.

    It begins as the plain decoder: the guidance adds nothing at first, and the head gives what the
    last layers of the decoder give.

    Args:
        config: sizes of the network.
        mels: bands of the mel-spectrogram.
        conditioning_dim: features of each frame.
        voice_dim: size of a voice's vector.
        wide: what it has beside the plain decoder.
    """

    def __init__(
        self,
        config: DecoderConfig,
        mels: int,
        conditioning_dim: int,
        voice_dim: int,
        wide: WideNetwork,
    ) -> None:
        super().__init__(config, mels, conditioning_dim, voice_dim)
        self.guidance = _guidance_network(voice_dim) if wide.guided else None
        self.velocity_output = nn.Linear(config.dim, config.patch * mels) if wide.headed else None
        self.velocity_gain = SkipGain(config.dim, mels) if wide.headed else None

    def begin_as(self, plain: Decoder) -> None:
        """Take the weights of a plain decoder, its last layers also for the head."""
        self.load_state_dict(plain.state_dict(), strict=False)
        if self.velocity_output is not None and self.velocity_gain is not None:
            self.velocity_output.load_state_dict(plain.output.state_dict())
            self.velocity_gain.load_state_dict(plain.skip_gain.state_dict())

    def shift(self, guidance: GuidanceInput) -> Float[Tensor, "batch voice"]:
        """What the guidance adds to the vectors of the voices."""
        assert self.guidance is not None
        # half precision would round times
        with torch.autocast(guidance.scale.device.type, enabled=False):
            shift: Tensor = self.guidance(guidance.features())
        return shift

    def forward(
        self, conditioning: Conditioning, x: Mel, s: Time, t: Time, head: bool = False
    ) -> Mel:
        """The average velocity of a jump, or with `head` the velocity at `s`, by the head.

        Args:
            conditioning: of each frame and of the voice; `GuidedConditioning` for guidance.
            x: the state at `s`, a normalised mel.
            s: where the jump begins, 0 to 1.
            t: where it ends, from `s` to 1.
            head: use the head for the velocity.

        Returns:
            The velocity, in the state's dtype.
        """
        if self.guidance is not None and isinstance(conditioning, GuidedConditioning):
            voice = conditioning.voice + self.shift(conditioning.guidance)
            conditioning = Conditioning(conditioning.features, voice, conditioning.mask)
        inner, modulation = self.trunk(conditioning, x, s, t)
        if head and self.velocity_output is not None and self.velocity_gain is not None:
            return read_velocity(inner, x, self.velocity_output) + self.velocity_gain(x, modulation)
        return read_velocity(inner, x, self.output) + self.skip_gain(x, modulation)


@dataclass(frozen=True)
class WideFlowMap(FlowMap):
    """A flow map whose velocity is the answer of its own, not that of a jump of no length.

    Args:
        network: gives the average velocity.
        head: gives the velocity, from the state and its time.
    """

    head: Callable[[Tensor, Tensor], Tensor]

    def velocity(self, x: Mel, t: Time) -> Mel:
        """The velocity at `t`, by the head."""
        return self.head(x, t)


class WideAcousticModel(AcousticModel):
    """An acoustic model whose mel decoder is a `WideDecoder`.

    Its state has the keys of the plain model and those of the wide decoder.

    Args:
        config: of the plain model.
        wide: what the decoder has beside the plain one.
    """

    def __init__(self, config: ModelConfig, wide: WideNetwork) -> None:
        super().__init__(config)
        bands, dim = config.mel.bands, config.encoder.dim
        plain = self.decoder
        self.wide = wide
        self.decoder: WideDecoder = WideDecoder(
            config.decoder, bands, bands + dim, config.voice_dim, wide
        )
        self.decoder.begin_as(plain)

    @classmethod
    def widened(cls, model: AcousticModel, wide: WideNetwork) -> "WideAcousticModel":
        """A wide model that begins as a plain one, in its mode."""
        with torch.random.fork_rng(devices=[]):  # weights that are replaced at once
            widened = cls(model.config, wide)
        widened.load_state_dict(model.state_dict(), strict=False)
        widened.decoder.begin_as(model.decoder)
        return widened.train(model.training)

    def mel_map(
        self,
        conditioning: Float[Tensor, "batch frames dim"],
        voice: Float[Tensor, "batch voice"],
        mask: Bool[Tensor, "batch frames"],
        guidance: GuidanceInput | None = None,
    ) -> FlowMap:
        """The flow map from noise to the normalised mel, with its conditioning bound.

        Args:
            conditioning: of each frame, from `condition`.
            voice: the vector of each item's voice.
            mask: true for real frames.
            guidance: of each item; none if None.
        """
        guidance = guidance or GuidanceInput.fixed(1.0, Guidance(), voice)
        bound = GuidedConditioning(conditioning, voice, mask, guidance)

        def velocity(x: Mel, t: Time) -> Mel:
            return self.decoder(bound.at(t), x, t, t.clone(), head=True)

        return WideFlowMap(partial(self.decoder, bound), velocity)

    @torch.no_grad()
    def folded(self, scale: float, guidance: Guidance) -> AcousticModel:
        """The plain model of one guidance, in evaluation mode.

        Args:
            scale: of the guidance; unused if the guidance is no input.
            guidance: gives the times at which it holds.
        """
        with torch.random.fork_rng(devices=[]):
            plain = AcousticModel(self.config).to(self.mel_mean)
        own = self.state_dict()
        plain.load_state_dict({name: own[name] for name in plain.state_dict()})
        if self.wide.guided:
            layer = plain.decoder.modulation.voice
            one = GuidanceInput.fixed(scale, guidance, self.voices.weight[:1])
            layer.bias += layer.weight @ self.decoder.shift(one)[0]
        return plain.eval()


def _guidance_network(voice_dim: int) -> nn.Sequential:
    """From the features of a guidance to what it adds to a voice: at first, nothing."""
    network = nn.Sequential(
        nn.Linear(3, GUIDANCE_DIM), nn.SiLU(), nn.Linear(GUIDANCE_DIM, voice_dim)
    )
    nn.init.zeros_(network[-1].get_parameter("weight"))
    nn.init.zeros_(network[-1].get_parameter("bias"))
    return network
