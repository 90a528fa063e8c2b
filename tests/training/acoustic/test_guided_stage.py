"""Runs with guidance: who loses conditions, who is guided by whom, and what is saved."""

from dataclasses import replace

import pytest
import torch
from torch import Generator
from tts.training.acoustic.guidance import Guidance
from tts.training.acoustic.losses import acoustic_losses, draw_conditions
from tts.training.acoustic.networks import WideAcousticModel
from tts.training.acoustic.stage import AcousticStage
from tts.training.acoustic.teachers import Models
from tts.training.acoustic.terms import Term, TrainingStep
from tts.training.recipes import RECIPES

from tts.acoustic.model import AcousticModel
from tts.torch_checkpoint import save_checkpoint

GUIDED = Term(objective="boundary", times="diagonal", teacher="guided")
HIGHEST = 8.0


@pytest.fixture
def batch(corpus):
    return corpus.batch(4, 32, Generator().manual_seed(0))


@pytest.fixture
def start(tiny_acoustic, tmp_path):
    save_checkpoint(tiny_acoustic, tmp_path / "start.safetensors", {})
    return str(tmp_path / "start.safetensors")


def guided(tiny_config, start, **options):
    """A run of the mel map that is guided by itself, with all that a wide decoder has."""
    shape = {"batch": 4, "crop": 32, "minutes": None, "steps": 4, "precision": "float32"}
    own = {
        "maps": ("mel",),
        "terms": (GUIDED, Term(objective="semigroup", times="deployed")),
        "start": start,
        "guidance": 2.0,
        "guided": Guidance(source="student", kappa=0.5, highest=HIGHEST),
        "unconditional": 0.25,
    }
    run = RECIPES["flow_matching"]()
    return replace(run, model=tiny_config, warmup=1, rate=1e-2, **shape, **own | options)


def loss(terms, models, batch, **options):
    step = TrainingStep(terms, Generator().manual_seed(0), maps=("mel", "prosody"), **options)
    return acoustic_losses(step, models, batch)


@torch.no_grad()
def test_an_item_without_conditions_is_read_as_any_other(tiny_acoustic, batch):
    """Its text and its lengths change neither map, and its voice does."""
    terms = (Term(objective="flow_matching", times="diagonal"),)
    other = replace(batch, tokens=batch.tokens.flip(1), durations=batch.durations.roll(1, 1))
    voice = replace(batch, voices=1 - batch.voices)
    for share, same in ((0.0, False), (1.0, True)):
        right, found, spoken = (
            loss(terms, Models(tiny_acoustic), each, unconditional=share)
            for each in (batch, other, voice)
        )
        for name in ("mel/flow_matching", "prosody/flow_matching"):
            assert (right[name] == found[name]).item() == same
            assert right[name] != spoken[name]


@torch.no_grad()
@pytest.mark.parametrize("source", ["frozen", "student"])
def test_a_guidance_of_one_is_none(source, tiny_acoustic, batch):
    models = Models(tiny_acoustic, frozen=tiny_acoustic, guidance=1.0)
    teacher = {"student": "path", "frozen": "frozen"}[source]
    plain = Term(objective="boundary", times="diagonal", teacher=teacher)
    right = loss((plain,), models, batch)
    found = loss((GUIDED,), models, batch, guidance=Guidance(source=source))
    for name, value in right.items():
        torch.testing.assert_close(found[name], value, atol=1e-9, rtol=1e-4)


@torch.no_grad()
def test_a_frozen_teacher_is_guided_away_from_itself_without_conditions(tiny_acoustic, batch):
    """The student is the teacher, so its distance grows with the scale, as a square."""
    found = [
        loss((GUIDED,), Models(tiny_acoustic, frozen=tiny_acoustic, guidance=scale), batch)
        for scale in (2.0, 3.0)
    ]
    for name in ("mel/boundary", "prosody/boundary"):
        assert found[0][name] > 0
        torch.testing.assert_close(found[1][name], 4 * found[0][name], rtol=1e-3, atol=0)
    models = Models(tiny_acoustic, frozen=tiny_acoustic, guidance=2.0)
    lost = loss((GUIDED,), models, batch, unconditional=1.0)
    assert lost["mel/boundary"] == 0


def test_a_share_of_the_items_loses_its_conditions_and_its_guidance(batch):
    step = TrainingStep(
        (), Generator().manual_seed(0), unconditional=0.3, guidance=Guidance(highest=None)
    )
    drawn = [draw_conditions(step, 2.0, batch) for _ in range(500)]
    kept = torch.stack([each.kept for each in drawn])
    assert 1 - kept.float().mean().item() == pytest.approx(0.3, abs=0.04)
    scales = torch.stack([each.guidance.scale for each in drawn])
    assert (scales == torch.where(kept, 2.0, 1.0)).all()


def test_guidance_is_drawn_for_each_item_where_it_is_an_input(batch):
    guidance = Guidance(source="student", highest=HIGHEST)
    step = TrainingStep((), Generator().manual_seed(0), guidance=guidance)
    scale = draw_conditions(step, 2.0, batch).guidance.scale
    assert len(scale.unique()) == len(scale)


def test_a_guided_run_saves_a_plain_model_and_resumes(tiny_config, start, corpus, tmp_path):
    def begin():
        return AcousticStage(guided(tiny_config, start, velocity_head=False), corpus, {})

    straight, broken = begin(), begin()
    for index in range(3):
        straight.step(index / 4, Generator().manual_seed(index))
    broken.step(0.0, Generator().manual_seed(0))
    broken.state.save(tmp_path / "state.pt")
    broken = begin()
    broken.state.load(tmp_path / "state.pt")
    for index in (1, 2):
        broken.step(index / 4, Generator().manual_seed(index))
    (plain,), (same,) = straight.averages().values(), broken.averages().values()
    assert type(plain) is AcousticModel
    for name, value in plain.state_dict().items():
        torch.testing.assert_close(same.state_dict()[name], value, atol=0, rtol=0)
    assert isinstance(straight.model, WideAcousticModel)
    assert straight.model.decoder.guidance[-1].weight.abs().max() > 0


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"unconditional": 0.0}, "guided by its own map without conditions.*set unconditional"),
        ({"unconditional": 1.0}, "unconditional of run flow_matching must be from 0 to below 1"),
        ({"guidance": 9.0}, "guidance of run flow_matching must be from 1 to guided.highest, 8"),
        ({"guidance": 0.5}, "must be from 1 to guided.highest, 8; got 0.5"),
        ({"maps": ("prosody", "mel")}, "guidance is an input of the mel map alone"),
        (
            {"velocity_head": True},
            "train the head of run flow_matching, not the jumps of no length",
        ),
        (
            {"start": None, "guided": Guidance(), "unconditional": 0.0},
            "has a frozen teacher but no",
        ),
    ],
)
def test_guidance_that_no_run_could_learn_is_refused(options, fault, tiny_config):
    with pytest.raises(ValueError, match=fault):
        guided(tiny_config, **{"start": "start.safetensors"} | options)
