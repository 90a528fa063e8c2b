from dataclasses import replace

import pytest
import torch

from tts.acoustic.model import AcousticModel

LENGTHS = (9, 5)


@pytest.fixture
def spoken(tiny_acoustic):
    """A batch of two, the second padded, with all that its maps are given."""
    return Spoken(tiny_acoustic, torch.arange(1, 10).repeat(2, 1), torch.tensor(LENGTHS))


class Spoken:
    def __init__(self, model: AcousticModel, tokens, lengths):
        self.mask = torch.arange(tokens.shape[1]) < lengths[:, None]
        tokens = tokens * self.mask
        self.lasting = self.mask & (tokens % 4 != 0)
        self.voice = model.voices(torch.arange(len(tokens)) % 2 if len(tokens) > 1 else VOICE)
        self.hidden = model.encoder(tokens, self.voice, self.mask)
        self.prosody_map = model.prosody_map(self.hidden, self.lasting, self.voice, self.mask)


VOICE = torch.tensor([1])


@torch.no_grad()
def test_an_item_alone_equals_the_same_item_in_a_padded_batch(tiny_acoustic):
    model, noise = tiny_acoustic, torch.randn(2, 9, 3)
    both = Spoken(model, torch.arange(1, 10).repeat(2, 1), torch.tensor(LENGTHS))
    alone = Spoken(model, torch.arange(1, 6)[None], torch.tensor([5]))
    torch.testing.assert_close(both.hidden[1:, :5], alone.hidden)

    together = both.prosody_map.sample(noise, 2)
    single = alone.prosody_map.sample(noise[1:, :5], 2)
    torch.testing.assert_close(together[1:, :5], single)

    durations = both.lasting * torch.tensor([3, 1, 4, 1, 5, 9, 2, 6, 5])
    frames = torch.arange(int(durations.sum(dim=1).max()))[None].expand(2, -1)
    count = int(durations[1].sum())
    conditioning = model.condition(both.hidden, together, durations, frames)
    short = model.condition(alone.hidden, single, durations[1:, :5], frames[1:, :count])
    torch.testing.assert_close(conditioning[1:, :count], short)

    mask = frames < durations.sum(dim=1, keepdim=True)
    mel = torch.randn(2, frames.shape[1], 100)
    long = model.mel_map(conditioning, both.voice, mask).sample(mel, 2)
    lone = model.mel_map(short, alone.voice, mask[1:, :count]).sample(mel[1:, :count], 2)
    torch.testing.assert_close(long[1:, :count], lone, atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_what_lies_in_the_padding_changes_nothing(tiny_acoustic, spoken):
    mask = torch.tensor([[True] * 7 + [False] * 4])
    conditioning, mel = torch.randn(1, 11, 116), torch.randn(1, 11, 100)
    wild = torch.where(mask[..., None], mel, 1e3)
    flow = tiny_acoustic.mel_map(conditioning, spoken.voice[:1], mask)
    torch.testing.assert_close(flow.sample(wild, 1)[:, :7], flow.sample(mel, 1)[:, :7])


def test_the_interval_is_silent_on_the_diagonal_and_until_it_is_taught(tiny_config):
    model = AcousticModel(tiny_config).eval()
    voice, s, t = torch.randn(3, 8), torch.tensor([0.0, 0.3, 1.0]), torch.tensor([1.0, 0.6, 1.0])
    modulation = model.decoder.modulation
    torch.nn.init.normal_(modulation.out.weight)
    torch.testing.assert_close(modulation(voice, s, t), modulation(voice, s, s))
    torch.nn.init.normal_(modulation.interval[-1].weight)
    spoken, diagonal = modulation(voice, s, t), modulation(voice, s, s)
    assert (spoken[:2] - diagonal[:2]).abs().min() > 0
    torch.testing.assert_close(spoken[2], diagonal[2])


@torch.no_grad()
@pytest.mark.parametrize("steps", [1, 2])
@pytest.mark.parametrize("edge", [0, 1])
def test_nothing_beyond_the_context_reaches_a_frame(tiny_acoustic, steps, edge):
    """And what lies just within it does, or the context would be larger than it need be."""
    decoder, frames, at = tiny_acoustic.decoder, 120, 60 + edge
    flow = tiny_acoustic.mel_map(
        torch.randn(1, frames, 116), torch.randn(1, 8), torch.ones(1, frames, dtype=torch.bool)
    )
    noise = torch.randn(1, frames, 100)
    context = decoder.context * steps
    before = flow.sample(noise, steps)[0, at]
    outside = noise.clone()
    outside[:, : at - context] += 5
    outside[:, at + context + 1 :] -= 5
    torch.testing.assert_close(flow.sample(outside, steps)[0, at], before)
    reached = noise.clone()
    reached[:, at - context + 1] += 50
    reached[:, at + context - 1] += 50
    assert (flow.sample(reached, steps)[0, at] - before).abs().max() > 0


@pytest.mark.parametrize(("depth", "sees"), [(0, False), (1, True)])
def test_pauses_are_told_from_the_whole_sentence_if_a_network_tells_them(depth, sees, tiny_config):
    """And padding changes nothing."""
    prosody = replace(tiny_config.prosody, pause_depth=depth)
    model = AcousticModel(replace(tiny_config, prosody=prosody)).eval()
    hidden, mask = torch.randn(1, 30, 16), torch.ones(1, 30, dtype=torch.bool)
    mask[:, 25:] = False
    other = hidden.clone()
    other[:, 0] = 0
    logits = model.pause_logits(hidden, mask)
    assert bool((model.pause_logits(other, mask)[0, 24] != logits[0, 24]).any()) == sees
    hidden[:, 25:] = 0
    torch.testing.assert_close(model.pause_logits(hidden, mask)[:, :25], logits[:, :25])


@torch.no_grad()
def test_what_the_interval_learns_changes_nothing_on_the_diagonal(tiny_acoustic):
    """Before and after its network has other weights, at s = t; a jump is another then."""
    modulation, voice = tiny_acoustic.decoder.modulation, torch.randn(3, 8)
    s, t = torch.tensor([0.0, 0.3, 1.0]), torch.tensor([1.0, 0.6, 0.5])
    diagonal, jump = modulation(voice, s, s), modulation(voice, s, t)
    for weight in modulation.interval.parameters():
        torch.nn.init.normal_(weight)
    torch.testing.assert_close(modulation(voice, s, s), diagonal)
    assert (modulation(voice, s, t) - jump).abs().amax(dim=(1, 2)).min() > 0.01


def test_no_mel_lies_below_the_floor_of_the_vocoder(tiny_acoustic, tiny_config):
    floor, mel = tiny_config.mel.floor, torch.tensor([[-1e3, -1.0, 0.0, 1.0]]).expand(1, 2, 4)
    tiny_acoustic.mel_mean.fill_(-5.0)
    tiny_acoustic.mel_deviation.fill_(2.0)
    wanted = torch.tensor([[floor, -7.0, -5.0, -3.0]]).expand(1, 2, 4)
    torch.testing.assert_close(tiny_acoustic.denormalise(mel), wanted)
