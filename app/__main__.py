"""The commands `tts batch`, `tts demo`, `tts serve` and `tts wyoming`, also by -m tts.app."""

import sys
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tts.cli.completion import complete_voice
from tts.cli.main import MAX_WORKERS, run_command
from tts.cli.options import VOCODER_HELP, VOICE_DIR_HELP, Device, Precision, Runtime
from tts.cli.renamed import RenamedOptions
from tts.delivery import Delivery
from tts.processor import usable_cores

from .batch.command import ACOUSTIC_HELP, batch
from .demo.limits import DemoLimits
from .network.hosts import Hosts
from .network.sockets import bind, bind_uri, close_on_exit, is_exposed
from .server.settings import ServerSettings, read_key
from .voices import ServerVoices, without_reasons

if TYPE_CHECKING:
    from tts.serving.engine import Engine

LOCAL = "127.0.0.1"
VISITOR, CALLER = DemoLimits(), ServerSettings()
# Seconds of Python's switch interval, a fifth of its default, so that a thread that computes does
# not delay the answer to /health; chosen by hand
SWITCH = 0.001
CONCURRENCY, WAITING = 8, 16  # requests; chosen by hand
WARMUP_TEXT = "This sentence loads everything before the first request."

HOST_HELP = (
    "Address to listen on. 127.0.0.1 is reached from this machine only; 0.0.0.0 from any other "
    "machine, too."
)
ALLOW_HOST_HELP = (
    "Another host name that clients may call the server by, such as tts.example.com; may be "
    "repeated. * allows every name. Default: localhost, the addresses of this machine, and "
    "--host. Requests for other names get status 421."
)
SERVER_VOICE_HELP = (
    "Voice of clients that name none: a voice, the path of a voice file (.voice), or a blend. May "
    "be repeated to offer more voice files; the first is this voice. Default: the first that is "
    "listed."
)
WORKERS_HELP = (
    f"Threads that synthesise, from 1 to {MAX_WORKERS}. Default: one a core, or one on a GPU."
)

Host = Annotated[str, typer.Option(help=HOST_HELP)]
AllowHost = Annotated[list[str] | None, typer.Option(help=ALLOW_HOST_HELP)]
Port = Annotated[
    int, typer.Option(min=0, max=65535, help="TCP port to listen on; 0 takes any free one.")
]
Length = Annotated[
    int,
    typer.Option(min=1, help="Longest text of a request, in characters; longer ones are refused."),
]
Workers = Annotated[int | None, typer.Option(min=1, max=MAX_WORKERS, help=WORKERS_HELP)]
Acoustic = Annotated[Path | None, typer.Option(help=ACOUSTIC_HELP)]
Vocoder = Annotated[str | None, typer.Option(help=VOCODER_HELP)]
Voice = Annotated[
    list[str] | None, typer.Option(help=SERVER_VOICE_HELP, autocompletion=complete_voice)
]
VoiceDir = Annotated[Path | None, typer.Option(help=VOICE_DIR_HELP)]
Timeout = Annotated[
    float,
    typer.Option(
        min=1,
        help="Seconds within which the first audio is sent; after that a request gets status 504.",
    ),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        help="File whose first line is the API key. Clients send it as 'Authorization: Bearer "
        "KEY'. Default: no key, anyone may call."
    ),
]
Origin = Annotated[
    list[str] | None,
    typer.Option(
        help="Origin of web pages that may call the server, such as https://example.com; may be "
        "repeated. * allows every page. Default: none but its own page."
    ),
]
Concurrency = Annotated[
    int, typer.Option(min=1, help="Requests that are synthesised at the same time.")
]
Waiting = Annotated[
    int,
    typer.Option(
        min=0, help="Requests that may wait for a place; beyond that they get status 429."
    ),
]


def demo(
    host: Host = LOCAL,
    port: Port = 7860,
    allow_host: AllowHost = None,
    characters: Length = VISITOR.characters,
    workers: Workers = None,
    device: Device = "cpu",
    runtime: Runtime = None,
    precision: Precision = None,
    acoustic: Acoustic = None,
    vocoder: Vocoder = None,
    voice: Voice = None,
    voice_dir: VoiceDir = None,
) -> None:
    """Open a web page that speaks what you type.

    The page plays speech while it is made, highlights the words, shows how the text is read, and
    saves wav, mp3 and srt files. Nothing leaves this machine. Open the address that is printed;
    Ctrl-C stops the server.

    \b
    Examples:
      tts demo
      tts demo --voice anna.voice
      tts demo --port 8080 --characters 20000
      tts demo --host 0.0.0.0 --allow-host tts.example.com
    """
    hosts = Hosts(host=host, more=tuple(allow_host or ()))
    with close_on_exit(bind(host, port)):
        pass  # gradio binds it itself, once everything is loaded

    from .demo.page import launch
    from .network.shutdown import ending_by_signal

    warn(f"port {port} of {host}", is_exposed(host), "the page has no key")
    voices = ServerVoices.of(voice or (), voice_dir)
    with (
        engine(
            workers,
            acoustic,
            vocoder,
            voices,
            device=device,
            runtime=runtime,
            precision=precision,
        ) as works,
        ending_by_signal(),
    ):
        launch(
            works,
            hosts=hosts,
            port=port,
            characters=characters,
            voice=voices.default,
            say=typer.echo,
        )


