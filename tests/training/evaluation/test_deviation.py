import json
from copy import deepcopy
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch
from tts.training.data.features import ClipFeatures
from tts.training.evaluation.deviation import (
    ReferenceClip,
    conditional_mean,
    deviation,
    prepare_clips,
)
from tts.training.loop.start import with_voices

from tests.toys import Gaussian, write_toy_features
from tts.acoustic.flow import FlowMap

CLIPS = tuple(Gaussian(mean=mean, deviation=0.5) for mean in (-3.0, 0.0, 3.0))


def exact(data):
    return FlowMap(data.exact)


def velocity(data):
    return FlowMap(lambda x, s, t: data.exact(x, s, s))


@pytest.mark.parametrize("steps", [1, 4])
def test_a_right_map_has_the_deviation_of_recordings_in_any_number_of_steps(steps):
    found = deviation(held(exact), steps)
    assert found.median == pytest.approx(1, abs=0.05)
    assert found.best == pytest.approx(1, abs=0.02)
    assert found.worst == pytest.approx(1, abs=0.15)


def test_one_step_of_flow_matching_has_no_deviation():
    assert deviation(held(velocity), 1).worst == pytest.approx(0, abs=1e-3)
    assert deviation(held(velocity), 32).median == pytest.approx(1, abs=0.1)


def test_deviation_is_that_of_speech_alone():
    first = torch.arange(400) < 200
    half = [replace(clip, recorded=loud(clip), speech=first) for clip in held(exact)]
    assert deviation(half, 1).median == pytest.approx(1, abs=0.05)


def test_held_out_clips_are_bound_to_the_model_in_its_own_measure(tiny_acoustic, tmp_path):
    tiny_acoustic.mel_mean += 1
    tiny_acoustic.mel_deviation *= 2
    mels = torch.randn(30, tiny_acoustic.config.mel.bands)
    clips = [features("a", "michael", (2, 8, 1, 4)), features("b", "heart", (2, 9, 2, 2))]
    np.save(tmp_path / "mels.npy", mels.numpy().astype(np.float16))
    (tmp_path / "clips.jsonl").write_text("\n".join(json.dumps(asdict(clip)) for clip in clips))
    first, second = prepare_clips(tiny_acoustic, tiny_acoustic, tmp_path)
    torch.testing.assert_close(second.recorded[0], (mels[15:] - 1) / 2, atol=1e-3, rtol=0)
    assert (int(first.speech.sum()), int(second.speech.sum())) == (8, 9)
    assert 0 < deviation([first, second], 2).median < 10
    assert len(prepare_clips(tiny_acoustic, tiny_acoustic, tmp_path, limit=1)) == 1
    assert len(prepare_clips(tiny_acoustic, tiny_acoustic, tmp_path, conventions=("misaki",))) == 2
    with pytest.raises(ValueError, match=r"no clips of espeak in .*; name other sets"):
        prepare_clips(tiny_acoustic, tiny_acoustic, tmp_path, conventions=("espeak",))


def held(follow):
    """Recordings drawn from each clip's own law, and their mean from an exact teacher."""
    chance = torch.Generator().manual_seed(0)
    recordings = [data.sample((1, 400, 20), chance) for data in CLIPS]
    return [
        ReferenceClip(
            seed=seed,
            flow=follow(data),
            mean=conditional_mean(exact(data), recorded, seed),
            recorded=recorded,
            speech=torch.ones(400, dtype=torch.bool),
        )
        for seed, (data, recorded) in enumerate(zip(CLIPS, recordings, strict=True))
    ]


def loud(clip):
    """The same recording, its second half a hundred times as loud."""
    return torch.cat([clip.recorded[:, :200], 100 * clip.recorded[:, 200:]], dim=1)


def features(id, voice, durations):
    return ClipFeatures(
        id=id,
        voice=voice,
        text="Ah.",
        convention="misaki",
        symbols="^ɑ.$",
        durations=durations,
        pitch=(5.0, 5.1, 5.0, 5.0),
        level=(-60.0, -20.0, -60.0, -60.0),
    )


def test_a_teacher_that_cannot_have_taught_the_model_is_refused(tiny_acoustic, tmp_path):
    write_toy_features(tmp_path, ("val",))
    teacher = deepcopy(tiny_acoustic)
    teacher.mel_mean += 1
    with pytest.raises(ValueError, match="teacher and model differ in mel mean; name the teacher"):
        prepare_clips(tiny_acoustic, teacher, tmp_path / "val")


def test_a_teacher_of_fewer_voices_answers_for_those_it_has(tiny_acoustic, tmp_path):
    write_toy_features(tmp_path, ("val",))
    pupil = with_voices(tiny_acoustic, ("nobody", "heart", "michael"))
    alone = with_voices(tiny_acoustic, ("heart", "michael"))
    for ours, theirs in zip(
        prepare_clips(pupil, tiny_acoustic, tmp_path / "val"),
        prepare_clips(alone, tiny_acoustic, tmp_path / "val"),
        strict=True,
    ):
        torch.testing.assert_close(ours.mean, theirs.mean)


def test_the_mean_is_the_teachers_and_the_map_the_models(tiny_acoustic, tmp_path):
    write_toy_features(tmp_path, ("val",))
    teacher = deepcopy(tiny_acoustic)
    with torch.no_grad():
        teacher.decoder.output.bias.add_(1)
    (own,), (taught,), (guide,) = (
        prepare_clips(model, of, tmp_path / "val", limit=1)
        for model, of in (
            (tiny_acoustic, tiny_acoustic), (tiny_acoustic, teacher), (teacher, teacher),
        )
    )  # fmt: skip
    torch.testing.assert_close(taught.mean, guide.mean)
    assert (taught.mean - own.mean).abs().mean() > 0.5
    torch.testing.assert_close(taught.generate(1), own.generate(1))
    torch.testing.assert_close(taught.recorded, own.recorded)
