"""Whether a text is SSML or has tags is decided in one place, and everybody asks there."""

from pathlib import Path

import pytest

import tts
from tts.text.markup.parse import parse_markup
from tts.text.markup.tags import Prosody
from tts.text.options import TextOptions

ROOT = Path(tts.__file__).parents[1]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("[pace:0.5]a[/pace] <b>", ["a", " <b>"]),
        ('<speak><prosody rate="50%">a</prosody> [b]</speak>', ["a", " [b]"]),
    ],
)
def test_a_text_has_tags_or_is_a_document(text, plain):
    runs = parse_markup(text, TextOptions())
    assert [text[slice(*run.span)] for run in runs if not run.rule] == plain
    assert [run.prosody for run in runs if not run.rule] == [Prosody(pace=0.5), Prosody()]
    assert "".join(text[slice(*run.span)] for run in runs) == text


def test_nobody_else_looks_for_the_root_of_a_document():
    rooms = ("tts", "app")
    sources = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    patterns = [path for path in sources if "<speak[" in path.read_text(encoding="utf-8")]
    callers = [path for path in sources if "parse_ssml(" in path.read_text(encoding="utf-8")]
    assert {path.name for path in patterns} == {"ssml.py"}
    assert {path.name for path in callers} == {"ssml.py", "parse.py"}
