import pytest
import torch


@torch.no_grad()
@pytest.mark.parametrize("frames", [1, 2, 3, 5, 40, 97])
@pytest.mark.parametrize("chunk", [1, 3, 16, 64])
def test_chunks_join_without_a_seam(tiny_vocoder, frames, chunk):
    mel = torch.randn(1, frames, 100)
    whole = tiny_vocoder(mel)
    starts = range(0, frames, chunk)
    parts = [tiny_vocoder.span(mel, a, min(a + chunk, frames), frames) for a in starts]
    assert whole.shape == (1, frames * 256)
    torch.testing.assert_close(torch.cat(parts, dim=1), whole, atol=1e-5, rtol=0)


@torch.no_grad()
def test_it_needs_only_the_frames_within_its_context(tiny_vocoder):
    mel, stop = torch.randn(1, 100, 100), 40
    ready = stop + tiny_vocoder.context
    made = tiny_vocoder.span(mel[:, :ready], 0, stop, 100)
    torch.testing.assert_close(made, tiny_vocoder(mel)[:, : stop * 256], atol=1e-5, rtol=0)


@torch.no_grad()
def test_away_from_its_edges_it_is_vocos(tiny_vocoder):
    mel = torch.randn(1, 30, 100)
    theirs = tiny_vocoder.head(tiny_vocoder.backbone(mel.mT))
    ours = tiny_vocoder(mel)[:, : theirs.shape[1]]
    torch.testing.assert_close(ours[:, 512:-512], theirs[:, 512:-512], atol=1e-5, rtol=0)


def test_the_inverse_transform_inverts(tiny_vocoder):
    audio = torch.randn(1, 256 * 20)
    spectrum = torch.stft(
        audio, 1024, 256, window=torch.hann_window(1024), center=True, return_complex=True
    )
    made = tiny_vocoder.overlap_add(spectrum.mT[:, :20], 0, 20)
    torch.testing.assert_close(made[:, :-768], audio[:, :-768], atol=1e-4, rtol=0)
