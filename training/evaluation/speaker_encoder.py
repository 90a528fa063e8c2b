"""The speaker encoder of GE2E (arXiv 1710.10467), with the weights of the package resemblyzer.

Only the weights are read; neither the package's code nor its voice activity detector runs. The
constants are those that the weights were trained with.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from tts.audio import Audio
from tts.metrics import METRICS_SAMPLE_RATE, require

WINDOW, HOP, BANDS = METRICS_SAMPLE_RATE // 40, METRICS_SAMPLE_RATE // 100, 40
DIM, DEPTH = 256, 3
PARTIAL, PARTIALS_A_SECOND, COVERAGE = 160, 1.3, 0.75

Embedding = Float[np.ndarray, " dim"]


class SpeakerEncoder(nn.Module):
    """LSTM from power mels of 1.6 s at 16 kHz to unit vectors that are close for one speaker."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(BANDS, DIM, DEPTH, batch_first=True)
        self.linear = nn.Linear(DIM, DIM)

    def forward(self, mel: Float[Tensor, "batch frames bands"]) -> Float[Tensor, "batch dim"]:
        _, (hidden, _) = self.lstm(mel)
        return F.normalize(F.relu(self.linear(hidden[-1])), dim=1)

    @torch.no_grad()
    def embed(self, audio: Audio) -> Embedding:
        """The embedding of audio at 16 kHz: the normalised mean over overlapping windows."""
        starts = partials(len(audio))
        padded = np.pad(audio, (0, max(0, (starts[-1] + PARTIAL) * HOP - len(audio))))
        mel = torch.from_numpy(power_mel(padded))
        parts = self(torch.stack([mel[start : start + PARTIAL] for start in starts]))
        return F.normalize(parts.mean(dim=0), dim=0).numpy()


def load_speaker_encoder() -> SpeakerEncoder:
    """Load the encoder with the weights of resemblyzer.

    Raises:
        ModuleNotFoundError: resemblyzer is not installed.
    """
    package = find_spec("resemblyzer")
    if package is None or package.origin is None:
        raise ModuleNotFoundError(
            "speaker similarity needs resemblyzer; "
            "install it with pip install --no-deps resemblyzer"
        )
    path = Path(package.origin).with_name("pretrained.pt")
    weights = torch.load(path, map_location="cpu", weights_only=True)["model_state"]
    encoder = SpeakerEncoder()
    encoder.load_state_dict({name: weights[name] for name in encoder.state_dict()})
    return encoder.eval()


def partials(samples: int) -> list[int]:
    """First frames of the windows; a last one less than `COVERAGE` filled is left out."""
    frames = -(-(samples + 1) // HOP)
    step = round(METRICS_SAMPLE_RATE / PARTIALS_A_SECOND / HOP)
    starts = list(range(0, max(1, frames - PARTIAL + step + 1), step))
    covered = (samples - starts[-1] * HOP) / (PARTIAL * HOP)
    return starts[:-1] if covered < COVERAGE and len(starts) > 1 else starts


def power_mel(audio: Audio) -> Float[np.ndarray, "frames bands"]:
    """The power mel spectrogram that the encoder takes, on a linear scale."""
    mel = require("librosa").feature.melspectrogram(
        y=audio, sr=METRICS_SAMPLE_RATE, n_fft=WINDOW, hop_length=HOP, n_mels=BANDS
    )
    return np.ascontiguousarray(mel.T, dtype=np.float32)


def mean_direction(embeddings: list[Embedding]) -> Embedding:
    """The normalised mean of embeddings."""
    mean = np.mean(embeddings, axis=0)
    return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)
