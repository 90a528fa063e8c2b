"""Duration models in training: what they learn, what they save, and what speaks by them."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Generator
from tts.training.build import StageBuilder
from tts.training.durations.evaluation import (
    Reading,
    draw_model,
    draw_normal,
    histogram,
    mean_of,
    residual_deviation,
    samplers,
)
from tts.training.durations.losses import DurationStep, duration_losses, without_dropout
from tts.training.durations.model import MODELS, load_durations
from tts.training.durations.speech import DurationRuntime
from tts.training.loop.train import train
from tts.training.recipes import RECIPES, make_run

from tests.toys import write_toy_features
from tts.acoustic.prosody import LENGTH
from tts.config import ProsodyConfig
from tts.delivery import Delivery
from tts.synthesis import Synthesizer
from tts.text.frontend import prepare_utterances
from tts.torch_checkpoint import save_checkpoint

NAMES = {
    "regression": "mean_durations",
    "continuous": "continuous_durations",
    "categorical": "categorical_durations",
}

SHORT = {"steps": 4, "batch": 4, "warmup": 1, "precision": "float32"}


@pytest.fixture
def folder(tiny_acoustic, tmp_path):
    write_toy_features(tmp_path)
    tiny_acoustic.prosody_mean[LENGTH], tiny_acoustic.prosody_deviation[LENGTH] = 1.8, 0.3
    save_checkpoint(tiny_acoustic, tmp_path / "start.safetensors", {})
    return tmp_path


@pytest.fixture
def stage(folder, tiny_config):
    def build(kind, **options):
        recipe = RECIPES[NAMES[kind]]()
        own = replace(recipe.selection, conventions=(tiny_config.convention,))
        run = replace(
            recipe,
            start=str(folder / "start.safetensors"),
            network=ProsodyConfig(dim=16, depth=1, heads=2),
            **({"selection": own, **SHORT} | options),
        )
        return StageBuilder(folder, folder, ["heart"], ["val"]).build(run)

    return build


@pytest.mark.parametrize("kind", MODELS)
def test_a_recipe_trains_every_weight_and_is_read_again(kind, stage, tmp_path):
    """Regression has no state and no times; a bias of the interval cancels in all models."""
    trained = stage(kind)
    before = {name: weight.clone() for name, weight in trained.model.named_parameters()}
    path = train(trained.run, trained, tmp_path / "run")
    still = {
        name for name, weight in trained.model.named_parameters() if weight.equal(before[name])
    }
    idle = ("interval", "skip_gain") if kind == "regression" else ("interval.2.bias",)
    assert all(any(part in name for part in idle) for name in still), still
    model = load_durations(path)
    assert (model.config.kind, model.mean.item()) == (kind, pytest.approx(1.8))
    batch = trained.corpus.clip(0)
    drawn = draw_model(model, batch.given, Generator().manual_seed(0))
    assert drawn.shape == batch.durations.shape
    assert torch.isfinite(drawn).all()


@pytest.mark.parametrize("kind", ["continuous", "categorical"])
def test_targets_of_jumps_have_no_dropout_and_no_gradient(kind, stage):
    """They are the student's own, by the same weights."""
    trained = stage(kind)
    student, teacher = trained.model, trained.teacher
    assert student.training
    assert not any(part.training for part in teacher.modules())
    for ours, theirs in zip(student.parameters(), teacher.parameters(), strict=True):
        assert ours.data_ptr() == theirs.data_ptr()
    still = without_dropout(student)
    for weight in still.parameters():
        assert weight.requires_grad
    losses = []
    for _ in range(2):  # dropout would change a second answer of a teacher
        step = DurationStep(0.0, 1.0, Generator().manual_seed(0))
        losses.append(duration_losses(step, still, teacher, trained.corpus.clip(0))["semigroup"])
    assert losses[0] == losses[1]


