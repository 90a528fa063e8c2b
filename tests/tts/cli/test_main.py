import _thread
import errno
import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
import typer

from tts.audio import wav_header
from tts.captions.formats import write_captions
from tts.cli.main import main, run_command
from tts.error_messages import quoted
from tts.synthesis import Delivery, load
from tts.synthetic_tag import synthetic_comment
from tts.torch_checkpoint import add_metadata, save_checkpoint
from tts.voices import VoiceInfo

ROOT = Path(__file__).parents[3]
TEXT = "Flow maps speak in a single step. So they do."
LONG = "It was a long and winding tale that nobody had asked for. " * 60


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: bytes
    err: str


@pytest.fixture
def models(tiny_acoustic, tiny_vocoder, tmp_path):
    """Where two checkpoints lie, as options of a command."""
    folder = tmp_path / "models"
    folder.mkdir()
    acoustic, vocoder = folder / "acoustic.safetensors", folder / "vocoder.safetensors"
    save_checkpoint(tiny_acoustic, acoustic, {})
    save_checkpoint(tiny_vocoder, vocoder, {})
    return ["--acoustic", str(acoustic), "--vocoder", str(vocoder)]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to stand in."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def tts(here, capfdbinary, monkeypatch):
    """The command, as a function of its arguments and of what is typed into it."""

    def run(*arguments, typed=b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed)))
        with pytest.raises(SystemExit) as exit:
            main(arguments)
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return Ended(exit.value.code or 0, out, err.decode())

    return run


