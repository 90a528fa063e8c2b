"""The mel of an utterance as a differentiable function of its noise."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float

from tts.acoustic.flow import FlowMap, Mel
from tts.acoustic.model import AcousticModel
from tts.delivery import Delivery
from tts.noise import noise
from tts.rendering import UtterancePlan
from tts.runtime.torch import TorchRuntime
from tts.steering.rewards import LogMel, Reward, Rewards


@dataclass(frozen=True)
class LineMap:
    """The mel map of a planned utterance; durations, pitch and energy are those of the plan.

    Args:
        plan: of the utterance, from `Synthesizer.plan`.
        delivery: how it is spoken.

    Raises:
        ValueError: the runtime is not PyTorch, or the noise of the delivery is zero.
    """

    plan: UtterancePlan
    delivery: Delivery

    def __post_init__(self) -> None:
        if not isinstance(self.plan.runtime, TorchRuntime):
            raise ValueError(
                "steering needs the gradients of PyTorch; load the voices with "
                "load(runtime='torch')"
            )
        if not self.delivery.temperature > 0:
            raise ValueError("steering changes the noise of a line; temperature must be above 0")

    @property
    def model(self) -> AcousticModel:
        runtime = self.plan.runtime
        assert isinstance(runtime, TorchRuntime), "checked when the line was made"
        return runtime.acoustic

    def noise(self, copies: int = 1) -> Float[np.ndarray, "copies frames mels"]:
        """The noise that the line is spoken with, and that of other seeds.

        Args:
            copies: how many; the first is that of plain speech.

        Returns:
            Normal numbers whose deviation is the temperature of the delivery.
        """
        frames, bands = self.plan.frames, self.model.config.mel.bands
        # a further number at the end of the seed makes another sequence
        seeds = [self.plan.seed, *((*self.plan.seed, index) for index in range(1, copies))]
        drawn = np.stack([noise(seed, 0, frames, bands) for seed in seeds])
        scaled: Float[np.ndarray, "copies frames mels"] = drawn * np.float32(
            self.delivery.temperature
        )
        return scaled

    def flow(self, copies: int = 1) -> FlowMap:
        """The map from noise to normalised mels, for a batch of `copies` renditions."""
        model, tokens = self.model, self.plan.tokens
        hidden, prosody, voice, token, position = (
            torch.from_numpy(np.ascontiguousarray(part))[None].to(model.mel_mean.device)
            for part in (
                tokens.hidden, tokens.prosody, tokens.voice, self.plan.token, self.plan.position
            )
        )  # fmt: skip
        with torch.no_grad():
            known = model.embed_prosody(hidden, prosody)[:, token[0]]
            conditioning = model.condition_frames(known, position)
        mask = torch.ones_like(token, dtype=torch.bool)
        each = (part.expand(copies, *part.shape[1:]) for part in (conditioning, voice, mask))
        return model.mel_map(*each)

    def reward(self, reward: Reward) -> Reward:
        """A reward of log-mels as one of the map's states at time 1."""

        def of_state(state: Mel) -> Rewards:
            return reward(self.model.denormalise(state))

        return of_state

    @torch.no_grad()
    def mel(self, noise: Float[np.ndarray, "copies frames mels"]) -> LogMel:
        """The log-mels of noise, by the jumps of the delivery."""
        start = torch.from_numpy(noise).to(self.model.mel_mean.device)
        return self.model.denormalise(self.flow(len(noise)).sample(start, self.delivery.steps))
