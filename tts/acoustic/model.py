"""The acoustic model: encoder, prosody map, mel map and statistics, as one module."""

from functools import partial
from math import log

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from tts.acoustic.alignment import (
    POSITION_FEATURES,
    position_features,
    regulate_length,
    sequence_mask,
)
from tts.acoustic.decoder import Decoder
from tts.acoustic.encoder import TextEncoder
from tts.acoustic.flow import FlowMap
from tts.acoustic.layers import Conditioning
from tts.acoustic.prosody import ENERGY, LENGTH, PITCH, PauseNetwork, ProsodyNetwork, ProsodyState
from tts.config import ModelConfig
from tts.tensor_names import keep_keys

SEMITONE_LOG_F0 = log(2) / 12  # in log-F0
MAX_MEAN_SYMBOL_FRAMES = 1000  # frames of a symbol, in the mean: what is above would be a fault


class AcousticModel(nn.Module):
    """Tokens and a voice to a mel-spectrogram, by two flow maps."""

    mel_mean: Tensor
    mel_deviation: Tensor
    prosody_mean: Tensor
    prosody_deviation: Tensor
    pitch: Tensor
    peak_level: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        keep_keys(self)
        dim, bands = config.encoder.dim, config.mel.bands
        self.config = config
        self.voices = nn.Embedding(len(config.voices), config.voice_dim)
        self.encoder = TextEncoder(config.encoder, len(config.symbols), config.voice_dim)
        self.pause = (
            PauseNetwork(config.prosody, dim) if config.prosody.pause_depth else nn.Linear(dim, 1)
        )
        self.prosody = ProsodyNetwork(config.prosody, dim + 1, config.voice_dim)
        self.prosody_embedding = nn.Linear(2, dim)
        self.position_mlp = nn.Sequential(
            nn.Linear(dim + POSITION_FEATURES, dim),
            nn.GELU(approximate="tanh"),
            nn.Linear(dim, dim),
        )
        self.mean = nn.Linear(dim, bands)
        self.decoder = Decoder(config.decoder, bands, bands + dim, config.voice_dim)
        self._statistics()

    def _statistics(self) -> None:
        """Means and deviations of the training set.

        A voice's own: the mean and deviation of its log-F0, and its peak level in dB.
        """
        self.register_buffer("mel_mean", torch.tensor(0.0))
        self.register_buffer("mel_deviation", torch.tensor(1.0))
        self.register_buffer("prosody_mean", torch.zeros(3))
        self.register_buffer("prosody_deviation", torch.ones(3))
        self.register_buffer("pitch", torch.tensor([5.0, 0.2]).repeat(len(self.config.voices), 1))
        self.register_buffer("peak_level", torch.zeros(len(self.config.voices)))

    @property
    def has_spread(self) -> bool:
        """Whether all deviations of the training set are above 0, as what divides must be."""
        deviations = (self.mel_deviation[None], self.prosody_deviation, self.pitch[:, 1])
        return bool((torch.cat(deviations) > 0).all())

    def prosody_map(
        self,
        hidden: Float[Tensor, "batch text dim"],
        has_duration: Bool[Tensor, "batch text"],
        voice: Float[Tensor, "batch voice"],
        mask: Bool[Tensor, "batch text"],
    ) -> FlowMap:
        """Noise to prosody, for these sentences."""
        known = torch.cat([hidden, has_duration[..., None].to(hidden)], dim=2)
        return FlowMap(partial(self.prosody, Conditioning(known, voice, mask)))

    def mel_map(
        self,
        conditioning: Float[Tensor, "batch frames dim"],
        voice: Float[Tensor, "batch voice"],
        mask: Bool[Tensor, "batch frames"],
    ) -> FlowMap:
        """Noise to normalised mel, for these frames."""
        return FlowMap(partial(self.decoder, Conditioning(conditioning, voice, mask)))

    def condition(
        self,
        hidden: Float[Tensor, "batch text dim"],
        prosody: ProsodyState,
        durations: Int[Tensor, "batch text"],
        frames: Int[Tensor, "batch frames"],
    ) -> Float[Tensor, "batch frames conditioning"]:
        """What the decoder is told of each frame: the expected mel, and its phone as it sounds."""
        sung = hidden + self.prosody_embedding(prosody[..., [PITCH, ENERGY]].to(hidden))
        held = regulate_length(sung, durations, frames)
        where = position_features(durations, frames).to(held)
        held = held + self.position_mlp(torch.cat([held, where], dim=2))
        known = sequence_mask(durations.sum(dim=1), frames)[..., None]
        return torch.cat([self.mean(held), held], dim=2) * known

    def shift_prosody(
        self,
        prosody: ProsodyState,
        shares: Float[Tensor, "batch voices"],
        pitch: Float[Tensor, "batch text"],
        energy: Float[Tensor, "batch text"],
    ) -> ProsodyState:
        """Prosody so many semitones higher and so many dB louder, token by token."""
        deviation = shares @ self.pitch[:, 1:]
        change = torch.zeros_like(prosody)
        change[..., PITCH] = pitch * SEMITONE_LOG_F0 / deviation
        change[..., ENERGY] = energy / self.prosody_deviation[ENERGY]
        return prosody + change

    def durations(
        self,
        prosody: ProsodyState,
        has_duration: Bool[Tensor, "batch text"],
        pace: float | Float[Tensor, "batch text"] = 1.0,
    ) -> Int[Tensor, "batch text"]:
        """Whole frames for each token, none lost to rounding; what lasts, lasts at least one.

        Raises:
            ValueError: they last no time that speech has, for weights are damaged.
        """
        log_length = prosody[..., LENGTH] * self.prosody_deviation[LENGTH]
        length = (log_length + self.prosody_mean[LENGTH]).exp() / pace
        if not bool((length * has_duration).sum() <= MAX_MEAN_SYMBOL_FRAMES * length.numel()):
            raise ValueError(
                f"the acoustic model predicts more than {MAX_MEAN_SYMBOL_FRAMES} frames a symbol; "
                "its checkpoint is damaged, download it or make it again"
            )
        ends = ((length.clamp(min=1) * has_duration).cumsum(dim=1) + 0.5).floor().long()
        return ends.diff(dim=1, prepend=torch.zeros_like(ends[:, :1]))

    def pause_logits(
        self, hidden: Float[Tensor, "batch text dim"], mask: Bool[Tensor, "batch text"]
    ) -> Float[Tensor, "batch text"]:
        """The logit that each token lasts, were it a space or punctuation."""
        local = isinstance(self.pause, nn.Linear)
        logits: Tensor = self.pause(hidden) if local else self.pause(hidden, mask)
        return logits[..., 0].float()

    def pauses(
        self, hidden: Float[Tensor, "batch text dim"], mask: Bool[Tensor, "batch text"]
    ) -> Float[Tensor, "batch text"]:
        """How likely each token is to last, were it a space or punctuation."""
        return F.sigmoid(self.pause_logits(hidden, mask))

    def denormalise(
        self, mel: Float[Tensor, "batch frames mels"]
    ) -> Float[Tensor, "batch frames mels"]:
        """Back to log-mel, never below the floor."""
        return (mel * self.mel_deviation + self.mel_mean).clamp(min=self.config.mel.floor)
