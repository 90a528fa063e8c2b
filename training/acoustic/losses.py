"""The losses of the acoustic model on one batch, by name; their plain sum is minimised.

All have weight 1, chosen by hand and not tuned.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from tts.acoustic.flow import FlowMap
from tts.acoustic.model import AcousticModel

from ..data.dataset import FeatureBatch
from .guidance import Conditions, GuidanceInput
from .networks import WideAcousticModel
from .teachers import Models, bind_teachers
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


def encode_batch(model: AcousticModel, batch: FeatureBatch) -> EncodedBatch:
    """Encode the texts of a batch, with the recordings' own durations and prosody.

    Args:
        model: whose encoder and conditioning are used.
        batch: texts, durations, prosody and frame numbers.
    """
    voice = model.voices(batch.voices)
    hidden = model.encoder(batch.tokens, voice, batch.mask)
    conditioning = model.condition(hidden, batch.prosody, batch.durations, batch.frames)
    return EncodedBatch(hidden, voice, conditioning)


def hide_symbols(batch: FeatureBatch, share: float) -> FeatureBatch:
    """The same batch with some symbols replaced by 0, which is no symbol.

    Args:
        batch: whose tokens are hidden.
        share: probability that a symbol is hidden, from 0 to below 1.
    """
    known = torch.rand(batch.tokens.shape, device=batch.tokens.device) >= share
    return replace(batch, tokens=batch.tokens * known)


def mean_loss(model: AcousticModel, bound: EncodedBatch, batch: FeatureBatch) -> Losses:
    """Mean square error of the expected mel of each frame, in normalised units."""
    mean = bound.conditioning[..., : model.config.mel.bands]
    return {"mean": mean_square(mean - batch.mel, batch.frame_mask)}


def pause_loss(model: AcousticModel, bound: EncodedBatch, batch: FeatureBatch) -> Losses:
    """Cross-entropy of whether spaces and punctuation marks are pauses, in nats.

    The encoder gets no gradient from it. Labels are smoothed by `PAUSE_LABEL_SMOOTHING`.
    """
    logits = model.pause_logits(bound.hidden.detach(), batch.mask)
    lasts = batch.has_duration.to(logits)
    likely = PAUSE_LABEL_SMOOTHING + (1 - 2 * PAUSE_LABEL_SMOOTHING) * lasts
    wrong = F.binary_cross_entropy_with_logits(logits, likely, reduction="none")
    return {"pause": (wrong * batch.may_pause).sum() / batch.may_pause.sum().clamp(min=1)}


def flow_losses(
    training_step: TrainingStep,
    models: Models,
    bound: Mapping[str, EncodedBatch],
    batch: FeatureBatch,
) -> Losses:
    """The flow-map losses of the prosody map and of the mel map, with the same terms.

    The encoder gets gradients from the mel map alone. With those of prosody it overfits its few
    thousand sentences: the held-out prosody loss rose (docs/log, 2026-11-27).
    """

    conditions = draw_conditions(training_step, models.guidance, batch)

    def prosody(name: str, items: slice, conditional: bool) -> FlowMap:
        model, own = models.named(name), bound.get(name, bound["student"])
        has_duration = batch.has_duration[items, :, None]
        return model.prosody_map(
            conditions.features(own.hidden.detach()[items], items, conditional),
            conditions.features(has_duration, items, conditional)[..., 0],
            own.voice[items],
            batch.mask[items],
        )

    def mel(name: str, items: slice, conditional: bool) -> FlowMap:
        model, own = models.named(name), bound.get(name, bound["student"])
        features = conditions.features(own.conditioning[items], items, conditional)
        inputs = features, own.voice[items], batch.frame_mask[items]
        if isinstance(model, WideAcousticModel) and conditional:
            return model.mel_map(*inputs, conditions.guidance[items])
        return model.mel_map(*inputs)

    rows = {
        "prosody": (prosody, batch.prosody, batch.mask),
        "mel": (mel, batch.mel, batch.frame_mask),
    }
    losses: Losses = {}
    for name in training_step.maps:
        bind, data, mask = rows[name]
        own = {
            key.removeprefix(f"{name}/"): network
            for key, network in training_step.uncertainties.items()
            if key.startswith(f"{name}/")
        }
        step = replace(training_step, uncertainties=own)
        maps = bind_teachers(bind, conditions, training_step.guidance)
        parts = flow_map_loss(step, maps, data, mask)
        losses |= {f"{name}/{part}": loss for part, loss in parts.items()}
    return losses


def draw_conditions(training_step: TrainingStep, scale: float, batch: FeatureBatch) -> Conditions:
    """Which items of a batch keep their conditions, and the guidance of each.

    Args:
        training_step: gives the probability, the options of guidance and the generator.
        scale: of the guidance, where it is not drawn.
        batch: the items.
    """
    guidance, generator, like = training_step.guidance, training_step.generator, batch.mel[:, 0, 0]
    kept = torch.ones_like(like, dtype=torch.bool)
    if training_step.unconditional:
        chance = torch.rand(len(like), generator=generator, device=generator.device)
        kept = chance >= training_step.unconditional
    if guidance.highest is None:
        return Conditions(kept, GuidanceInput.fixed(scale, guidance, like).only(kept))
    return Conditions(kept, GuidanceInput.drawn(guidance.highest, like, generator).only(kept))


def acoustic_losses(training_step: TrainingStep, models: Models, batch: FeatureBatch) -> Losses:
    """All losses of the acoustic model on one batch.

    The text is read by the frozen teacher's encoder if there is one, else by the student's. That
    is trained with the mel map, unless the step freezes it. A weaker teacher has its own encoder.

    Args:
        training_step: terms, progress, maps and generator.
        models: the model in training and its teachers.
        batch: crops of clips.

    Returns:
        Scalars by name: `mean`, `pause`, and `mel/OBJECTIVE` and `prosody/OBJECTIVE`.
    """
    maps, student = training_step.maps, models.student
    batch = hide_symbols(batch, training_step.masked)
    reads = models.frozen is None and "mel" in maps and not training_step.freeze_encoder
    with nullcontext() if reads else torch.no_grad():
        bound = {"student": encode_batch(models.reader, batch)}
    if models.weak:
        with torch.no_grad():
            bound["weak"] = encode_batch(models.weak, batch)
    losses: Losses = {}
    if reads:
        losses |= mean_loss(student, bound["student"], batch)
    if models.frozen is None and "prosody" in maps:
        losses |= pause_loss(student, bound["student"], batch)
    return losses | flow_losses(training_step, models, bound, batch)
