"""Options of the commands of servers."""

from pathlib import Path
from typing import Annotated

import typer

from tts.best_of.judges import ENSEMBLE, JUDGES
from tts.cli.completion import complete_voice
from tts.cli.main import MAX_WORKERS
from tts.cli.options import VOCODER_HELP, VOICE_DIR_HELP
from tts.cli.options import Device as Device
from tts.cli.options import Precision as Precision
from tts.cli.options import Runtime as Runtime

from .batch.command import ACOUSTIC_HELP
from .demo.limits import DemoLimits
from .server.settings import ServerSettings

LOCAL = "127.0.0.1"
OTHERS = [name for name in JUDGES if name != ENSEMBLE]
VISITOR, CALLER = DemoLimits(), ServerSettings()
CONCURRENCY, WAITING = 8, 16  # requests; chosen by hand

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
MaxBestOf = Annotated[
    int,
    typer.Option(
        min=1,
        help="Most candidates of each sentence that a request may ask for by best_of. A request "
        "counts as so many of --concurrency and --waiting.",
    ),
]
Judges = Annotated[
    list[str] | None,
    typer.Option(
        "--judge",
        help=f"Judge that requests may name beside {ENSEMBLE}: {', '.join(OTHERS)}; may be "
        "repeated. It takes longer than the synthesis, and needs the extra evaluate. Default: "
        "none.",
    ),
]
WithWyoming = Annotated[
    int | None,
    typer.Option(
        "--wyoming",
        min=0,
        max=65535,
        help="Also serve Home Assistant's Wyoming protocol, on this port of --host; 10200 "
        "is usual. It has no key. Needs the extra wyoming. Default: off.",
    ),
]
WithDemo = Annotated[
    bool,
    typer.Option(
        "--demo",
        help="Also serve the web demo, at /demo. With a key, its password is the key. Needs the "
        "extra demo.",
    ),
]
LogJson = Annotated[
    bool,
    typer.Option("--log-json", help="Write the log as JSON, an object a line, instead of text."),
]
