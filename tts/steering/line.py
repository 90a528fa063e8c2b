"""The mel of an utterance as a differentiable function of its noise."""

from dataclasses import dataclass

import numpy as np
import torch

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
        ValueError: the runtime is not PyTorch, or the delivery has no noise.
    """

    plan: UtterancePlan
    delivery: Delivery

    def __post_init__(self) -> None:
        if not isinstance(self.plan.runtime, TorchRuntime):
            raise ValueError("steering needs PyTorch; load the voices by load(runtime='torch')")
        if not self.delivery.temperature > 0:
            raise ValueError(
                "steering changes the noise of a line, and there is none at temperature 0; give a "
                "temperature such as 0.6"
            )

    @property
    def model(self) -> AcousticModel:
        """The acoustic model, with the weights of the voice."""
        runtime = self.plan.runtime
        assert isinstance(runtime, TorchRuntime), "checked when the line was made"
        return runtime.acoustic

    def noise(self, copies: int = 1) -> Mel:
        """The noise of the mel.

        Args:
            copies: how many renditions; the first one's noise is that of plain speech.

        Returns:
            Normal numbers whose standard deviation is the temperature of the delivery.
        """
        frames, bands = self.plan.frames, self.model.config.mel.bands
        # a further number makes the sequence another one
        seeds = [self.plan.seed, *((*self.plan.seed, index) for index in range(1, copies))]
        drawn = np.stack([noise(seed, 0, frames, bands) for seed in seeds])
        return self.delivery.temperature * torch.from_numpy(drawn).to(self.model.mel_mean.device)

    def generator(self) -> torch.Generator:
        """Random numbers of the line, on the CPU, always the same."""
        seed = np.random.SeedSequence(self.plan.seed).generate_state(1, np.uint64)
        return torch.Generator().manual_seed(int(seed[0] >> 1))

    def flow(self, copies: int = 1) -> FlowMap:
        """The map from noise to normalised mels, for a batch of `copies` renditions."""
        model, plan = self.model, self.plan
        parts = (*vars(plan.tokens).values(), plan.token, plan.position)
        hidden, prosody, voice, token, position = (
            torch.from_numpy(np.ascontiguousarray(part))[None].to(model.mel_mean.device)
            for part in parts
        )
        with torch.no_grad():
            repeated = model.embed_prosody(hidden, prosody)[:, token[0]]
            conditioning = model.condition_frames(repeated, position)
        mask = torch.ones_like(token, dtype=torch.bool)
        return model.mel_map(
            *(part.expand(copies, *part.shape[1:]) for part in (conditioning, voice, mask))
        )

    def of_states(self, reward: Reward) -> Reward:
        """A reward of log-mels as a reward of the map's states at time 1, normalised mels."""

        def rewarded(states: Mel) -> Rewards:
            return reward(self.model.denormalise(states))

        return rewarded

    @torch.no_grad()
    def mel(self, noise: Mel) -> LogMel:
        """The log-mels of noise, by as many jumps as the delivery has steps."""
        return self.model.denormalise(self.flow(len(noise)).sample(noise, self.delivery.steps))
