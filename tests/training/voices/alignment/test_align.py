"""Our own speech is aligned with its text, and its own durations are the truth."""

import json
from functools import cache
from unittest.mock import patch

import numpy as np
import pytest
import soundfile
import torch
from tts.training.data.manifest import read_manifest
from tts.training.data.predicted_f0 import predicted_log_pitch
from tts.training.data.prepare import extract
from tts.training.voices.alignment.align import (
    ClipAligner,
    align,
    align_recordings,
    choose_held_out,
    phonemes_of,
)
from tts.training.voices.alignment.states import is_silence

from tts.acoustic.model import AcousticModel
from tts.checkpoint import shipped_checkpoint
from tts.delivery import Delivery
from tts.synthesis import load
from tts.text.pronounce.symbols import END, START, STRESS
from tts.torch_checkpoint import load_checkpoint
from tts.vocoder.mel import log_mel

RATE, HOP = 24_000, 256
FRAME_MS = 1000 * HOP / RATE
TEXT = "When the sunlight strikes raindrops in the air, they act as a prism and form a rainbow."
OTHER = "Please call Stella, and ask her to bring these things with her from the store."


@cache
def shipped():
    return load_checkpoint(shipped_checkpoint("acoustic"), AcousticModel)


@cache
def spoken(text, voice="heart"):
    """Speech, and the start of each of its phones in seconds."""
    speech = load().speak(text, Delivery(voice=voice))
    return speech.audio, [(phone.symbol, phone.start) for phone in speech.phones]


def mel_of(audio):
    return log_mel(torch.from_numpy(np.ascontiguousarray(audio))[None], shipped().config.mel)[
        0
    ].numpy()


def mean_of_others(voice):
    table = shipped().voices.weight.detach().numpy()
    return table[[name != voice for name in shipped().config.voices]].mean(axis=0)


def aligned(audio, text, voice="heart"):
    symbols = START + phonemes_of(text, shipped().config.convention) + END
    return symbols, align(shipped(), mel_of(audio), symbols, mean_of_others(voice))


@pytest.mark.parametrize("voice", ["heart", "michael"])
def test_starts_of_phones_are_those_of_the_speech(voice):
    audio, phones = spoken(TEXT, voice)
    symbols, found = aligned(audio, TEXT, voice)
    assert found.durations.sum() == len(audio) // HOP
    starts = found.durations.cumsum() - found.durations
    sounds = [place for place, symbol in enumerate(symbols) if not is_silence(symbol)[0]]
    ours = {place: starts[place] * HOP / RATE for place in sounds if symbols[place] not in STRESS}
    truth = [
        start for symbol, start in phones if not is_silence(symbol)[0] and symbol not in STRESS
    ]
    errors = 1000 * np.abs(np.array(list(ours.values())) - truth)
    assert (errors < 20 + FRAME_MS).mean() >= 0.9
    assert (errors < 50).mean() >= 0.97


def test_a_wrong_transcript_costs_more():
    audio, _ = spoken(TEXT)
    right, wrong = aligned(audio, TEXT)[1], aligned(audio, OTHER)[1]
    assert wrong.cost - wrong.free_cost > 1.5 * (right.cost - right.free_cost)
    assert wrong.worst > right.worst


def test_a_word_that_is_not_spoken_gains_most_where_it_stands():
    audio, _ = spoken(TEXT)
    words = TEXT.split()
    assert aligned(audio, TEXT)[1].word.gain < 5
    inserted = " ".join([*words[:4], "window", *words[4:]])
    symbols, found = aligned(audio, inserted)
    assert found.word.gain > 20
    wrong = phonemes_of("window", shipped().config.convention)
    assert symbols[found.word.start : found.word.stop].strip(STRESS) == wrong.strip(".")


def test_silence_before_and_after_speech_belongs_to_the_ends():
    audio, _ = spoken(TEXT)
    quiet = np.random.default_rng(0).normal(0, 1e-4, 60 * HOP).astype(np.float32)
    _, bare = aligned(audio, TEXT)
    _, padded = aligned(np.concatenate([quiet, audio, quiet]), TEXT)
    assert abs(padded.durations[0] - bare.durations[0] - 60) <= 3
    assert abs(padded.durations[1:-2].sum() - bare.durations[1:-2].sum()) <= 6


@pytest.mark.parametrize("level", [0.0, 0.1])
def test_silence_and_noise_are_aligned_without_a_crash(level):
    noise = np.random.default_rng(0).normal(0, level, 2 * RATE).astype(np.float32)
    _, found = aligned(noise, "Hello there.")
    assert found.durations.sum() == len(noise) // HOP
    assert np.isfinite([found.cost, found.free_cost, found.spread, found.worst]).all()


