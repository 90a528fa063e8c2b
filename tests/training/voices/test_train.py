"""A voice of a tiny model: what is trained, what its file holds, and that a stopped run resumes."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch
from tts.training.data.features import read_features
from tts.training.voices import train as module
from tts.training.voices.card import new_card, similarities
from tts.training.voices.train import (
    HELD_OUT,
    TRAIN,
    VoiceTraining,
    aligned_clips,
    prepare_features,
    train_voice,
    voice_of,
    voice_runs,
)

from tests.training.voices.sounds import syllables
from tts.config import MelConfig
from tts.delivery import Delivery
from tts.runtime.torch import TorchRuntime
from tts.synthesis import Synthesizer, load
from tts.torch_checkpoint import save_checkpoint
from tts.voice_files import write_voice

PHONES, RATE = "hˈɛlO, wˈɜɹld.", 24_000


def gliding_tone(seed):
    """1.6 s of a tone with harmonics, from about 100 Hz to 200, in noise."""
    phase = 2 * np.pi * np.cumsum(np.linspace(100 + 5 * seed, 200, round(1.6 * RATE))) / RATE
    tone = sum(np.sin(n * phase) / n for n in range(1, 20))
    return (0.1 * tone + 0.3 * syllables(1.6, RATE, seed=seed, lead=0.1)).astype(np.float32)


@pytest.fixture
def work(tmp_path):
    """Twelve clips with times of phones, as alignment writes them."""
    folder = tmp_path / "ann-voice"
    (folder / "clips").mkdir(parents=True)
    rows = []
    for index in range(12):
        audio = gliding_tone(index)
        soundfile.write(folder / f"clips/{index}.flac", audio, RATE)
        ends = np.linspace(2400, len(audio) - 2400, len(PHONES) + 1).astype(int)
        rows.append(
            {
                "id": str(index),
                "voice": "ann",
                "text": f"Hello, world {index}.",
                "audio": f"clips/{index}.flac",
                "g2p": "misaki",
                "phones": PHONES,
                "ends": [*ends.tolist(), len(audio)],
            }
        )
    (folder / "aligned.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture
def training(work, tiny_acoustic, tiny_harmonic, monkeypatch):
    """A training of four updates in all, from random models."""
    save_checkpoint(tiny_acoustic, work.parent / "acoustic.safetensors", {})
    save_checkpoint(tiny_harmonic, work.parent / "vocoder.safetensors", {})
    for name in ("voice_flow_matching", "voice_split_mean_flow"):
        short = {"batch": 4, "crop": 32, "steps": 2, "precision": "float32", "warmup": 1}
        run = replace(getattr(module, name)(), **short, log_every=1)
        monkeypatch.setattr(module, name, lambda run=run: run)
    monkeypatch.setattr("tts.training.acoustic.stage.ROUNDS", 1)
    return VoiceTraining(
        work=work,
        name="ann",
        acoustic=work.parent / "acoustic.safetensors",
        vocoder=work.parent / "vocoder.safetensors",
        workers=1,
    )


def test_a_voice_file_speaks_as_the_model_that_was_trained(training, tiny_harmonic, tmp_path):
    tuned = train_voice(training)
    samples = sorted(path.name for path in (training.work / "samples").iterdir())
    assert samples == [
        f"{run.name}-{run.steps:04d}-{number}.wav"
        for run in voice_runs(training)
        for number in (1, 2)
    ]
    clips = aligned_clips(training)
    card = new_card(training, clips[TRAIN], {"consent": "yes"})
    voice = voice_of(tuned, training, card)
    write_voice(voice, tmp_path / "ann.voice")
    differing = {part for key in voice.acoustic for part in key.split(".")}
    assert differing >= {"norm", "modulation", "steer", "mean", "encoder", "prosody", "decoder"}
    assert card.minutes == round(len(clips[TRAIN]) * 1.6 / 60, 1)
    options = {"runtime": "torch", "voices": [tmp_path / "ann.voice"]}
    synthesizer = load(training.acoustic, training.vocoder, **options)
    spoken = synthesizer.speak("Hello.", Delivery(voice="ann")).audio
    tuned_speech = Synthesizer(TorchRuntime(tuned, tiny_harmonic)).speak(
        "Hello.", Delivery(voice="ann")
    )
    assert spoken.shape == tuned_speech.audio.shape
    np.testing.assert_allclose(spoken, tuned_speech.audio, atol=2e-2)
    base = synthesizer.speak("Hello.", Delivery(voice="heart")).audio
    assert base.shape != spoken.shape or abs(base - spoken).max() > 0.05


@pytest.mark.command
def test_a_stopped_training_gives_the_same_voice(training, tmp_path, monkeypatch):
    whole = train_voice(replace(training, work=_copy(training.work, tmp_path / "whole")))
    loop, taken = sys.modules["tts.training.loop.train"], []
    is_stale = loop._is_stale

    def stopped(run, state):
        taken.append(state.step)
        if len(taken) == 2:
            raise KeyboardInterrupt
        return is_stale(run, state)

    monkeypatch.setattr(loop, "_is_stale", stopped)
    with pytest.raises(KeyboardInterrupt):
        train_voice(training)
    moved = training.work.rename(tmp_path / "moved")
    resumed = train_voice(replace(training, work=moved)).state_dict()
    for key, weight in whole.state_dict().items():
        assert torch.equal(weight, resumed[key]), key


def _copy(folder, path):
    from shutil import copytree

    return copytree(folder, path)


def test_clips_that_the_check_drops_are_not_trained_on_and_texts_are_held_out_whole(training):
    clips = aligned_clips(training)
    assert len(clips[TRAIN]) + len(clips[HELD_OUT]) == 12
    assert len(clips[HELD_OUT]) == 4
    dropped = aligned_clips(replace(training, dropped=frozenset({clips[TRAIN][0].id})))
    assert clips[TRAIN][0].id not in {clip.id for part in dropped.values() for clip in part}


@pytest.mark.command
def test_effort_scales_the_steps_of_both_stages(training, tmp_path):
    """Flow matching follows the root of the minutes, too."""
    train_voice(training)
    frames = sum(sum(clip.durations) for clip in read_features(training.features / TRAIN))
    root = (frames * 256 / RATE / 60) ** 0.5
    steps = [run.steps for run in voice_runs(replace(training, effort=25))]
    assert steps == [round(50 * root), 50]


def test_a_voice_of_the_model_is_refused(training):
    with pytest.raises(ValueError, match="the model has a voice 'heart'; give the new voice"):
        train_voice(replace(training, name="heart"))


def test_similarity_is_the_cosine_to_the_mean_of_the_recordings():
    east, north = np.array([1.0, 0.0], np.float32), np.array([0.0, 1.0], np.float32)
    found = similarities(lambda audio: audio, [east], [east, north])
    assert found == {"similarity": pytest.approx(0.707, abs=1e-3), "self_similarity": 0.0}


def test_clips_without_pitch_are_refused(training):
    for index in range(12):
        path = training.work / f"clips/{index}.flac"
        soundfile.write(path, syllables(1.6, RATE, seed=index), RATE)
    with pytest.raises(ValueError, match="have no pitch; check that they are speech"):
        train_voice(training)


def speaks(training):
    return {key: value.clone() for key, value in train_voice(training).state_dict().items()}


def same(first, second):
    return all(torch.equal(first[key], second[key]) for key in first)


@pytest.mark.slow
def test_other_recordings_and_options_train_anew_and_the_last_training_is_kept(training, capsys):
    first = speaks(training)
    capsys.readouterr()
    assert same(first, speaks(training))
    assert "note" not in capsys.readouterr().err

    kept = {clip.id for clip in aligned_clips(training)[TRAIN]}
    fewer = replace(training, dropped=frozenset({min(kept)}))
    assert not same(first, speaks(fewer))
    assert {clip.id for clip in read_features(training.features / TRAIN)} == kept - {min(kept)}
    assert "note: changed: the recordings; a new training begins" in capsys.readouterr().err

    assert same(first, speaks(training))
    assert "the training before the last continues" in capsys.readouterr().err


@pytest.mark.slow
def test_a_corrected_text_or_recording_or_another_effort_is_not_taken_for_trained(training, capsys):
    first = speaks(training)
    manifest = training.work / "aligned.jsonl"
    rows = [json.loads(line) for line in manifest.read_text().splitlines()]
    other = ({**row, "phones": row["phones"].replace("ɜ", "ɔ")} for row in rows)
    manifest.write_text("".join(json.dumps(row) + "\n" for row in other))
    second = speaks(training)
    assert not same(first, second)
    clip = next(iter(aligned_clips(training)[TRAIN])).audio
    soundfile.write(clip, gliding_tone(77), RATE)
    third = speaks(training)
    assert not same(second, third)
    assert not same(third, speaks(replace(training, effort=2.0)))
    assert "changed: --effort;" in capsys.readouterr().err


def test_a_full_disk_is_named(training, monkeypatch):
    """As numpy reports it."""

    def save(file, values):
        raise OSError(f"{values.size} requested and 0 written")

    monkeypatch.setattr("numpy.save", save)
    with pytest.raises(OSError, match=r"cannot write .*features.* no space left on device; make"):
        prepare_features(training, MelConfig())
