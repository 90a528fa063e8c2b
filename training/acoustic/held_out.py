"""Losses and deviation ratios of an acoustic model on a set of clips (`tts training losses`)."""

from dataclasses import dataclass
from pathlib import Path

import torch

from tts.acoustic.model import AcousticModel
from tts.text.pronounce.symbols import PhonemeTokenizer

from ..data.dataset import ALL, FeatureDataset, Selection
from ..data.statistics import Statistics
from ..evaluation.deviation import deviation, prepare_clips
from .stage import held_out_losses

CROP = 192  # frames, as in the recipes
MIDPOINT_STEPS = 8  # as for the endpoint objective


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldOut:
    """Figures of a model on one set of clips.

    Args:
        name: name of the set.
        clips: number of its whole clips.
        mean: mean square error of the expected mel, in normalised units.
        prosody: flow-matching loss of the prosody map.
        mel: flow-matching loss of the mel map.
        pause: cross-entropy of pauses, in nats.
        one_step: deviation ratio of one step of the mel map; 1 is right.
        midpoint: deviation ratio of its velocity, integrated by 8 midpoint steps.
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
    """Compute the figures of a model on a folder of features.

    Args:
        model: the model to measure.
        teacher: the model whose conditional mean the deviation ratio uses.
        folder: features of a set, as `prepare` writes them.
        limit: number of whole clips for the deviation ratio.
        selection: which clips count; with `phrases=1.0` the losses are of phrases alone.

    Raises:
        FileNotFoundError: there are no features.
        ValueError: they are damaged, or the two models do not fit each other.
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
