"""The choice of a runtime for two checkpoints, and its loading."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tts.checkpoint import check_compatible, read_config, read_weights
from tts.config import ModelConfig, VocoderConfig
from tts.devices import check_device, require_torch
from tts.error_messages import short_repr
from tts.processor import int8_support
from tts.runtime.arrays import Weights
from tts.runtime.base import Runtime
from tts.runtime.graph_files import has_graphs
from tts.validation import coerce_argument
from tts.vocoder.pretrained import is_pretrained

RUNTIMES, PRECISIONS = ("onnx", "torch"), ("float32", "int8")
SCALES = Path(__file__).with_name("scales.json")  # of the layers in int8
MAX_THREADS = 1024  # beyond any machine; chosen by hand


@dataclass(frozen=True, kw_only=True, slots=True)
class RuntimeOptions:
    """What evaluates the networks, and where; `tts.load` describes the options.

    Args:
        device: as torch names it.
        runtime: `onnx` or `torch`; None to choose.
        precision: `float32` or `int8`; None to choose.
        threads: from 1 to 1024; None for one with ONNX Runtime, and PyTorch's own setting.
    """

    device: str = "cpu"
    runtime: str | None = None
    precision: str | None = None
    threads: int | None = None

    def __post_init__(self) -> None:
        coerce_argument("device", str, self.device)
        _check_choice("runtime", self.runtime, RUNTIMES)
        _check_choice("precision", self.precision, PRECISIONS)
        threads = coerce_argument("threads", int | None, self.threads)
        if threads is not None and not 1 <= threads <= MAX_THREADS:
            raise ValueError(f"threads must be from 1 to {MAX_THREADS}, got {self.threads}")
        if self.precision == "int8" and self.runtime == "torch":
            raise ValueError("the precision 'int8' needs the runtime 'onnx', got 'torch'")
        if self.device != "cpu" and self.runtime == "onnx":
            raise ValueError(f"the runtime 'onnx' needs the device 'cpu', got {self.device!r}")
        if self.device != "cpu" and self.precision == "int8":
            raise ValueError(f"the precision 'int8' needs the device 'cpu', got {self.device!r}")


def _check_choice(name: str, given: str | None, choices: tuple[str, ...]) -> None:
    if coerce_argument(name, str | None, given) not in (None, *choices):
        raise ValueError(f"{name} must be one of {', '.join(choices)}; got {short_repr(given)}")


def choose_runtime(acoustic: Path, vocoder: Path | str, options: RuntimeOptions) -> tuple[str, str]:
    """The names of the runtime and the precision that `load_runtime` takes.

    Where int8 is not given and its scales do not fit the weights, it takes float32 instead.

    Raises:
        FileNotFoundError: there is no such checkpoint.
        ValueError: a checkpoint is damaged, or the vocoder is a public one, which does not run
            with these options.
    """
    public = is_pretrained(vocoder)
    if public and options.runtime == "onnx":
        raise ValueError("a public vocoder needs the runtime 'torch', got 'onnx'")
    if public and options.precision == "int8":
        raise ValueError("a public vocoder needs the precision 'float32', got 'int8'")
    if public or options.device != "cpu" or options.runtime == "torch":
        return "torch", "float32"
    if options.runtime is None and options.precision != "int8":
        configs = read_config(acoustic, "acoustic"), read_config(Path(vocoder), "vocoder")
        if not all(map(has_graphs, configs)) and find_spec("torch"):
            return "torch", "float32"
    return "onnx", options.precision or ("int8" if int8_support().fast else "float32")


class CheckpointFile:
    """A checkpoint that is read again when a learned voice needs its weights.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._stamp = self._read_stamp()

    def read_weights(self, config: ModelConfig | VocoderConfig) -> Weights:
        """The weights of the file.

        Raises:
            FileNotFoundError: the file is gone.
            ValueError: it has changed.
        """
        if self._read_stamp() not in (None, self._stamp):
            raise ValueError(
                f"cannot read {self._path}: the file has changed since the model was loaded; "
                "load the model again"
            )
        return read_weights(self._path, config)

    def _read_stamp(self) -> tuple[int, int] | None:
        """Time of the last change, and size; None where there is no file."""
        if not self._path.is_file():
            return None
        found = self._path.stat()
        return found.st_mtime_ns, found.st_size


def load_runtime(acoustic: Path, vocoder: Path | str, options: RuntimeOptions) -> Runtime:
    """Load two models into a runtime.

    Args:
        acoustic: path of an acoustic model.
        vocoder: path of a vocoder, or of a public one, or its name on Hugging Face.
        options: which runtime, and where.

    Raises:
        FileNotFoundError: there is no such file.
        ModuleNotFoundError: the runtime needs a package that is not installed.
        ValueError: a file is no checkpoint of its kind, the models do not fit together, or the
            runtime cannot evaluate them.
    """
    runtime, _ = choose_runtime(acoustic, vocoder, options)
    if runtime == "onnx":
        return _load_onnx(acoustic, Path(vocoder), options)
    check_device(options.device)
    require_torch("a public vocoder" if is_pretrained(vocoder) else "the runtime 'torch'")
    return _load_torch(acoustic, vocoder, options)


def _load_torch(acoustic: Path, vocoder: Path | str, options: RuntimeOptions) -> Runtime:
    import torch

    from tts.acoustic.model import AcousticModel
    from tts.runtime.torch import TorchRuntime
    from tts.torch_checkpoint import load_checkpoint, load_vocoder

    if options.threads:
        torch.set_num_threads(options.threads)
    models = load_checkpoint(acoustic, AcousticModel), load_vocoder(vocoder)
    check_compatible(models[0].config, models[1].config, acoustic)
    return TorchRuntime(models[0].to(options.device), models[1].to(options.device))


def _load_onnx(acoustic: Path, vocoder: Path, options: RuntimeOptions) -> Runtime:
    from tts.runtime.quantise import Models, make_runtime

    files = {"acoustic": CheckpointFile(acoustic), "vocoder": CheckpointFile(vocoder)}
    configs = read_config(acoustic, "acoustic"), read_config(vocoder, "vocoder")
    weights = read_weights(acoustic, configs[0]), read_weights(vocoder, configs[1])
    check_compatible(*configs, acoustic)

    def read_again(model: str) -> Weights:
        return files[model].read_weights(configs[0] if model == "acoustic" else configs[1])

    models = Models(configs[0], weights[0], configs[1], weights[1], read_again)
    return make_runtime(models, options.precision, options.threads or 1)