@pytest.fixture
def start(here, models):
    """The command in a process of its own."""
    running = []

    def start(*arguments, **pipes):
        command = [sys.executable, "-m", "tts", "say", *arguments, *models, "--threads", "1"]
        process = subprocess.Popen(
            command,
            env={"PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            # whoever runs the tests in the background may have turned interruptions off
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            **pipes,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3"])
def test_says_what_the_library_speaks(ending, tts, models, here):
    ended = tts("say", TEXT, "-o", f"speech.{ending}", "--seed", "3", *models)
    assert (ended.code, ended.out) == (0, b"")
    speech = load(Path(models[1]), Path(models[3])).speak(TEXT, Delivery(seed=3))
    heard, rate = soundfile.read(here / f"speech.{ending}", dtype="float32")
    assert (len(heard), rate) == (len(speech.audio), speech.sample_rate)
    assert np.sqrt(np.square(heard - speech.audio).mean()) < 0.02


def test_says_how_long_it_was_and_took(tts, models):
    ended = tts("say", TEXT, "-o", "speech.wav", *models)
    length = soundfile.info("speech.wav").duration
    said = re.fullmatch(
        r"([\d.]+) s of speech in ([\d.]+) s \(real-time factor ([\d.]+), "
        r"first sound after ([\d.]+) s\): speech\.wav\n",
        ended.err,
    )
    spoken, making, factor, first = map(float, said.groups())
    assert spoken == pytest.approx(length, abs=0.01)
    assert factor == pytest.approx(making / spoken, abs=0.02)
    assert 0 < first <= making


def test_a_text_may_come_from_a_file_or_be_typed(tts, models, here):
    (here / "tale.txt").write_text("\ufeff" + TEXT, encoding="utf-8")
    said = tts("say", TEXT, "-o", "-", *models).out
    assert tts("say", "tale.txt", "-o", "-", *models).out == said
    assert tts("say", "-", "-o", "-", *models, typed=TEXT.encode()).out == said
    assert len(said) > 1000


def test_explains_what_a_file_is_read_as(tts, here):
    (here / "folder").mkdir()
    (here / "chapter.md").write_text("# It was *late*.", encoding="utf-8")
    (here / "film.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHello.\n", encoding="utf-8")
    assert "late" in (said := tts("explain", "./chapter.md").out.decode())
    assert "*" not in said
    assert "00:00" not in tts("explain", "film.srt").out.decode()
    assert tts("explain", "folder").err.startswith("error: cannot read folder: it is a folder")
    for text in ("chapter", "folder of mine", "so it went " * 500):
        assert tts("explain", text).err == ""


@contextmanager
def output_to(path, monkeypatch, mode="wb", before=b""):
    """Standard output is a file, as after `>`."""
    with path.open(mode) as file:
        file.write(before)
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(file))
        yield


@pytest.mark.parametrize("before", [b"", b"an older line\n"])
def test_a_wav_in_a_file_has_its_length_in_its_head(models, here, monkeypatch, before):
    with output_to(here / "out.wav", monkeypatch, before=before), pytest.raises(SystemExit):
        main(["say", TEXT, "-o", "-", *models])
    made = (here / "out.wav").read_bytes()
    sound = made.removeprefix(before)
    comment = synthetic_comment("heart", seed=0)
    head = len(wav_header(24_000, comment=comment))
    assert sound[:head] == wav_header(24_000, len(sound) - head, comment)
    assert made.startswith(before)
    assert len(sound) > 10_000


def test_a_wav_that_is_appended_to_a_file_leaves_what_was_there(models, here, monkeypatch):
    path = here / "out.wav"
    path.write_bytes(b"first")
    with output_to(path, monkeypatch, "ab"), pytest.raises(SystemExit):
        main(["say", TEXT, "-o", "-", *models])
    assert path.read_bytes()[:9] == b"firstRIFF"
    assert path.read_bytes().count(b"RIFF") == 1


@pytest.mark.parametrize("name", ["speech.wav", "speech.mp3", "speech.flac", "speech.ogg"])
def test_a_full_disk_is_told_with_the_name_of_the_file(tts, models, here, name, small_files):
    with small_files(2000):
        ended = tts("say", TEXT, "-o", name, *models)
    assert ended.code == 2
    assert re.fullmatch(rf"error: .*\b{name}\b.*\n", ended.err)
    assert not list(here.iterdir())


def test_a_full_disk_is_told_with_the_name_of_the_subtitles(tts, models, monkeypatch, small_files):
    def write_to_full_disk(*given):
        with small_files(100):
            write_captions(*given)

    monkeypatch.setattr("tts.cli.speaking.write_captions", write_to_full_disk)
    ended = tts("say", TEXT, "-o", "speech.wav", "--srt", "times.json", *models)
    assert ended.code == 2
    why = "file too large"
    assert ended.err == f"error: cannot write times.json: {why}\n"


def test_a_long_text_that_ends_like_a_file_is_a_text(tts, models):
    for text in ("Please read me the whole of notes.txt", "word " * 100 + "notes.md"):
        ended = tts("say", text, "-o", "-", *models)
        assert ended.code == 0
        assert ended.err.startswith(f"note: there is no file {quoted(text)}, so it is spoken as ")


def test_a_pipe_carries_what_the_file_holds(tts, models, here):
    piped = tts("say", TEXT, "-o", "-", *models).out
    tts("say", TEXT, "-o", "speech.wav", *models)
    np.testing.assert_array_equal(
        soundfile.read(io.BytesIO(piped), dtype="int16")[0],
        soundfile.read(here / "speech.wav", dtype="int16")[0],
    )


@pytest.mark.parametrize(
    "option",
    [
        "--voice michael",
        "--steps 2",
        "--seed 1",
        "--pace 2",
        "--temperature 0.2",
        "--pitch 3",
        "--energy -6",
        "--pauses 2",
        "--sentence-pause 1",
        "--prosody-temperature 1",
        "--volume -6",
        "--lexicon words.tsv",
        "--day-first",
    ],
)
def test_every_choice_is_heard(option, tts, models, here):
    (here / "words.tsv").write_text("flow\tfl\u02c8u\n", encoding="utf-8")
    text = f"{TEXT} It was 3/4/2025."
    plain = tts("say", text, "-o", "-", *models).out
    assert tts("say", text, "-o", "-", *models, *option.split()).out != plain


@pytest.mark.parametrize("ending", ["srt", "vtt", "json", "TextGrid"])
def test_writes_when_what_is_said(ending, tts, models, here):
    ended = tts("say", TEXT, "-o", "-", "--srt", f"speech.{ending}", *models)
    assert (ended.code, len(ended.out) > 10_000) == (0, True)
    assert [path.name for path in here.iterdir()] == [f"speech.{ending}"]
    written = (here / f"speech.{ending}").read_text(encoding="utf-8")
    assert re.findall(r"Flow|maps|speak|single|step|they", written)[:5] == [
        "Flow",
        "maps",
        "speak",
        "single",
        "step",
    ]


def test_threads_are_as_many_as_asked_for(tts, models):
    before = torch.get_num_threads()
    try:
        two = ("--threads", "2", "--runtime", "torch", "--device", "cpu")
        assert tts("say", "Hi.", "-o", "hi.wav", *models, *two).code == 0
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_lists_voices_and_marks_the_default(tts, models):
    ended = tts("voice", "list", *models[:2])
    lines = [line.strip() for line in ended.out.decode().splitlines()]
    assert lines == ["voice", "heart (default)", "michael"]


def test_lists_what_was_measured_of_the_voices_that_are_offered(tts, models):
    """A voice that is not offered is in no list, and speaks as before."""
    before = tts("say", TEXT, "-o", "-", "--voice", "heart", *models).out
    path = Path(models[1])
    michael = VoiceInfo(
        name="michael",
        sex="male",
        accent="US",
        word_errors=3.14,
        distillmos=4.077,
        similarity=0.912,
        lines=40,
    )
    add_metadata(path, path, {"voices": json.dumps([asdict(michael)])})
    heads, *rows = tts("voice", "list", *models[:2]).out.decode().splitlines()
    assert heads.split() == ["voice", "sex", "accent", "word", "errors", "DistillMOS", "similarity"]
    assert [row.split() for row in rows] == [["michael", "male", "US", "3.1", "%", "4.08", "0.91"]]
    listed = json.loads(tts("voice", "list", "--json", *models[:2]).out)
    unlearned = {"minutes": None, "self_similarity": None, "file": None, "shipped": True}
    assert listed == [{**asdict(michael), **unlearned, "default": False}]
    assert tts("say", TEXT, "-o", "-", "--voice", "heart", *models).out == before
    refused = tts("say", TEXT, "-o", "-", "--voice", "nobody", *models)
    assert refused.err.startswith("error: unknown voice 'nobody'; voices: michael, or a blend")


@pytest.mark.parametrize("arguments", [["--help"], [], ["say", "--help"], ["voice", "--help"]])
def test_helps(arguments, tts):
    ended = tts(*arguments)
    assert ended.code == 0
    assert b"Usage: tts" in ended.out


def test_says_its_version(tts):
    ended = tts("--version")
    assert ended.code == 0
    assert re.fullmatch(r"one-step-tts \d+\.\d+\.\d+\n", ended.out.decode())


@pytest.mark.parametrize("command", [("say", "-o", "said.wav"), ("explain",)])
def test_warns_of_letters_and_languages_that_it_cannot_read(command, tts):
    name, *options = command
    ended = tts(name, "Je ne sais pas ce que 東京 veut dire.", *options)
    assert ended.code == 0
    letters, language = ended.err.splitlines()[:2]
    assert letters.startswith("warning: Chinese letters (東, 京) are left out; the voices speak")
    assert language == "warning: the text seems to be French; it is read as English (US)"
    assert "warning" not in tts(name, "It was late.", *options).err


def test_brings_the_commands_of_other_packages(tts):
    assert b"training" in tts("--help").out
    ended = tts("training", "train", "--help")
    assert ended.code == 0
    assert b"Usage: tts training train" in ended.out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["say", ""], "no words to speak in ''"),
        (["say", " \n"], "no words to speak in"),
        (["say", "... !"], "no words to speak in '... !'"),
        (["say", "-"], "no words to speak in ''"),
        (["say", "Да"], "no words to speak in 'Да': Cyrillic letters (Д, а) cannot be read"),
        (["say", "nowhere.txt"], "no such file: nowhere.txt"),
        (["say", "latin.txt"], "cannot read latin.txt: neither UTF-8 nor Windows-1252 (byte"),
        (["say"], "missing argument text; see `tts say --help`"),
        (["say", "."], "cannot read .: it is a folder; name a file in it\n"),
        (["say", "notes.md"], "no such file: notes.md\n"),
        (["say", "[pace:9]Hi.[/pace]"], "in '[pace:9]' at character 1: pace must be from 0.25 to"),
        (["say", "Hi. [voice:nobody]Ho.[/voice]"], "unknown voice 'nobody'; voices: heart, "),
        (["say", "Hi.", "--chapters", "1"], "--chapters needs a book (.epub, .txt, .md, "),
        (["say", "latin.txt", "--chapters", "0"], "chapters must be numbers such as 3-9,12; got"),
        (["say", "Hi.", "--voice", "nobody"], "unknown voice 'nobody'; voices: heart, michael"),
        (["say", "Hi.", "-o", "hi.m4a"], "file name must end in one of .wav, .flac"),
        (["say", "Hi.", "-o", "hi"], "file name must end in one of .wav, .flac"),
        (["say", "Hi.", "-o", "nowhere/hi.wav"], "cannot write nowhere/hi"),
        (["say", "Hi.", "--srt", "hi.sub"], "file name must end in one of .srt, .vtt, .json"),
        (["say", "Hi.", "--srt", "nowhere/hi.srt"], "cannot write nowhere/hi"),
        (["say", "Hi.", "--lexicon", "no.tsv"], "no such file: no.tsv"),
        (["say", "Hi.", "--lexicon", "latin.txt"], "cannot read latin.txt: not UTF-8 (byte"),
        (["say", "Hi.", "--lexicon", "."], "not a file: .\n"),
        (["explain", "nowhere.txt"], "no such file: nowhere.txt"),
        (["explain", ""], "no words to speak in ''\n"),
        (["explain", " "], "no words to speak in ' '\n"),
        (["explain", "[pause:long]"], "in '[pause:long]' at character 1: time must be such as"),
        (["say", "Hi.", "-o", ""], "output must be a file name, got ''\n"),
        (["say", "Hi.", "-o", ".wav"], "file name '.wav' has nothing before its ending\n"),
        (
            ["say", "Hi.", "-o", "/dev/stdout"],
            "cannot write /dev/stdout: it is a device or a pipe; use - for standard output\n",
        ),
        (["say", "Hi.", "-o", "."], "cannot write .: it is a folder"),
        (["say", "Hi.", "--steps", "0"], "steps must be from 1 to 256, got 0"),
        (["say", "Hi.", "--steps", "few"], "steps must be a whole number, got 'few'\n"),
        (["say", "Hi.", "--pace", "9"], "pace must be from 0.25 to 4, got 9"),
        (["say", "Hi.", "--volume", "31"], "volume must be from -60 to 30, got 31"),
        (["say", "Hi.", "--pace", "nan"], "pace must be a number, got nan"),
        (["say", "Hi.", "--seed", "-1"], "seed must be from 0 to 2**63 - 1, got -1"),
        (["say", "Hi.", "--threads", "0"], "threads must be from 1 to 1024, got 0\n"),
        (["say", "Hi.", "--threads", "x"], "threads must be a whole number, got 'x'\n"),
        (["say", "Hi.", "--pace", "abc"], "pace must be a number, got 'abc'\n"),
        (["say", "Hi.", "--output"], "option --output needs a value; see `tts say --help`"),
        (["say", "Hi.", "there"], "unexpected argument 'there'; put quotes around a text of"),
        (
            ["say", "Hi.", "--speed", "1"],
            "unknown option --speed; did you mean --pace, --seed? see",
        ),
        (["sya"], "unknown command 'sya'; did you mean 'say'? see `tts --help`\n"),
        (["serve", "--workers", "0"], "workers must be from 1 to 256, got 0\n"),
        (["serve", "--concurrency", "0"], "concurrency must be at least 1, got 0\n"),
        (["explain", "Hi.", "--json=1"], "option --json takes no value; see `tts explain"),
        (["serve", "--port", "x"], "port must be a whole number, got 'x'\n"),
        (["say", "Hi.", "--device", "abacus"], "this machine has no device 'abacus'"),
        (["say", "Hi.", "--device", "cuda:99"], "this machine has no device 'cuda:99'; use cpu"),
        (["say", "Hi.", "--loudly"], "unknown option --loudly; see"),
        (["say", "Hi.", "--vocoder", "no.safetensors"], "no such file: no.safetensors"),
        (["say", "Hi.", "--vocoder", "latin.txt"], "latin.txt is not a safetensors file"),
        (["shout"], "unknown command 'shout'; see"),
        (["voice", "lst"], "unknown command 'lst'; did you mean 'list'? see"),
        (["voice", "list", "--acoustic", "latin.txt"], "latin.txt is not a safetensors file"),
    ],
)
def test_a_mistake_is_one_sentence_and_leaves_nothing(arguments, sentence, tts, models, here):
    (here / "latin.txt").write_bytes(b"caf\xe9\x81")  # 0x81 is none of Windows-1252
    if arguments[0] == "say":
        arguments = [*arguments[:2], "-o", "never.wav", *models, *arguments[2:]]
    ended = tts(*arguments)
    assert ended.code == 2
    assert ended.out == b""
    assert ended.err.startswith(f"error: {sentence}")
    assert ended.err.count("\n") == 1
    assert [path.name for path in here.iterdir()] == ["latin.txt"]


