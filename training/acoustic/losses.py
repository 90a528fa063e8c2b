"""One step of the acoustic model: a batch in, named losses out."""

from contextlib import nullcontext
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from tts.acoustic.flow import FlowMap
from tts.acoustic.model import AcousticModel

from ..data.dataset import Batch
from .terms import Lesson, flow_map_loss, mean_square

DOUBT = 0.05  # where a reader pauses is partly chance, and few sentences teach it
Losses = dict[str, Float[Tensor, ""]]


@dataclass(frozen=True)
class Bound:
    """What both flow maps are conditioned on in one batch, computed by one model."""

    hidden: Tensor
    voice: Tensor
    conditioning: Tensor


def bind(model: AcousticModel, batch: Batch, masked: float = 0.0) -> Bound:
    """Read the text, with the recording's own durations and prosody.

    A share of the symbols may be `masked`: they are read as 0, which is no symbol.
    """
    voice = model.voices(batch.voices)
    known = torch.rand(batch.tokens.shape, device=batch.tokens.device) >= masked
    hidden = model.encoder(batch.tokens * known, voice, batch.mask)
    conditioning = model.condition(hidden, batch.prosody, batch.durations, batch.frames)
    return Bound(hidden, voice, conditioning)


def mean_loss(model: AcousticModel, bound: Bound, batch: Batch) -> Losses:
    """The expected mel of each frame."""
    mean = bound.conditioning[..., : model.config.mel.bands]
    return {"mean": mean_square(mean - batch.mel, batch.frame_mask)}


def pause_loss(model: AcousticModel, bound: Bound, batch: Batch) -> Losses:
    """Which spaces and punctuation marks are pauses."""
    logits = model.pause_logits(bound.hidden.detach(), batch.mask)
    likely = DOUBT + (1 - 2 * DOUBT) * batch.lasting.float()
    wrong = F.binary_cross_entropy_with_logits(logits, likely, reduction="none")
    return {"pause": (wrong * batch.pausing).sum() / batch.pausing.sum().clamp(min=1)}


def flow_losses(
    lesson: Lesson, models: dict[str, AcousticModel], bound: Bound, batch: Batch
) -> Losses:
    """The same terms for the prosody map and for the mel map.

    Only the mel shapes the reading of the text: rhythm and melody would have the encoder know its
    few thousand sentences by heart, and read others the worse for it.
    """
    hidden = bound.hidden.detach()

    def prosody(name: str, items: slice) -> FlowMap:
        return models[name].prosody_map(
            hidden[items], batch.lasting[items], bound.voice[items], batch.mask[items]
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
    for name in lesson.maps:
        parts = flow_map_loss(lesson, *rows[name])
        losses |= {f"{name}/{objective}": loss for objective, loss in parts.items()}
    return losses


def losses(
    lesson: Lesson, student: AcousticModel, teacher: AcousticModel | None, batch: Batch
) -> Losses:
    """Without a teacher everything learns; with one, its reading of the text is frozen.

    So it is where the prosody map learns alone.
    """
    models = {"student": student, "frozen": teacher or student}
    with nullcontext() if teacher is None and "mel" in lesson.maps else torch.no_grad():
        bound = bind(teacher or student, batch, lesson.masked)
    text: Losses = {}
    if teacher is None and "mel" in lesson.maps:
        text |= mean_loss(student, bound, batch)
    if teacher is None and "prosody" in lesson.maps:
        text |= pause_loss(student, bound, batch)
    return text | flow_losses(lesson, models, bound, batch)
