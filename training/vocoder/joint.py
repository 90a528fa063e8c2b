"""Mel decoder and vocoder as one generator of waveforms, and the losses of what it makes.

End to end as JETS is (arXiv 2203.16852), with the recordings' own durations and prosody; but the
mel between the two networks stays a mel, for copies of recordings are made from theirs as well.
"""

from math import lcm
from pathlib import Path

from jaxtyping import Bool, Float
from torch import Tensor, nn

from tts.acoustic.model import AcousticModel
from tts.checkpoint import load_checkpoint, load_vocoder
from tts.vocoder.model import Vocoder

from ..acoustic.losses import encode_batch
from ..config import JointRun
from ..data.dataset import FeatureBatch
from ..loop.state import read_state
from .discriminators import DiscriminatorOutput, Discriminators
from .losses import Losses, generator_losses, spectral_losses

CRITICS = "critics."


class EndToEnd(nn.Module):
    """An acoustic model, and the vocoder that its mels are for.

    `grid` is how many frames both networks take as one, at most.
    """

    def __init__(self, acoustic: AcousticModel, vocoder: Vocoder) -> None:
        super().__init__()
        if acoustic.config.mel != vocoder.config.mel:
            raise ValueError(
                f"the acoustic model makes {acoustic.config.mel} and the vocoder takes "
                f"{vocoder.config.mel}; give two that agree"
            )
        self.acoustic, self.vocoder = acoustic, vocoder
        self.grid = lcm(acoustic.decoder.patch, vocoder.config.patch)

    @classmethod
    def load(cls, run: JointRun) -> "EndToEnd":
        """The two checkpoints that a run begins from."""
        assert run.start is not None, "a run says where it starts"
        return cls(load_checkpoint(Path(run.start), AcousticModel), load_vocoder(run.vocoder))

    def blank(self) -> "EndToEnd":
        """Models of the same sizes, to be given other weights."""
        return EndToEnd(AcousticModel(self.acoustic.config), Vocoder(self.vocoder.config))

    def frames(
        self, features: FeatureBatch, noise: Float[Tensor, "batch frames mels"]
    ) -> Float[Tensor, "batch frames mels"]:
        """Normalised mels, by one jump from noise, with the durations and prosody of clips."""
        given = encode_batch(self.acoustic, features)
        flow = self.acoustic.mel_map(given.conditioning, given.voice, features.frame_mask)
        return flow.sample(noise, 1)

    def log_mel(
        self, frames: Float[Tensor, "batch frames mels"], mask: Bool[Tensor, "batch frames"]
    ) -> Float[Tensor, "batch frames mels"]:
        """What the vocoder is given of normalised mels; beyond a clip there is silence."""
        silence = self.acoustic.config.mel.floor
        return self.acoustic.denormalise(frames).where(mask[..., None], silence)


def frame_loss(
    frames: Float[Tensor, "batch frames mels"],
    others: Float[Tensor, "batch frames mels"],
    scored: Bool[Tensor, "batch frames"],
) -> Float[Tensor, ""]:
    """L1 distance of normalised mels from others, over frames that are scored."""
    gaps = (frames - others).abs().mean(dim=2)
    return (gaps * scored).sum() / scored.sum().clamp(min=1)


def waveform_losses(
    made: tuple[Float[Tensor, "batch samples"], list[DiscriminatorOutput]],
    real: tuple[Float[Tensor, "batch samples"], list[DiscriminatorOutput]],
    rows: slice,
    sample_rate: int,
) -> Losses:
    """What the generator is to lower of some of the crops, each side with its verdicts."""
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
    """Half the distances of first draws from second ones, which a batch has after the first.

    A loss less its half is the energy score of two draws (arXiv 2008.01160, equation 4): a distance
    alone is least for one sound between all that could be right, this for all of them.
    """
    (first, second), (real, _) = audio.chunk(2), recording.chunk(2)
    (one, other), (within, _) = frames.chunk(2), scored.chunk(2)
    found = spectral_losses(first, second, sample_rate, size=real)
    found["frames"] = frame_loss(one, other, within)
    return {name: value / 2 for name, value in found.items()}


def _of(rows: slice, verdicts: list[DiscriminatorOutput]) -> list[DiscriminatorOutput]:
    """Verdicts of some crops of a batch."""
    return [(score[rows], [layer[rows] for layer in layers]) for score, layers in verdicts]


def load_critics(critics: Discriminators, path: Path) -> None:
    """Give discriminators the weights that those of another run had when it was saved.

    Args:
        critics: discriminators of the same kinds and sizes.
        path: the `state.pt` of a run with discriminators.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it holds no discriminators, or others.
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
            f"{path} holds other discriminators than the run has; give the state of a run with "
            "the same"
        ) from error
