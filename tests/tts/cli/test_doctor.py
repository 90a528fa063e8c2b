import re
import socket
from dataclasses import replace
from importlib.metadata import version

import pytest
import torch

from tts.cli import doctor
from tts.cli.doctor import Check, CheckResult, checks, examine, settings_checks
from tts.cli.main import main
from tts.cli.settings import Settings
from tts.processor import Int8Support
from tts.torch_checkpoint import save_checkpoint

OPTIONAL = {"learned", "graphics", "player", "ffmpeg"}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def models(tiny_acoustic, tiny_vocoder, tmp_path):
    acoustic, vocoder = tmp_path / "acoustic.safetensors", tmp_path / "vocoder.safetensors"
    save_checkpoint(tiny_acoustic, acoustic, {})
    save_checkpoint(tiny_vocoder, vocoder, {})
    return acoustic, vocoder


@pytest.fixture
def tts(models, capsys):
    """The command, as a function of its arguments: how it ended and what it printed."""

    def run(*arguments):
        with pytest.raises(SystemExit) as exit:
            main(["doctor", *arguments])
        return exit.value.code or 0, capsys.readouterr().out

    return run


def findings(*models):
    return {finding.name: finding for finding in examine(checks(*models))}


def look(name):
    """What one check finds, where the others are not asked."""
    (finding,) = examine(check for check in checks() if check.name == name)
    return finding


def test_finds_all_that_is_needed(models, here):
    before = sorted(here.iterdir())
    found = findings(*models)
    assert not [finding for finding in found.values() if finding.broken]
    assert {finding.name for finding in found.values() if not finding.needed} == OPTIONAL
    assert "heart, michael" in found["voices"].found
    assert "real-time factor" in found["speech"].found
    assert found["runtime"].found.startswith(f"onnxruntime {version('onnxruntime')}, float32")
    assert found["runtime"].found.endswith(f"; torch {version('torch')} is there, too")
    assert "mp3" in found["files"].found
    assert sorted(here.iterdir()) == before


def test_voice_files_that_cannot_be_used_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr("tts.learned_voices.user_voice_dir", lambda: tmp_path)
    assert look("learned").found.endswith(f"; your own can lie in {tmp_path}")
    (tmp_path / "anna.voice").write_bytes(b"damaged")
    found = look("learned")
    assert not found.broken
    assert found.found == f"{tmp_path / 'anna.voice'} is not a safetensors file"
    assert found.advice == "replace or delete these files"


def test_never_reaches_the_network(models, monkeypatch):
    def refuse(*_, **__):
        reached.append(1)
        raise OSError("no network")

    reached = []
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert not any(finding.broken for finding in findings(*models).values())
    assert not reached


@pytest.mark.parametrize("error", [RuntimeError("no\nluck"), ImportError(), AssertionError("no")])
def test_no_failure_hides_another(error, models):
    def fail():
        raise error

    questions = [replace(check, look=fail) for check in checks(*models)]
    found = list(examine(questions))
    assert [finding.name for finding in found] == [check.name for check in questions]
    assert all(finding.found in ("no luck", "no", "ImportError", "not tried") for finding in found)
    assert [finding.name for finding in found if finding.found == "not tried"] == [
        "learned",
        "runtime",
        "speech",
    ]
    assert [finding.advice for finding in found] == [check.advice for check in questions]
    assert {finding.name for finding in found if not finding.broken} == OPTIONAL


def test_each_check_is_told_as_soon_as_it_is_done():
    def never():
        raise KeyboardInterrupt

    found = examine([Check("one", lambda: "well", ""), Check("two", never, "")])
    assert next(found) == CheckResult("one", "well")
    with pytest.raises(KeyboardInterrupt):
        next(found)


def test_the_command_ends_well_on_a_sound_machine(tts, models):
    code, out = tts("--acoustic", str(models[0]), "--vocoder", str(models[1]))
    assert code == 0
    assert [line.split()[1] for line in out.splitlines() if not line.startswith(" ")] == [
        check.name for check in checks(more=settings_checks(Settings({}), None))
    ]
    assert re.search(r"^ok +settings +nothing is set", out, re.MULTILINE)
    assert "\x1b" not in out


def test_the_command_says_what_is_set_and_where(tts, models, here, monkeypatch):
    """It examines the models that are set, and runs where the settings are wrong, to say so."""
    acoustic, vocoder = models
    config = here / "config.toml"
    config.write_text(f'vocoder = "{vocoder}"\n[say]\npace = 1.25\n', encoding="utf-8")
    for name, value in (("CONFIG", config), ("DOCTOR_ACOUSTIC", acoustic), ("PAES", "2")):
        monkeypatch.setenv(f"TTS_{name}", str(value))
    code, out = tts()
    assert code == 0
    assert f"pace is set to 1.25 in [say] of {config}\n" in out
    assert re.search(r"^ +acoustic is set to .* by TTS_DOCTOR_ACOUSTIC$", out, re.MULTILINE)
    assert re.search(r"^note +variables +no command reads TTS_PAES$", out, re.MULTILINE)
    assert f"in {acoustic}\n" in out

    config.write_text("[say]\npase = 1.25\n", encoding="utf-8")
    code, out = tts("--acoustic", "nowhere.safetensors")
    assert code == 1
    sentence = f"{config}: unknown key 'pase' in [say]; did you mean pauses?\n"
    assert re.search(rf"^broken +settings +{re.escape(sentence)}", out, re.MULTILINE)
    assert re.search(r"^broken +speech +not tried", out, re.MULTILINE)


