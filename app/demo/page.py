"""The web page: type a text and hear it while it is made."""

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from tts.serving.engine import Engine

from ..network.body_limit import AllowedHostMiddleware, BodyLimitMiddleware
from ..network.connections import limited
from ..network.hosts import Hosts
from ..network.origins import OriginMiddleware
from ..network.sockets import bind, close_on_exit, explain_bind_errors
from .call_errors import CallErrorMiddleware, DemoBlocks
from .form.books import BookHandlers, connect_files
from .form.comparison import comparison
from .form.controls import composer
from .form.samples import examples_html, takes_html
from .handlers import DemoHandlers
from .limits import DemoLimits
from .player.panel import connect_player, player_panel
from .player.routes import player_routes
from .theme import head, theme

TITLE = "One-step text to speech"
PURPOSE = "Type English text and hear it at once, spoken in American English (US)."


def build_page(studio: DemoHandlers, voice: str | None = None) -> gr.Blocks:
    """Build the page.

    Args:
        studio: makes the speech, within its limits.
        voice: that is chosen first; None for the first that is listed.
    """
    engine = studio.engine
    with DemoBlocks(title=TITLE, analytics_enabled=False, delete_cache=(600, 3600)) as blocks:
        gr.HTML(f"<h1>{TITLE}</h1><p>{PURPOSE}</p>", elem_id="title")
        with gr.Row(elem_id="desk"):
            with gr.Column(scale=5, min_width=280, elem_id="compose"):
                composed = composer(engine, voice)
            with gr.Column(scale=6, min_width=280, elem_id="listen"):
                panel = player_panel(engine.synthesizer.sample_rate, examples_html())
                gr.HTML(takes_html(), elem_id="takes", apply_default_css=False, js_on_load=None)
        panel.reading.render()  # type: ignore[no-untyped-call]
        with gr.Accordion("Compare one step with several", open=False, elem_id="comparison"):
            comparison(studio, composed)
        connect_player(studio, composed)
        connect_files(BookHandlers(studio.limits), composed)
    return blocks


def app_options(studio: DemoHandlers, *doors: Middleware) -> dict[str, Any]:
    """Options of the application that Gradio makes: the limits, and the routes of the player.

    Args:
        studio: makes the speech, within its limits.
        doors: middleware that decides whom to let in.
    """
    limits = studio.limits
    body = Middleware(BodyLimitMiddleware, most=limits.largest_body, uploads=limits.largest_upload)
    middleware = [*doors, Middleware(CallErrorMiddleware), body]
    return {"middleware": middleware, "routes": player_routes(studio)}


@contextmanager
def serve_page(
    engine: Engine, hosts: Hosts, port: int, limits: DemoLimits, voice: str | None = None
) -> Iterator[gr.Blocks]:
    """Serve the page within this, at the `local_url` of what it yields.

    Args:
        engine: makes the speech.
        hosts: the address to listen on, and the allowed host names.
        port: TCP port; 0 for any free one.
        limits: of a request.
        voice: that is chosen first; None for the first that is listed.

    Raises:
        OSError: the port is in use, or cannot be listened on.
    """
    studio = DemoHandlers(engine, limits)
    blocks = build_page(studio, voice)
    blocks.queue(max_size=limits.waiting)
    with explain_bind_errors(hosts.host, port), _taken(port):
        blocks.launch(
            server_name=f"[{hosts.host}]" if ":" in hosts.host else hosts.host,
            server_port=port or _free_port(hosts.host),  # of None it tries 7860 first
            prevent_thread_lock=True,
            quiet=True,
            share=False,
            ssr_mode=False,
            max_file_size=limits.file_bytes,
            state_session_capacity=limits.visitors,
            app_kwargs=app_options(
                studio,
                Middleware(AllowedHostMiddleware, hosts=hosts),
                Middleware(OriginMiddleware, refuses=""),
            ),
            theme=theme(),
            head=head(),
            footer_links=[],
        )
    # Gradio has no option for this; uvicorn reads it at each new connection
    blocks.server.config.http_protocol_class = limited(limits.arrival, limits.connections)
    try:
        yield blocks
    finally:
        blocks.close(verbose=False)


def _free_port(host: str) -> int:
    with close_on_exit(bind(host, 0)) as sockets:
        port: int = sockets[0].getsockname()[1]
    return port


@contextmanager
def _taken(port: int) -> Iterator[None]:
    """Give Gradio's own error for a port in use the number of the system's error."""
    try:
        yield
    except OSError as error:
        if port and error.errno is None:
            raise OSError(errno.EADDRINUSE, str(error)) from error
        raise


def launch(  # noqa: PLR0913 - each is an option
    engine: Engine,
    *,
    hosts: Hosts,
    port: int = 7860,
    characters: int = DemoLimits.characters,
    voice: str | None = None,
    ready: Callable[[int], object] = str,
) -> None:
    """Serve the page until Ctrl-C.

    Args:
        engine: makes the speech.
        hosts: the address to listen on, and the allowed host names.
        port: TCP port; 0 for any free one.
        characters: longest text.
        voice: that is chosen first; None for the first that is listed.
        ready: called with the port, once the page is served.
    """
    with serve_page(engine, hosts, port, DemoLimits(characters=characters), voice) as blocks:
        ready(blocks.server_port)
        blocks.block_thread()
