"""nginx and Caddy before the server: audio passes as it is made, and WebSockets and names work."""

import json
import os
import re
import shutil
import socket
import subprocess
from contextlib import contextmanager
from threading import Event

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import Route
from websockets.sync.client import connect

from tests.deploy.commands import DEPLOY
from tests.serving import SPEECH, serving, wait_for

NAME = "tts.example.com"
UPSTREAM = "127.0.0.1:8000"
NGINX = """
daemon off;
pid nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path requests;
    proxy_temp_path answers;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
{site}
}}
"""
CADDY = "{{\n\tadmin off\n\tauto_https off\n}}\n{site}"

pytestmark = pytest.mark.command


@contextmanager
def nginx(site, port, folder):
    site = site.replace("listen 443 ssl", f"listen 127.0.0.1:{port}")
    site, count = re.subn(r"^ *ssl_certificate.*\n", "", site, flags=re.MULTILINE)
    assert count == 2
    (folder / "nginx.conf").write_text(NGINX.format(site=site), encoding="utf-8")
    with running(folder, "nginx", "-p", str(folder), "-c", "nginx.conf"):
        yield


@contextmanager
def caddy(site, port, folder):
    site = site.replace(f"\n{NAME} {{", f"\nhttp://{NAME}:{port} {{")
    (folder / "Caddyfile").write_text(CADDY.format(site=site), encoding="utf-8")
    with running(folder, "caddy", "run", "--config", str(folder / "Caddyfile")):
        yield


@contextmanager
def running(home, *command):
    folders = {"HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=os.environ | folders)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


PROXIES = {"nginx.conf": nginx, "Caddyfile": caddy}


@pytest.fixture(params=PROXIES)
def proxy(request, tmp_path):
    """Gives the address of a proxy before the server of an address."""
    start = PROXIES[request.param]
    if not shutil.which(start.__name__):
        pytest.skip(f"needs {start.__name__}")
    site = (DEPLOY / "proxy" / request.param).read_text(encoding="utf-8")

    @contextmanager
    def before(address):
        port = free_port()
        assert UPSTREAM in site
        chosen = site.replace(UPSTREAM, address.removeprefix("http://"))
        with start(chosen, port, tmp_path):
            wait_for(lambda: accepts(port))
            yield f"127.0.0.1:{port}"

    return before


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def accepts(port):
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def test_passes_on_each_byte_as_it_comes(proxy):
    """The server sends its second byte once the client has its first."""
    arrived = Event()

    async def answer(_):
        return StreamingResponse(pieces(), media_type="audio/mpeg")

    def pieces():
        yield b"1"
        assert arrived.wait(20)
        yield b"2"

    app = Starlette(routes=[Route("/", answer)])
    received = []
    with (
        serving(app) as address,
        proxy(address) as place,
        httpx.stream("GET", f"http://{place}", headers={"Host": host(place)}) as reply,
    ):
        for byte in reply.iter_raw(1):
            received.append(byte)
            arrived.set()
    assert received == [b"1", b"2"]


def test_passes_on_speech_and_the_websocket_under_its_name(proxy, served):
    with proxy(served) as place:
        name = host(place)
        sent = {"input": "Hello there.", "response_format": "pcm"}
        through = httpx.post(f"http://{place}{SPEECH}", json=sent, headers={"Host": name})
        assert through.content == httpx.post(served + SPEECH, json=sent).content
        address = (place.split(":")[0], int(place.split(":")[1]))
        with (
            socket.create_connection(address) as opened,
            connect(f"ws://{name}/v1/audio/stream", sock=opened, origin=f"http://{name}") as talk,
        ):
            talk.send(json.dumps({"text": "Hello there.", "end": True}))
            first = json.loads(talk.recv(timeout=20))
    assert first["start"]


def host(place):
    return f"{NAME}:{place.partition(':')[2]}"
