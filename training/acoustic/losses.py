"""The losses of the acoustic model on one batch, by name; their plain sum is minimised.

All have weight 1, chosen by hand and not tuned.
"""

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

# pauses vary from reading to reading, and examples are few; chosen by hand, not tuned
PAUSE_LABEL_SMOOTHING = 0.05
Losses = dict[str, Float[Tensor, ""]]


@dataclass(frozen=True)
class EncodedBatch:
    """What both flow maps of one model are conditioned on, for one batch.

    Args:
        hidden: output of the text encoder, (batch, text, dim).
        voice: embedding of the voice, (batch, voice dim).
        conditioning: at frame rate, (batch, frames, dim); its first channels are the expected mel.
    """

    hidden: Tensor
    voice: Tensor
    conditioning: Tensor


def encode_batch(model: AcousticModel, batch: FeatureBatch, masked: float = 0.0) -> EncodedBatch:
    """Encode the texts of a batch, with the recordings' own durations and prosody.

    Args:
        model: whose encoder and conditioning are used.
        batch: texts, durations, prosody and frame numbers.
        masked: probability that a symbol is replaced by 0, which is no symbol.
    """
    voice = model.voices(batch.voices)
    known = torch.rand(batch.tokens.shape, device=batch.tokens.device) >= masked
    hidden = model.encoder(batch.tokens * known, voice, batch.mask)
    conditioning = model.condition(hidden, batch.prosody, batch.durations, batch.frames)
    return EncodedBatch(hidden, voice, conditioning)


def mean_loss(model: AcousticModel, bound: EncodedBatch, batch: FeatureBatch) -> Losses:
    """Mean square error of the expected mel of each frame, in normalised units."""
    mean = bound.conditioning[..., : model.config.mel.bands]
    return {"mean": mean_square(mean - batch.mel, batch.frame_mask)}


def pause_loss(model: AcousticModel, bound: EncodedBatch, batch: FeatureBatch) -> Losses:
    """Cross-entropy of whether spaces and punctuation marks are pauses, in nats.

    The encoder gets no gradient from it. Labels are smoothed by `PAUSE_LABEL_SMOOTHING`.
    """
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
    """The flow-map losses of the prosody map and of the mel map, with the same terms.

    The encoder gets gradients from the mel map alone. With those of prosody it overfits its few
    thousand sentences: the held-out prosody loss rose (docs/log, 2026-11-27).
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
    """All losses of the acoustic model on one batch.

    The encoder is trained unless there is a teacher, whose encoder is then used, or the prosody map
    is trained alone.

    Args:
        training_step: terms, progress, maps and generator.
        student: the model in training.
        teacher: the frozen teacher, if any.
        batch: crops of clips.

    Returns:
        Scalars by name: `mean`, `pause`, and `mel/OBJECTIVE` and `prosody/OBJECTIVE`.
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