def test_the_command_fails_where_something_needed_is_broken(tts, models):
    code, out = tts("--acoustic", "nowhere.safetensors", "--vocoder", str(models[1]))
    assert code == 1
    states = dict(reversed(line.split()[:2]) for line in out.splitlines() if line[0] != " ")
    broken = {name for name, state in states.items() if state == "broken"}
    assert broken == {"voices", "runtime", "speech"}
    assert out.count("no such file: nowhere.safetensors") == 1
    assert re.search(r"^broken +speech +not tried\n +-> repair what is broken", out, re.MULTILINE)
    assert out.count(f"-> {checks()[5].advice}") == 1


def test_a_model_that_makes_no_sound_is_broken(models, tiny_vocoder):
    with torch.no_grad():
        tiny_vocoder.head.out.weight.fill_(0)
        tiny_vocoder.head.out.bias.fill_(-1000)  # of a logarithm
    save_checkpoint(tiny_vocoder, models[1], {})
    found = findings(*models)
    assert not found["vocoder"].broken
    assert found["speech"].broken
    assert "s of silence" in found["speech"].found


def test_a_model_whose_weights_are_no_numbers_is_broken(models, tiny_vocoder):
    with torch.no_grad():
        tiny_vocoder.head.out.weight[3, 3] = float("nan")
    save_checkpoint(tiny_vocoder, models[1], {})
    found = findings(*models)
    assert found["vocoder"].broken
    assert "has invalid weights in head.out.weight; download it" in found["vocoder"].found


def test_packages_that_do_not_fit_are_named(monkeypatch):
    wanted = ["numpy>=1", "torch>=999", "never-made-this>=2", 'gradio>=999; extra == "app"']
    monkeypatch.setattr(doctor, "requires", lambda _: wanted)
    finding = look("packages")
    assert finding.broken
    assert finding.found.startswith("torch must be >=999, got ")
    assert finding.found.endswith("; never-made-this>=2 is not installed")
    assert "pip install" in finding.advice


@pytest.mark.parametrize("fast", [True, False])
def test_the_processor_says_whether_int8_is_fast(monkeypatch, fast):
    reason = f"int8 is {fast}"
    monkeypatch.setattr(doctor, "int8_support", lambda: Int8Support(fast, reason))
    assert look("processor").found.endswith(f"; {reason}")


@pytest.mark.parametrize("fast", [True, False])
def test_models_that_the_scales_do_not_fit_are_the_reason_for_float32(models, monkeypatch, fast):
    for module in ("cli.doctor", "runtime.quantise"):
        monkeypatch.setattr(f"tts.{module}.int8_support", lambda: Int8Support(fast, "x"))
    reason = ", float32, as the int8 scales do not fit the models; "
    assert (reason in doctor.runtime(*models)) == fast


def test_without_pytorch_no_gpu_is_looked_for(models, monkeypatch):
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    finding = look("graphics")
    assert not finding.broken
    assert "PyTorch is not installed" in finding.found
    assert "pip install 'one-step-tts[torch]'" in finding.advice
    assert doctor.runtime(*models).endswith("; no torch")


def test_an_old_python_is_refused(monkeypatch):
    monkeypatch.setattr(doctor, "MIN_PYTHON", (99, 0))
    finding = look("python")
    assert finding.broken
    assert finding.found.startswith("Python must be at least 99.0, got 3.")


def test_a_folder_that_is_gone_can_not_be_written_in(here, monkeypatch):
    folder = here / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    assert look("files").broken


def test_programs_are_found_or_not_missed(here, monkeypatch):
    monkeypatch.setenv("PATH", str(here))
    for name in ("ffmpeg", "player"):
        finding = look(name)
        assert finding.advice
        assert not finding.broken
    for name in ("ffmpeg", "aplay"):
        program = here / name
        program.write_text("#!/bin/sh\necho ffmpeg version 7.1 Copyright\n", encoding="utf-8")
        program.chmod(0o755)
    assert look("ffmpeg") == CheckResult("ffmpeg", "ffmpeg version 7.1", needed=False)
    assert look("player") == CheckResult("player", "aplay", needed=False)


@pytest.mark.parametrize(
    ("finding", "plain", "styles"),
    [
        (CheckResult("voices", "heart [x]"), "ok      voices      heart [x]", {"green"}),
        (
            CheckResult("voices", "none", "get some"),
            f"broken  voices      none\n{'':20}-> get some",
            {"bold red"},
        ),
        (
            CheckResult("player", "none", "get one", needed=False),
            f"note    player      none\n{'':20}-> get one",
            {"yellow"},
        ),
    ],
)
def test_a_finding_says_how_bad_it_is(finding, plain, styles):
    shown = finding.shown()
    assert shown.plain == plain
    assert {span.style for span in shown.spans} == styles
