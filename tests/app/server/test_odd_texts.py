"""Texts of other letters, signs, voices and line ends, as requests and in headers."""

import json

import httpx
import pytest
from tts.app.server.app import create_app
from tts.app.server.settings import ServerSettings

from tests.serving import SPEECH, serving
from tts.serving.engine import Engine


@pytest.fixture
def at(tiny_synthesizer):
    with (
        Engine(tiny_synthesizer) as engine,
        serving(create_app(engine, ServerSettings(steps=8))) as at,
    ):
        yield at


def asked(at, text):
    wanted = {"model": "one-step-tts", "voice": "heart", "response_format": "pcm", "input": text}
    sent = {"content": json.dumps(wanted), "headers": {"content-type": "application/json"}}
    return httpx.post(f"{at}{SPEECH}", timeout=30, **sent)


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        ("He said да.", r"Cyrillic letters (\u0434"),
        ("He said 你好.\r\nSet-Cookie: a=b", "Chinese"),
        ("He said да\r\nX-Odd: да\r\n\r\nbody.", "Cyrillic letters"),
        ("He said да\u2028\x85\x0b\x00no.", "Cyrillic letters"),
        ("He said 𐌰𐌱.", ""),
        ("He said \ud83d and \udc80 д.", "Cyrillic letters"),
        ("Good 👍🏽.\nFine 👩\u200d👩.", None),
        ("One.\n[voice:michael]Two.[/voice] Three.", None),
        ('<speak>One. <voice name="michael">Two да.</voice></speak>', "Cyrillic letters"),
    ],
)
def test_a_warning_is_one_line_of_ascii_whatever_the_text(at, text, warned):
    given = asked(at, text)
    assert given.status_code == 200, given.text
    assert len(given.content) > 1000
    names = [name.lower() for name, _ in given.headers.raw]
    assert not {b"set-cookie", b"x-odd"} & set(names)
    lines = [value for name, value in given.headers.raw if name.lower() == b"tts-warning"]
    assert len(lines) == (warned is not None)
    for line in lines:
        assert line.isascii()
        assert line.decode().isprintable()
        assert line.decode().startswith(warned)


@pytest.mark.parametrize(
    "text",
    [
        "One. [voice:nobody]Two.[/voice]",
        "[voice:no\r\nSet-Cookie: a=b]Two.[/voice]",
        "[voice:../heart]Two.[/voice]",
        "[voice:\ud800]Two.[/voice]",
        "[voice:да]Two.[/voice]",
        "[voice:heart+nobody]Two.[/voice]",
        '<speak><voice name="nobody">Two.</voice></speak>',
        '<speak><voice name="/etc/passwd">Two.</voice></speak>',
    ],
)
def test_unknown_voices_within_a_text_are_refused_in_a_sentence(at, text):
    refused = asked(at, text)
    assert refused.status_code == 400
    error = refused.json()["error"]
    assert error["param"] == "input"
    assert "voice" in error["message"]
    assert error["message"].isprintable()
    assert "set-cookie" not in refused.headers
