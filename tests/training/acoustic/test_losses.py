"""Which losses shape the reading of the text, and what they are the means of."""

from copy import deepcopy

import pytest
import torch
from torch import Generator
from tts.training.acoustic.losses import acoustic_losses, encode_batch, pause_loss
from tts.training.acoustic.teachers import Models
from tts.training.acoustic.terms import Term, TrainingStep
from tts.training.data.dataset import FeatureDataset

from tts.text.pronounce.symbols import PhonemeTokenizer

FLOW = (Term(objective="flow_matching", times="diagonal"),)
BOUNDARY = (Term(objective="boundary", times="diagonal", teacher="frozen"),)


@pytest.fixture
def batch(features, tiny_config):
    symbols = PhonemeTokenizer(inventory=tiny_config.symbols)
    corpus = FeatureDataset([features / "heart"], symbols, tiny_config.voices)
    return corpus.batch(4, 32, Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("name", "reaches"),
    [
        ("mean", True),
        ("mel/flow_matching", True),
        ("prosody/flow_matching", False),
        ("pause", False),
    ],
)
def test_only_losses_of_the_mel_reach_the_encoder(name, reaches, tiny_acoustic, batch):
    step = TrainingStep(FLOW, Generator().manual_seed(0))
    losses = acoustic_losses(step, Models(tiny_acoustic), batch)
    losses[name].backward()
    slopes = [weight.grad for weight in tiny_acoustic.encoder.parameters()]
    assert any(slope is not None and slope.abs().max() > 0 for slope in slopes) == reaches


@torch.no_grad()
def test_the_text_is_read_by_the_teacher(tiny_acoustic, batch):
    """A student whose own encoder and voices are spoilt has the same losses."""
    teacher, spoilt = deepcopy(tiny_acoustic), deepcopy(tiny_acoustic)
    for weight in (*spoilt.encoder.parameters(), *spoilt.voices.parameters()):
        weight.fill_(torch.nan)
    first, second = (
        acoustic_losses(
            TrainingStep(BOUNDARY, Generator().manual_seed(0)), Models(one, teacher), batch
        )
        for one in (tiny_acoustic, spoilt)
    )
    assert first.keys() == {"prosody/boundary", "mel/boundary"}
    assert first == second


@torch.no_grad()
def test_pauses_are_smoothed_and_of_spaces_and_punctuation_alone(tiny_acoustic, batch):
    """By hand: of each clip a comma and a full stop that last, and a space that does not."""
    bound = encode_batch(tiny_acoustic, batch)
    logits = tiny_acoustic.pause_logits(bound.hidden, batch.mask).double()
    costs = []
    for row in logits.sigmoid():
        costs += [-(0.95 * row[at].log() + 0.05 * (1 - row[at]).log()) for at in (6, 14)]
        costs += [-(0.05 * row[7].log() + 0.95 * (1 - row[7]).log())]
    found = pause_loss(tiny_acoustic, bound, batch)["pause"]
    assert found.item() == pytest.approx(torch.stack(costs).mean().item(), rel=1e-5)
