"""Public vocoders: a folder as the package vocos publishes it, or its name on Hugging Face.

A vocoder fits if it has the mel-spectrogram of `MelConfig()`; all that its config fixes is compared
with that. Defaults that a config leaves out are those of the package vocos, which is imported when
a public vocoder is read.
"""

import re
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tts.config import MelConfig, VocoderConfig
from tts.error_messages import short_repr, short_text
from tts.validation import coerce_argument

if TYPE_CHECKING:
    from torch import Tensor

CONFIG, PICKLE_FILE, SAFETENSORS_FILE = "config.yaml", "pytorch_model.bin", "model.safetensors"
NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+(?<!\.safetensors)", re.ASCII)
MEL = MelConfig()
STFT_ARGUMENTS = {"n_fft": MEL.n_fft, "hop_length": MEL.hop, "padding": "center"}
SOUND = {"sample_rate": MEL.sample_rate, "n_mels": MEL.bands, **STFT_ARGUMENTS}
EXTRACTOR = "vocos.feature_extractors.MelSpectrogramFeatures"
REQUIRED_PARTS: dict[str, tuple[str, dict[str, Any]]] = {
    "feature_extractor": (EXTRACTOR, SOUND),
    "backbone": (
        "vocos.models.VocosBackbone",
        {"input_channels": MEL.bands, "adanorm_num_embeddings": None},
    ),
    "head": ("vocos.heads.ISTFTHead", STFT_ARGUMENTS),
}
MAX_CONFIG_BYTES = 100_000  # a config has about 1,000; chosen by hand
WEIGHT_TOLERANCE = 1e-3  # between buffers, some of which may be in half precision
EXAMPLE_HINT = "use a vocoder such as charactr/vocos-mel-24khz"


def resolve_vocoder(source: Path | str) -> Path:
    """The path of a vocoder's file or folder; a name on Hugging Face is downloaded.

    Args:
        source: a path, or a text, which is a name on Hugging Face if it has the form `owner/name`
            and neither it nor its folder exists here.

    Raises:
        FileNotFoundError: it could not be downloaded.
    """
    path = Path(source)
    if isinstance(source, Path) or path.exists() or not NAME.fullmatch(source):
        return path
    # where the folder exists, a misspelt file is likelier than a name
    return path if path.parent.exists() else _fetch(source)


def is_pretrained(source: Path | str) -> bool:
    """Whether a vocoder is a public one: a folder, or a name on Hugging Face."""
    path = Path(source)
    if isinstance(source, str) and NAME.fullmatch(source) and not path.exists():
        return not path.parent.exists()
    return path.is_dir()


def vocoder_files(path: Path) -> tuple[Path, ...]:
    """The files that a vocoder is read from: a checkpoint, or a folder's config and weights.

    Raises:
        FileNotFoundError: the folder lacks one of them.
    """
    if not path.is_dir():
        return (path,)
    config, weights = path / CONFIG, path / SAFETENSORS_FILE
    weights = weights if weights.is_file() else path / PICKLE_FILE
    for file in (config, weights):
        if not file.is_file():
            raise FileNotFoundError(
                f"no {file.name} in {path}; a vocoder has {CONFIG}, and {SAFETENSORS_FILE} or "
                f"{PICKLE_FILE}"
            )
    return config, weights


def read_vocos(folder: Path) -> tuple[VocoderConfig, dict[str, "Tensor"]]:
    """The config of a public vocoder, and the weights of its backbone and head.

    Raises:
        FileNotFoundError: the folder lacks its config or its weights.
        ModuleNotFoundError: the package vocos is not installed.
        ValueError: it has another mel-spectrogram or architecture, or a file is damaged.
    """
    config, weights = vocoder_files(folder)
    return _config(config), _weights(weights)


def _fetch(name: str) -> Path:
    """Download a vocoder, and give its folder in the cache of Hugging Face."""
    try:
        _download(name, CONFIG)
        return _download(name, PICKLE_FILE).parent
    except Exception as error:  # networks fail in many ways
        raise FileNotFoundError(
            f"cannot download the vocoder {name} from Hugging Face: {type(error).__name__}; "
            f"give the path of a folder with its {CONFIG} and {PICKLE_FILE}"
        ) from error


