"""The servers of one process with one engine: HTTP, and if asked for the web demo and Wyoming."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tts.serving.engine import Engine

from ..announcement import address_of, announce, http_places
from ..demo.limits import DemoLimits
from ..network.connections import serve_http
from ..network.sockets import uri_of
from .app import create_app
from .beside import run_beside
from .settings import ServerSettings


@dataclass(frozen=True, kw_only=True)
class Doors:
    """Where clients come in.

    Args:
        http: sockets that listen for HTTP.
        wyoming: sockets that listen for the Wyoming protocol; none to leave it out.
        demo: limits of the web demo; None to leave it out.
        key_file: that the key was read from, if there is one.
        log_json: the log is in JSON.

    Raises:
        ModuleNotFoundError: the extra of a server is not installed.
    """

    http: Sequence[socket.socket]
    wyoming: Sequence[socket.socket] = ()
    demo: DemoLimits | None = None
    key_file: Path | None = None
    log_json: bool = False

    def __post_init__(self) -> None:
        # before the models are loaded, which takes time
        if self.wyoming:
            import wyoming  # noqa: F401
        if self.demo:
            import gradio  # noqa: F401

    def serve(self, engine: Engine, settings: ServerSettings) -> None:
        """Serve until SIGINT or SIGTERM."""
        app = create_app(engine, settings, self.demo)
        if self.wyoming:
            from ..wyoming.server import serve

            run_beside(app, partial(serve, engine, self.wyoming, voice=settings.voice))
        if self.demo:  # files are uploaded
            arrival = max(settings.request_timeout_seconds, self.demo.arrival)
            settings = replace(settings, request_timeout_seconds=arrival)
        serve_http(app, self.http, settings, ready=self.announce, break_off=engine.close)

    def announce(self) -> None:
        """Say where each of them is."""
        host, port = address_of(self.http[0])
        uris = [uri_of(each) for each in self.wyoming]
        places = http_places(host, port, self.key_file, demo=self.demo is not None, wyoming=uris)
        announce("tts serve", places, as_json=self.log_json)