def serve(
    host: Host = LOCAL,
    port: Port = 8000,
    allow_host: AllowHost = None,
    characters: Length = CALLER.max_characters,
    seconds: Timeout = CALLER.response_timeout_seconds,
    key_file: KeyFile = None,
    origin: Origin = None,
    concurrency: Concurrency = CONCURRENCY,
    waiting: Waiting = WAITING,
    workers: Workers = None,
    device: Device = "cpu",
    runtime: Runtime = None,
    precision: Precision = None,
    acoustic: Acoustic = None,
    vocoder: Vocoder = None,
    voice: Voice = None,
    voice_dir: VoiceDir = None,
) -> None:
    """Serve speech over HTTP, with the routes of OpenAI's API, and over a WebSocket.

    POST /v1/audio/speech streams audio while it is made. /live is a page that speaks as you type,
    /health tells that the server is up, /metrics is for Prometheus, and /openapi.json describes
    every route. Ctrl-C stops the server.

    \b
    Examples:
      tts serve
      tts serve --workers 4 --voice-dir voices
      tts serve --host 0.0.0.0 --key-file key.txt --allow-host tts.example.com
      curl localhost:8000/v1/audio/speech --json '{"input": "Hello."}' -o hello.mp3
    """
    if not isfinite(seconds):
        raise ValueError(f"seconds must be a number, got {seconds}")
    key = read_key(key_file) if key_file else None
    voices = ServerVoices.of(voice or (), voice_dir)
    settings = ServerSettings(
        max_characters=characters,
        response_timeout_seconds=seconds,
        key=key,
        origins=tuple(origin or ()),
        hosts=Hosts(host=host, more=tuple(allow_host or ())),
        voice=voices.default,
    )
    places = {"concurrency": concurrency, "waiting": waiting}
    with close_on_exit(bind(host, port)) as sockets:
        from .network.connections import serve_http
        from .server.app import create_app

        open_to_all = is_exposed(host) and key is None
        warn(f"port {port} of {host}", open_to_all, "there is no key; --key-file sets one")
        with engine(
            workers,
            acoustic,
            vocoder,
            voices,
            device=device,
            runtime=runtime,
            precision=precision,
            **places,
        ) as works:
            serve_http(create_app(works, settings), sockets, settings, works.close)


def wyoming(
    uri: Annotated[
        str,
        typer.Option(
            help="Where to listen: tcp://HOST:PORT, or unix:///PATH for a Unix socket. HOST "
            "0.0.0.0 is reached from any other machine, too."
        ),
    ] = f"tcp://{LOCAL}:10200",
    workers: Workers = None,
    device: Device = "cpu",
    runtime: Runtime = None,
    precision: Precision = None,
    acoustic: Acoustic = None,
    vocoder: Vocoder = None,
    voice: Voice = None,
    voice_dir: VoiceDir = None,
) -> None:
    """Serve speech to Home Assistant by the Wyoming protocol.

    In Home Assistant, add the integration "Wyoming Protocol" with the address and port of this
    machine. The protocol has no key: anyone who reaches the port may use it. Ctrl-C stops the
    server.

    \b
    Examples:
      tts wyoming
      tts wyoming --uri tcp://0.0.0.0:10200
      tts wyoming --uri unix:///run/tts.sock --voice anna.voice
    """
    voices = ServerVoices.of(voice or (), voice_dir)
    with close_on_exit(bind_uri(uri)) as sockets:
        from .network.shutdown import run_coroutine_until_signal
        from .wyoming.server import serve as listen

        reached = uri.startswith("tcp:") and is_exposed(sockets[0].getsockname()[0])
        warn(uri, reached, "the protocol has no key")
        with engine(
            workers,
            acoustic,
            vocoder,
            voices,
            device=device,
            runtime=runtime,
            precision=precision,
        ) as works:
            run_coroutine_until_signal(listen(works, sockets, report_address, voices.default))


def report_address(uri: str) -> None:
    """Print that a server accepts connections at a URI."""
    print(f"listening on {uri}", file=sys.stderr, flush=True)


def warn(place: str, exposed: bool, why: str) -> None:
    """Print a warning if other machines can reach the server and it has no key."""
    if exposed:
        typer.echo(f"warning: anyone who reaches {place} may use it: {why}", err=True)


def engine(
    workers: int | None,
    acoustic: Path | None,
    vocoder: str | None,
    voices: ServerVoices,
    *,
    device: str,
    runtime: str | None,
    precision: str | None,
    **places: int,
) -> "Engine":
    """An engine that has spoken once in its default voice, so that the first request is fast.

    It has one thread a worker.
    """
    from tts.serving.engine import Engine
    from tts.synthesis import load

    sys.setswitchinterval(SWITCH)
    cores = usable_cores() if device == "cpu" else 1
    models = load(
        acoustic,
        vocoder,
        device=device,
        runtime=runtime,
        precision=precision,
        threads=1,
        voices=voices.files,
        voice_dir=voices.folder,
    )
    default = voices.default or models.voices[0]
    models.voice_weights(default)
    for left in models.learned_voices.left_out:
        typer.echo(f"warning: {left.reason}", err=True)
    made = Engine(without_reasons(models), workers=workers or cores, **places)
    list(made.stream(WARMUP_TEXT, Delivery(voice=default)))
    return made


def _alone(command: Callable[..., None]) -> typer.Typer:
    """The application of a single command, for its entry point of `tts.commands`."""
    room = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    room.command(cls=RenamedOptions)(command)
    return room


app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Batches, the web page and the servers."
)
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
