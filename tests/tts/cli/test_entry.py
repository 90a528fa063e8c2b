"""The entry point of the command."""

import subprocess
import sys

import pytest

from tts.cli.entry import EXIT_INTERRUPTED, main


def test_ctrl_c_ends_quietly_while_modules_are_imported(monkeypatch, capsys):
    class Interrupted:
        def find_spec(self, name, path=None, target=None):
            if name == "tts.cli.main":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "tts.cli.main", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Interrupted(), *sys.meta_path])
    with pytest.raises(SystemExit) as exit:
        main()
    assert exit.value.code == EXIT_INTERRUPTED
    assert capsys.readouterr() == ("", "")


def test_the_command_imports_nothing_before_it_listens():
    """What an installer makes imports the module of the entry point unguarded."""
    code = "import sys, tts.cli.entry; print('tts.cli.main' in sys.modules, 'numpy' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "False False\n"
