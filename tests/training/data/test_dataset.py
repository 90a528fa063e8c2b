"""How clips and crops are drawn, and how whole lengths become continuous ones."""

import numpy as np
import pytest
import torch
from torch import Generator
from tts.training.data.dataset import FeatureDataset
from tts.training.data.features import ClipFeatures, write_features

from tts.acoustic.prosody import LENGTH
from tts.text.pronounce.symbols import PhonemeTokenizer

SHORT, LONG = (4, 10, 0, 12, 4), (4, 60, 3, 18, 5)  # 30 and 90 frames


@pytest.fixture
def corpus(tmp_path, tiny_config):
    clips = [
        ClipFeatures(
            id=id,
            voice="heart",
            text="Ah, oh.",
            convention="misaki",
            symbols="^ɑ O$",
            durations=durations,
            pitch=(5.0, 5.1, 5.2, 5.1, 5.0),
            level=(-60.0, -20.0, -60.0, -25.0, -60.0),
        )
        for id, durations in (("short", SHORT), ("long", LONG))
    ]
    mels = np.random.default_rng(0).uniform(-7, 1, (120, 100)).astype(np.float16)
    write_features(tmp_path, clips, mels)
    symbols = PhonemeTokenizer(inventory=tiny_config.symbols)
    return FeatureDataset([tmp_path], symbols, tiny_config.voices)


def test_clips_are_drawn_in_proportion_to_their_length(corpus):
    picked, _, _ = corpus.draw(4000, 16, Generator().manual_seed(0))
    assert picked.float().mean().item() == pytest.approx(0.75, abs=0.03)


def test_crops_come_from_all_of_a_clip(corpus):
    """From its first frame to its last, and from nowhere beyond them."""
    picked, starts, _ = corpus.draw(2000, 16, Generator().manual_seed(0))
    for clip, room in ((0, 14), (1, 74)):
        own = starts[picked == clip]
        assert set(own.tolist()) == set(range(room + 1))
        assert own.float().mean().item() == pytest.approx(room / 2, rel=0.1)
    assert set(corpus.draw(50, 200, Generator().manual_seed(0))[1].tolist()) == {0}


def lengths(corpus, jitter):
    """Of the symbols of the longer clip, in frames."""
    shape = torch.full((1, 5), jitter)
    batch = corpus.assemble(torch.tensor([1]), torch.tensor([0]), 16, shape)
    log = batch.prosody[0, :, LENGTH] * corpus.statistics.prosody_deviation[LENGTH]
    return (log + corpus.statistics.prosody_mean[LENGTH]).exp()


def test_lengths_are_dequantised_about_their_centre(corpus):
    """A length of d frames lies anywhere from d - 1/2 to d + 1/2."""
    whole = torch.tensor(LONG, dtype=torch.float32)
    for jitter in (0.0, 0.5, 1.0):
        torch.testing.assert_close(lengths(corpus, jitter), whole + jitter - 0.5)
    _, _, drawn = corpus.draw(2000, 16, Generator().manual_seed(0))
    assert drawn.mean().item() == pytest.approx(0.5, abs=0.02)
    assert drawn.std().item() == pytest.approx(12**-0.5, abs=0.02)


def test_a_symbol_that_does_not_last_has_a_length_of_zero(corpus):
    jitter = torch.rand(1, 5, generator=Generator().manual_seed(0))
    batch = corpus.assemble(torch.tensor([0]), torch.tensor([0]), 16, jitter)
    assert (batch.prosody[0, :, LENGTH] == 0).tolist() == [False, False, True, False, False]