@pytest.fixture
def unprivileged():
    """A user who may not read every file, also where root runs the tests."""
    if not hasattr(os, "setresuid"):
        pytest.skip("the system cannot change the user of a process for a while")
    root = os.getuid() == 0
    if root:
        os.setresuid(65534, 65534, 0)
    yield
    if root:
        os.setresuid(0, 0, 0)


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["say", "Hi.", "-o", "-", "--runtime", "torch"], "the runtime 'torch' needs PyTorch"),
        (["say", "Hi.", "-o", "-", "--device", "cuda"], "the device 'cuda' needs PyTorch"),
        (["say", "Hi.", "-o", "-", "--vocoder", "owner/name"], "a public vocoder needs PyTorch"),
    ],
)
def test_what_needs_pytorch_is_named_where_it_is_missing(arguments, what, tts, monkeypatch):
    monkeypatch.setattr("tts.devices.find_spec", lambda name: None)
    sentence = f"error: {what}; install it with pip install 'one-step-tts[torch]'\n"
    assert tts(*arguments).err == sentence


@pytest.mark.parametrize(
    "arguments",
    [
        ["say", "Hi.", "--lexicon", "noperm.txt"],
        ["say", "Hi.", "-o", "-", "--acoustic", "noperm.txt"],
        ["say", "Hi.", "-o", "-", "--vocoder", "noperm.txt"],
        ["say", "noperm.txt"],
        ["explain", "noperm.txt"],
        ["vocoder", "convert", "noperm.txt", "v.safetensors"],
    ],
)
def test_a_file_without_permission_is_told(arguments, tts, here, request):
    assert "no such file: noperm.txt" in tts(*arguments).err  # which also imports all it needs
    (here / "noperm.txt").write_text("One.", encoding="utf-8")
    (here / "noperm.txt").chmod(0)
    here.chmod(0o777)
    request.getfixturevalue("unprivileged")
    ended = tts(*arguments)
    assert ended.code == 2
    assert re.match(r"error: cannot read noperm\.txt: permission denied\n", ended.err)
    assert [path.name for path in Path().iterdir()] == ["noperm.txt"]


