import numpy as np
import pytest

from tts.noise import BLOCK_POSITIONS, noise


@pytest.mark.parametrize("start", [0, 1, 15, 16, 17, 40])
@pytest.mark.parametrize("stop", [40, 47, 48, 100])
def test_any_stretch_is_the_whole_cut_out(start, stop):
    np.testing.assert_array_equal(
        noise((3, 1), start, stop, 5), noise((3, 1), 0, 100, 5)[start:stop]
    )


def test_other_seeds_other_noise():
    drawn = [noise(seed, 0, BLOCK_POSITIONS, 4) for seed in ((0, 0), (0, 1), (1, 0), (0, 0, 1))]
    for index, one in enumerate(drawn):
        assert all(not np.array_equal(one, other) for other in drawn[index + 1 :])


def test_it_is_standard_normal():
    drawn = noise((0,), 0, 4000, 10)
    assert abs(drawn.mean().item()) < 0.02
    assert abs(drawn.std().item() - 1) < 0.02
