"""`tts say` from its arguments to what is heard; other tests are in test_main.py."""

import io
import sys

import numpy as np
import pytest
import soundfile

from tests.players import fake_player
from tts.audio import pcm16
from tts.best_of.choice import Choice
from tts.cli.main import main
from tts.cli.speaking import ProgressBar, SynthesisStats, print_choices
from tts.delivery import Delivery
from tts.speech import Speech, TimedWord
from tts.synthesis import load
from tts.torch_checkpoint import save_checkpoint

TEXT = "Flow maps speak in a single step."
FILM = "1\n00:00:01,000 --> 00:00:04,000\nHello.\n\n2\n00:00:05,000 --> 00:00:05,050\nGood bye.\n"

needs_scripts = pytest.mark.skipif(sys.platform == "win32", reason="the player is a shell script")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def models(tiny_acoustic, tiny_vocoder, here):
    """The options that name two small checkpoints."""
    save_checkpoint(tiny_acoustic, here / "acoustic.safetensors", {})
    save_checkpoint(tiny_vocoder, here / "vocoder.safetensors", {})
    files = ("--acoustic", "acoustic.safetensors", "--vocoder", "vocoder.safetensors")
    return (*files, "--runtime", "torch")


@pytest.fixture
def say(models, capfd):
    """The command, which gives its exit code and what it printed to standard error."""

    def say(*arguments):
        with pytest.raises(SystemExit) as exit:
            main(["say", *arguments, *models])
        return exit.value.code or 0, capfd.readouterr().err

    return say


def speech(text, delivery=None):
    synthesizer = load("acoustic.safetensors", "vocoder.safetensors", runtime="torch")
    return synthesizer.speak(text, delivery)


@needs_scripts
def test_plays_what_it_would_write(say, here, monkeypatch):
    played = fake_player(here, "aplay", monkeypatch)
    code, err = say(TEXT, "--seed", "3")
    assert (code, err.endswith("s): played by aplay\n")) == (0, True)
    heard = np.frombuffer(played.read_bytes(), "<i2") / 32767
    np.testing.assert_allclose(heard, speech(TEXT, Delivery(seed=3)).audio.clip(-1, 1), atol=2e-4)
    assert not list(here.glob("*.wav"))


@needs_scripts
def test_a_player_that_fails_is_an_error(say, here, monkeypatch):
    fake_player(here, "aplay", monkeypatch, "echo no sound card >&2; exit 1")
    sentence = "error: cannot play by aplay: no sound card; give a file with -o\n"
    assert say(TEXT) == (2, sentence)


def test_without_a_player_nothing_is_loaded(say, here, monkeypatch):
    fake_player(here, "", monkeypatch)
    (here / "vocoder.safetensors").write_bytes(b"damaged")
    code, err = say(TEXT)
    assert code == 2
    assert err.startswith("error: found nothing that plays sound: sounddevice is not installed")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("... !",), "no words to speak in '... !'"),
        (("One. [pause:long]",), "in '[pause:long]' at character 6: time must be such as"),
        (("One. " * 2000 + "[pace:2]",), "'[pace:2]' at character 10001 is not closed; add"),
        (("One. [voice:nobody]Two.[/voice]",), "unknown voice 'nobody'; voices: heart, michael"),
        (("One.", "--voice", "nobody"), "unknown voice 'nobody'; voices: heart, michael"),
        (("Anna: One.", "--cast", "cast.toml"), "'anna' in the cast: unknown voice 'nobody'"),
        (("film.srt",), "no words to speak in 'Да': Cyrillic letters"),
        (("One.", "--voice", "heart(0)"), "the weights of 'heart(0)' are all 0"),
    ],
)
def test_text_and_voices_are_checked_before_a_model_is_loaded(arguments, sentence, say, here):
    (here / "cast.toml").write_text('Anna = "nobody"', encoding="utf-8")
    (here / "film.srt").write_text(FILM.replace("Good bye.", "Да"), "utf-8")
    (here / "vocoder.safetensors").write_bytes(b"damaged")
    code, err = say(*arguments, "-o", "never.wav")
    assert (code, err.splitlines()[-1].startswith(f"error: {sentence}")) == (2, True)
    assert not (here / "never.wav").exists()
    assert say("One.", "-o", "never.wav")[1] == (
        "error: vocoder.safetensors is not a safetensors file\n"
    )


def test_captions_do_not_replace_what_is_read(say, here):
    (here / "film.srt").write_text(FILM, "utf-8")
    (here / "link.srt").symlink_to(here / "film.srt")
    (here / "names.json").write_text('{"Anais": "anna"}', "utf-8")
    for srt, *arguments in (
        ("film.srt", "film.srt"),
        ("./link.srt", "film.srt"),
        ("names.json", TEXT, "--lexicon", "names.json"),
    ):
        code, err = say(*arguments, "-o", "never.wav", "--srt", srt)
        sentence = f"error: cannot write {srt}: it is read, too; choose another path\n"
        assert (code, err) == (2, sentence.replace("./", ""))
    assert (here / "film.srt").read_text("utf-8") == FILM
    assert not (here / "never.wav").exists()
    assert say(TEXT, "-o", "a.wav", "--srt", "film.srt")[0] == 0


