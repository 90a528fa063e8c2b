"""Voice files (`.voice`): what fine-tuning a model on one speaker has changed.

One safetensors file holds a voice: its vector, its pitch and level, and differences of weights in
half precision. It belongs to the models that it was trained from; other models refuse it.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy
from jaxtyping import Float

from tts.checkpoint import CODES, DAMAGED, MAX_WEIGHT, StoredWeights, read_tensors
from tts.config import ModelConfig, VocoderConfig
from tts.error_messages import naming_read_errors, quoted, short_repr
from tts.files import atomic_write
from tts.validation import check_ranges, check_types, from_dict, parse_json, parse_value
from tts.voice_quantisation import CODES_A_BYTE, SCALES, StoredDifferences, is_quantised, quantise
from tts.voices import check_voice_name
from tts.weight_shapes import weight_shapes

SUFFIX = ".voice"
KIND, FORMAT = "voice", "1"
# Far above both models in single precision (49 MB); chosen by hand.
MAX_FILE_BYTES = 64 * 2**20
MAX_TEXT, MAX_CONSENT = 1000, 10_000  # characters; chosen by hand
HASH = re.compile("[0-9a-f]{64}")
MAX_DIMENSIONS = 4  # a weight has at most 3
DTYPES = ("F16", "F32")
PARTS = ("acoustic", "vocoder")
VECTORS = ("vector", "pitch", "peak_level")  # in single precision; others are differences
# Tensors that are statistics of the training data or of other voices, or no weights.
FIXED = {
    "acoustic": {
        "voices.weight",
        "pitch",
        "loudest",
        "mel_mean",
        "mel_deviation",
        "prosody_mean",
        "prosody_deviation",
    },
    "vocoder": {"head.istft.window"},
}
RANGES: Mapping[str, tuple[float, float]] = {
    "minutes": (0, 1e6),
    "word_errors": (0, 1e4),
    "distillmos": (0, 10),
    "similarity": (-1, 1),
    "self_similarity": (-1, 1),
    "lines": (0, 1_000_000),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class VoiceCard:
    """What the metadata of a voice file says about the voice.

    Args:
        name: of the voice.
        family: of the models that it belongs to (`family_of`).
        acoustic_hash: SHA-256 of the weights of the acoustic model it was trained from.
        vocoder_hash: SHA-256 of the weights of that model's vocoder.
        sex: `female` or `male`.
        accent: such as `US`.
        minutes: of recordings that it was trained on.
        licence: under which the voice may be used.
        consent: what the speaker agreed to, in the words of whoever made the voice.
        word_errors: word error rate of Whisper base in one step, in percent.
        distillmos: mean DistillMOS in one step, an estimated opinion score from 1 to 5.
        similarity: mean cosine similarity of speaker embeddings with held-out recordings.
        self_similarity: the same of held-out recordings with each other.
        lines: number of sentences measured.

    Raises:
        ValueError: a value is of another type or out of its range, or a text is not printable.
    """

    name: str
    family: str
    acoustic_hash: str
    vocoder_hash: str
    sex: str | None = None
    accent: str | None = None
    minutes: float | None = None
    licence: str | None = None
    consent: str | None = None
    word_errors: float | None = None
    distillmos: float | None = None
    similarity: float | None = None
    self_similarity: float | None = None
    lines: int | None = None

    def __post_init__(self) -> None:
        check_types(self)
        check_ranges(self, RANGES)
        check_voice_name(self.name)
        for name in ("family", "sex", "accent", "licence", "consent"):
            _check_text(name, getattr(self, name))
        for name in ("acoustic_hash", "vocoder_hash"):
            if not HASH.fullmatch(given := getattr(self, name)):
                raise ValueError(f"{name} must be 64 hexadecimal digits, got {quoted(given)}")


@dataclass(frozen=True, kw_only=True)
class VoiceFile:
    """A voice that was learned from recordings.

    Args:
        card: about the voice.
        vector: of the voice, as a row of the model's `voices.weight`.
        pitch: mean and deviation of its log-F0.
        peak_level: its peak level in dB, which energies are relative to.
        acoustic: what is added to weights of the acoustic model, by their keys in files.
        vocoder: what is added to weights of the vocoder.
    """

    card: VoiceCard
    vector: Float[np.ndarray, " voice"]
    pitch: Float[np.ndarray, "2"]
    peak_level: float
    acoustic: Mapping[str, np.ndarray] = field(default_factory=dict)
    vocoder: Mapping[str, np.ndarray] = field(default_factory=dict)


def read_voice(path: Path) -> VoiceFile:
    """Read a voice file.

    Its differences become arrays in single precision when they are read.

    Args:
        path: of the file.

    Raises:
        FileNotFoundError: there is no such file.
        OSError: it cannot be read.
        ValueError: it is not a voice file, or is damaged.
    """
    header = _read_header(path)
    with naming_read_errors(path):
        tensors = read_tensors(path)
    weights = StoredWeights(tensors)
    if names := set(VECTORS) - set(tensors):
        raise ValueError(f"{path} lacks {min(names)}; {DAMAGED}")
    for name in tensors:
        if name in header.columns:
            valid = _is_quantised(name, weights, header.columns[name])
        else:
            valid = _is_valid(name, weights)
        if not valid:
            raise ValueError(f"{path} has invalid values in {quoted(name)}; {DAMAGED}")
    parts = {part: _part(part, tensors, header.columns) for part in PARTS}
    return VoiceFile(
        card=header.card,
        vector=weights["vector"],
        pitch=weights["pitch"],
        peak_level=weights["peak_level"].item(),
        acoustic=parts["acoustic"],
        vocoder=parts["vocoder"],
    )


def read_card(path: Path) -> VoiceCard:
    """Read the metadata of a voice file, without its weights; errors as for `read_voice`."""
    return _read_header(path).card


def changes_vocoder(path: Path) -> bool:
    """Whether a voice file has differences of the vocoder; its weights are not read.

    Errors are those of `read_voice`.
    """
    return any(name.startswith("vocoder.") for name in _read_header(path).names)


def write_voice(voice: VoiceFile, path: Path, *, exact: bool = False) -> None:
    """Write a voice file, whole or not at all.

    Differences of large matrices are stored in two bits a value (`tts.voice_quantisation`), others
    in half precision.

    Args:
        voice: the voice.
        path: of the file; an existing one is replaced.
        exact: store all differences in half precision; the file is up to seven times as large.

    Raises:
        OSError: it cannot be written.
        ValueError: the suffix is not `.voice`, or a value is beyond half precision.
    """
    if path.suffix != SUFFIX:
        raise ValueError(f"a voice file's name must end in {SUFFIX}, got {quoted(path.name)}")
    tensors = {
        "vector": np.asarray(voice.vector, np.float32),
        "pitch": np.asarray(voice.pitch, np.float32),
        "peak_level": np.asarray(voice.peak_level, np.float32),
    }
    columns: dict[str, int] = {}
    for part in PARTS:
        for name, difference in getattr(voice, part).items():
            if not (abs(difference) <= MAX_WEIGHT).all():
                raise ValueError(
                    f"a difference of {name} must be from -{MAX_WEIGHT:g} to {MAX_WEIGHT:g}"
                )
            key = f"{part}.{name}"
            if exact or not is_quantised(difference):
                tensors[key] = np.asarray(difference, np.float16)
            else:
                tensors[key], tensors[key + SCALES] = quantise(difference)
                columns[key] = difference.shape[1]
    card = json.dumps(asdict(voice.card), ensure_ascii=False)
    metadata = {"kind": KIND, "format": FORMAT, "card": card, "columns": json.dumps(columns)}
    contiguous = {name: np.asarray(each, order="C") for name, each in tensors.items()}
    with atomic_write(path) as partial:
        partial.write_bytes(_sorted_metadata(safetensors.numpy.save(contiguous, metadata)))


def _sorted_metadata(content: bytes) -> bytes:
    """A safetensors file with its metadata in order, so that the same voice has the same bytes.

    Safetensors writes them in the order of a hash table, another one each time. A file begins with
    the length of its header in eight bytes; the header is JSON, padded with spaces.
    """
    start, end = 8, 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[start:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + content[end:]


def check_fits(
    voice: VoiceFile, configs: Mapping[str, ModelConfig | VocoderConfig], path: Path
) -> None:
    """Check that a voice's vector and differences have the names and shapes of models' weights.

    Args:
        voice: the content of the file.
        configs: of the models, by the names of `PARTS`.
        path: of the file, for the message.

    Raises:
        ValueError: a weight is unknown or has another shape.
    """
    for part, config in configs.items():
        known, model = weight_shapes(config), part.replace("acoustic", "acoustic model")
        if isinstance(config, ModelConfig) and voice.vector.shape != (config.voice_dim,):
            raise ValueError(
                f"cannot use {path}: its vector must have {config.voice_dim} values, "
                f"got {voice.vector.size}"
            )
        differences = getattr(voice, part)
        for name in differences:
            stored = isinstance(differences, StoredDifferences)
            # a few bytes may stand for an array that does not fit into memory
            shape = differences.shape(name) if stored else differences[name].shape
            if name in FIXED[part] or known.get(name) != shape:
                raise ValueError(
                    f"cannot use {path}: the {model} has no weight {quoted(name)} "
                    f"of the shape {shape}"
                )


@dataclass(frozen=True)
class _Header:
    """The header of a voice file.

    Args:
        card: about the voice.
        columns: of the matrices in two bits a value, by the names of their tensors.
        names: of all tensors.
    """

    card: VoiceCard
    columns: Mapping[str, int]
    names: Collection[str]


def _read_header(path: Path) -> _Header:
    if not path.is_file():
        raise FileNotFoundError(f"{'not a file' if path.exists() else 'no such file'}: {path}")
    with naming_read_errors(path):
        if (size := path.stat().st_size) > MAX_FILE_BYTES:
            raise ValueError(
                f"{path} is not a voice file; it must have at most {MAX_FILE_BYTES} bytes, "
                f"got {size}"
            )
        path.open("rb").close()
    try:
        with safetensors.safe_open(path, framework="np") as file:
            metadata, names = file.metadata() or {}, file.keys()
    except safetensors.SafetensorError as error:
        raise ValueError(f"{path} is not a safetensors file") from error
    if (kind := metadata.get("kind")) != KIND:
        raise ValueError(f"{path} is not a voice file; its kind is {short_repr(kind)}")
    if (version := metadata.get("format")) != FORMAT:
        raise ValueError(
            f"cannot read {path}: expected format {FORMAT!r}, got {short_repr(version)}"
        )
    try:
        card = from_dict(VoiceCard, parse_json(metadata.get("card", "")))
        columns = parse_value("columns", dict[str, int], parse_json(metadata.get("columns", "{}")))
        for name, count in columns.items():
            parse_value(f"columns of {quoted(name)}", int, count)
        return _Header(card, columns, names)
    except ValueError as error:
        raise ValueError(f"cannot read the card of {path}: {error}; {DAMAGED}") from error


def _is_valid(name: str, weights: StoredWeights) -> bool:
    """Whether a tensor has a known name and type, its shape, and values within half precision."""
    dtype, shape, _ = weights.stored(name)
    if dtype not in DTYPES or len(shape) > MAX_DIMENSIONS:
        return False
    values = weights[name]
    if not (abs(values) <= MAX_WEIGHT).all():
        return False
    if name == "vector":
        return len(shape) == 1
    if name == "pitch":  # mean and deviation, which is divided by
        return shape == (2,) and bool(values[1] > 0)
    if name == "peak_level":
        return shape == ()
    return name.partition(".")[0] in PARTS and "." in name


def _is_quantised(name: str, weights: StoredWeights, columns: int) -> bool:
    """Whether a tensor has the codes of a matrix, with as many columns and scales as it needs."""
    dtype, shape, _ = weights.stored(name)
    if dtype != CODES or len(shape) != 2 or name + SCALES not in weights:
        return False
    fits = columns > 0 and shape[1] == -(-columns // CODES_A_BYTE)
    return fits and weights.stored(name + SCALES)[1] == shape[:1]


def _part(
    part: str, tensors: Mapping[str, Mapping[str, Any]], columns: Mapping[str, int]
) -> StoredDifferences:
    """The differences of a model, by the names of its weights."""
    start = f"{part}."
    own = {key.removeprefix(start): one for key, one in tensors.items() if key.startswith(start)}
    sizes = {key.removeprefix(start): one for key, one in columns.items() if key.startswith(start)}
    return StoredDifferences(own, sizes)


def _check_text(name: str, text: str | None) -> None:
    """Check that a text is not empty, too long, or able to control a terminal."""
    if text is None:
        return
    longest = MAX_CONSENT if name == "consent" else MAX_TEXT
    if not 1 <= len(text) <= longest:
        raise ValueError(f"{name} must have from 1 to {longest} characters, got {len(text)}")
    if not text.replace("\n", " ").isprintable():
        raise ValueError(f"{name} must be printable, got {quoted(text)}")
