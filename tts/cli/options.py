"""Options that commands share, and those made from the numeric fields of `Delivery`."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer

from tts.cli.completion import (
    complete_device,
    complete_judge,
    complete_precision,
    complete_runtime,
    complete_voice,
)
from tts.delivery import DELIVERY_FIELDS, DeliveryField
from tts.text.files.argument import READ_SUFFIXES

MAX_THREADS = 1024  # beyond any machine; chosen by hand
INSTALLED = "Default: the one that is installed."
ACOUSTIC_HELP = f"Acoustic model: a .safetensors checkpoint. {INSTALLED}"
VOCODER_FILE = "Vocoder: a .safetensors checkpoint."
VOCODER_SOURCES = (
    "Vocoder: a .safetensors checkpoint, a folder with config.yaml and weights as the package "
    "vocos publishes it, or an owner/name on Hugging Face, which is downloaded."
)
VOCODER_HELP = f"{VOCODER_SOURCES} {INSTALLED}"
VOICE_DIR_HELP = (
    "Folder of voice files (.voice), whose voices can be named, too. Default: voices in the "
    "folder of the user's data for one-step-tts."
)
CAST_HELP = (
    'File of a cast, in TOML: lines such as Anna = "michael". A line of the text that begins with '
    "'Anna: ' is then spoken in that voice, without the name. Default: names are text."
)
TEXT_HELP = (
    f"Text, or the path of a file ({', '.join(READ_SUFFIXES)}), or - to read standard input."
)
LEXICON_HELP = (
    "Pronunciations of your own: a .json file, or a text file with lines of a word, a tab and "
    "its IPA. Default: none."
)
DAY_FIRST_HELP = "Read dates with the day first: 3/4/2025 is the third of April, not March fourth."
VOICE_HELP = (
    "Voice, or the path of a voice file (.voice), or a blend of them such as "
    "'heart(2)+michael(1)'. `tts voice list` shows the voices."
)
DEVICE_HELP = "Device to compute on: cpu, cuda, cuda:1 (the second GPU) or mps (Apple)."
RUNTIME_HELP = (
    "What evaluates the networks: onnx (ONNX Runtime) or torch (PyTorch). Default: onnx, or torch "
    "for a GPU and for public vocoders."
)
PRECISION_HELP = (
    "Of the networks: float32 or int8. Default: int8 where it is faster and sounds the same, on "
    "processors with VNNI, or dot products on ARM."
)
THREADS_HELP = (
    f"CPU threads, from 1 to {MAX_THREADS}. More than 1 is faster on an idle machine, and much "
    "slower on one that is busy."
)
JUDGE_HELP = (
    "What chooses among the candidates of --best-of: ensemble (measurements of the signal), or "
    "distillmos or dnsmos (estimates of opinions, which need the extra evaluate)."
)
JSON_HELP = "Print JSON instead of a table."

Voice = Annotated[str, typer.Option(help=VOICE_HELP, autocompletion=complete_voice)]
Device = Annotated[str, typer.Option(help=DEVICE_HELP, autocompletion=complete_device)]
Runtime = Annotated[str | None, typer.Option(help=RUNTIME_HELP, autocompletion=complete_runtime)]
Precision = Annotated[
    str | None, typer.Option(help=PRECISION_HELP, autocompletion=complete_precision)
]
Judge = Annotated[str, typer.Option(help=JUDGE_HELP, autocompletion=complete_judge)]
Command = TypeVar("Command", bound=Callable[..., Any])


def delivery_options(after: str) -> Callable[[Command], Command]:
    """Give a command an option for each numeric field of `Delivery`, in place of its `**numbers`.

    Fields that the command has a parameter for are left to it.

    Args:
        after: the parameter that the options follow in the help.

    Returns:
        A decorator of the command.
    """

    def decorate(command: Command) -> Command:
        signature = inspect.signature(command)
        own = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
        names = [each.name for each in own]
        place = names.index(after) + 1
        options = [_option(each) for name, each in DELIVERY_FIELDS.items() if name not in names]
        parameters = [*own[:place], *options, *own[place:]]
        # typer reads the signature and the annotations
        command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {each.name: each.annotation for each in parameters} | {
            "return": signature.return_annotation
        }
        return command

    return decorate


def _option(number: DeliveryField) -> inspect.Parameter:
    shown: dict[str, Any] = {} if number.default is not None else {"show_default": "usual"}
    return inspect.Parameter(
        number.name,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        default=number.default,
        annotation=Annotated[number.annotation, typer.Option(help=number.described, **shown)],
    )
