"""Bodies that are small to send and costly to read keep nobody else from an answer."""

import re
import time

import httpx
import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient
from tts.app.__main__ import app
from tts.app.demo.limits import DemoLimits
from tts.app.demo.page import serve_page
from tts.app.network.hosts import Hosts
from tts.app.server.app import create_app
from tts.app.server.schemas import SAYINGS, SpeechRequest
from tts.app.server.session import Message
from tts.app.server.settings import ServerSettings, read_key

from tts.cli.main import app as tts_app
from tts.cli.main import run_command
from tts.serving.engine import Engine
from tts.text.pronounce.lexicon import Lexicon

MANY = {f"a{number}": 1 for number in range(70_000)}


@pytest.mark.parametrize(
    "act", [lambda: SpeechRequest(input="Hi.", lexicon=MANY), lambda: Message(**MANY)]
)
def test_of_thousands_of_wrong_fields_one_is_told(act):
    begun = time.process_time()
    with pytest.raises(ValidationError) as refused:
        act()
    assert time.process_time() - begun < 0.2
    assert refused.value.error_count() == 1


def test_a_lexicon_may_be_as_long_as_it_may():
    words = {f"word{number}": "ˈeɪ" for number in range(SAYINGS)}
    assert len(SpeechRequest(input="Hi.", lexicon=words).lexicon) == SAYINGS


def test_the_page_takes_no_large_body(tiny_synthesizer):
    with Engine(tiny_synthesizer) as engine, serve_page(engine, Hosts(), 0, DemoLimits()) as blocks:
        url = f"{blocks.local_url}gradio_api/call/speak"
        body = b'{"data":[' + b"[]," * 500_000 + b"1]}"
        answer = httpx.post(url, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 413
        file = {"files": ("a.txt", b"x" * 2_000_000)}
        assert httpx.post(f"{blocks.local_url}gradio_api/upload", files=file).status_code == 200


def test_a_lexicon_nested_too_deep_is_refused(tmp_path):
    path = tmp_path / "deep.json"
    path.write_text("[" * 100_000)
    with pytest.raises(ValueError, match=r"deep\.json"):
        Lexicon.load(path)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\0" * 3_000_000, b"a" * 3000, b"a\x01"])
def test_a_key_that_is_none_is_refused_with_its_file(tmp_path, content):
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=str(path)):
        read_key(path)


@pytest.mark.parametrize("origin", ["https://a.com/", "a.com", "https://a.com/b", "https://"])
def test_an_origin_that_no_browser_sends_is_refused(origin):
    with pytest.raises(ValueError, match="origin"):
        ServerSettings(origins=(origin,))


def test_a_pattern_is_no_name_of_a_host():
    with pytest.raises(ValueError, match="allow host must be a name"):
        Hosts(more=("*.example.com",))


@pytest.mark.parametrize(
    ("doors", "line"),
    [
        (tts_app, "say hi --threads 100000"),
        (app, "serve --workers 99999999999999999999"),
        (app, "batch a.txt out --workers 100000"),
    ],
)
def test_no_machine_has_so_many_threads(doors, line, capsys):
    assert run_command(doors, line.split(), "tts") == 2
    assert re.search(r"(threads|workers) must be from 1 to \d+, got \d+\n", capsys.readouterr().err)


def test_the_answer_to_head_is_that_of_get(tiny_synthesizer):
    with Engine(tiny_synthesizer) as engine:
        client = TestClient(create_app(engine, ServerSettings()), base_url="http://localhost")
        assert client.head("/health").status_code == 200
        deep = client.post(
            "/v1/audio/speech", content="[" * 100_000, headers={"Content-Type": "application/json"}
        )
        assert deep.status_code == 400
        assert deep.json()["error"]["message"] == "the body is not JSON: it is nested too deep"
