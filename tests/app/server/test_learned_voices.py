"""Learned voices over HTTP and the WebSocket: listed without their files, named like any other."""

import asyncio
import json
from urllib.parse import urlsplit

import httpx
import pytest
from tts.app.server.app import create_app
from tts.app.server.settings import ServerSettings
from websockets.asyncio.client import connect

from tests.learned import FOLDER, with_learned_voices
from tests.serving import SPEECH, assert_sounds_like, serving
from tts.delivery import Delivery
from tts.serving.engine import Engine

# uvicorn's own, of the websockets package's older half
pytestmark = [
    pytest.mark.filterwarnings("ignore:websockets.*deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:remove second argument of ws_handler:DeprecationWarning"),
]
TEXT = "So they do."
PATHS = (
    "../anna.voice",
    "/secret/voices/anna.voice",
    "anna.voice",
    "anna.voice(2)+heart",
    "./anna",
)


@pytest.fixture
def synthesizer(tiny_synthesizer):
    return with_learned_voices(tiny_synthesizer)


@pytest.fixture
def at(synthesizer):
    settings = ServerSettings(voice="anna(2)+heart(1)")
    with Engine(synthesizer) as engine, serving(create_app(engine, settings)) as at:
        yield at


def test_they_are_listed_with_what_their_cards_say_but_no_path_and_no_consent(at):
    answer = httpx.get(f"{at}/v1/voices")
    listed = answer.json()
    assert listed["default"] == "anna(2)+heart(1)"
    english = {"languages": ["en-US"]}
    assert listed["voices"] == [
        english | {"id": "heart", "name": "heart", "learned": False, "description": ""},
        english | {"id": "michael", "name": "michael", "learned": False, "description": ""},
        english
        | {
            "id": "anna",
            "name": "anna",
            "learned": True,
            "description": "female, learned from 12.5 minutes, CC0-1.0",
            "sex": "female",
            "minutes": 12.5,
            "licence": "CC0-1.0",
            "word_errors": 3.1,
            "lines": 40,
        },
        english | {"id": "bea", "name": "bea", "learned": True, "description": "learned"},
    ]
    schema = httpx.get(f"{at}/openapi.json").text
    for text in (answer.text, schema):
        assert str(FOLDER) not in text
        assert "Anna said" not in text


@pytest.mark.parametrize(
    ("named", "voice"),
    [
        ("bea", "bea"),
        ({"id": "anna"}, "anna"),
        ("af_anna", "anna"),
        ("anna+bea(3)", "anna+bea(3)"),
        ("alloy+bea", "heart+bea"),
        (None, "anna(2)+heart(1)"),
    ],
)
def test_a_request_names_one_or_a_blend_or_has_the_default(named, voice, at, synthesizer):
    asked = {"input": TEXT, "response_format": "pcm", "voice": named}
    answer = httpx.post(f"{at}{SPEECH}", json=asked, timeout=30)
    assert answer.status_code == 200, answer.text
    assert_sounds_like(answer.content, synthesizer.speak(TEXT, Delivery(voice=voice)))


@pytest.mark.parametrize("path", PATHS)
def test_no_request_names_a_file(path, at):
    answer = httpx.post(f"{at}{SPEECH}", json={"input": TEXT, "voice": path}, timeout=30)
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, "voice")
    part = path.partition("(")[0]
    named = f"'{path}'" if part == path else f"'{part}' in '{path}'"
    assert error["message"].startswith(f"unknown voice {named}; voices: heart, michael, anna, bea")


@pytest.mark.parametrize(
    ("voice", "text"),
    [("anna", TEXT), ("anna+heart", TEXT), ("bea", f"{TEXT} [voice:anna]Two.[/voice]")],
)
def test_a_file_that_is_gone_is_no_fault_of_the_server(voice, text, at, synthesizer, caplog):
    del synthesizer.learned_voices["anna"].__dict__["file"]  # it is read when it is needed
    answer = httpx.post(f"{at}{SPEECH}", json={"input": text, "voice": voice}, timeout=30)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (
        503,
        "voice_unavailable",
        "voice",
    )
    assert error["message"].startswith("the file of the voice 'anna' is missing or was changed")
    assert str(FOLDER) in caplog.text
    after = httpx.post(f"{at}{SPEECH}", json={"input": TEXT, "voice": "bea"}, timeout=30)
    assert after.status_code == 200


def test_a_websocket_names_one_but_no_file(at):
    async def converse():
        async with connect(f"ws://{urlsplit(at).netloc}/v1/audio/stream") as socket:
            await socket.send(json.dumps({"voice": "bea", "text": TEXT, "end": True}))
            sound = b""
            while not isinstance(message := await socket.recv(), str) or "done" not in message:
                sound += message if isinstance(message, bytes) else b""
            await socket.send(json.dumps({"voice": "../bea.voice", "text": TEXT}))
            return sound, json.loads(await socket.recv())

    sound, refused = asyncio.run(converse())
    assert sound
    assert refused["error"].startswith("unknown voice '../bea.voice'")


def test_a_text_may_name_the_voices_of_the_server_and_no_others(at, synthesizer):
    text = "One. [voice:anna]Two.[/voice] [voice:bea]Three.[/voice]"
    answer = httpx.post(f"{at}{SPEECH}", json={"input": text, "response_format": "wav"})
    assert answer.status_code == 200
    assert b"voices anna(2)+heart(1), anna, bea, " in answer.content
    wrong = "[voice:../anna.voice]Two.[/voice]"
    refused = httpx.post(f"{at}{SPEECH}", json={"input": f"One. {wrong}"})
    assert refused.status_code == 400
    assert "unknown voice '../anna.voice'; voices: heart" in refused.json()["error"]["message"]
