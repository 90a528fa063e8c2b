"""Whose flow map answers a term, what of the model is trained, and where its parts come from."""

from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Generator
from tts.training.acoustic.guidance import Conditions, Guidance, GuidanceInput
from tts.training.acoustic.objectives import PathSample
from tts.training.acoustic.stage import AcousticStage
from tts.training.acoustic.teachers import bind_teachers, path_velocity
from tts.training.acoustic.terms import Ramp, Term
from tts.training.loop.train import train
from tts.training.recipes import RECIPES

from tts.acoustic.flow import FlowMap
from tts.config import DecoderConfig
from tts.torch_checkpoint import load_checkpoint, save_checkpoint

HALF = Ramp(start=0.5, end=0.5)
FLOW = Term(objective="flow_matching", times="diagonal", share=HALF)
BOUNDARY = Term(objective="boundary", times="diagonal", teacher="frozen", share=HALF)
SPLIT = Term(objective="semigroup", times="deployed", share=HALF)


@pytest.fixture(autouse=True)
def short_trial(monkeypatch):
    """One batch of what is held out is enough to be judged by."""
    monkeypatch.setattr("tts.training.acoustic.stage.ROUNDS", 1)


@pytest.fixture
def run(tiny_config):
    shape = {"batch": 4, "crop": 32, "minutes": None, "steps": 4, "precision": "float32"}
    return replace(RECIPES["flow_matching"](), model=tiny_config, **shape, warmup=1, log_every=1)


@pytest.fixture
def saved(tiny_acoustic, tmp_path):
    """Saves a model, and gives its path."""

    def save(name="start", model=tiny_acoustic):
        save_checkpoint(model, tmp_path / f"{name}.safetensors", {})
        return str(tmp_path / f"{name}.safetensors")

    return save


def constant(value):
    return FlowMap(lambda x, s, t: torch.full_like(x, value))


def test_an_autoguided_velocity_is_the_weaker_one_and_the_way_from_it():
    x, t = torch.zeros(2, 3, 1), torch.zeros(2)
    both, own = {"frozen": constant(3.0), "weak": constant(2.0)}, Guidance()
    for scale, expected in ((1.5, 2 + 1.5 * (3 - 2)), (1.0, 3)):
        conditions = Conditions(torch.ones(2) > 0, GuidanceInput.fixed(scale, own, t))
        maps = bind_teachers(lambda name, items, told: both[name], conditions, own)
        guided = maps("autoguided", slice(0, 2))
        assert (guided.velocity(x, t) == expected).all()


def test_the_path_answers_with_data_minus_noise_wherever_it_is_asked():
    noise, data, t = torch.randn(2, 3, 1), torch.randn(2, 3, 1), torch.rand(2)
    found = path_velocity(PathSample(noise, data, t, t, t)).velocity(torch.randn(2, 3, 1), t)
    torch.testing.assert_close(found, data - noise)


@pytest.mark.parametrize(
    ("terms", "dropout"),
    [
        ((FLOW,), True),
        ((FLOW, SPLIT), False),
        ((FLOW, replace(SPLIT, teacher="average")), False),
        ((Term(objective="mean_flow", times="uniform", teacher="path"),), False),
    ],
)
def test_networks_that_make_targets_have_no_dropout(terms, dropout, run, corpus):
    """A student and a target with dropouts of their own would never agree."""
    stage = AcousticStage(replace(run, terms=terms, maps=("mel", "prosody")), corpus, {})
    parts = [part for model in stage.models.all() for part in model.modules()]
    drops = [part.training for part in parts if isinstance(part, torch.nn.Dropout)]
    assert drops
    assert set(drops) == {dropout}


