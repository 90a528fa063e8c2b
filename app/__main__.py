"""The commands `tts batch`, `tts demo`, `tts serve` and `tts wyoming`, also by -m tts.app."""

import sys
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tts.best_of.judges import ENSEMBLE, find_judge
from tts.cli.main import configure_device, run_command
from tts.cli.renamed import RenamedOptions
from tts.delivery import Delivery
from tts.processor import usable_cores

from .announcement import announce, demo_places, wyoming_places
from .batch.command import batch
from .logs import configure_logs
from .network.hosts import Hosts
from .network.sockets import bind, bind_uri, close_on_exit, is_exposed, uri_of
from .options import (
    CALLER,
    CONCURRENCY,
    LOCAL,
    VISITOR,
    WAITING,
    Acoustic,
    AllowHost,
    Concurrency,
    Device,
    Host,
    Judges,
    KeyFile,
    Length,
    LogJson,
    MaxBestOf,
    Origin,
    Port,
    Precision,
    Runtime,
    Timeout,
    Vocoder,
    Voice,
    VoiceDir,
    Waiting,
    WithDemo,
    WithWyoming,
    Workers,
)
from .server.settings import ServerSettings, read_key
from .voices import ServerVoices, without_reasons

if TYPE_CHECKING:
    from tts.serving.engine import Engine

# Seconds of Python's switch interval, a fifth of its default, so that a thread that computes does
# not delay the answer to /health; chosen by hand
SWITCH = 0.001
WARMUP_TEXT = "This sentence loads everything before the first request."


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
    log_json: LogJson = False,
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
        configure_logs(as_json=log_json)
        launch(
            works,
            hosts=hosts,
            port=port,
            characters=characters,
            voice=voices.default,
            ready=lambda port: announce("tts demo", demo_places(host, port), as_json=log_json),
        )


def serve(
    host: Host = LOCAL,
    port: Port = 8000,
    allow_host: AllowHost = None,
    characters: Length = CALLER.max_characters,
    seconds: Timeout = CALLER.response_timeout_seconds,
    max_best_of: MaxBestOf = CALLER.best_of,
    judge: Judges = None,
    key_file: KeyFile = None,
    origin: Origin = None,
    wyoming: WithWyoming = None,
    demo: WithDemo = False,
    log_json: LogJson = False,
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

    POST /v1/audio/speech streams audio while it is made. The page / is for people, with examples to
    copy. /docs describes every route, /health tells that the server is up, and /metrics is for
    Prometheus. The log has a line for each request, without its text. Ctrl-C stops the server.

    \b
    Examples:
      tts serve
      tts serve --wyoming 10200 --demo
      tts serve --workers 4 --voice-dir voices
      tts serve --host 0.0.0.0 --key-file key.txt --allow-host tts.example.com
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
        best_of=max_best_of,
        judges=(ENSEMBLE, *(judge or ())),
    )
    load_judges(settings.judges)
    places = {"concurrency": concurrency, "waiting": waiting}
    with (
        close_on_exit(bind(host, port)) as http,
        close_on_exit([] if wyoming is None else bind(host, wyoming, "--wyoming")) as others,
    ):
        from .server.doors import Doors

        limits = replace(VISITOR, best_of=min(VISITOR.best_of, max_best_of)) if demo else None
        doors = Doors(http=http, wyoming=others, demo=limits, key_file=key_file, log_json=log_json)
        open_to_all = is_exposed(host) and key is None
        warn(f"port {port} of {host}", open_to_all, "there is no key; --key-file sets one")
        open_to_all = is_exposed(host) and bool(others)
        warn(f"port {wyoming} of {host}", open_to_all, "Wyoming has no key")
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
            configure_logs(as_json=log_json)
            doors.serve(works, settings)


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
    log_json: LogJson = False,
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
        places = wyoming_places([uri_of(each) for each in sockets])
        ready = partial(announce, "tts wyoming", places, as_json=log_json)
        with engine(
            workers,
            acoustic,
            vocoder,
            voices,
            device=device,
            runtime=runtime,
            precision=precision,
        ) as works:
            configure_logs(as_json=log_json)
            run_coroutine_until_signal(listen(works, sockets, ready, voices.default))


def load_judges(names: Collection[str]) -> None:
    """Load judges before anything is served, so that one whose extra is missing is named."""
    for name in names:
        find_judge(name)
    if "distillmos" in names:
        configure_device("cpu", threads=1)  # PyTorch, on the threads of the engine


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
    from tts.cli.preflight import VoiceNames, installed_models
    from tts.serving.engine import Engine
    from tts.synthesis import load

    if voices.default:
        paths = installed_models(acoustic, vocoder)
        VoiceNames.of(paths, voices.files, voices.folder).check(voices.default)
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
