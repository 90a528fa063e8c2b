"""Texts by a speech recogniser, which stands in for Whisper: it counts what it hears."""

import io
import json
from types import SimpleNamespace

import pytest
from rich.console import Console
from tts.training.voices.recordings import transcribe
from tts.training.voices.recordings.gather import gather

from tests.training.voices.sounds import write_sound

SURE = {"compression_ratio": 1.5, "avg_logprob": -0.2, "no_speech_prob": 0.01}


class Recogniser:
    """What faster-whisper's model has, with a text for each duration."""

    def __init__(self, language=("en", 0.99, []), **changes):
        self.language, self.changes, self.heard = language, changes, 0

    def detect_language(self, audio, language_detection_segments):
        assert audio.dtype == "float32"
        return self.language

    def transcribe(self, audio, *, language, temperature, **options):
        assert (language, temperature) == ("en", 0.0)
        self.heard += 1
        if self.heard == self.changes.get("dies"):
            raise KeyboardInterrupt
        values = {**SURE, **self.changes.get(self.heard, {})}
        text = values.pop("text", f" Words in {len(audio) / 16_000:.1f} seconds. ")
        return iter([SimpleNamespace(text=text, **values)]), None


@pytest.fixture
def hear(tmp_path, monkeypatch):
    """Gathers a talk of 90 seconds and a clip with a text; returns the rows and the recogniser."""
    write_sound(tmp_path / "in" / "talk.wav", 90.0, rate=8_000, pause=0.8)
    write_sound(tmp_path / "in" / "clip.wav", 5.0, rate=8_000)
    (tmp_path / "in" / "clip.txt").write_text("Written.", encoding="utf-8")
    (tmp_path / "whisper").mkdir()
    (tmp_path / "whisper" / "model.bin").write_bytes(b"weights")

    def run(**changes):
        model = Recogniser(**{str(name): value for name, value in changes.items()})
        model.changes = {int(k[1:]) if k[1:].isdigit() else k: v for k, v in model.changes.items()}
        monkeypatch.setattr(transcribe, "whisper_model", lambda folder, threads: model)
        found = gather(
            tmp_path / "in",
            tmp_path / "voice",
            whisper=tmp_path / "whisper",
            workers=1,
            console=Console(file=io.StringIO()),
        )
        return found, model

    return run


def test_recordings_without_a_text_are_cut_and_transcribed(hear, tmp_path):
    found, model = hear()
    clip, *talk = found.rows
    assert (clip.text, clip.transcribed) == ("Written.", False)
    assert len(talk) == model.heard > 10
    assert all(row.transcribed and row.text.startswith("Words in ") for row in talk)
    assert [row.id for row in talk[:2]] == ["talk-0001", "talk-0002"]
    assert talk[0].stop == talk[1].start
    row = json.loads(talk[0].to_json())
    assert row["transcribed"] is True
    assert "long" not in row


def test_clips_that_it_is_not_sure_of_are_left_out(hear):
    found, model = hear(
        n2={"avg_logprob": -1.5}, n3={"compression_ratio": 3.0}, n4={"text": " ... "}
    )
    assert len(found.rows) == model.heard + 1 - 3
    assert [one.name for one in found.left_out] == [f"clips/talk-000{n}.flac" for n in (2, 3, 4)]
    assert {one.kind for one in found.left_out} == {"transcript"}


def test_a_run_that_ended_continues(hear, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        hear(dies=6)
    assert not (tmp_path / "voice/recordings.jsonl").exists()
    found, model = hear()
    assert model.heard == len(found.rows) - 1 - 5
    _, again = hear()
    assert again.heard == 0


def test_another_language_is_refused(hear):
    with pytest.raises(
        ValueError, match=r"^the recordings must be in English; Whisper finds the la"
    ):
        hear(language=("de", 0.97, []))
    found, _ = hear(language=("cy", 0.4, []))
    assert found.rows