def test_the_average_answers_with_the_averaged_weights(run, corpus):
    """Where they are spoilt, so are its targets, and only these."""
    terms = (FLOW, replace(SPLIT, teacher="average"))
    stage = AcousticStage(replace(run, terms=terms), corpus, {})
    stage.step(0.0, Generator().manual_seed(0))
    stage.state.average.weights["decoder.leave.bias"].fill_(torch.nan)
    losses = stage.step(0.0, Generator().manual_seed(1)).losses
    assert losses["mel/flow_matching"].isfinite()
    assert losses["mel/semigroup"].isnan()
    assert all(weight.grad is None for weight in stage.models.average.parameters())


def test_a_weaker_teacher_reads_texts_by_itself(run, corpus, saved, tiny_acoustic):
    """With guidance the velocity moves away from that of a teacher with another encoder."""
    weak = deepcopy(tiny_acoustic)
    for weight in weak.encoder.parameters():
        weight.data.mul_(0.5)
    guided = replace(
        run,
        terms=(replace(BOUNDARY, teacher="autoguided"),),
        start=saved(),
        weak=saved("weak", weak),
        guidance=2.0,
    )
    found = []
    for scale in (1.0, 2.0):
        stage = AcousticStage(replace(guided, guidance=scale), corpus, {})
        found.append(stage.step(0.0, Generator().manual_seed(0)).losses["mel/boundary"].item())
    assert found[0] == pytest.approx(0, abs=1e-10)
    assert found[1] > 1e-5


def test_an_encoder_that_is_frozen_stays_as_it_is(run, corpus, saved):
    """Without a teacher. What is trained is the mel map."""
    stage = AcousticStage(replace(run, start=saved(), freeze_encoder=True), corpus, {})
    before = {name: value.clone() for name, value in stage.model.state_dict().items()}
    losses = stage.step(0.0, Generator().manual_seed(0)).losses
    assert losses.keys() == {"mel/flow_matching"}
    changed = {
        name.partition(".")[0]
        for name, value in stage.model.state_dict().items()
        if not torch.equal(value, before[name])
    }
    assert changed == {"decoder"}
    assert not stage.model.encoder.training


def test_a_part_of_a_model_begins_anew_where_the_run_says_so(run, corpus, saved, tiny_acoustic):
    """A smaller student of a larger teacher, whose reading of the text it keeps."""
    path = saved()
    small = replace(run.model, decoder=DecoderConfig(dim=8, depth=1, kernel=3, patch=2))
    taught = replace(run, model=small, terms=(BOUNDARY,), start=path, fresh=("decoder",))
    stage = AcousticStage(taught, corpus, {})
    begun = stage.model.state_dict()
    for name, weight in load_checkpoint(Path(path), type(tiny_acoustic)).state_dict().items():
        assert name.startswith("decoder.") or torch.equal(begun[name], weight), name
    assert stage.models.frozen.config == run.model
    assert stage.step(0.0, Generator().manual_seed(0)).losses["mel/boundary"] > 0
    assert stage.averaged().config.decoder == small.decoder
    with pytest.raises(ValueError, match=r"does not fit .*: model\.decoder\.dim \(16 there\)"):
        AcousticStage(replace(taught, fresh=()), corpus, {})


def test_a_teacher_that_reads_texts_otherwise_is_refused(run, corpus, saved, tiny_acoustic):
    other = deepcopy(tiny_acoustic)
    other.mean.bias.data.add_(1)
    taught = replace(run, terms=(BOUNDARY,), start=saved(), teacher=saved("other", other))
    with pytest.raises(ValueError, match=r"reads texts otherwise than .*mean\.bias differs; start"):
        AcousticStage(taught, corpus, {})


