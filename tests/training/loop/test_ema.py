import pytest
import torch
from tts.training.loop.ema import EMA


@pytest.mark.parametrize(("step", "pull"), [(0, 1.0), (10, 0.5), (90, 0.1), (10_000, 0.01)])
def test_an_average_moves_further_early_on(step, pull):
    """By 10 parts in step + 10, and at last by 1 - decay."""
    model = torch.nn.Linear(2, 2)
    average = EMA(model, 0.99)
    before = average.weights["weight"].clone()
    with torch.no_grad():
        model.weight.add_(1)
    average.update(model, step)
    torch.testing.assert_close(average.weights["weight"], before + pull)
