from pathlib import Path

import pytest
import soundfile
import typer
import webvtt

from tts.cli.speaking import EXIT_INTERRUPTED, apply_cast, cast_voice_paths, speak_to_file
from tts.delivery import Delivery
from tts.synthesis import Synthesizer
from tts.text.cast import Cast, CastMember


def test_subtitles_of_an_interrupted_text_end_where_its_sound_does(
    tiny_synthesizer, tmp_path, monkeypatch
):
    stream = Synthesizer.stream

    def interrupted(self, text, delivery, **options):
        for piece in stream(self, text, delivery, **options):
            if piece.utterance == 1:
                raise KeyboardInterrupt
            yield piece

    monkeypatch.setattr(Synthesizer, "stream", interrupted)
    output, captions = tmp_path / "speech.wav", tmp_path / "speech.srt"
    with pytest.raises(typer.Exit) as exit:
        speak_to_file(tiny_synthesizer, "One came. Two went.", Delivery(), output, captions)
    assert exit.value.exit_code == EXIT_INTERRUPTED
    assert [cue.text for cue in webvtt.from_srt(captions)] == ["One came"]


def test_the_comment_names_all_voices_of_a_text(tiny_synthesizer, tmp_path):
    output, text = tmp_path / "speech.wav", "One. [voice:michael]Two.[/voice]"
    speak_to_file(tiny_synthesizer, text, Delivery(), output)
    with soundfile.SoundFile(output) as file:
        assert "synthetic speech, voices heart, michael, " in file.comment
    saved = tmp_path / "saved.flac"
    tiny_synthesizer.speak(text).save(saved)
    with soundfile.SoundFile(saved) as file:
        assert "synthetic speech, voices heart, michael, " in file.comment


def test_a_cast_speaks_a_script_and_notes_other_names(tiny_synthesizer, capsys):
    cast = Cast({"anna": CastMember("michael")})
    script = apply_cast(cast, "Anna: One.\nBob: Two.", tiny_synthesizer)
    assert script == "[voice:michael]One.[/voice]\nBob: Two."
    assert capsys.readouterr().err == "note: not in the cast, and read as text: 'Bob'\n"
    wrong = Cast({"anna": CastMember("nobody")})
    with pytest.raises(ValueError, match="'anna' in the cast: unknown voice 'nobody'"):
        apply_cast(wrong, "One.", tiny_synthesizer)


def test_voice_files_of_a_cast_lie_beside_it():
    cast = Cast({"anna": CastMember("anna.voice(2)+heart")}, CastMember("michael"))
    assert cast_voice_paths(cast, Path("play")) == {"anna.voice": Path("play/anna.voice")}
