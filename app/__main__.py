"""python -m tts.app batch | demo | serve | wyoming; the same as `tts batch` and so on."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tts.cli.main import MAX_WORKERS, VOCODER_HELP, configure_device, run_command
from tts.cli.renamed import RenamedOptions

from .batch.command import batch
from .demo.limits import DemoLimits
from .network.hosts import Hosts
from .network.sockets import bind, bind_uri, close_on_exit, is_exposed
from .server.settings import ServerSettings, read_key

if TYPE_CHECKING:
    from tts.serving.engine import Engine

LOCAL = "127.0.0.1"
VISITOR, CALLER = DemoLimits(), ServerSettings()
SWITCH = 0.001  # seconds of Python that a thread may take before others, such as answer /health
WARMUP_TEXT = "One sentence, before anyone asks for another."

Host = Annotated[str, typer.Option(help="0.0.0.0 lets other machines in.")]
AllowHost = Annotated[
    list[str] | None, typer.Option(help="Another name it is called by; repeat for more.")
]
Port = Annotated[int, typer.Option(min=0, max=65535)]
Length = Annotated[int, typer.Option(min=1, help="The most characters of a text.")]
Workers = Annotated[
    int | None, typer.Option(min=1, max=MAX_WORKERS, help="Threads; one a core if unsaid.")
]
Device = Annotated[str, typer.Option(help="cpu, cuda, cuda:1.")]
Acoustic = Annotated[Path | None, typer.Option(help="Your own acoustic model.")]
Vocoder = Annotated[str | None, typer.Option(help=VOCODER_HELP)]


def demo(
    host: Host = LOCAL,
    port: Port = 7860,
    allow_host: AllowHost = None,
    characters: Length = VISITOR.characters,
    workers: Workers = None,
    device: Device = "cpu",
    acoustic: Acoustic = None,
    vocoder: Vocoder = None,
) -> None:
    """A page to type into and to listen to."""
    hosts = Hosts(host=host, more=tuple(allow_host or ()))
    with close_on_exit(bind(host, port)):
        pass  # gradio binds it itself, once everything is loaded

    from .demo.page import launch
    from .network.shutdown import ending_by_signal

    warn(f"port {port} of {host}", is_exposed(host), "the page has no key")
    with engine(workers, device, acoustic, vocoder) as works, ending_by_signal():
        launch(works, hosts=hosts, port=port, characters=characters, say=typer.echo)


def serve(
    host: Host = LOCAL,
    port: Port = 8000,
    allow_host: AllowHost = None,
    characters: Length = CALLER.max_characters,
    seconds: Annotated[
        float, typer.Option(min=1, help="The longest wait for a first sound.")
    ] = CALLER.response_timeout_seconds,
    key_file: Annotated[
        Path | None, typer.Option(help="Its first line is a key to call by.")
    ] = None,
    origin: Annotated[list[str] | None, typer.Option(help="A site whose pages may call.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, help="Requests in work at once.")] = 8,
    waiting: Annotated[int, typer.Option(min=0, help="Requests that may wait.")] = 16,
    workers: Workers = None,
    device: Device = "cpu",
    acoustic: Acoustic = None,
    vocoder: Vocoder = None,
) -> None:
    """Speech over HTTP, as OpenAI's clients ask for it, and over a WebSocket."""
    key = read_key(key_file) if key_file else None
    settings = ServerSettings(
        max_characters=characters,
        response_timeout_seconds=seconds,
        key=key,
        origins=tuple(origin or ()),
        hosts=Hosts(host=host, more=tuple(allow_host or ())),
    )
    places = {"concurrency": concurrency, "waiting": waiting}
    with close_on_exit(bind(host, port)) as sockets:
        from .network.connections import serve_http
        from .server.app import create_app

        open_to_all = is_exposed(host) and key is None
        warn(f"port {port} of {host}", open_to_all, "there is no key; --key-file sets one")
        with engine(workers, device, acoustic, vocoder, **places) as works:
            serve_http(create_app(works, settings), sockets, settings, works.close)


def wyoming(
    uri: Annotated[str, typer.Option(help="tcp://host:port or unix:///path.")] = (
        f"tcp://{LOCAL}:10200"
    ),
    workers: Workers = None,
    device: Device = "cpu",
    acoustic: Acoustic = None,
    vocoder: Vocoder = None,
) -> None:
    """Speech for Home Assistant."""
    with close_on_exit(bind_uri(uri)) as sockets:
        from .network.shutdown import run_coroutine_until_signal
        from .wyoming.server import serve as listen

        reached = uri.startswith("tcp:") and is_exposed(sockets[0].getsockname()[0])
        warn(uri, reached, "the protocol has no key")
        with engine(workers, device, acoustic, vocoder) as works:
            run_coroutine_until_signal(listen(works, sockets))


def warn(place: str, exposed: bool, why: str) -> None:
    """Say so where other machines may ask and nothing keeps them from it."""
    if exposed:
        typer.echo(f"warning: whoever reaches {place} may use it, for {why}", err=True)


def engine(
    workers: int | None, device: str, acoustic: Path | None, vocoder: str | None, **places: int
) -> "Engine":
    """An engine that has spoken once; each of its workers computes on one thread."""
    import torch

    from tts.serving.engine import Engine
    from tts.synthesis import load

    sys.setswitchinterval(SWITCH)
    cores = torch.get_num_threads() if device == "cpu" else 1
    configure_device(device, threads=1)
    made = Engine(load(acoustic, vocoder, device=device), workers=workers or cores, **places)
    list(made.stream(WARMUP_TEXT))
    return made


def _alone(command: Callable[..., None]) -> typer.Typer:
    """A command that can be called by a name of its own."""
    room = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    room.command(cls=RenamedOptions)(command)
    return room


app = typer.Typer(no_args_is_help=True, add_completion=False, help="Front doors to the voices.")
for each in (batch, demo, serve, wyoming):
    app.command(cls=RenamedOptions)(each)
batch_command, demo_command, serve_command, wyoming_command = (
    _alone(batch),
    _alone(demo),
    _alone(serve),
    _alone(wyoming),
)

if __name__ == "__main__":
    sys.exit(run_command(app, sys.argv[1:] or ["--help"], "python -m tts.app"))
