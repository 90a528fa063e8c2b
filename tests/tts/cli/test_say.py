import pytest
import typer
import webvtt

from tts.cli.say import EXIT_INTERRUPTED, speak_to_file
from tts.delivery import Delivery
from tts.synthesis import Synthesizer


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
