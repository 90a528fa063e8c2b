"""Damaged checkpoints and public vocoders, for `benchmarks.robust_files`: what is damaged, and how.

Each damage is a function of a folder with a whole file or vocoder in it, which it spoils.
"""

import json
import pickle
import random
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

Damage = Callable[[Path], None]
Config = dict[str, Any]
NESTED = "[" * 20_000 + "]" * 20_000
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)
ACOUSTIC, VOCODER = "acoustic.safetensors", "vocoder.safetensors"


def bytes_of_files(name: str, seed: int) -> Iterator[tuple[str, Damage]]:
    """Damage to the bytes of a checkpoint, whatever it holds."""
    chance = random.Random(seed)
    for share in (0.0001, 0.01, 0.1, 0.5, 0.9, chance.random(), 0.99999):
        yield f"cut at {share:.4f}", partial(_rewrite, name, lambda data, s=share: _cut(data, s))
    changes: dict[str, Callable[[bytes], bytes]] = {
        "empty": lambda _: b"",
        "seven bytes": lambda data: data[:7],
        "longer than its header says": lambda data: data + b"\0" * 64,
        "header of no length": lambda data: b"\0" * 8 + data[8:],
        "header shorter than it is": lambda data: (30).to_bytes(8, "little") + data[8:],
        "header of 10^18 bytes": lambda data: (10**18).to_bytes(8, "little") + data[8:],
        "header not UTF-8": lambda data: data[:8] + b"\xff" * 16 + data[24:],
        "header nested": lambda _: _with_header(NESTED.encode()),
        "offsets that lie": lambda data: data.replace(b'"data_offsets":[0,', b'"data_offsets":[9,'),
        "not a checkpoint": lambda _: b"This is a letter, and no checkpoint.\n" * 200,
        "noise": lambda data: random.Random(seed).randbytes(len(data)),
        "a pickle": lambda _: pickle.dumps({"weight": [1.0, 2.0]}),
    }
    for what, change in changes.items():
        yield what, partial(_rewrite, name, change)
    yield "a folder", partial(_become_folder, name)


def metadata_of(name: str, other: str) -> Iterator[tuple[str, Damage]]:
    """Damage to what a checkpoint says of itself."""
    texts = {
        "config []": "[]",
        "config null": "null",
        "config a number": "7",
        "config a text": '"model"',
        "config no JSON": "{dim: 3",
        "config empty": "",
        "config nested": NESTED,
        "config of a long number": '{"dim": ' + "9" * 10_000 + "}",
        "config of 5 MB": json.dumps({"dim": "x" * 5_000_000}),
        "config of half a character": '"\ud800"'.encode("utf-8", "replace").decode(),
    }
    for what, text in texts.items():
        yield what, partial(_say, name, {"config": text})
    yield "no metadata", partial(_say, name, None)
    yield "no config", partial(_say, name, {"config": None})
    yield "no kind", partial(_say, name, {"kind": None})
    yield "of another format", partial(_say, name, {"format": "9" * 100_000})
    yield "of the other kind", partial(_swap, name, other)


def configs_of(changes: Mapping[str, tuple[str, Any]], name: str) -> Iterator[tuple[str, Damage]]:
    """A config with one of its values changed, or without it."""
    for what, (path, value) in changes.items():
        yield what, partial(_configure, name, path, value)


def weights_of(name: str) -> Iterator[tuple[str, Damage]]:
    """Damage to the weights."""
    changes: dict[str, Callable[[Tensor], Tensor | None]] = {
        "weights not a number": lambda weight: weight.float().fill_(torch.nan),
        "weights infinite": lambda weight: weight.float().fill_(torch.inf),
        "weights of 1e30": lambda weight: weight.float() * 0 + 1e30,
        "weights in int8": lambda weight: weight.to(torch.int8),
        "weights in uint8": lambda weight: weight.to(torch.uint8),
        "weights true and false": lambda weight: weight > 0,
        "weights in float8": lambda weight: weight.to(torch.float8_e4m3fn),
        "weights complex": lambda weight: weight.to(torch.complex64),
        "weights of another shape": lambda weight: weight.flatten().contiguous(),
        "weights of no size": lambda weight: weight.flatten()[:0].contiguous(),
        "a weight is missing": lambda _: None,
    }
    for what, change in changes.items():
        yield what, partial(_weigh, name, change)
    yield "one number of a weight is none", partial(_weigh, name, _one_is_none)
    yield "a weight too many", partial(_add_weight, name)


