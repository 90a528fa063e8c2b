"""By which names a server is called, and which pages may call it."""

import asyncio
import logging
import socket
from urllib.parse import urlsplit

import httpx
import pytest
from tts.app.network.hosts import Hosts
from tts.app.server.app import create_app
from tts.app.server.settings import ServerSettings
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.serving import serving
from tts.serving.engine import Engine

LOCAL = ("localhost", "LOCALHOST:8000", "localhost.", "127.0.0.1", "127.0.0.1:80", "[::1]:8000")
NOBODY = ("", "evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.nip.io")
WRONG = ("a b", "[::1", "localhost:x", "user@localhost", "localhost/", "\x00", "x" * 9000)


@pytest.fixture
def engine(tiny_synthesizer):
    with Engine(tiny_synthesizer) as engine:
        yield engine


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_who_listens_to_this_machine_alone_has_its_names(host):
    hosts = Hosts(host=host)
    assert all(name in hosts for name in LOCAL)
    others = (*NOBODY, *WRONG, "192.168.1.5", socket.gethostname() + ".example")
    assert not [name for name in others if name in hosts]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.5", "tts.local"])
def test_who_listens_to_others_has_addresses_and_a_name_too(host):
    hosts = Hosts(host=host)
    ours = (*LOCAL, "192.168.1.5:8000", "[fe80::1]:8000", socket.gethostname(), host or "localhost")
    assert all(name in hosts for name in ours)
    assert not [name for name in (*NOBODY, *WRONG) if name in hosts]


def test_other_names_are_allowed_one_by_one_or_all():
    named = Hosts(more=("TTS.example.com", "box"))
    assert "tts.example.com:443" in named
    assert "box." in named
    assert "example.com" not in named
    assert "www.tts.example.com" not in named
    assert "evil.example" in Hosts(more=("*",))
    for wrong in ("https://tts.example.com", "", "a b"):
        with pytest.raises(ValueError, match="host must be a name such as"):
            Hosts(more=(wrong,))


def get(at, host, path="/health"):
    return httpx.get(f"{at}{path}", headers={"Host": host})


def test_requests_for_another_host_are_refused_in_a_sentence(engine, caplog):
    with serving(create_app(engine, ServerSettings(hosts=Hosts(more=("tts.example.com",))))) as at:
        for host in (*LOCAL, "tts.example.com"):
            assert get(at, host).status_code == 200
        for path in ("/health", "/", "/live", "/v1/models", "/nowhere"):
            refused = get(at, "evil.example", path)
            assert refused.status_code == 421
            message = refused.json()["error"]["message"]
            assert message.startswith("unknown host 'evil.example'; use localhost, or start")
        assert len(get(at, "x" * 9000).json()["error"]["message"]) < 200
    assert "'evil.example'; --allow-host allows a name" in caplog.text


def test_who_gives_no_host_is_answered(engine):
    with serving(create_app(engine, ServerSettings())) as at:
        place = urlsplit(at)
        with socket.create_connection((place.hostname, place.port), timeout=20) as probe:
            probe.sendall(b"GET /health HTTP/1.0\r\n\r\n")
            assert probe.recv(12) == b"HTTP/1.1 200"


def converse(at, host, **options):
    """The status that a WebSocket is opened with."""
    place = urlsplit(at)

    async def opened():
        try:
            uri = f"ws://{host}/v1/audio/stream"
            async with connect(uri, host=place.hostname, port=place.port, **options):
                return 101, ""
        except InvalidStatus as error:
            return error.response.status_code, error.response.body.decode()

    return asyncio.run(opened())


def test_a_page_that_rebinds_its_name_opens_no_websocket(engine):
    with serving(create_app(engine, ServerSettings())) as at:
        status, body = converse(at, "evil.example", origin="http://evil.example")
        assert status == 421
        assert "unknown host 'evil.example'" in body
        assert converse(at, "localhost", origin="http://localhost")[0] == 101


@pytest.mark.parametrize("origin", ["https://example.com", "null", "http://["])
def test_the_log_tells_how_a_refused_page_is_let_in(engine, origin, caplog):
    with serving(create_app(engine, ServerSettings())) as at:
        assert httpx.get(f"{at}/health", headers={"Origin": origin}).status_code == 200
        assert converse(at, "localhost", origin=origin)[0] == 403
    told = [one.message for one in caplog.records if one.name == "tts.app.network.origins"]
    assert told == [f"refused a page of {origin!r}; --origin with this origin allows it"] * 2


def test_the_log_tells_nothing_of_pages_that_may_ask(engine, caplog):
    caplog.set_level(logging.INFO, "app")
    with serving(create_app(engine, ServerSettings(origins=("https://example.com",)))) as at:
        for origin in ("https://example.com", at):
            assert httpx.get(f"{at}/health", headers={"Origin": origin}).status_code == 200
    assert not [one for one in caplog.records if one.name.startswith("app.")]
