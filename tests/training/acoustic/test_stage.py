"""What a step of the acoustic model does to it, and what it is judged by."""

from dataclasses import replace

import pytest
import torch
from torch import Generator
from tts.training.acoustic.stage import AcousticStage, endpoint_losses, held_out_losses
from tts.training.acoustic.terms import Term
from tts.training.data.dataset import FeatureDataset
from tts.training.loop.logger import RunLogger
from tts.training.recipes import RECIPES

from tts.text.pronounce.symbols import PhonemeTokenizer
from tts.torch_checkpoint import save_checkpoint

CROP = 32
BOUNDARY = Term(objective="boundary", times="diagonal", teacher="frozen")


@pytest.fixture
def sets(features, tiny_config):
    """A set to learn from, and one that is held out, both with statistics of their own."""
    symbols = PhonemeTokenizer(inventory=tiny_config.symbols)
    return [
        FeatureDataset([features / name], symbols, tiny_config.voices) for name in ("heart", "val")
    ]


@pytest.fixture
def run(tiny_config):
    shape = {"batch": 4, "crop": CROP, "minutes": None, "steps": 4, "precision": "float32"}
    return replace(RECIPES["flow_matching"](), model=tiny_config, **shape, warmup=1)


@pytest.fixture
def start(tiny_acoustic, tmp_path):
    tiny_acoustic.mel_mean.fill_(-2.0)
    save_checkpoint(tiny_acoustic, tmp_path / "start.safetensors", {})
    return str(tmp_path / "start.safetensors")


def test_gradients_are_clipped_to_a_norm_of_one(run, sets):
    stage = AcousticStage(run, sets[0], {})
    with torch.no_grad():
        stage.model.mean.weight.mul_(100)
    found = stage.step(0.0, Generator().manual_seed(0))
    slopes = [weight.grad for weight in stage.model.parameters() if weight.grad is not None]
    norm = torch.stack([slope.norm() for slope in slopes]).norm().item()
    assert found.gradients.item() > 10
    assert norm == pytest.approx(1, rel=1e-3)


def test_a_student_that_is_its_teacher_agrees_with_it(run, sets, start):
    """No dropout disturbs it; without a teacher there is dropout."""
    taught = replace(run, terms=(BOUNDARY,), maps=("prosody", "mel"), start=start)
    stage = AcousticStage(taught, sets[0], {})
    losses = stage.step(0.0, Generator().manual_seed(0)).losses
    assert {name: loss.item() for name, loss in losses.items()} == {
        "prosody/boundary": 0,
        "mel/boundary": 0,
    }
    assert not any(part.training for part in stage.model.modules())
    assert not any(part.training for part in stage.teacher.modules())
    assert AcousticStage(run, sets[0], {}).model.encoder.training


@pytest.mark.parametrize("masked", [0.0, 0.999999])
def test_a_step_hides_the_share_of_the_symbols_that_its_run_says(masked, run, sets):
    found = []
    for symbol in (1, 2):
        corpus = sets[0]
        corpus.tokens = torch.where(corpus.tokens > 0, symbol, 0)
        stage = AcousticStage(replace(run, masked=masked), corpus, {})
        found.append(stage.step(0.0, Generator().manual_seed(0)).losses["mean"].item())
    assert (found[0] == found[1]) == (masked > 0)


def test_the_averaged_model_is_judged_and_kept(run, sets, tmp_path):
    """Without dropout, and with the same noise every time."""
    stage = AcousticStage(run, sets[0], {"val": sets[1]})
    stage.step(0.0, Generator().manual_seed(0))
    with torch.no_grad():
        for weight in stage.model.parameters():
            weight.fill_(torch.nan)
    with RunLogger(run, tmp_path) as journal:
        first, second = stage.validate(journal), stage.validate(journal)
    assert first == second
    assert torch.tensor(list(first.values())).isfinite().all()
    (kept,) = stage.averages().values()
    assert all(value.isfinite().all() for value in kept.state_dict().values())
    assert not any(part.training for part in kept.modules())


def test_held_out_sets_are_measured_by_the_statistics_of_the_model(run, sets, start):
    stage = AcousticStage(replace(run, start=start), sets[0], {"val": sets[1]})
    assert stage.model.mel_mean.item() == -2
    for corpus in sets:
        assert corpus.statistics.mel_mean.item() == -2


def test_rounds_of_held_out_clips_have_clips_and_noise_of_their_own(
    sets, tiny_acoustic, monkeypatch
):
    """Were the noise the same, so would be the losses of two rounds of the same clips."""
    corpus, chances = sets[1], []
    batch = corpus.batch(16, CROP, Generator().manual_seed(0))

    def same(size, crop, generator):
        chances.append(generator.initial_seed())
        return batch

    monkeypatch.setattr(corpus, "batch", same)
    found = []
    for rounds in (1, 2):
        monkeypatch.setattr("tts.training.acoustic.stage.ROUNDS", rounds)
        found.append(held_out_losses(tiny_acoustic, corpus, CROP))
    assert len(set(chances)) == 2
    for name in ("prosody/flow_matching", "mel/flow_matching"):
        assert abs(found[0][name] - found[1][name]) > 1e-4
    assert found[0]["mean"] == pytest.approx(found[1]["mean"])


def test_the_distance_of_one_step_from_the_teachers_end_points_can_be_watched(
    run, sets, start, tmp_path
):
    taught = replace(run, terms=(BOUNDARY,), start=start, watch="mel/endpoint", maps=("mel",))
    stage = AcousticStage(taught, sets[0], {"val": sets[1]})
    with RunLogger(taught, tmp_path) as journal:
        found = stage.validate(journal)
    assert found["mel/endpoint"] > 0
    assert found == {**found, **endpoint_losses(stage.averaged(), stage.teacher, sets[1], CROP)}