MEL = {
    "mel a list": ("mel", []),
    "mel null": ("mel", None),
    "mel.hop 0": ("mel.hop", 0),
    "mel.hop -1": ("mel.hop", -1),
    "mel.hop 10^12": ("mel.hop", 10**12),
    "mel.hop 10^400": ("mel.hop", 10**400),
    "mel.hop 300": ("mel.hop", 300),
    "mel.hop true": ("mel.hop", True),
    "mel.hop 256.0": ("mel.hop", 256.0),
    "mel.sample_rate 0": ("mel.sample_rate", 0),
    "mel.n_fft 0": ("mel.n_fft", 0),
    "mel.n_fft 10^9": ("mel.n_fft", 10**9),
    "mel.bands 0": ("mel.bands", 0),
    "mel.bands 10^9": ("mel.bands", 10**9),
    "mel.floor NaN": ("mel.floor", float("nan")),
    "mel.floor 10^400": ("mel.floor", 10**400),
}
ACOUSTIC_CONFIG: dict[str, tuple[str, Any]] = {
    **MEL,
    "a name too many": ("colour", "red"),
    "no symbols": ("symbols", ...),
    "symbols empty": ("symbols", ""),
    "symbols a list": ("symbols", ["a"]),
    "symbols twice": ("symbols", "^$aab"),
    "symbols of 5 MB": ("symbols", "ab" * 2_500_000),
    "symbols too few": ("symbols", "^$ab"),
    "voices empty": ("voices", []),
    "voices null": ("voices", None),
    "voices a text": ("voices", "heart"),
    "voices numbers": ("voices", [1, 2]),
    "voices twice": ("voices", ["heart", "heart"]),
    "voices without a name": ("voices", ["heart", ""]),
    "voices of control characters": ("voices", ["heart", "a\x1b[2J\nb"]),
    "voices of half a character": ("voices", ["heart", "\ud800"]),
    "voices too many": ("voices", [f"voice{number}" for number in range(200_000)]),
    "convention a list": ("convention", []),
    "convention unknown": ("convention", "ipa"),
    "encoder.dim 0": ("encoder.dim", 0),
    "encoder.dim -16": ("encoder.dim", -16),
    "encoder.dim 60000": ("encoder.dim", 60_000),
    "encoder.dim 10^12": ("encoder.dim", 10**12),
    "encoder.depth 10^9": ("encoder.depth", 10**9),
    "encoder.heads 3": ("encoder.heads", 3),
    "encoder.heads -1": ("encoder.heads", -1),
    "encoder.heads 16, of one channel": ("encoder.heads", 16),
    "encoder.kernel 4": ("encoder.kernel", 4),
    "encoder.dropout 2": ("encoder.dropout", 2),
    "encoder nested": ("encoder", {"encoder": {"encoder": {}}}),
    "prosody.depth null": ("prosody.depth", None),
    "decoder.patch 0": ("decoder.patch", 0),
    "decoder.patch 3": ("decoder.patch", 3),
    "decoder.kernel 0": ("decoder.kernel", 0),
    "voice_dim 0": ("voice_dim", 0),
    "voice_dim 1e3": ("voice_dim", 1e3),
}
VOCODER_CONFIG: dict[str, tuple[str, Any]] = {
    **MEL,
    "no dim": ("dim", ...),
    "dim a text": ("dim", "16"),
    "dim 0": ("dim", 0),
    "dim 60000": ("dim", 60_000),
    "intermediate_dim -1": ("intermediate_dim", -1),
    "depth 0": ("depth", 0),
    "depth 10^9": ("depth", 10**9),
    "patch 0": ("patch", 0),
    "patch 10^9": ("patch", 10**9),
    "pitch_dim -1": ("pitch_dim", -1),
    "pitch_dim 60000": ("pitch_dim", 60_000),
}
VOICES = {
    "offers {}": "{}",
    "offers null": "null",
    "offers nothing": "[]",
    "offers no JSON": "[{",
    "offers nested": NESTED,
    "offers an unknown voice": '[{"name": "nobody", "sex": null, "accent": null, '
    '"word_errors": null, "distillmos": null, "similarity": null, "lines": null}]',
    "offers names alone": '["heart"]',
    "offers figures that are texts": '[{"name": "heart", "sex": null, "accent": null, '
    '"word_errors": "2", "distillmos": null, "similarity": null, "lines": null}]',
    "offers figures that are no numbers": '[{"name": "heart", "sex": null, "accent": null, '
    '"word_errors": NaN, "distillmos": null, "similarity": null, "lines": null}]',
    "offers half a character": '[{"name": "heart", "sex": "\\ud800", "accent": null, '
    '"word_errors": null, "distillmos": null, "similarity": null, "lines": null}]',
}


