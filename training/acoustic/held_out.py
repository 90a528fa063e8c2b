"""How well an acoustic model knows clips that it did not learn from, beside those it did."""

from dataclasses import dataclass
from pathlib import Path

import torch

from tts.acoustic.model import AcousticModel
from tts.text.pronounce.symbols import PhonemeTokenizer

from ..data.dataset import ALL, FeatureDataset, Selection
from ..data.statistics import Statistics
from ..evaluation.deviation import deviation, prepare_clips
from .stage import held_out_losses

CROP = 192  # frames
MIDPOINT_STEPS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldOut:
    """Figures of one set of clips.

    Args:
        name: of the set.
        clips: how many whole ones it has.
        mean: squared error of the expected mel, in normalised units.
        prosody: flow-matching loss of the prosody map.
        mel: flow-matching loss of the mel map.
        pause: cross-entropy of pauses.
        one_step: deviation ratio of the map's own single step.
        midpoint: deviation ratio of the velocity, followed by 8 midpoint steps.
    """

    name: str
    clips: int
    mean: float
    prosody: float
    mel: float
    pause: float
    one_step: float
    midpoint: float


@torch.no_grad()
def held_out(
    model: AcousticModel,
    teacher: AcousticModel,
    folder: Path,
    limit: int,
    selection: Selection = ALL,
) -> HeldOut:
    """The figures of a folder of features.

    Args:
        model: whose figures they are.
        teacher: whose mean the deviation ratio is from.
        folder: what `prepare` wrote of a set.
        limit: so many whole clips are taken for the deviation ratio.
        selection: what the figures are of; the losses with `Selection(phrases=1.0)` of phrases.
    """
    symbols = PhonemeTokenizer(inventory=model.config.symbols)
    corpus = FeatureDataset([folder], symbols, model.config.voices, Statistics.of(model), selection)
    losses = held_out_losses(model, corpus, CROP)
    clips = prepare_clips(model, teacher, folder, limit, selection.conventions)
    return HeldOut(
        name=folder.name,
        clips=corpus.clip_count,
        mean=losses["mean"],
        prosody=losses["prosody/flow_matching"],
        mel=losses["mel/flow_matching"],
        pause=losses["pause"],
        one_step=deviation(clips, 1).median,
        midpoint=deviation(clips, MIDPOINT_STEPS, midpoint=True).median,
    )