@pytest.mark.parametrize("option", ["-o", "--srt"])
def test_a_name_that_is_too_long_is_told(option, tts, models, here):
    name = "a" * 255 + (".wav" if option == "-o" else ".srt")
    ended = tts("say", "Hi.", option, name, *models)
    sentence = f"error: cannot write {name}: file name too long\n"
    assert (ended.code, ended.err) == (2, sentence)
    assert not list(here.iterdir())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["say", "--loudly"], "unknown option --loudly; see `tts say --help`"),
        (["voice", "list", "--x"], "unknown option --x; see `tts voice list --help`"),
        (["say", "--config", "a"], "option --config stands before the command; see `tts say"),
        (["voice", "xyz"], "unknown command 'xyz'; see `tts voice --help`"),
        (["shout"], "unknown command 'shout'; see `tts --help`"),
        (["batch", "list.txt"], "missing argument OUT; see `tts batch --help`"),
        (["serve", "--loudly"], "unknown option --loudly; see `tts serve --help`"),
        (["training", "train", "--x"], "unknown option --x; see `tts training train --help`"),
    ],
)
def test_a_wrong_call_names_the_help_of_its_command(arguments, sentence, tts):
    ended = tts(*arguments)
    assert ended.code == 2
    assert ended.err.startswith(f"error: {sentence}")
    assert (ended.err.count("\n"), ended.out) == (1, b"")


