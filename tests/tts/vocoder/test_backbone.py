"""The backbone against the one of the package vocos, with the same weights."""

import pytest
import torch
from vocos.models import VocosBackbone

from tts.config import VocoderConfig
from tts.vocoder.backbone import Backbone

SMALL = VocoderConfig(dim=16, intermediate_dim=32, depth=3)


@pytest.fixture
def backbone():
    """Every weight of it random."""
    backbone = Backbone(SMALL)
    with torch.no_grad():
        for weight in backbone.parameters():
            weight.add_(0.1 * torch.randn_like(weight))
    return backbone


@torch.no_grad()
def test_it_is_that_of_vocos_and_its_weights_have_the_same_names(backbone):
    theirs = VocosBackbone(100, 16, 32, 3)
    theirs.load_state_dict(backbone.state_dict())
    assert list(theirs.state_dict()) == list(backbone.state_dict())
    mel = torch.randn(2, 30, 100)
    real = torch.ones(2, 30, dtype=torch.bool)
    torch.testing.assert_close(backbone(mel, real), theirs(mel.mT), atol=1e-5, rtol=0)


def test_it_begins_as_that_of_vocos_does(backbone):
    torch.manual_seed(7)
    theirs = VocosBackbone(100, 16, 32, 3).state_dict()
    torch.manual_seed(7)
    ours = Backbone(SMALL).state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


@torch.no_grad()
def test_a_mel_alone_is_as_in_a_padded_batch(backbone):
    mel = torch.randn(1, 20, 100)
    padded = torch.cat([mel, torch.randn(1, 10, 100)], dim=1)
    real = torch.arange(30)[None] < 20
    alone = backbone(mel, torch.ones(1, 20, dtype=torch.bool))
    torch.testing.assert_close(backbone(padded, real)[:, :20], alone, atol=1e-5, rtol=0)
