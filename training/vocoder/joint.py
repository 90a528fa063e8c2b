"""Mel decoder and vocoder as one generator of waveforms, and its losses.

It is trained end to end as JETS is (arXiv 2203.16852), with the recordings' own durations and
prosody. The features between the networks remain mels, since the vocoder also copies recordings.
"""

from math import lcm
from pathlib import Path

from jaxtyping import Bool, Float
from torch import Tensor, nn

from tts.acoustic.model import AcousticModel
from tts.torch_checkpoint import load_checkpoint, load_vocoder
from tts.vocoder.model import Vocoder

from ..acoustic.losses import encode_batch
from ..config import JointRun
from ..data.dataset import FeatureBatch
from ..loop.state import read_state
from .discriminators import DiscriminatorOutput, Discriminators
from .losses import Losses, generator_losses, spectral_losses

CRITICS = "critics."


class EndToEnd(nn.Module):
    """An acoustic model and the vocoder of its mels, as one generator.

    `grid` is the least number of frames that is a whole number of patches for both networks.

    Args:
        acoustic: the acoustic model.
        vocoder: the vocoder, with the same mel configuration.

    Raises:
        ValueError: the mel configurations differ.
    """

    def __init__(self, acoustic: AcousticModel, vocoder: Vocoder) -> None:
        super().__init__()
        if acoustic.config.mel != vocoder.config.mel:
            raise ValueError(
                f"mels of acoustic model and vocoder differ: {acoustic.config.mel} and "
                f"{vocoder.config.mel}; give two that agree"
            )
        self.acoustic, self.vocoder = acoustic, vocoder
        self.grid = lcm(acoustic.decoder.patch, vocoder.config.patch)

    @classmethod
    def load(cls, run: JointRun) -> "EndToEnd":
        """Load the two checkpoints that a run starts from."""
        assert run.start is not None, "checked by the run"
        return cls(load_checkpoint(Path(run.start), AcousticModel), load_vocoder(run.vocoder))

    def blank(self) -> "EndToEnd":
        """New models of the same sizes, to load other weights into."""
        return EndToEnd(AcousticModel(self.acoustic.config), Vocoder(self.vocoder.config))

    def frames(
        self, features: FeatureBatch, noise: Float[Tensor, "batch frames mels"]
    ) -> Float[Tensor, "batch frames mels"]:
        """Normalised mels in one jump from noise, with the durations and prosody of the clips."""
        given = encode_batch(self.acoustic, features)
        flow = self.acoustic.mel_map(given.conditioning, given.voice, features.frame_mask)
        return flow.sample(noise, 1)

    def log_mel(
        self, frames: Float[Tensor, "batch frames mels"], mask: Bool[Tensor, "batch frames"]
    ) -> Float[Tensor, "batch frames mels"]:
        """The vocoder's input from normalised mels; frames beyond a clip are silent."""
        silence = self.acoustic.config.mel.floor
        return self.acoustic.denormalise(frames).where(mask[..., None], silence)


def frame_loss(
    frames: Float[Tensor, "batch frames mels"],
    others: Float[Tensor, "batch frames mels"],
    scored: Bool[Tensor, "batch frames"],
) -> Float[Tensor, ""]:
    """Mean L1 distance of two normalised mels over the frames that are scored."""
    gaps = (frames - others).abs().mean(dim=2)
    return (gaps * scored).sum() / scored.sum().clamp(min=1)


def waveform_losses(
    made: tuple[Float[Tensor, "batch samples"], list[DiscriminatorOutput]],
    real: tuple[Float[Tensor, "batch samples"], list[DiscriminatorOutput]],
    rows: slice,
    sample_rate: int,
) -> Losses:
    """Spectral and adversarial losses of some crops of a batch.

    Args:
        made: generated audio, and the discriminators' outputs for it.
        real: the recordings, and the discriminators' outputs for them.
        rows: the crops.
        sample_rate: in Hz.
    """
    (copy, copy_verdicts), (recording, verdicts) = made, real
    fooling = generator_losses(_of(rows, copy_verdicts), _of(rows, verdicts))
    return spectral_losses(copy[rows], recording[rows], sample_rate) | fooling


def repulsive_term(
    frames: Float[Tensor, "batch frames mels"],
    scored: Bool[Tensor, "batch frames"],
    audio: Float[Tensor, "batch samples"],
    recording: Float[Tensor, "batch samples"],
    sample_rate: int,
) -> Losses:
    """Half the distances between the first and the second draws of all crops.

    A distance to the recording minus this term is the energy score of two draws (arXiv 2008.01160,
    equation 4). It is least for draws that spread as recordings do, where the distance alone is
    least for one point in their middle.

    Args:
        frames: normalised mels, all first draws before all second draws.
        scored: frames that count.
        audio: generated audio, in the same order.
        recording: the recordings, in the same order.
        sample_rate: in Hz.
    """
    (first, second), (real, _) = audio.chunk(2), recording.chunk(2)
    (one, other), (within, _) = frames.chunk(2), scored.chunk(2)
    found = spectral_losses(first, second, sample_rate, size=real)
    found["frames"] = frame_loss(one, other, within)
    return {name: value / 2 for name, value in found.items()}


def _of(rows: slice, verdicts: list[DiscriminatorOutput]) -> list[DiscriminatorOutput]:
    """The outputs of discriminators for some crops of a batch."""
    return [(score[rows], [layer[rows] for layer in layers]) for score, layers in verdicts]


def load_critics(critics: Discriminators, path: Path) -> None:
    """Load the discriminators' weights from the state of another run.

    Args:
        critics: discriminators of the same kinds and sizes.
        path: the `state.pt` of a run with discriminators.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it has no discriminators, or other ones.
    """
    saved = read_state(path)["model"]
    own = {
        name.removeprefix(CRITICS): weight
        for name, weight in saved.items()
        if name.startswith(CRITICS)
    }
    try:
        critics.load_state_dict(own)
    except RuntimeError as error:
        raise ValueError(
            f"discriminators of {path} differ from those of the run; give the state of a run with "
            "the same"
        ) from error
