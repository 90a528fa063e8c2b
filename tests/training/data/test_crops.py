"""Which parts of recordings are drawn, shown by an F0 that counts the frames of its clip."""

import math

import numpy as np
import pytest
import soundfile
import torch
from torch import Generator
from tts.training.data.crops import SPEEDS, RecordingDataset
from tts.training.data.recordings import Recording

from tts.config import MelConfig

RATE, HOP, CROP = 24_000, 256, 16
FRAMES = {"short": 40, "long": 120}


@pytest.fixture
def recordings(tmp_path):
    draw, clips = np.random.default_rng(0), []
    for id, frames in FRAMES.items():
        path = tmp_path / f"{id}.wav"
        soundfile.write(path, 0.1 * draw.standard_normal(frames * HOP), RATE)
        clips.append(Recording(id=id, set="toy", voice="heart", text="", audio=path))
    f0 = {id: np.arange(frames, dtype=np.float32) for id, frames in FRAMES.items()}
    return RecordingDataset(clips, MelConfig(), f0)


def test_crops_come_from_all_of_a_recording_and_of_long_ones_more(recordings):
    """All frames of a clip are met, and a crop may overhang either end by half its length."""
    batch = recordings.batch(300, CROP, Generator().manual_seed(0))
    assert batch.ids.count("long") / 300 == pytest.approx(0.75, abs=0.08)
    for id, frames in FRAMES.items():
        rows = batch.log2_f0[[index for index, own in enumerate(batch.ids) if own == id]]
        assert set(rows[rows.isfinite()].round().tolist()) == set(range(frames))
        missing = (~rows.isfinite()).sum(dim=1)
        assert missing.max() == CROP // 2
        begins = rows[:, 0].isfinite()
        assert 0 < (~begins).float().mean() < 0.5


def steps(batch):
    """Of clip frames to a frame of a crop, and by how much F0 is raised."""
    inner = batch.log2_f0[batch.log2_f0.isfinite().all(dim=1)]
    return {round(step, 3) for step in inner.diff(dim=1).mean(dim=1).tolist()}


def test_a_crop_runs_at_one_of_the_speeds_if_it_is_perturbed(recordings):
    plain, fast = (
        recordings.batch(100, CROP, Generator().manual_seed(0), perturbed=share)
        for share in (0.0, 1.0)
    )
    assert steps(plain) == {1}
    assert steps(fast) == {round(before / after, 3) for before, after in SPEEDS[1:]}


def test_crops_with_one_step_mels_keep_their_speed_and_level(recordings):
    """They are aligned with the recording frame by frame."""
    recordings.set_one_step_mels({id: torch.zeros(frames, 100) for id, frames in FRAMES.items()})
    chance = Generator().manual_seed(0)
    batch = recordings.batch(60, CROP, chance, one_step_share=1.0, perturbed=1.0)
    assert steps(batch) == {1}
    inner = batch.log2_f0.isfinite().all(dim=1)
    assert (batch.mel[inner] == 0).all()
    levels = 20 * batch.audio[inner].square().mean(dim=1).sqrt().log10()
    assert levels.max() - levels.min() < 1
    assert levels.mean().item() == pytest.approx(20 * math.log10(0.07), abs=0.5)
