"""Measures of a mel map against recordings and against its teacher, without speech.

Durations and prosody are the recordings' own, so that the frames of a generated mel are those of
the recording. Distances are root mean squares over speech frames and bands, in units of the
deviation of recordings from their conditional mean: 0 is the same mel, 1 is as far as the mean is
from a recording, and two independent readings are 1.41 apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool
from torch import Tensor, nn

from tts.acoustic.flow import FlowMap, Mel
from tts.acoustic.layers import Conditioning
from tts.acoustic.model import AcousticModel
from tts.noise import noise
from tts.text.pronounce.symbols import END, START

from ..acoustic.losses import encode_batch
from ..data.dataset import FeatureDataset, is_pause
from ..evaluation.bootstrap import RESAMPLES, SEED
from ..evaluation.deviation import conditional_mean

SOLUTION_STEPS = 64  # of the midpoint method, for the teacher's solution
SPLITS = (0.25, 0.5, 0.75)  # times at which one jump is compared with two
MAP, SECOND = 0, 2  # keys of the noise; `deviation` has 1


@dataclass(frozen=True, kw_only=True)
class ReferenceMel:
    """A recording, and what maps are measured against.

    Args:
        conditioning: of the mel map, from the recording's text, durations and prosody.
        recorded: the normalised mel.
        mean: the teacher's conditional mean of it.
        solution: the teacher's velocity integrated from `draw(MAP)`.
        speech: true for frames of speech, not of pauses.
        seed: of its noise.
    """

    conditioning: Conditioning
    recorded: Mel
    mean: Mel
    solution: Mel
    speech: Bool[Tensor, " frames"]
    seed: int

    def draw(self, key: int) -> Mel:
        """Noise of the shape of the mel."""
        return _noise((self.seed, key), self.recorded)


@torch.no_grad()
def reference_mels(model: AcousticModel, corpus: FeatureDataset, limit: int) -> list[ReferenceMel]:
    """Clips of a corpus, spread evenly over it, with the solutions of the teacher.

    Args:
        model: the teacher; its encoder conditions all maps.
        corpus: the clips, with the statistics of the model.
        limit: most clips.
    """
    every = -(-len(corpus.clips) // limit)
    return [_reference(model, corpus, index) for index in range(0, len(corpus.clips), every)]


def _reference(model: AcousticModel, corpus: FeatureDataset, index: int) -> ReferenceMel:
    clip, middle = corpus.clips[index], torch.full((1, corpus.tokens.shape[1]), 0.5)
    frames = int(corpus.lengths[index])
    batch = corpus.assemble(torch.tensor([index]), torch.tensor([0]), frames, middle)
    found = encode_batch(model, batch)
    given = Conditioning(found.conditioning, found.voice, batch.frame_mask)
    teacher = FlowMap(partial(model.decoder, given))
    sounding = torch.tensor([not is_pause(s) and s not in START + END for s in clip.symbols])
    start = _noise((index, MAP), batch.mel)
    return ReferenceMel(
        conditioning=given,
        recorded=batch.mel,
        mean=conditional_mean(teacher, batch.mel, index),
        solution=teacher.integrate(start, SOLUTION_STEPS, midpoint=True),
        speech=sounding.repeat_interleave(torch.tensor(clip.durations)),
        seed=index,
    )


def _noise(seed: tuple[int, ...], like: Mel) -> Mel:
    return torch.from_numpy(noise(seed, 0, like.shape[1], like.shape[2]))[None]


@dataclass(frozen=True)
class Sampler:
    """A way to make mels from noise.

    Args:
        decoder: the network of the mel map.
        steps: jumps, or steps of the solver.
        midpoint: integrate the velocity by the midpoint method, in place of jumps.
        temperature: scale of the noise; 0 for a network that knows no noise.
    """

    decoder: nn.Module
    steps: int = 1
    midpoint: bool = False
    temperature: float = 1.0

    def mel(self, clip: ReferenceMel, key: int = MAP) -> Mel:
        """The mel of a clip from noise."""
        start = self.temperature * clip.draw(key)
        if self.midpoint:
            return self.flow(clip).integrate(start, self.steps, midpoint=True)
        return self.flow(clip).sample(start, self.steps)

    def flow(self, clip: ReferenceMel) -> FlowMap:
        """The mel map of a clip."""
        return FlowMap(partial(self.decoder, clip.conditioning))


@torch.no_grad()
def measure(sampler: Sampler, clips: Sequence[ReferenceMel]) -> dict[str, Any]:
    """Figures of a sampler on some clips, each with a 95 % bootstrap interval over the clips.

    Returns:
        By name, `value`, `low` and `high`, and a value of each `clips`' if it has any:
        `deviation`, the deviation ratio, median over bands (1 is right); `solution`, the distance
        to the teacher's solution from the same noise; `recorded`, that to the recording, which is
        least for the mean; `energy`, the energy score (arXiv 2008.01160) of frames, which is least
        for the right distribution; and for jumps `semigroup`, the mean distance of two jumps from
        one.
    """
    first = [sampler.mel(clip) for clip in clips]
    second = [sampler.mel(clip, SECOND) for clip in clips]
    unit = _deviation_of_recordings(clips)
    pairs = list(zip(first, clips, strict=True))
    triples = zip(first, second, clips, strict=True)
    figures = {
        "solution": [_distance(mel, clip.solution, clip) / unit for mel, clip in pairs],
        "recorded": [_distance(mel, clip.recorded, clip) / unit for mel, clip in pairs],
        "energy": [_energy(one, other, clip) / unit for one, other, clip in triples],
    }
    if sampler.steps == 1 and not sampler.midpoint and sampler.temperature:
        figures["semigroup"] = [_semigroup(sampler, mel, clip) / unit for mel, clip in pairs]
    found = {name: _mean(values) for name, values in figures.items()}
    return {"deviation": _deviation_ratio(first, clips), **found}


def _deviation_of_recordings(clips: Sequence[ReferenceMel]) -> float:
    squares = torch.cat([(clip.recorded - clip.mean)[0, clip.speech].square() for clip in clips])
    return float(squares.mean().sqrt())


def _distance(mel: Mel, other: Mel, clip: ReferenceMel) -> float:
    """Root mean square over speech frames and bands."""
    return float((mel - other)[0, clip.speech].square().mean().sqrt())


def _energy(first: Mel, second: Mel, clip: ReferenceMel) -> float:
    """|X - y| - |X - X'| / 2 with norms over the bands of a frame, a mean over speech frames."""

    def norms(one: Mel, other: Mel) -> Tensor:
        return (one - other)[0, clip.speech].square().mean(dim=1).sqrt()

    far = (norms(first, clip.recorded) + norms(second, clip.recorded)) / 2
    return float((far - norms(first, second) / 2).mean())