@pytest.mark.parametrize("kind", MODELS)
def test_padding_changes_nothing(kind, stage):
    """A sentence alone has the durations that it has beside a longer one."""
    trained = stage(kind)
    model = trained.averages()["average"]
    with torch.no_grad():
        for weight in model.parameters():
            weight.normal_(0, 0.1)
    trained.corpus.hidden[1] = trained.corpus.hidden[1][:9]
    trained.corpus.corpus.tokens[1, 9:] = 0
    middle = torch.full((1, 16), 0.5)
    alone = trained.corpus.assemble(torch.tensor([1]), middle)
    beside = trained.corpus.assemble(torch.tensor([1, 0]), middle.expand(2, -1))
    noise = torch.randn(2, 16, model.config.channels)
    first = model.generate(alone.given, noise[:1, :9])
    second = model.generate(beside.given, noise)
    torch.testing.assert_close(first[0], second[0, :9])


def test_batches_are_of_clips_alike_in_length(stage):
    corpus = stage("regression").corpus
    lengths = (corpus.corpus.tokens > 0).sum(dim=1)
    batch = corpus.batch(4, Generator().manual_seed(0))
    assert torch.equal(batch.given.mask.sum(dim=1), lengths[batch.clips])
    features = batch.given.features
    assert torch.equal(features[..., -1] > 0, batch.lasting)


def test_an_encoder_of_another_convention_is_refused(stage, tiny_config):
    other = {"misaki": "espeak", "espeak": "misaki"}[tiny_config.convention]
    selection = replace(make_run("mean_durations").selection, conventions=(other,))
    with pytest.raises(ValueError, match="convention"):
        stage("regression", selection=selection)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"kind": "normal"}, "kind of run"),
        ({"start": None}, "no text encoder"),
    ],
)
def test_runs_that_cannot_be_are_refused(options, why):
    with pytest.raises(ValueError, match=why):
        replace(make_run("categorical_durations"), **options)


def test_speech_lasts_as_long_as_the_sampler_says(tiny_acoustic, tiny_vocoder):
    """Pitch and energy are those of the model itself."""
    spoken = []
    for frames in (4, 8):

        def sampler(given, generator, frames=frames):
            return torch.full(given.features.shape[:2], float(np.log(frames)))

        runtime = DurationRuntime(tiny_acoustic, tiny_vocoder, sampler)
        spoken.append(Synthesizer(runtime).plan(*line(tiny_acoustic)))
    lasting = spoken[0].durations > 0
    assert set(spoken[0].durations[lasting]) == {4}
    assert set(spoken[1].durations[lasting]) == {8}
    np.testing.assert_array_equal(
        spoken[0].tokens.prosody[:, LENGTH + 1 :], spoken[1].tokens.prosody[:, LENGTH + 1 :]
    )


def line(acoustic):
    convention, voice = acoustic.config.convention, acoustic.config.voices[0]
    (utterance,) = prepare_utterances("Hello there.", convention=convention)
    return utterance, Delivery(voice=voice)


def test_every_sampler_gives_lengths_of_its_model(stage, tiny_acoustic):
    """Those of categories are centers of bins; the histogram is that of the recorded durations."""
    stages = {kind: stage(kind) for kind in MODELS}
    named = {"mean": "regression", "continuous": "continuous", "categorical": "categorical"}
    models = {name: stages[kind].averages()["average"] for name, kind in named.items()}
    corpus, bins = stages["regression"].corpus, models["categorical"].config.bins
    batch = corpus.clip(0)
    for name, sampler in samplers(models, tiny_acoustic).items():
        drawn = sampler(batch.given, Generator().manual_seed(0))
        assert drawn.shape == batch.durations.shape
        assert torch.isfinite(drawn).all()
        if name in ("categorical map", "classifier"):
            assert torch.isin(drawn, bins.centers.to(drawn)).all()
    prior = histogram(corpus.corpus, bins)
    durations = corpus.corpus.durations
    assert prior.sum() == pytest.approx(1)
    assert prior[4] == pytest.approx(float((durations[durations > 0] == 5).double().mean()))
    reading = Reading(
        clips=(0, 1), clip=corpus.clip, bins=bins, prior=prior, mean=mean_of(models["mean"])
    )
    deviation = residual_deviation(reading, without=1)
    off = batch.durations.log() - reading.mean(batch.given)
    assert deviation == pytest.approx(float(off[batch.lasting].square().mean().sqrt()))
    noisy = draw_normal(models["mean"], deviation, batch.given, Generator().manual_seed(0))
    assert not torch.equal(noisy, reading.mean(batch.given))