def test_a_teacher_may_differ_in_what_it_teaches(run, corpus, saved, tiny_acoustic):
    other = deepcopy(tiny_acoustic)
    for weight in (*other.decoder.parameters(), *other.prosody.parameters()):
        weight.data.add_(0.1)
    taught = replace(run, terms=(BOUNDARY,), start=saved(), teacher=saved("other", other))
    assert AcousticStage(taught, corpus, {}).models.frozen is not None


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        (
            {"terms": (replace(BOUNDARY, teacher="autoguided"),), "start": "start"},
            "has an autoguided teacher but no weaker one; set weak",
        ),
        ({"terms": (BOUNDARY,)}, "has a frozen teacher but no checkpoint; set start to one"),
        ({"freeze_encoder": True}, "freezes its encoder but no checkpoint; set start"),
        ({"fresh": ("decoder",)}, "has fresh parts but no checkpoint; set start"),
        ({"fresh": ("encoder",), "start": "start"}, "fresh of run .* must be some of decoder, pro"),
        ({"terms": (SPLIT,)}, "collapse, as semigroup with teacher student does not hold"),
        (
            {"terms": (replace(FLOW, share=Ramp(start=0.0, end=0.0)), SPLIT)},
            "must have a term of flow_matching or boundary",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused_with_the_reason(options, refusal, run):
    with pytest.raises(ValueError, match=refusal):
        replace(run, **options)


def test_mean_flow_by_the_path_needs_no_diagonal_term(run):
    replace(run, terms=(Term(objective="mean_flow", times="uniform", teacher="path"),))
    with pytest.raises(ValueError, match="mean_flow with teacher student does not hold"):
        replace(run, terms=(Term(objective="mean_flow", times="uniform"),))


def test_a_run_with_learned_weights_and_an_average_goes_on_where_it_stopped(run, corpus, tmp_path):
    """Two steps are, to the bit, one step and one more from the saved state."""
    split = replace(SPLIT, teacher="average", weighting="learned")
    learned = replace(run, terms=(FLOW, split))
    found = []
    for folder, pieces in (("whole", (2,)), ("halves", (1, 2))):
        for steps in pieces:
            stage = AcousticStage(replace(learned, steps=2), corpus, {"val": corpus})
            train(replace(stage.run, steps=steps), stage, tmp_path / folder)
        found.append(stage)
    first, second = (stage.state.values() for stage in found)
    assert found[0].run.learned_weights == ("mel/semigroup",)
    assert first["forward_passes"] == second["forward_passes"]
    for name, weight in first["model"].items():
        assert torch.equal(weight, second["model"][name]), name
    moved = [name for name in first["model"] if name.startswith("mel/semigroup")]
    assert any(first["model"][name].abs().sum() > 0 for name in moved)


def test_compute_is_logged_in_forward_passes(run, corpus, tmp_path):
    """By hand: flow matching costs 3 a crop, the semigroup by the student 5."""
    stage = AcousticStage(replace(run, terms=(FLOW, SPLIT), steps=2), corpus, {"val": corpus})
    train(stage.run, stage, tmp_path)
    assert stage.state.forward_passes == 2 * (2 * 3 + 2 * 5)
    assert '"forward_passes": 32' in (tmp_path / "log.jsonl").read_text()


def test_checkpoints_of_such_runs_are_plain(run, corpus, saved, tmp_path):
    split = replace(SPLIT, weighting="learned")
    stage = AcousticStage(replace(run, terms=(FLOW, split), start=saved()), corpus, {})
    save_checkpoint(stage.averaged(), tmp_path / "average.safetensors", {})
    assert load_checkpoint(tmp_path / "average.safetensors", type(stage.model)).config == run.model


@pytest.mark.parametrize("objective", ["lagrangian", "semigroup", "eulerian_self_distillation"])
def test_jumps_of_no_length_teach_a_map_nothing_of_itself(objective):
    with pytest.raises(ValueError, match=f"{objective} learns nothing of itself from times"):
        Term(objective=objective, times="uniform_diagonal")
    Term(objective="mean_flow", times="diagonal", teacher="path")


def test_flow_map_matching_needs_its_other_part(run):
    matching = Term(objective="flow_map_matching", times="both_ways", teacher="path")
    with pytest.raises(ValueError, match="needs a term of invertibility beside it"):
        replace(run, terms=(matching,))
    replace(run, terms=(matching, Term(objective="invertibility", times="both_ways")))
