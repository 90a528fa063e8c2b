import pytest
import torch

from tts.acoustic.alignment import position_features, regulate_length, sequence_mask, token_at

DURATIONS = torch.tensor([[2, 0, 3, 1], [1, 1, 0, 0]])


def frames(count):
    return torch.arange(count)[None].expand(2, -1)


def test_each_token_is_held_exactly_as_long_as_it_should():
    token = token_at(DURATIONS, frames(6))
    assert token.tolist() == [[0, 0, 2, 2, 2, 3], [0, 1, 4, 4, 4, 4]]


def test_stretching_conserves_what_it_holds():
    hidden = torch.randn(2, 4, 3)
    held = regulate_length(hidden, DURATIONS, frames(6))
    torch.testing.assert_close(held.sum(dim=1), (hidden * DURATIONS[..., None]).sum(dim=1))


def test_past_the_end_stand_zeros():
    held = regulate_length(torch.ones(2, 4, 3), DURATIONS, frames(9))
    assert held[0, 6:].abs().max() == 0
    assert held[1, 2:].abs().max() == 0


@pytest.mark.parametrize("start", [0, 1, 3, 5])
def test_a_crop_is_the_whole_cut_out(start):
    hidden = torch.randn(2, 4, 3)
    crop = frames(6)[:, start:]
    torch.testing.assert_close(
        regulate_length(hidden, DURATIONS, crop),
        regulate_length(hidden, DURATIONS, frames(6))[:, start:],
    )
    torch.testing.assert_close(
        position_features(DURATIONS, crop), position_features(DURATIONS, frames(6))[:, start:]
    )


def test_position_counts_from_both_ends_of_the_token():
    where = position_features(DURATIONS, frames(6))[0]
    share, _, since, until = where.unbind(dim=1)
    assert share.tolist() == pytest.approx([0.25, 0.75, 1 / 6, 0.5, 5 / 6, 0.5])
    assert (10 * since).round().tolist() == [0, 1, 0, 1, 2, 0]
    assert (10 * until).round().tolist() == [1, 0, 2, 1, 0, 0]


def test_a_mask_is_true_where_something_is_real():
    assert sequence_mask(torch.tensor([2]), torch.tensor([[-1, 0, 1, 2]])).tolist() == [
        [False, True, True, False]
    ]
