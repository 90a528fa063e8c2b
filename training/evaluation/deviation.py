"""The deviation ratio: whether generated mels vary as much as recorded ones.

For each band it is std(generated - m) / std(recorded - m) over speech frames, where m is the
teacher's one-step output, the conditional mean. Durations and prosody are the recordings' own, and
the temperature is 1. It is 0 for a map that gives the mean, and 1 for a right one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Bool
from torch import Tensor

from tts.acoustic.flow import FlowMap, Mel
from tts.acoustic.model import AcousticModel
from tts.noise import noise
from tts.text.pronounce.symbols import END, START, PhonemeTokenizer

from ..acoustic.losses import encode_batch
from ..data.dataset import FeatureDataset, Selection, is_pause
from ..data.statistics import Statistics
from ..loop.start import with_voices

DRAWS = 4  # noises over which the conditional mean is averaged; chosen by hand
GENERATED, AVERAGED = 0, 1  # keys of the two kinds of noise


@dataclass(frozen=True, kw_only=True)
class ReferenceClip:
    """A recording with what its deviation ratio needs.

    Args:
        seed: of its noise.
        flow: the mel map, conditioned on the recording's text, durations and prosody.
        mean: conditional mean of its normalised mel.
        recorded: its normalised mel.
        speech: true for frames of speech, not of pauses.
    """

    seed: int
    flow: FlowMap
    mean: Mel
    recorded: Mel
    speech: Bool[Tensor, " frames"]

    def generate(self, steps: int, *, midpoint: bool = False) -> Mel:
        """The mel generated at temperature 1, by jumps or by midpoint steps of the velocity."""
        start = _noise((self.seed, GENERATED), self.recorded)
        if midpoint:
            return self.flow.integrate(start, steps, midpoint=True)
        return self.flow.sample(start, steps)


@dataclass(frozen=True, kw_only=True, slots=True)
class Deviation:
    """Ratios over bands: the median, the one nearest to 1, and the one furthest from 1."""

    median: float
    best: float
    worst: float


@torch.no_grad()
def deviation(clips: Sequence[ReferenceClip], steps: int, *, midpoint: bool = False) -> Deviation:
    """The deviation ratio over the speech frames of all clips."""
    made = [clip.generate(steps, midpoint=midpoint) for clip in clips]
    generated = torch.cat([(m - c.mean)[0, c.speech] for m, c in zip(made, clips, strict=True)])
    recorded = torch.cat([(c.recorded - c.mean)[0, c.speech] for c in clips])
    ratios = generated.std(dim=0) / recorded.std(dim=0)
    ordered = ratios[ratios.log().abs().argsort()]
    return Deviation(
        median=float(ratios.median()), best=float(ordered[0]), worst=float(ordered[-1])
    )


def conditional_mean(teacher: FlowMap, like: Mel, seed: int) -> Mel:
    """The conditional mean of a mel: one Euler step of the teacher's velocity from noise.

    For an exact teacher it does not depend on the noise; for a real one, several are averaged.
    """
    draws = [teacher.integrate(_noise((seed, AVERAGED, draw), like), 1) for draw in range(DRAWS)]
    return torch.stack(draws).mean(dim=0)


def _noise(seed: tuple[int, ...], like: Mel) -> Mel:
    """Noise of the shape of a mel."""
    return torch.from_numpy(noise(seed, 0, like.shape[1], like.shape[2]))[None]


@torch.no_grad()
def prepare_clips(
    model: AcousticModel,
    teacher: AcousticModel,
    features: Path,
    limit: int | None = None,
    conventions: tuple[str, ...] = (),
) -> list[ReferenceClip]:
    """Prepare clips of a folder of features.

    Args:
        model: the model to measure.
        teacher: the model whose conditional mean is used.
        features: folder of features of a set.
        limit: most clips, spread evenly; all if None.
        conventions: phoneme conventions of the clips; any if empty.

    Raises:
        FileNotFoundError: there are no features.
        ValueError: they are damaged, or the two models have other symbols or statistics.
    """
    teacher = with_voices(teacher, model.config.voices)
    if other := differences(model, teacher):
        raise ValueError(
            f"teacher and model differ in {', '.join(other)}; name the teacher that the model "
            "was trained by"
        )
    symbols = PhonemeTokenizer(inventory=model.config.symbols)
    known = Selection(conventions=conventions)
    corpus = FeatureDataset([features], symbols, model.config.voices, Statistics.of(model), known)
    every = -(-len(corpus.clips) // limit) if limit else 1
    return [_hold(model, teacher, corpus, index) for index in range(0, len(corpus.clips), every)]


def differences(model: AcousticModel, teacher: AcousticModel) -> list[str]:
    """The names of settings that a teacher and its student must share and these two do not."""
    pairs = {
        name: (getattr(model.config, name), getattr(teacher.config, name))
        for name in ("symbols", "convention", "mel")
    }
    names = [name for name, (ours, theirs) in pairs.items() if ours != theirs]
    ours, theirs = Statistics.of(model), Statistics.of(teacher)
    for name in ("mel_mean", "mel_deviation", "prosody_mean", "prosody_deviation"):
        if not torch.allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-3, atol=1e-3):
            names.append(name.replace("_", " "))
    return names


def _hold(
    model: AcousticModel, teacher: AcousticModel, corpus: FeatureDataset, index: int
) -> ReferenceClip:
    clip, middle = corpus.clips[index], torch.full((1, corpus.tokens.shape[1]), 0.5)
    frames = int(corpus.lengths[index])
    batch = corpus.assemble(torch.tensor([index]), torch.tensor([0]), frames, middle)
    student, guide = encode_batch(model, batch), encode_batch(teacher, batch)
    guiding = teacher.mel_map(guide.conditioning, guide.voice, batch.frame_mask)
    sounding = torch.tensor([not is_pause(s) and s not in START + END for s in clip.symbols])
    return ReferenceClip(
        seed=index,
        flow=model.mel_map(student.conditioning, student.voice, batch.frame_mask),
        mean=conditional_mean(guiding, batch.mel, index),
        recorded=batch.mel,
        speech=sounding.repeat_interleave(torch.tensor(clip.durations)),
    )
