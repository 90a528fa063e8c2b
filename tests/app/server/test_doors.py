"""The demo and the Wyoming server beside the routes of HTTP, with one engine."""

import asyncio
import json
import warnings
from functools import partial

import httpx
import pytest

with warnings.catch_warnings():
    # up to Python 3.12 the package takes this one while there is one
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    import wyoming.audio  # noqa: F401

from tts.app.demo.limits import DemoLimits
from tts.app.network.sockets import bind, close_on_exit
from tts.app.server.app import create_app
from tts.app.server.beside import run_beside
from tts.app.server.settings import ServerSettings
from tts.app.wyoming.server import serve
from wyoming.client import AsyncTcpClient
from wyoming.tts import Synthesize

from tests.serving import SPEECH, serving
from tts.serving.engine import Engine

TEXT = "One is here."
KEY = ("anyone", "sesame")  # name and password
LIMITS = DemoLimits(file_bytes=3 * 2**20)


@pytest.fixture
def engine(tiny_synthesizer):
    with Engine(tiny_synthesizer) as engine:
        yield engine


@pytest.fixture(scope="module")
def demo(synthesizer):
    """An engine, and where a server with the demo and a key answers."""
    settings = ServerSettings(key="sesame", max_body_bytes=1000)
    with Engine(synthesizer) as engine, serving(create_app(engine, settings, LIMITS)) as at:
        yield engine, at


def said(at, auth=None, **options):
    body = {"text": TEXT, "voice": "heart"}
    return httpx.post(f"{at}/demo/player/speak", json=body, auth=auth, timeout=30, **options)


def uploaded(at, size, auth=None):
    files = {"files": ("book.txt", b"x" * size)}
    return httpx.post(f"{at}/demo/gradio_api/upload", files=files, auth=auth, timeout=30)


def test_the_demo_has_the_engine_of_the_server_and_limits_of_its_own(demo):
    engine, at = demo
    before = engine.stats.finished
    page = httpx.get(f"{at}/demo", auth=KEY, follow_redirects=True)
    assert page.status_code == 200
    assert page.url.path == "/demo/"
    told = said(at, KEY)
    assert told.status_code == 200, told.text
    assert "pieces" in json.loads(told.text.splitlines()[-1])
    bearer = {"Authorization": "Bearer sesame"}
    spoken = httpx.post(f"{at}{SPEECH}", json={"input": TEXT}, headers=bearer, timeout=30)
    assert spoken.status_code == 200
    assert engine.stats.finished == before + 2
    assert uploaded(at, 2**20, KEY).status_code == 200
    assert uploaded(at, 5 * 2**20, KEY).status_code == 413
    assert httpx.post(f"{at}{SPEECH}", json={"input": "x" * 2000}).status_code == 413
    misdirected = httpx.get(f"{at}/demo/", headers={"Host": "evil.example"})
    assert misdirected.status_code == 421


def test_with_a_key_the_demo_is_no_open_door(demo):
    engine, at = demo
    before = engine.stats.finished
    for path in ("", "config", "player/static/desk.js", "gradio_api/info", "nowhere"):
        refused = httpx.get(f"{at}/demo/{path}")
        assert refused.status_code == 401, path
        assert refused.headers["www-authenticate"].startswith("Basic realm=")
    assert uploaded(at, 10).status_code == 401
    assert said(at).status_code == 401
    assert said(at, ("anyone", "wrong")).status_code == 401
    assert said(at, headers={"Authorization": "Basic !"}).status_code == 401
    assert engine.stats.finished == before
    assert said(at, ("", "sesame")).status_code == 200
    assert said(at, headers={"Authorization": "Bearer sesame"}).status_code == 200


@pytest.mark.parametrize("path", ["config", "player/speak", "gradio_api/upload"])
def test_pages_of_other_sites_cannot_call_the_demo_with_a_visitors_password(demo, path):
    _, at = demo
    asks = {
        "Host": "127.0.0.5",
        "Origin": "https://evil.example",
        "Access-Control-Request-Method": "POST",
    }
    for method in ("GET", "POST", "OPTIONS"):
        answer = httpx.request(method, f"{at}/demo/{path}", headers=asks, auth=KEY)
        assert answer.status_code == 403, method
        assert "access-control-allow-origin" not in answer.headers
    own = {"Host": "127.0.0.5", "Origin": "http://127.0.0.5"}
    assert httpx.get(f"{at}/demo/config", headers=own, auth=KEY).status_code == 200


def test_pages_of_an_allowed_origin_can_call_the_demo(engine):
    settings = ServerSettings(origins=("https://friend.example",))
    with serving(create_app(engine, settings, LIMITS)) as at:
        friend = {"Origin": "https://friend.example"}
        answer = httpx.get(f"{at}/demo/config", headers=friend)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "https://friend.example"


def test_what_the_demo_speaks_is_a_line_in_the_log_without_its_text(demo, caplog):
    _, at = demo
    with caplog.at_level("INFO", logger="tts"):
        assert said(at, KEY).status_code == 200
        assert httpx.get(f"{at}/demo/config", auth=KEY).status_code == 200
    (record,) = caplog.records
    assert record.getMessage() == "demo"
    assert (record.fields["status"], record.fields["voice"]) == ("finished", "heart")
    assert record.fields["characters"] == len(TEXT)
    assert 0 < record.fields["first_sound_seconds"] <= record.fields["seconds"]
    assert record.fields["sound_seconds"] > 0.3
    assert "One is" not in caplog.text


def test_wyoming_runs_beside_http_and_ends_with_it(engine):
    async def heard(address):
        async with AsyncTcpClient(*address) as client:
            await client.write_event(Synthesize(text=TEXT).event())
            kinds = []
            while "audio-stop" not in kinds:
                kinds.append((await asyncio.wait_for(client.read_event(), 20)).type)
        return kinds

    app = create_app(engine, ServerSettings())
    with close_on_exit(bind("127.0.0.1", 0)) as sockets:
        address = sockets[0].getsockname()
        run_beside(app, partial(serve, engine, sockets))
        with serving(app) as at:
            assert "audio-chunk" in asyncio.run(heard(address))
            assert httpx.get(f"{at}/health").status_code == 200
        assert sockets[0].fileno() == -1, "it was closed"
    assert engine.stats.finished == 1


def test_an_error_beside_is_logged_and_the_server_goes_on(engine, caplog):
    async def fail():
        raise RuntimeError("a fault")

    app = create_app(engine, ServerSettings())
    run_beside(app, fail)
    with serving(app) as at:
        assert httpx.get(f"{at}/health").status_code == 200
    assert "RuntimeError: a fault" in caplog.text
