import pytest
import torch
import torchaudio
from vocos.heads import ISTFTHead
from vocos.models import VocosBackbone

from tts.config import MelConfig, VocoderConfig
from tts.vocoder.f0_predictor import F0Predictor
from tts.vocoder.harmonic_source import HarmonicSource, integrate_f0, pulse_train
from tts.vocoder.heads import mel_to_bins
from tts.vocoder.model import MelSpan, Vocoder


@pytest.fixture(params=["tiny_vocoder", "tiny_harmonic", "tiny_patched"])
def vocoder(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def tiny_patched():
    """A vocoder whose backbone works on pairs of frames, every weight of it random."""
    config = VocoderConfig(dim=16, intermediate_dim=32, depth=1, patch=2, pitch_dim=8)
    vocoder = Vocoder(config)
    with torch.no_grad():
        for part in (vocoder.backbone, vocoder.head):
            for weight in part.parameters():
                weight.add_(0.1 * torch.randn_like(weight))
    return vocoder.eval()


@torch.no_grad()
@pytest.mark.parametrize("frames", [1, 2, 3, 5, 40, 97])
@pytest.mark.parametrize("chunk", [1, 3, 16, 64])
def test_chunks_join_without_a_seam(vocoder, frames, chunk):
    mel = torch.randn(1, frames, 100)
    whole = vocoder(mel)
    starts = range(0, frames, chunk)
    known = [min(a + chunk + vocoder.context, frames) for a in starts]
    stretches = [
        MelSpan(mel[0, :ready], a, min(a + chunk, frames), frames)
        for a, ready in zip(starts, known, strict=True)
    ]
    assert whole.shape == (1, frames * 256)
    together = vocoder.spans(stretches)
    alone = [vocoder.spans([stretch])[0] for stretch in stretches]
    for parts in (together, alone):
        torch.testing.assert_close(torch.cat(parts), whole[0], atol=1e-5, rtol=0)


@torch.no_grad()
def test_frames_beyond_its_context_change_nothing(vocoder):
    mel, stop = torch.randn(1, 100, 100), 40
    other = mel.clone()
    other[:, stop + vocoder.context :] = 0
    torch.testing.assert_close(
        vocoder(other)[:, : stop * 256], vocoder(mel)[:, : stop * 256], atol=1e-5, rtol=0
    )


@torch.no_grad()
def test_within_its_context_frames_matter(tiny_patched):
    """The furthest frame that its context names, and none of the patch beyond, moves a pair."""
    backbone = tiny_patched.backbone
    mel = torch.randn(1, 60, 100)
    real = torch.ones(1, 60, dtype=torch.bool)
    first = backbone(mel, real)
    other = mel.clone()
    other[:, 30 + backbone.context] += 10
    assert not torch.allclose(backbone(other, real)[:, 30], first[:, 30])
    other = mel.clone()
    other[:, 30 + backbone.context + 1] += 10
    torch.testing.assert_close(backbone(other, real)[:, 30], first[:, 30])


@torch.no_grad()
def test_a_mel_alone_sounds_as_in_a_batch(vocoder):
    mels = torch.randn(3, 30, 100)
    torch.testing.assert_close(vocoder(mels)[1:2], vocoder(mels[1:2]), atol=1e-4, rtol=0)


def test_phase_runs_on_and_pitch_goes_straight_from_frame_to_frame():
    pitch = torch.tensor([[100.0, 200.0, 150.0]])
    hertz, turns = integrate_f0(pitch, torch.ones(1, 3, dtype=torch.bool), 256, 24_000)
    assert hertz[0, 128].item() == pytest.approx(150)
    assert hertz[0, 256].item() == pytest.approx(200)
    advance = turns.double().diff(dim=1) % 1.0
    torch.testing.assert_close(advance.float(), hertz[:, 1:] / 24_000, atol=1e-5, rtol=0)


def test_pulses_are_their_harmonics_added_up():
    pitch = torch.linspace(180, 230, 10)[None]
    hertz, turns = integrate_f0(pitch, torch.ones(1, 10, dtype=torch.bool), 256, 24_000)
    number = torch.arange(1, 200)[:, None]
    cosines = torch.cos(2 * torch.pi * number * turns) * (number <= 11_500 / hertz)
    expected = cosines.sum(dim=0) * (hertz[0] / 200).sqrt()
    torch.testing.assert_close(pulse_train(hertz, turns)[0], expected, atol=1e-2, rtol=1e-3)


def test_a_harmonic_has_its_own_strength_and_breath_has_one():
    source = HarmonicSource(MelConfig(), 8).eval()
    held = torch.ones(1, 200, dtype=torch.bool)
    source.pitch.read = lambda mel: (torch.full(mel.shape[:2], 937.5 / 4).double(), held)
    voice, breath = source(torch.zeros(1, 200, 100), 0, 200)
    strength = 2 * (937.5 / 4 / 200) ** 0.5
    assert voice[0, 50:150, 40].abs().mean().item() == pytest.approx(strength, rel=0.01)
    assert breath.abs().square().mean().item() == pytest.approx(1, rel=0.05)


def test_the_mel_is_spread_from_the_centre_of_band_to_band():
    weights = mel_to_bins(MelConfig())
    torch.testing.assert_close(weights.sum(dim=0), torch.ones(513))
    assert (weights > 0).sum(dim=0).max() <= 2
    filters = torchaudio.functional.melscale_fbanks(513, 0.0, 12_000.0, 100, 24_000)
    assert weights[40].argmax() == filters[:, 40].argmax()


def test_pitch_reaches_no_further_than_its_context():
    pitch = F0Predictor(100, 8)
    mel = torch.randn(1, 60, 100)
    other = mel.clone()
    other[:, 30 + pitch.context + 1 :] = 0
    for first, second in zip(pitch.read(mel), pitch.read(other), strict=True):
        assert torch.equal(first[:, :31], second[:, :31])


def test_a_voice_begins_at_phase_zero_after_a_gap_and_not_after_a_flicker():
    held = torch.ones(1, 40, dtype=torch.bool)
    held[0, :5] = held[0, 20:30] = False
    _, turns = integrate_f0(torch.full((1, 40), 210.0).double(), held, 256, 24_000)
    assert turns[0, 5 * 256] == turns[0, 30 * 256] == 0
    pitch = F0Predictor(100, 8)
    torch.nn.init.zeros_(pitch.net[-1].weight)
    torch.nn.init.constant_(pitch.net[-1].bias, 1.0)
    assert pitch.read(torch.zeros(1, 10, 100))[1].all()


@torch.no_grad()
def test_away_from_its_edges_it_is_vocos(tiny_vocoder):
    mel = torch.randn(1, 30, 100)
    backbone = VocosBackbone(100, 16, 32, 2)
    head = ISTFTHead(16, n_fft=1024, hop_length=256, padding="center")
    backbone.load_state_dict(tiny_vocoder.backbone.state_dict())
    head.load_state_dict(tiny_vocoder.head.state_dict())
    theirs = head(backbone(mel.mT))
    ours = tiny_vocoder(mel)[:, : theirs.shape[1]]
    torch.testing.assert_close(ours[:, 512:-512], theirs[:, 512:-512], atol=1e-5, rtol=0)


def test_the_inverse_transform_inverts(tiny_vocoder):
    audio = torch.randn(1, 256 * 20)
    spectrum = torch.stft(
        audio, 1024, 256, window=torch.hann_window(1024), center=True, return_complex=True
    )
    made = tiny_vocoder.overlap_add(spectrum.mT[:, :20], 0, 20)
    torch.testing.assert_close(made[:, :-768], audio[:, :-768], atol=1e-4, rtol=0)


@torch.no_grad()
@pytest.mark.parametrize("gap", [4, 5])
def test_a_flicker_is_bridged_and_a_gap_is_not(gap):
    pitch = F0Predictor(100, 8)
    pitch.net = torch.nn.Sequential(torch.nn.Conv1d(100, 2, 5, padding=2))
    torch.nn.init.zeros_(pitch.net[0].weight)
    torch.nn.init.zeros_(pitch.net[0].bias)
    pitch.net[0].weight[1, 0, 2] = 1
    mel = torch.zeros(1, 40, 100)
    mel[:, 10 : 10 + gap] = -8
    assert pitch.read(mel)[1].all() == (gap == 4)
