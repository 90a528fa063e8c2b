"""What a shell offers where Tab is pressed: commands, options and values, in three shells."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tts.cli import completion
from tts.cli.main import main

ROOT = Path(__file__).parents[3]
# What completes `tts say --voice mic` in each shell, once it has the installed completion.
SHELLS = {
    "bash": "source ~/.bashrc; COMP_WORDS=(tts say --voice mic); COMP_CWORD=3; "
    '_tts_completion tts; echo "${COMPREPLY[@]}"',
    "zsh": "words=(tts say --voice mic); CURRENT=4; compdef() { : }; _arguments() { echo $@ }; "
    "source ~/.zfunc/_tts; _tts_completion",
    "fish": 'complete -C "tts say --voice mic"',
}


@pytest.fixture
def offered(monkeypatch, capsys):
    """What bash is offered for a line that is typed."""

    def run(line):
        *before, last = line.split(" ")
        monkeypatch.setenv("_TTS_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(before) if last else len(line.split())))
        with pytest.raises(SystemExit) as exit:
            main([])
        assert not exit.value.code
        return capsys.readouterr().out.split()

    return run


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("tts s", ["say", "serve"]),
        ("tts --c", ["--config"]),
        ("tts say --voi", ["--voice", "--voice-dir"]),
        ("tts say --voice mic", ["michael"]),
        ("tts say --device ", ["cpu", "cuda", "mps"]),
        ("tts explain --js", ["--json"]),
        ("tts voice ", ["list", "show", "blend", "compare", "check", "learn", "train"]),
        ("tts serve --precision ", ["float32", "int8"]),
        ("tts serve --runtime o", ["onnx"]),
        ("tts batch --chap", ["--chapters"]),
        ("tts say chapter.t", []),
    ],
)
def test_a_shell_is_offered(line, values, offered):
    assert offered(line) == values


def test_voices_have_descriptions_and_paths_are_left_to_the_shell():
    assert ("michael", "male, US") in completion.complete_voice("")
    assert completion.complete_voice("./an") == []


def test_a_wrong_file_of_settings_does_not_stand_in_the_middle_of_a_line(offered, monkeypatch):
    monkeypatch.setenv("TTS_CONFIG", "nowhere.toml")
    assert offered("tts say --voice mic") == ["michael"]


def test_a_command_whose_extra_is_missing_offers_nothing(offered, monkeypatch):
    monkeypatch.setitem(sys.modules, "tts.app.__main__", None)
    assert offered("tts serve --pre") == []


@pytest.mark.command
@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_completes_once_it_is_installed(shell, tmp_path):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    program = tmp_path / "bin" / "tts"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m tts "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"HOME": str(tmp_path), "PATH": path, "PYTHONPATH": str(ROOT)}

    def run(line):
        return subprocess.run(
            [shell, "-c", line], env=environment, capture_output=True, text=True, check=True
        ).stdout

    # the command after it keeps the shell from becoming the program, which looks for its shell
    assert f"{shell} completion installed in" in run("tts --install-completion; true")
    assert "michael" in run(SHELLS[shell])
    assert "tts" in run("tts --show-completion; true")
