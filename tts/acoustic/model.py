"""The acoustic model: text encoder, prosody map, mel map and statistics in one module.

Tokens are encoded; the prosody map draws length, pitch and energy of each; the hidden vectors are
repeated for as many frames as the tokens last; the mel map draws the frames.
"""

from functools import partial

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from tts.acoustic.alignment import (
    position_features,
    regulate_length,
    sequence_mask,
)
from tts.acoustic.decoder import Decoder
from tts.acoustic.encoder import TextEncoder
from tts.acoustic.flow import FlowMap
from tts.acoustic.layers import Conditioning, precise
from tts.acoustic.prosody import ENERGY, PITCH, PauseNetwork, ProsodyNetwork, ProsodyState
from tts.config import ModelConfig
from tts.network_constants import POSITION_FEATURES
from tts.tensor_names import keep_keys

INITIAL_LOG_F0 = (5.0, 0.2)  # mean (148 Hz) and deviation of a voice, until its data is measured


class AcousticModel(nn.Module):
    """Mel-spectrograms from tokens and a voice, by two flow maps.

    Weights and buffers are in single precision; in checkpoints, weights are in half precision.
    Calls do not change the module, so threads may share one in `eval` mode.

    Attributes:
        mel_mean: mean of the log-mel of the training set, over frames and bands.
        mel_deviation: its standard deviation.
        prosody_mean: mean of log length (frames), of pitch (0) and of energy (dB).
        prosody_deviation: their standard deviations.
        pitch: `voices 2`, mean and deviation of each voice's log-F0.
        peak_level: `voices`, each voice's peak level in dB, which energies are relative to.
    """

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
        """Buffers for the means and deviations of the training set, which training fills in."""
        self.register_buffer("mel_mean", torch.tensor(0.0))
        self.register_buffer("mel_deviation", torch.tensor(1.0))
        self.register_buffer("prosody_mean", torch.zeros(3))
        self.register_buffer("prosody_deviation", torch.ones(3))
        self.register_buffer(
            "pitch", torch.tensor(INITIAL_LOG_F0).repeat(len(self.config.voices), 1)
        )
        self.register_buffer("peak_level", torch.zeros(len(self.config.voices)))

    def prosody_map(
        self,
        hidden: Float[Tensor, "batch text dim"],
        has_duration: Bool[Tensor, "batch text"],
        voice: Float[Tensor, "batch voice"],
        mask: Bool[Tensor, "batch text"],
    ) -> FlowMap:
        """The flow map from noise to prosody, with its conditioning bound.

        Args:
            hidden: from the encoder.
            has_duration: true for tokens that last; stress marks and silent spaces do not.
            voice: the vector of each item's voice.
            mask: true for real tokens.
        """
        features = torch.cat([hidden, has_duration[..., None].to(hidden)], dim=2)
        return FlowMap(partial(self.prosody, Conditioning(features, voice, mask)))

    def mel_map(
        self,
        conditioning: Float[Tensor, "batch frames dim"],
        voice: Float[Tensor, "batch voice"],
        mask: Bool[Tensor, "batch frames"],
    ) -> FlowMap:
        """The flow map from noise to the normalised mel, with its conditioning bound.

        Args:
            conditioning: of each frame, from `condition`.
            voice: the vector of each item's voice.
            mask: true for real frames.
        """
        return FlowMap(partial(self.decoder, Conditioning(conditioning, voice, mask)))

    def condition(
        self,
        hidden: Float[Tensor, "batch text dim"],
        prosody: ProsodyState,
        durations: Int[Tensor, "batch text"],
        frames: Int[Tensor, "batch frames"],
    ) -> Float[Tensor, "batch frames conditioning"]:
        """The conditioning of the mel map: the expected mel of each frame, and its hidden vector.

        The expected mel is trained by a regression loss, as the prior of Matcha-TTS (arXiv
        2309.03199).

        Args:
            hidden: from the encoder.
            prosody: normalised; only pitch and energy are used.
            durations: frames of each token.
            frames: numbers of the frames that are asked for, from the start of the utterance.

        Returns:
            `bands + dim` features of each frame; zero past the end.
        """
        tokens = self.embed_prosody(hidden, prosody)
        repeated = regulate_length(tokens, durations, frames)
        position = position_features(durations, frames).to(repeated)
        real = sequence_mask(durations.sum(dim=1), frames)[..., None]
        return self.condition_frames(repeated, position) * real

    def embed_prosody(
        self, hidden: Float[Tensor, "batch text dim"], prosody: ProsodyState
    ) -> Float[Tensor, "batch text dim"]:
        """Hidden vectors that know the pitch and the energy of their tokens."""
        return hidden + self.prosody_embedding(prosody[..., [PITCH, ENERGY]].to(hidden))

    def condition_frames(
        self,
        repeated: Float[Tensor, "batch frames dim"],
        position: Float[Tensor, "batch frames features"],
    ) -> Float[Tensor, "batch frames conditioning"]:
        """The conditioning of frames, from their tokens' vectors and their place in them."""
        repeated = repeated + self.position_mlp(torch.cat([repeated, position], dim=2))
        return torch.cat([self.mean(repeated), repeated], dim=2)

    def pause_logits(
        self, hidden: Float[Tensor, "batch text dim"], mask: Bool[Tensor, "batch text"]
    ) -> Float[Tensor, "batch text"]:
        """The logit of the probability that each token lasts, if it is a space or punctuation."""
        local = isinstance(self.pause, nn.Linear)
        logits: Tensor = self.pause(hidden) if local else self.pause(hidden, mask)
        return precise(logits[..., 0])

    def pauses(
        self, hidden: Float[Tensor, "batch text dim"], mask: Bool[Tensor, "batch text"]
    ) -> Float[Tensor, "batch text"]:
        """The probability that each token lasts, if it is a space or punctuation."""
        return F.sigmoid(self.pause_logits(hidden, mask))

    def denormalise(
        self, mel: Float[Tensor, "batch frames mels"]
    ) -> Float[Tensor, "batch frames mels"]:
        """The log-mel of a normalised mel, floored as the training data is."""
        return (mel * self.mel_deviation + self.mel_mean).clamp(min=self.config.mel.floor)
