"""One step of the acoustic model: a batch in, named losses out."""

from contextlib import nullcontext
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from tts.acoustic.flow import FlowMap
from tts.acoustic.model import AcousticModel

from ..data.dataset import FeatureBatch
from .terms import TrainingStep, flow_map_loss, mean_square

PAUSE_LABEL_SMOOTHING = 0.05  # where a reader pauses is partly chance, and few sentences teach it
Losses = dict[str, Float[Tensor, ""]]


@dataclass(frozen=True)
class EncodedBatch:
    """What both flow maps are conditioned on in one batch, computed by one model."""

    hidden: Tensor
    voice: Tensor
    conditioning: Tensor


def encode_batch(model: AcousticModel, batch: FeatureBatch, masked: float = 0.0) -> EncodedBatch:
    """Read the text, with the recording's own durations and prosody.

    A share of the symbols may be `masked`: they are read as 0, which is no symbol.
    """
    voice = model.voices(batch.voices)
    known = torch.rand(batch.tokens.shape, device=batch.tokens.device) >= masked
    hidden = model.encoder(batch.tokens * known, voice, batch.mask)
    conditioning = model.condition(hidden, batch.prosody, batch.durations, batch.frames)
    return EncodedBatch(hidden, voice, conditioning)


def mean_loss(model: AcousticModel, bound: EncodedBatch, batch: FeatureBatch) -> Losses:
    """The expected mel of each frame."""
    mean = bound.conditioning[..., : model.config.mel.bands]
    return {"mean": mean_square(mean - batch.mel, batch.frame_mask)}


def pause_loss(model: AcousticModel, bound: EncodedBatch, batch: FeatureBatch) -> Losses:
    """Which spaces and punctuation marks are pauses."""
    logits = model.pause_logits(bound.hidden.detach(), batch.mask)
    likely = PAUSE_LABEL_SMOOTHING + (1 - 2 * PAUSE_LABEL_SMOOTHING) * batch.has_duration.float()
    wrong = F.binary_cross_entropy_with_logits(logits, likely, reduction="none")
    return {"pause": (wrong * batch.may_pause).sum() / batch.may_pause.sum().clamp(min=1)}


def flow_losses(
    training_step: TrainingStep,
    models: dict[str, AcousticModel],
    bound: EncodedBatch,
    batch: FeatureBatch,
) -> Losses:
    """The same terms for the prosody map and for the mel map.

    Only the mel shapes the reading of the text: rhythm and melody would have the encoder know its
    few thousand sentences by heart, and read others the worse for it.
    """
    hidden = bound.hidden.detach()

    def prosody(name: str, items: slice) -> FlowMap:
        return models[name].prosody_map(
            hidden[items], batch.has_duration[items], bound.voice[items], batch.mask[items]
        )

    def mel(name: str, items: slice) -> FlowMap:
        return models[name].mel_map(
            bound.conditioning[items], bound.voice[items], batch.frame_mask[items]
        )

    rows = {
        "prosody": (prosody, batch.prosody, batch.mask),
        "mel": (mel, batch.mel, batch.frame_mask),
    }
    losses: Losses = {}
    for name in training_step.maps:
        parts = flow_map_loss(training_step, *rows[name])
        losses |= {f"{name}/{objective}": loss for objective, loss in parts.items()}
    return losses


def acoustic_losses(
    training_step: TrainingStep,
    student: AcousticModel,
    teacher: AcousticModel | None,
    batch: FeatureBatch,
) -> Losses:
    """Without a teacher everything learns; with one, its reading of the text is frozen.

    So it is where the prosody map learns alone.
    """
    models = {"student": student, "frozen": teacher or student}
    with nullcontext() if teacher is None and "mel" in training_step.maps else torch.no_grad():
        bound = encode_batch(teacher or student, batch, training_step.masked)
    text: Losses = {}
    if teacher is None and "mel" in training_step.maps:
        text |= mean_loss(student, bound, batch)
    if teacher is None and "prosody" in training_step.maps:
        text |= pause_loss(student, bound, batch)
    return text | flow_losses(training_step, models, bound, batch)