@pytest.mark.parametrize("group", ["training", "voice", "vocoder"])
def test_groups_alone_show_what_they_can_do(group, tts):
    ended = tts(group)
    assert (ended.code, ended.err) == (2, "")
    assert f"Usage: tts {group}".encode() in ended.out


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.EISDIR, "Is a directory", "x/y"), "cannot use x/y: is a directory\n"),
        (
            OSError(errno.EACCES, "Permission denied", Path("x")),
            "cannot use x: permission denied\n",
        ),
        (
            OSError(errno.EEXIST, "File exists", "x"),
            "cannot use x: file exists; choose another path",
        ),
        (OSError(errno.EINVAL, "Invalid argument", "x"), "cannot use x: invalid argument\n"),
        (
            OSError(errno.EXDEV, "Cross-device", "x", None, "y"),
            "cannot use x and y: cross-device\n",
        ),
        (OSError(errno.EMFILE, "Too many open files"), "too many open files; raise"),
        (OSError("expected a disk, found none; buy one"), "expected a disk, found none; buy one"),
        (FileNotFoundError("expected Émile"), "expected Émile"),
    ],
    ids=str,
)
def test_an_error_of_the_system_is_a_plain_sentence(error, sentence, capsys):
    """Whatever raises it, and a sentence of ours stays as it is."""
    application = typer.Typer()

    @application.command()
    def fail() -> None:
        raise error

    assert run_command(application, [], "tts") == 2
    said = capsys.readouterr().err
    assert said.startswith(f"error: {sentence}")
    assert "Errno" not in said
    assert said.count("\n") == 1


