import pytest
import torch
from tts.training.data.dataset import FeatureDataset
from tts.training.data.statistics import Statistics
from tts.training.vocoder.one_step_mels import OneStepMels

from tests.toys import write_toy_features
from tts.text.pronounce.symbols import PhonemeTokenizer
from tts.torch_checkpoint import save_checkpoint


def test_a_one_step_mel_begins_halfway_or_nearer_to_its_recording(tiny_acoustic, tmp_path):
    """By a decoder that stands still, so that what is made is where it began."""
    write_toy_features(tmp_path, ("heart",))
    with torch.no_grad():
        tiny_acoustic.decoder.output.weight.zero_()
        tiny_acoustic.decoder.output.bias.zero_()
        tiny_acoustic.mel_mean.fill_(-3.0)
        tiny_acoustic.mel_deviation.fill_(2.0)
    save_checkpoint(tiny_acoustic, tmp_path / "acoustic.safetensors", {})
    source = OneStepMels(
        acoustic=tmp_path / "acoustic.safetensors", features=[tmp_path / "heart"], floor=-99.0
    )
    made = source.compute()
    symbols = PhonemeTokenizer(inventory=tiny_acoustic.config.symbols)
    corpus = FeatureDataset(
        [tmp_path / "heart"], symbols, ("heart", "michael"), Statistics.of(tiny_acoustic)
    )
    recorded = corpus.statistics.normal_mel(corpus.mels[None])[0].split(corpus.lengths.tolist())
    assert len(made) == len(recorded) == 4
    starts = []
    for clip, own in zip(corpus.clips, recorded, strict=True):
        normal = (made[clip.id] + 3) / 2
        start = ((normal * own).sum() / own.square().sum()).item()
        starts.append(start)
        assert (normal - start * own).std().item() == pytest.approx(1 - start, abs=0.05)
    assert min(starts) > 0.46
    assert max(starts) < 1
    assert max(starts) - min(starts) > 0.05
