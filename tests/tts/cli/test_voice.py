"""`tts voice`, and voice files as `--voice` of `tts say`."""

import json
import shutil
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
import typer

from tests.conftest import TINY, awake
from tests.tts.voices import VOCODER, card_for, voice_file
from tts.acoustic.model import AcousticModel
from tts.cli import extensions
from tts.cli.extensions import VOICE_EXTENSIONS, VoiceCommands
from tts.cli.help import DocumentedCommand
from tts.cli.main import main, run_command
from tts.cli.voices import voice_paths
from tts.delivery import Delivery
from tts.synthesis import load
from tts.torch_checkpoint import save_checkpoint
from tts.vocoder.model import Vocoder
from tts.voice_files import read_card, read_voice, write_voice

TEXT = "So they do."
TORCH = ("--runtime", "torch")
FIGURES = {
    "sex": "female",
    "minutes": 10,
    "word_errors": 6.04,
    "distillmos": 4.1,
    "similarity": 0.8,
    "self_similarity": 0.9,
    "licence": "CC0-1.0",
    "consent": "May be used\nby all.",
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder with tiny models and the voices anna and bea, which stays."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("kept")
    models = folder / "acoustic.safetensors", folder / "vocoder.safetensors"
    save_checkpoint(awake(AcousticModel(TINY)), models[0], {"family": "tiny"})
    save_checkpoint(Vocoder(VOCODER), models[1], {})
    for seed, (name, more) in enumerate({"anna": FIGURES, "bea": {"sex": "female"}}.items()):
        voice = voice_file(TINY, seed, card=card_for(*models, name, **more))
        write_voice(voice, folder / f"{name}.voice")
    return folder


@pytest.fixture
def here(kept, tmp_path, monkeypatch):
    """The current folder: with anna.voice, and bea in a folder of voices."""
    shutil.copy(kept / "anna.voice", tmp_path)
    (tmp_path / "voices").mkdir()
    shutil.copy(kept / "bea.voice", tmp_path / "voices")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def tts(kept, here, capsys):
    """The command with the tiny models: what it printed, and its errors."""

    def run(*arguments, code=0, bare=False):
        models = ("--acoustic", str(kept / "acoustic.safetensors"))
        models += ("--vocoder", str(kept / "vocoder.safetensors"))
        with pytest.raises(SystemExit) as exit:
            main([*arguments, *(() if bare else models)])
        out, err = capsys.readouterr()
        assert (exit.value.code or 0) == code, err
        return out, err

    return run


@pytest.fixture(scope="module")
def both(kept):
    models = kept / "acoustic.safetensors", kept / "vocoder.safetensors"
    return load(*models, runtime="torch", voice_dir=kept)


def speech(synthesizer, voice):
    return synthesizer.speak(TEXT, Delivery(voice=voice)).audio


@pytest.mark.parametrize(
    ("voice", "meant"),
    [
        ("anna.voice", "anna"),
        ("./anna.voice(2)+heart(1)", "anna(2)+heart(1)"),
        ("anna.voice+bea", "anna+bea"),
        ("anna.voice+voices/bea.voice(3)", "anna+bea(3)"),
        ("my voices/an+na (1).voice", "anna"),
    ],
)
def test_speaks_with_files(voice, meant, tts, here, both):
    (here / "my voices").mkdir()
    shutil.copy("anna.voice", here / "my voices" / "an+na (1).voice")
    tts("say", TEXT, "-o", "a.wav", "--voice", voice, "--voice-dir", "voices", *TORCH)
    heard, _ = soundfile.read("a.wav")
    np.testing.assert_allclose(heard, speech(both, meant).clip(-1, 1), atol=1e-4)


@pytest.mark.parametrize(
    ("voice", "sentence"),
    [
        ("none.voice", "error: no such file: none.voice\n"),
        ("no ne.voice", "error: no such file: no ne.voice\n"),
        ("heart+none.voice(2)", "error: no such file: none.voice\n"),
        ("voices", "error: unknown voice 'voices'; voices: heart, michael, or a blend"),
        ("damaged.voice", "error: damaged.voice is not a safetensors file\n"),
    ],
)
def test_files_that_cannot_be_used_are_refused(voice, sentence, tts, here):
    (here / "damaged.voice").write_bytes(b"damaged")
    _, err = tts("say", TEXT, "-o", "speech.wav", "--voice", voice, *TORCH, code=2)
    assert err.startswith(sentence)
    assert not (here / "speech.wav").exists()


def test_parts_of_a_voice_that_are_files(here):
    assert voice_paths("heart(2)+michael") == {}
    assert voice_paths("a.voice+heart+a.voice(2)") == {"a.voice": Path("a.voice")}
    assert voice_paths("a b.voice") == {"a b.voice": Path("a b.voice")}
    assert voice_paths("anna.voice") == {"anna.voice": Path("anna.voice")}


def test_lists_learned_voices_with_where_they_come_from(tts, here):
    shutil.copy("anna.voice", "voices")
    (here / "voices" / "clara.voice").write_bytes(b"damaged")
    out, err = tts("voice", "list", "--voice-dir", "voices")
    heads, *rows = out.splitlines()
    assert heads.split() == [
        *("voice", "sex", "minutes", "word", "errors", "DistillMOS", "similarity", "file")
    ]
    file = str(Path("voices") / "anna.voice")
    assert [row.split() for row in rows[:3]] == [
        ["heart", "(default)"],
        ["michael"],
        ["anna", "female", "10", "6.0", "%", "4.10", "0.80", file],
    ]
    clara = Path("voices") / "clara.voice"
    assert err == f"note: left out: {clara} is not a safetensors file\n"
    out, _ = tts("voice", "list", "--voice-dir", "voices", "--json")
    heart, _, anna, bea = json.loads(out)
    assert (heart["minutes"], heart["file"], heart["default"]) == (None, None, True)
    assert anna.items() >= {"name": "anna", "minutes": 10, "file": file, "lines": None}.items()
    assert (anna["self_similarity"], anna["default"], bea["word_errors"]) == (0.9, False, None)


def test_shows_all_of_a_card(tts, kept):
    out, _ = tts("voice", "show", "anna.voice", bare=True)
    shown = dict(line.strip().split("  ", 1) for line in out.splitlines() if "  " in line.strip())
    assert shown["name"].strip() == "anna"
    assert shown["self similarity"].strip() == "0.9"
    assert shown["consent"].strip() == "May be used"
    assert "by all." in out
    assert "accent" not in shown
    out, _ = tts("voice", "show", "bea", "--voice-dir", "voices", "--json", bare=True, code=2)
    assert not out  # the installed model is of another family


def test_long_values_are_not_cut_off(tts, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    out, _ = tts("voice", "show", "anna.voice", bare=True)
    assert read_card(Path("anna.voice")).acoustic_hash in "".join(out.split())
    assert "…" not in out


def test_shows_the_card_as_json(tts, here):
    found = json.loads(tts("voice", "show", "anna.voice", "--json", bare=True)[0])
    assert found.items() >= {"name": "anna", "family": "tiny", "accent": None, **FIGURES}.items()
    assert found["file"] == "anna.voice"
    assert found["bytes"] == (here / "anna.voice").stat().st_size
    assert len(found["hash"]) == 64


def test_shows_voices_by_name(tts, here):
    out, _ = tts("voice", "show", "heart", "--json", bare=True)
    assert json.loads(out)["sex"] == "female"
    _, err = tts("voice", "show", "bob", bare=True, code=2)
    assert err.startswith("error: unknown voice 'bob'; voices: heart, michael, ")
    _, err = tts("voice", "show", "bea", "--voice-dir", "voices", bare=True, code=2)
    assert "bea.voice: it belongs to the family 'tiny', and" in err


def test_brackets_in_a_card_are_no_markup(tts, kept):
    voice = voice_file(TINY, card=card_for(*sorted(kept.glob("*.safetensors")), licence="[red]x"))
    write_voice(voice, Path("b.voice"))
    assert "[red]x" in tts("voice", "show", "b.voice", bare=True)[0]


@pytest.mark.parametrize(
    ("blend", "meant"),
    [
        ("anna.voice(2)+heart(1)", "anna(2)+heart(1)"),
        ("anna.voice+bea(3)", "anna+bea(3)"),
        ("anna.voice", "anna"),
        ("heart+michael", "heart+michael"),
    ],
)
def test_a_blend_in_a_file_speaks_as_the_blend(blend, meant, tts, kept, both):
    _, err = tts("voice", "blend", blend, "--name", "clara", "--voice-dir", "voices")
    assert err.endswith(" kB: clara.voice\n")
    models = kept / "acoustic.safetensors", kept / "vocoder.safetensors"
    found = load(*models, runtime="torch", voices=["clara.voice"], voice_dir="voices")
    given, wanted = speech(found, "clara"), speech(both, meant)
    if "+" in meant and "anna" in meant:  # its differences are rounded once more
        assert np.square(given - wanted).mean() < 1e-4 * np.square(wanted).mean()
    else:
        np.testing.assert_array_equal(given, wanted)


def test_a_blend_has_the_cards_of_its_voices(tts, here):
    tts("voice", "blend", "anna.voice+bea(3)", "--name", "c", "-o", "d.voice", "--voice-dir=voices")
    card, anna = read_card(Path("d.voice")), read_card(Path("anna.voice"))
    assert (card.name, card.sex, card.minutes) == ("c", "female", None)
    assert (card.licence, card.consent) == ("anna: CC0-1.0", "anna: May be used\nby all.")
    for name in ("family", "acoustic_hash", "vocoder_hash"):
        assert getattr(card, name) == getattr(anna, name)
    found, one, two = (
        read_voice(Path(path)) for path in ("d.voice", "anna.voice", "voices/bea.voice")
    )
    assert found.peak_level == pytest.approx((one.peak_level + 3 * two.peak_level) / 4)
    np.testing.assert_allclose(found.pitch, (one.pitch + 3 * two.pitch) / 4, rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["heart", "--name", "a b"], "error: the name of a voice must be printable"),
        (["bob", "--name", "a"], "error: unknown voice 'bob'; voices: heart, michael"),
        (["heart", "--name", "a", "-o", "a.wav"], "error: a voice file's name must end in .voice"),
        (["heart", "--name", "a", "-o", "no/a.voice"], "error: cannot write no/a.voice: no such"),
        (["heart"], "error: missing option --name; see `tts voice blend --help`"),
    ],
)
def test_a_blend_that_cannot_be_written_is_refused(arguments, sentence, tts, here):
    before = sorted(here.rglob("*"))
    _, err = tts("voice", "blend", *arguments, code=2)
    assert err.startswith(sentence)
    assert sorted(here.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["heart", "bob"], "error: unknown voice 'bob'; voices: heart, "),
        (["heart", "none.voice"], "error: no such file: none.voice"),
        (["heart", "-o", "no/page.html"], "error: cannot write no/page.html: no such"),
    ],
)
def test_a_comparison_is_checked_before_a_model_is_loaded(arguments, sentence, monkeypatch, capsys):
    monkeypatch.setattr("tts.synthesis.load", lambda *_, **__: pytest.fail("a model is loaded"))
    with pytest.raises(SystemExit) as exit:
        main(["voice", "compare", *arguments])
    assert exit.value.code == 2
    assert capsys.readouterr().err.startswith(sentence)