def _download(name: str, file: str) -> Path:
    """Download a file unless it is in the cache, in which case the network is not used."""
    from huggingface_hub import hf_hub_download, try_to_load_from_cache

    found = try_to_load_from_cache(name, file)
    return Path(found if isinstance(found, str) else hf_hub_download(name, file))


def _config(path: Path) -> VocoderConfig:
    given = _yaml(path)
    parts = {part: _arguments(path, part, _named(given, part)) for part in REQUIRED_PARTS}
    sizes = [parts["backbone"][name] for name in ("dim", "intermediate_dim", "num_layers")]
    try:
        dim, intermediate_dim, depth = (coerce_argument("each size", int, size) for size in sizes)
        return VocoderConfig(dim=dim, intermediate_dim=intermediate_dim, depth=depth)
    except ValueError as error:
        raise ValueError(
            f"cannot use {path}: the sizes of the backbone must be whole numbers from 1, got "
            f"{short_repr(sizes)}; {EXAMPLE_HINT}"
        ) from error


def _yaml(path: Path) -> Any:
    """A parsed config; its size is limited, as YAML takes seconds for each megabyte."""
    import yaml

    if path.stat().st_size > MAX_CONFIG_BYTES:
        raise ValueError(f"cannot read {path}: more than {MAX_CONFIG_BYTES} bytes; {EXAMPLE_HINT}")
    try:
        return yaml.safe_load(path.read_bytes())
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(f"cannot read {path}: not a YAML file; {EXAMPLE_HINT}") from error


def _arguments(path: Path, part: str, given: Any) -> dict[str, Any]:
    """The arguments of a part, including the defaults of its class."""
    required, fixed = REQUIRED_PARTS[part]
    found = _named(given, "class_path")
    if found != required:
        raise ValueError(
            f"cannot use {path}: the {part} must be {required}, got {short_text(found)}; "
            f"{EXAMPLE_HINT}"
        )
    try:
        bound = signature(_class(required)).bind(**given.get("init_args", {}))
    except TypeError as error:
        raise ValueError(
            f"cannot use {path}: invalid arguments of {required}: {str(error)[:200]}; "
            f"{EXAMPLE_HINT}"
        ) from error
    bound.apply_defaults()
    for name, value in fixed.items():
        if bound.arguments[name] != value:
            raise ValueError(
                f"cannot use {path}: {name} of the {part} must be {value}, got "
                f"{short_text(bound.arguments[name])}; {EXAMPLE_HINT}"
            )
    return bound.arguments


def _class(path: str) -> Any:
    """A class of the package vocos, by its full name."""
    module, _, name = path.rpartition(".")
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        missing = str(error.name).partition(".")[0]
        raise ModuleNotFoundError(
            f"a public vocoder needs {missing}; install it with pip install vocos"
        ) from error


def _named(given: Any, name: str) -> Any:
    return given.get(name) if isinstance(given, dict) else None


def _weights(path: Path) -> dict[str, "Tensor"]:
    """The weights without the buffers of the feature extractor, which are compared with ours."""
    import torch

    weights = _tensors(path)
    for name, ours in _class(EXTRACTOR)(**SOUND).state_dict().items():
        theirs = weights.pop(f"feature_extractor.{name}", ours)
        plain = theirs.shape == ours.shape and theirs.layout == ours.layout
        if not plain or not torch.allclose(theirs.float(), ours, atol=WEIGHT_TOLERANCE):
            raise ValueError(
                f"cannot use {path}: its {name} is not that of the mel-spectrogram; {EXAMPLE_HINT}"
            )
    return weights


def _tensors(path: Path) -> dict[str, "Tensor"]:
    import safetensors.torch
    import torch

    refusal = ValueError(
        f"cannot read {path}: expected named weights and nothing else, for a pickle can run code"
    )
    with path.open("rb") as file:
        try:
            if path.name == SAFETENSORS_FILE:
                return safetensors.torch.load(file.read())
            weights = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:  # a damaged file can raise anything
            raise refusal from error
    if not isinstance(weights, dict) or not all(
        isinstance(w, torch.Tensor) for w in weights.values()
    ):
        raise refusal
    return dict(weights)