def _semigroup(sampler: Sampler, whole: Mel, clip: ReferenceMel) -> float:
    """The mean distance of jumps over a point between from the jump over the whole."""
    flow, start = sampler.flow(clip), sampler.temperature * clip.draw(MAP)
    zero = torch.zeros(1)
    halves = [
        flow.jump(flow.jump(start, zero, zero + split), zero + split, zero + 1) for split in SPLITS
    ]
    return float(np.mean([_distance(halfway, whole, clip) for halfway in halves]))


def _mean(values: Sequence[float]) -> dict[str, Any]:
    drawn = np.asarray(values)[_resampled(len(values))].mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return {
        "value": float(np.mean(values)),
        "low": float(low),
        "high": float(high),
        "clips": [round(value, 5) for value in values],
    }


def _deviation_ratio(made: Sequence[Mel], clips: Sequence[ReferenceMel]) -> dict[str, Any]:
    """The median over bands of the ratio of deviations from the mean, pooled over the clips."""
    generated = [_moments((m - c.mean)[0, c.speech]) for m, c in zip(made, clips, strict=True)]
    recorded = [_moments((c.recorded - c.mean)[0, c.speech]) for c in clips]

    def ratio(chosen: Any) -> Any:
        top, bottom = (
            _pooled_deviation(np.stack(moments)[chosen].sum(axis=-3))
            for moments in (generated, recorded)
        )
        return np.median(top / bottom, axis=-1)

    low, high = np.percentile(ratio(_resampled(len(clips))), [2.5, 97.5])
    return {
        "value": float(ratio(np.arange(len(clips)))),
        "low": float(low),
        "high": float(high),
    }


def _moments(residual: Tensor) -> np.ndarray:
    """Count, sum and sum of squares of each band, over the frames."""
    return (
        torch.stack(
            [
                torch.full(residual.shape[1:], len(residual)),
                residual.sum(0),
                residual.square().sum(0),
            ]
        )
        .double()
        .numpy()
    )


def _pooled_deviation(moments: np.ndarray) -> np.ndarray:
    count, total, squares = np.moveaxis(moments, -2, 0)
    return np.sqrt((squares - total**2 / count) / (count - 1))


def _resampled(count: int) -> np.ndarray:
    return np.random.default_rng(SEED).integers(count, size=(RESAMPLES, count))
