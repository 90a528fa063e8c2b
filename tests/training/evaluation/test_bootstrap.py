import numpy as np
import pytest
from tts.training.evaluation.bootstrap import bootstrap_estimate


def test_errors_are_drawn_with_their_own_words():
    """One error in ten words in every line: so it is in every draw."""
    words = np.array([10, 50, 200, 1000])
    found = bootstrap_estimate((words / 10).tolist(), words.tolist())
    assert (found.low, found.value, found.high) == pytest.approx((0.1, 0.1, 0.1))


def test_the_interval_is_of_95_of_100_draws():
    """By hand: a mean of 400 zeros and ones has a deviation of 1/40."""
    found = bootstrap_estimate([0, 1] * 200)
    assert found.value == 0.5
    assert (found.high - found.low) / 2 == pytest.approx(1.96 / 40, rel=0.06)