def acoustic_damages(seed: int) -> dict[str, Damage]:
    """All that is done to an acoustic model."""
    offered = ((what, partial(_say, ACOUSTIC, {"voices": text})) for what, text in VOICES.items())
    return {
        **dict(bytes_of_files(ACOUSTIC, seed)),
        **dict(metadata_of(ACOUSTIC, VOCODER)),
        **dict(configs_of(ACOUSTIC_CONFIG, ACOUSTIC)),
        **dict(weights_of(ACOUSTIC)),
        **dict(offered),
    }


def vocoder_damages(seed: int) -> dict[str, Damage]:
    """All that is done to a vocoder of ours."""
    return {
        **dict(bytes_of_files(VOCODER, seed)),
        **dict(metadata_of(VOCODER, ACOUSTIC)),
        **dict(configs_of(VOCODER_CONFIG, VOCODER)),
        **dict(weights_of(VOCODER)),
    }


def public_damages(seed: int) -> dict[str, Damage]:
    """All that is done to a public vocoder: a folder with config.yaml and pytorch_model.bin."""
    config, weights = "config.yaml", "pytorch_model.bin"
    texts: dict[str, bytes] = {
        "config empty": b"",
        "config []": b"[]",
        "config null": b"null",
        "config no YAML": b"{a: [",
        "config binary": bytes(range(256)),
        "config of an object": b"!!python/object/apply:os.getcwd []",
        "config of no date": b"a: 2001-99-99",
        "config nested": NESTED.encode(),
        "config that unfolds": BOMB.encode() + b"feature_extractor: *i\n",
        "config of 3 MB": b"- [1, 2, {a: b}]\n" * 200_000,
    }
    damages = {
        what: partial(_rewrite, config, lambda _, text=text: text) for what, text in texts.items()
    }
    values = {
        "backbone null": ("backbone", None),
        "no head": ("head", ...),
        "class_path a list": ("head.class_path", [1]),
        "class_path of another": ("head.class_path", "os.system"),
        "init_args a list": ("head.init_args", [1]),
        "init_args of a name too many": ("head.init_args.colour", "red"),
        "init_args of numbers": ("head.init_args", {1: 2}),
        "dim a text": ("backbone.init_args.dim", "16"),
        "dim true": ("backbone.init_args.dim", True),
        "dim 0": ("backbone.init_args.dim", 0),
        "dim 10^12": ("backbone.init_args.dim", 10**12),
        "dim 60000": ("backbone.init_args.dim", 60_000),
        "num_layers 10^9": ("backbone.init_args.num_layers", 10**9),
        "hop_length a list": ("head.init_args.hop_length", [256]),
        "hop_length 300": ("head.init_args.hop_length", 300),
    }
    damages |= {what: partial(_edit_yaml, path, value) for what, (path, value) in values.items()}
    changes: dict[str, Callable[[bytes], bytes]] = {
        "weights empty": lambda _: b"",
        "weights cut": lambda data: data[: len(data) // 2],
        "weights noise": lambda data: random.Random(seed).randbytes(len(data)),
        "weights a pickle": lambda _: pickle.dumps({"weight": print}),
    }
    damages |= {what: partial(_rewrite, weights, change) for what, change in changes.items()}
    tensors: dict[str, Callable[[Tensor], Any]] = {
        "weights not a number": lambda weight: weight * torch.nan,
        "weights of 1e30": lambda weight: weight * 0 + 1e30,
        "weights in int8": lambda weight: weight.to(torch.int8),
        "weights complex": lambda weight: weight.to(torch.complex64),
        "weights sparse": lambda weight: weight.to_sparse(),
        "weights of other shape": lambda weight: weight.flatten(),
        "weights that unfold to 4 TB": lambda weight: weight.flatten()[:1].expand(10**12),
        "weights that are lists": lambda weight: weight.tolist(),
        "weights of the mel in int8": lambda weight: weight,
    }
    damages |= {what: partial(_edit_pickle, what, change) for what, change in tensors.items()}
    damages["no weights"] = lambda folder: (folder / weights).unlink()
    damages["no config"] = lambda folder: (folder / config).unlink()
    return damages


def _cut(data: bytes, share: float) -> bytes:
    return data[: max(1, min(len(data) - 1, int(len(data) * share)))]


def _with_header(header: bytes) -> bytes:
    return len(header).to_bytes(8, "little") + header


def _rewrite(name: str, change: Callable[[bytes], bytes], folder: Path) -> None:
    (folder / name).write_bytes(change((folder / name).read_bytes()))


def _become_folder(name: str, folder: Path) -> None:
    (folder / name).unlink()
    (folder / name).mkdir()


def _swap(name: str, other: str, folder: Path) -> None:
    (folder / name).write_bytes((folder / other).read_bytes())


def _say(name: str, entries: Mapping[str, str | None] | None, folder: Path) -> None:
    """Change entries of the metadata, or leave them out."""
    metadata, weights = _read(folder / name)
    told = {k: v for k, v in (metadata | (entries or {})).items() if v is not None}
    safetensors.torch.save_file(weights, folder / name, told if entries is not None else None)


def _configure(name: str, path: str, value: Any, folder: Path) -> None:
    metadata, weights = _read(folder / name)
    config = json.loads(metadata["config"])
    _set(config, path, value)
    metadata["config"] = json.dumps(config)
    safetensors.torch.save_file(weights, folder / name, metadata)


def _set(config: Config, path: str, value: Any) -> None:
    *outer, last = path.split(".")
    for part in outer:
        config = config[part]
    config[last] = value
    if value is ...:
        del config[last]


def _weigh(name: str, change: Callable[[Tensor], Tensor | None], folder: Path) -> None:
    """Change the largest of the weights, or leave it out."""
    metadata, weights = _read(folder / name)
    largest = max(weights, key=lambda one: weights[one].numel())
    changed = change(weights.pop(largest))
    if changed is not None:
        weights[largest] = changed
    safetensors.torch.save_file(weights, folder / name, metadata)


def _one_is_none(weight: Tensor) -> Tensor:
    weight = weight.clone()
    weight.view(-1)[weight.numel() // 2] = torch.nan
    return weight


def _add_weight(name: str, folder: Path) -> None:
    metadata, weights = _read(folder / name)
    safetensors.torch.save_file({**weights, "more": torch.zeros(3)}, folder / name, metadata)


def _read(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    with safetensors.safe_open(path, framework="pt") as file:
        return dict(file.metadata()), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no dict


def _edit_yaml(path: str, value: Any, folder: Path) -> None:
    import yaml

    config = yaml.safe_load((folder / "config.yaml").read_text())
    _set(config, path, value)
    (folder / "config.yaml").write_text(yaml.safe_dump(config))


def _edit_pickle(what: str, change: Callable[[Tensor], Any], folder: Path) -> None:
    """Change the weights of the vocoder; those of its mel, where it says so."""
    weights = torch.load(folder / "pytorch_model.bin", weights_only=True)
    if "mel" in what:
        changed = {n: w.to(torch.int8) if "extractor" in n else w for n, w in weights.items()}
    else:
        changed = {n: w if "extractor" in n else change(w) for n, w in weights.items()}
    torch.save(changed, folder / "pytorch_model.bin")
