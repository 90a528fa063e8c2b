from pathlib import Path

import pytest
import soundfile
import typer
import webvtt

from tts.cli.casts import apply_cast, cast_voice_paths
from tts.cli.entry import EXIT_INTERRUPTED
from tts.cli.speaking import SpeechOutput, speak_source
from tts.delivery import Delivery
from tts.synthesis import Synthesizer
from tts.text.cast import Cast, CastMember
from tts.text.files.argument import TextSource
from tts.text.files.subtitles import SubtitleCue


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
        speak_source(
            tiny_synthesizer,
            TextSource(text="One came. Two went."),
            Delivery(),
            SpeechOutput(target=output, subtitles=captions),
        )
    assert exit.value.exit_code == EXIT_INTERRUPTED
    assert [cue.text for cue in webvtt.from_srt(captions)] == ["One came"]


def test_the_comment_names_all_voices_of_a_text(tiny_synthesizer, tmp_path):
    output, text = tmp_path / "speech.wav", "One. [voice:michael]Two.[/voice]"
    source = TextSource(text=text, title="A tale")
    speak_source(tiny_synthesizer, source, Delivery(seed=3), SpeechOutput(target=output))
    with soundfile.SoundFile(output) as file:
        assert "synthetic speech, voices heart, michael, seed 3, " in file.comment
        assert file.title == "A tale"
    saved = tmp_path / "saved.flac"
    tiny_synthesizer.speak(text).save(saved)
    with soundfile.SoundFile(saved) as file:
        assert "synthetic speech, voices heart, michael, " in file.comment


def test_a_cast_speaks_a_script_and_notes_other_names():
    cast, note = Cast({"anna": CastMember("michael")}), "not in the cast, and read as text: 'Bob'"
    script = apply_cast(cast, TextSource(text="Anna: One.\nBob: Two."))
    assert script.text == "[voice:michael]One.[/voice]\nBob: Two."
    assert script.notes == (note,)
    cues = (SubtitleCue(1, 2, "Anna: One."), SubtitleCue(2, 3, "Bob: Two."))
    film = apply_cast(cast, TextSource(cues=(*cues, cues[1]), notes=("a film",)))
    assert [cue.text for cue in film.cues][:2] == ["[voice:michael]One.[/voice]", "Bob: Two."]
    assert film.notes == ("a film", note)


def test_voice_files_of_a_cast_lie_beside_it():
    cast = Cast({"anna": CastMember("anna.voice(2)+heart")}, CastMember("michael"))
    assert cast_voice_paths(cast, Path("play")) == {"anna.voice": Path("play/anna.voice")}