def test_an_error_that_nobody_foresaw_is_a_plain_sentence(tts):
    ended = tts("batch", f"{'a' * 255}.txt", "out")
    assert ended.code == 2
    assert ended.err.endswith(".txt: file name too long\n")


def test_a_model_of_the_wrong_kind_is_refused(tts, models, here):
    acoustic = models[1]
    ended = tts("say", "Hi.", "-o", "hi.wav", *models[:2], "--vocoder", acoustic)
    assert ended.code == 2
    assert ended.err == f"error: {acoustic} is not a vocoder; its kind is 'acoustic'\n"
    assert not list(here.iterdir())


@pytest.mark.parametrize("options", ["-o a.wav", "-o a.mp3"])
def test_a_full_disk_names_the_file(options, tts, models, here, small_files):
    with small_files(5000):
        ended = tts("say", TEXT, *options.split(), *models)
    assert re.fullmatch(rf"error: cannot write {options[3:]}: .*\n", ended.err)
    assert ended.code == 2
    assert not list(here.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_a_full_disk_behind_a_pipe_is_told(models, here, capfd, monkeypatch):
    with Path("/dev/full").open("w", encoding="utf-8") as stdout:
        monkeypatch.setattr(sys, "stdin", None)
        monkeypatch.setattr(sys, "stdout", stdout)
        with pytest.raises(SystemExit) as exit:
            main(["say", TEXT, "-o", "-", *models])
        stdout.flush()  # as Python does when it exits
    assert exit.value.code == 2
    why = "no space left on device"
    assert capfd.readouterr().err == f"error: cannot write standard output: {why}\n"


def test_a_link_stays_and_what_it_points_to_is_written(tts, models, here):
    (here / "elsewhere").mkdir()
    for name, option in (("link.wav", "-o"), ("link.srt", "--srt")):
        (here / name).symlink_to(here / "elsewhere" / name)
        assert tts("say", TEXT, "-o", "-", option, name, *models).code == 0
        assert (here / name).is_symlink()
        assert (here / "elsewhere" / name).stat().st_size > 50
    (here / "nowhere.wav").symlink_to(here / "no folder" / "a.wav")
    ended = tts("say", TEXT, "-o", "nowhere.wav", *models)
    assert (ended.code, "no such folder: " in ended.err) == (2, True)


@pytest.mark.command
def test_an_interruption_leaves_what_was_spoken(start, here):
    process = start(LONG, "-o", "speech.wav", "--steps", "16", "--srt", "speech.srt")
    wait_for(lambda: written(here) > 100_000)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    said = re.fullmatch(r"stopped after ([\d.]+) s of speech: speech\.wav\n", err)
    assert soundfile.info(here / "speech.wav").duration >= float(said[1]) - 0.01
    lines = (here / "speech.srt").read_text(encoding="utf-8").split("\n")
    assert lines[0] == "1"
    assert len("\n".join(lines)) < len(LONG) / 2
    assert {path.name for path in here.iterdir()} == {"speech.wav", "speech.srt"}


def test_an_interruption_leaves_a_whole_mp3(tts, models, here):
    with interrupted_when(lambda: written(here) > 6000):
        ended = tts("say", LONG, "-o", "speech.mp3", "--steps", "16", *models)
    assert ended.code == 130
    said = re.fullmatch(r"stopped after ([\d.]+) s of speech: speech\.mp3\n", ended.err)
    assert soundfile.info(here / "speech.mp3").duration >= float(said[1]) - 0.01
    assert [path.name for path in here.iterdir()] == ["speech.mp3"]


@pytest.mark.command
def test_ends_quietly_when_nobody_listens(start):
    process = start(LONG, "-o", "-", stdout=subprocess.PIPE)
    assert process.stdout.buffer.read(4) == b"RIFF"
    process.stdout.close()
    assert process.wait(timeout=20) == 141
    assert process.stderr.read() == ""


@contextmanager
def interrupted_when(condition):
    """Ctrl-C is pressed as soon as something is so; it is an error if it never comes to that."""
    pressed = threading.Event()

    def press():
        wait_for(lambda: condition() or over.is_set())
        if not over.is_set():
            pressed.set()
            _thread.interrupt_main()

    over, finger = threading.Event(), threading.Thread(target=press)
    # whoever runs the tests in the background may have turned interruptions off
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    finger.start()
    try:
        yield
    finally:
        over.set()
        finger.join()
        signal.signal(signal.SIGINT, before)
    assert pressed.is_set()


def wait_for(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def written(folder):
    """The size of a file that is not yet whole."""
    return sum(path.stat().st_size for path in folder.glob(".tts-*.partial"))