def test_a_text_that_is_much_too_long_is_refused_in_a_sentence():
    audio = spoken(TEXT)[0][: RATE // 2]
    with pytest.raises(ValueError, match="can be aligned with its text"):
        aligned(audio, TEXT)


def work_folder(folder, texts):
    """A work folder with our own speech."""
    (folder / "clips").mkdir(parents=True)
    rows = []
    for number, (audio, text) in enumerate(texts):
        id = f"c{number}"
        soundfile.write(folder / "clips" / f"{id}.flac", audio, RATE, "PCM_16")
        rows.append(
            {"id": id, "audio": f"clips/{id}.flac", "text": text, "seconds": len(audio) / RATE}
        )
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "recordings.jsonl").write_text(lines)
    return folder


@cache
def two_clips():
    return [(spoken(text)[0], text) for text in (TEXT, OTHER)]


def test_recordings_become_a_manifest(tmp_path):
    clips = [*two_clips(), (two_clips()[0][0], None), (two_clips()[0][0][:4000], TEXT)]
    work = work_folder(tmp_path / "anna", clips)
    report = align_recordings(work, "anna", voices=["heart", "michael"], workers=1)
    assert report.clips == 2
    assert report.left_out["c2"] == "no transcript"
    assert "do not match" in report.left_out["c3"]
    assert report.vector.shape == (64,)
    rows = list(read_manifest(work / "aligned.jsonl"))
    assert [row.voice for row in rows] == ["anna", "anna"]
    for row, (audio, _) in zip(rows, clips, strict=False):
        assert row.ends[-1] == len(audio)
        mel, features = extract(row, shipped().config.mel, predicted_log_pitch)
        assert len(mel) == sum(features.durations)
    assert not list(work.glob("*.part*"))


@pytest.mark.command
def test_a_stopped_run_goes_on_to_the_same_bytes(tmp_path):
    names = ["heart"]
    whole, stopped = (work_folder(tmp_path / name, two_clips()) for name in ("whole", "stopped"))
    align_recordings(whole, "anna", voices=names, workers=1)
    with pytest.raises(KeyboardInterrupt), patch.object(ClipAligner, "_row", interrupted()):
        align_recordings(stopped, "anna", voices=names, workers=1)
    part = stopped / "aligned.part.jsonl"
    done = part.read_bytes()
    assert done.count(b"\n") == 2  # a key and a clip
    part.write_bytes(done + b'{"id": "c1", "vo')
    align_recordings(stopped, "anna", voices=names, workers=1)
    assert (stopped / "aligned.jsonl").read_bytes() == (whole / "aligned.jsonl").read_bytes()


def interrupted():
    """`ClipAligner._row`, stopped at the second clip."""
    real = ClipAligner._row

    def row(self, model, given):
        if given["id"] == "c1":
            raise KeyboardInterrupt
        return real(self, model, given)

    return row


def test_held_out_clips_are_whole_texts_and_few():
    rows = [
        {"id": f"{text}-{take}", "text": f"Text {text}."} for text in range(60) for take in "ab"
    ]
    chosen = choose_held_out(rows)
    assert len(chosen) == 10
    assert {id.replace("-a", "-b") for id in chosen if id.endswith("-a")} == {
        id for id in chosen if id.endswith("-b")
    }
    assert choose_held_out(rows[::-1]) == chosen
    assert len(choose_held_out(rows[:8])) == 4
    assert len(choose_held_out([{"id": str(n), "text": str(n)} for n in range(2000)])) == 40


def test_a_clip_that_was_recorded_again_is_aligned_again(tmp_path):
    """Also where its length and its gain are what they were."""
    from tts.training.voices.alignment.align import _key

    (tmp_path / "clips").mkdir()
    (tmp_path / "clips/a.flac").write_bytes(b"one")
    row = {"id": "a", "audio": "clips/a.flac", "text": TEXT, "seconds": 2.0}
    (tmp_path / "recordings.jsonl").write_text(json.dumps(row) + "\n")
    (tmp_path / "model").write_bytes(b"model")
    keys = set()
    for content in (b"one", b"another"):
        (tmp_path / "clips/a.flac").write_bytes(content)
        keys.add(_key(tmp_path / "recordings.jsonl", tmp_path / "model", "ann", None))
    assert len(keys) == 2
