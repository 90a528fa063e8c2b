"""FrozenConditioning: what a frozen encoder gives for every frame of a corpus, computed once."""

import torch
from jaxtyping import Float16
from torch import Tensor

from tts.acoustic.model import AcousticModel

from ..acoustic.losses import EncodedBatch, encode_batch
from ..data.dataset import FeatureBatch, FeatureDataset

CLIPS_AT_ONCE = 8


class FrozenConditioning:
    """The conditioning of all clips of a corpus by a model whose encoder is not trained.

    Encoding a batch costs more than an update of a small decoder, so that it would hide what the
    objectives themselves cost. It is kept in half precision: 590 bytes a frame.

    Args:
        model: whose encoder and conditioning are used, in evaluation mode.
        corpus: the clips, on the device of the model.
    """

    def __init__(self, model: AcousticModel, corpus: FeatureDataset) -> None:
        self.begins, self.features = corpus.begins, _encode(model, corpus)

    def __call__(self, model: AcousticModel, batch: FeatureBatch) -> EncodedBatch:
        """The conditioning of a batch of this corpus, by whatever model; `hidden` is empty."""
        places = self.begins[batch.clips, None] + batch.frames
        found = self.features[places.clamp(0, len(self.features) - 1)]
        return EncodedBatch(
            hidden=found.new_zeros(*batch.tokens.shape, 0, dtype=torch.float32),
            voice=model.voices(batch.voices),
            conditioning=found.float() * batch.frame_mask[..., None],
        )


@torch.no_grad()
def _encode(model: AcousticModel, corpus: FeatureDataset) -> Float16[Tensor, "frames dim"]:
    """The conditioning of every frame of a corpus, in the order of its mels."""
    device, width = corpus.mels.device, model.config.mel.bands + model.config.encoder.dim
    features = torch.empty(len(corpus.mels), width, dtype=torch.half, device=device)
    order = corpus.lengths.argsort()  # neighbours are of similar length, so that padding is short
    for picked in torch.split(order, CLIPS_AT_ONCE):
        frames = int(corpus.lengths[picked].max())
        jitter = torch.full((len(picked), corpus.tokens.shape[1]), 0.5, device=device)
        batch = corpus.assemble(picked, torch.zeros_like(picked), frames, jitter)
        found = encode_batch(model, batch).conditioning.half()
        for row, clip in zip(found, picked.tolist(), strict=True):
            begin, length = int(corpus.begins[clip]), int(corpus.lengths[clip])
            features[begin : begin + length] = row[:length]
    return features