def test_a_voice_that_is_a_file_is_hinted_at(say, here):
    (here / "anna.voice").write_bytes(b"damaged")
    for voice in ("anna", "heart(2)+anna"):
        code, err = say("One.", "-o", "never.wav", "--voice", voice)
        assert code == 2
        assert err.endswith("; for the file anna.voice use --voice anna.voice\n")
    assert "for the file" not in say("One.", "-o", "never.wav", "--voice", "bob")[1]


def test_what_looks_like_a_tag_is_noted(say):
    code, err = say("Wait [pause 1] here.", "-o", "a.wav")
    note = "note: '[pause 1]' is no tag, and has no effect; write [pause:500ms]"
    assert (code, err.splitlines()[0]) == (0, note)


def test_files_name_their_title_voices_and_seed(say, here):
    """Formats are tried in tests/tts/test_synthetic_tag.py."""
    (here / "notes.md").write_text("# A *tale*\n\n[voice:michael]One.[/voice]", "utf-8")
    assert say("notes.md", "-o", "notes.mp3", "--seed", "7")[0] == 0
    with soundfile.SoundFile("notes.mp3") as file:
        assert file.title == "A tale"
        assert file.comment.startswith("synthetic speech, voices heart, michael, seed 7, one-step")


def test_subtitles_are_spoken_at_their_times(say, here):
    (here / "film.srt").write_text(FILM, "utf-8")
    code, err = say("film.srt", "-o", "film.wav", "--srt", "film.json")
    late, stats = err.splitlines()
    assert code == 0
    assert late.startswith("note: ")
    assert late.endswith(" s longer than its cue at 0:05.0, at pace 1.8")
    assert stats.endswith(": film.wav")
    heard, rate = soundfile.read("film.wav", dtype="int16")
    assert not heard[:rate].any()
    np.testing.assert_array_equal(
        heard[rate:][: len(alone := pcm16(speech("Hello.").audio))], alone
    )
    assert '"written": "bye"' in (here / "film.json").read_text("utf-8")


def test_a_chapter_is_spoken(say, here):
    (here / "tale.txt").write_text("Chapter 1\n\nOne.\n\nChapter 2\n\nTwo.", "utf-8")
    assert say("tale.txt", "--chapters", "2", "-o", "two.wav")[0] == 0
    heard, _ = soundfile.read("two.wav", dtype="int16")
    np.testing.assert_array_equal(heard, pcm16(speech("Chapter 2\n\nTwo.").audio))


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stream", "characters", "shown"),
    [(Terminal, 2000, True), (Terminal, 200, False), (io.StringIO, 2000, False)],
)
def test_a_bar_shows_how_much_of_a_long_text_is_spoken(stream, characters, shown, monkeypatch):
    monkeypatch.setattr(sys, "stderr", stream())
    monkeypatch.setenv("TERM", "xterm")
    piece = Speech(
        audio=np.zeros(24_000, np.float32),
        sample_rate=24_000,
        phones=(),
        words=(TimedWord("a", (characters // 4 - 1, characters // 4), 0.0, 1.0),),
        delivery=Delivery(),
    )
    with ProgressBar(characters) as bar:
        bar.advance(piece, SynthesisStats(1.0, audio_seconds=61.0))
    written = sys.stderr.getvalue()
    assert ("25 %, 1:01 spoken" in written) == shown
    assert shown or not written


def test_the_choice_among_candidates_is_explained(say, here):
    code, err = say("One. Two.", "--best-of", "2", "-o", "speech.wav")
    assert code == 0
    first, second, stats = err.splitlines()
    assert first.startswith("utterance 0: candidate ")
    assert second.startswith("utterance 1: candidate ")
    assert " of 2 (seed " in first
    assert stats.endswith(": speech.wav")


def test_many_choices_are_counted(capsys):
    scores = {"fit": 0.0}, {"fit": 1.0}
    choices = [
        Choice(utterance=number, judge="ensemble", seeds=(0, 1), scores=scores, chosen=number % 2)
        for number in range(15)
    ]
    print_choices(choices)
    *told, last = capsys.readouterr().err.splitlines()
    assert len(told) == 10
    assert last == "of 15 utterances in all, 7 have another candidate than the first"


def test_an_unknown_judge_is_refused_before_anything_is_made(say, here):
    code, err = say("One.", "--best-of", "2", "--judge", "nobody", "-o", "speech.wav")
    assert code == 2
    assert "judge must be one of ensemble, distillmos, dnsmos" in err
    assert not (here / "speech.wav").exists()
