"""What was given is quoted briefly, and a system error is one sentence that names the file."""

import ast
import errno
import os
from pathlib import Path

import pytest

from tts.error_messages import (
    explain_os_error,
    naming_write_errors,
    os_error_reason,
    quoted,
    short_text,
)

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("plain", "'plain'"),
        ("x" * 40, f"'{'x' * 40}'"),
        ("x" * 41, f"'{'x' * 37}...'"),
        ("a\nb", r"'a\nb'"),
        (12, "'12'"),
    ],
)
def test_quotes_at_most_40_characters(given, text):
    assert quoted(given) == text


def test_short_text_has_no_quotes_and_fits_in_a_line():
    assert short_text("it's") == "it's"
    assert short_text(["a"]) == "['a']"
    assert len(short_text("x" * 10_000)) <= 60


def test_system_errors_are_sentences():
    error = OSError(errno.EISDIR, "Is a directory", "speech.wav")
    assert explain_os_error(error) == "cannot use speech.wav: is a directory"
    assert os_error_reason(error) == "is a directory"
    assert explain_os_error(OSError("expected a file; name one")) == "expected a file; name one"


def test_a_full_disk_names_the_file_to_be_written():
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "partial")
    expected = "cannot write a.wav: no space left on device"
    with pytest.raises(OSError, match=f"^{expected}$"), naming_write_errors("a.wav"):
        raise full


def test_no_other_module_words_system_errors():
    """`strerror` is worded by `os_error_reason` alone, and texts are cut short by `excerpt`."""
    for room in ("tts", "app", "training"):
        for path in (ROOT / room).rglob("*.py"):
            if path.name != "error_messages.py":
                tree = ast.parse(path.read_text(encoding="utf-8"))
                nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
                assert "strerror" not in {node.attr for node in nodes}, path