def test_packages_add_commands_to_the_group(monkeypatch, capsys):
    """Each has its arguments and its help from the package, and is listed with a line."""
    monkeypatch.setattr(extensions, "entry_points", fake_entry_points)
    group = typer.Typer(cls=VoiceCommands)
    group.callback()(lambda: None)
    assert run_command(group, ["--help"], "tts voice") == 0
    out = capsys.readouterr().out
    assert VOICE_EXTENSIONS["learn"].summary in out
    assert run_command(group, ["learn", "folder", "--name", "anna"], "tts voice") == 3
    assert capsys.readouterr().out == "tts voice learn folder anna\n"
    assert run_command(group, ["learn", "--help"], "tts voice") == 0
    assert "Usage: tts voice learn [OPTIONS]" in capsys.readouterr().out
    assert run_command(group, ["learn", "folder", "--name"], "tts voice") == 2
    assert capsys.readouterr().err.endswith("see `tts voice learn --help`\n")


def fake_entry_points(group):
    assert group == "tts.voice_commands"
    return [EntryPoint("learn", f"{__name__}:LEARN", group)]


LEARN = typer.Typer()


@LEARN.command(cls=DocumentedCommand)
def print_arguments(ctx: typer.Context, folder: str, name: str = "") -> None:
    typer.echo(f"{ctx.command_path} {folder} {name}")
    raise typer.Exit(3)


def test_the_group_works_without_them(capsys, monkeypatch):
    monkeypatch.delitem(sys.modules, "tts.training.voices.command", raising=False)
    with pytest.raises(SystemExit):
        main(["voice", "--help"])
    out = capsys.readouterr().out
    assert all(f" {name} " in out for name in ("list", "show", "blend"))
    assert "tts.training.voices.command" not in sys.modules
