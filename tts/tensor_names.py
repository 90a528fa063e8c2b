"""Names of tensors in files: attributes that were renamed keep their keys.

Checkpoints and training states name tensors by the attributes of their modules. `state_dict` gives
the keys below in place of these attributes, so that old files load and new ones keep their hashes.
"""

from typing import Any

from torch import nn

# By class: attributes, and their keys in files.
KEYS = {
    "AcousticModel": {
        "prosody_embedding": "melody",
        "position_mlp": "shape",
        "peak_level": "loudest",
    },
    "Decoder": {"input": "enter", "output": "leave", "skip_gain": "carry"},
    "ModulatedConvNeXtBlock": {
        "expand": "widen",
        "project": "narrow",
        "modulation_bias": "steer",
    },
    "PauseNetwork": {"input": "enter", "output": "leave"},
    "ProsodyNetwork": {"input": "enter", "output": "leave", "skip_gain": "carry"},
}


def keep_keys(module: nn.Module) -> None:
    """Make a module read and write the keys of its class; its `__init__` calls this."""
    module.register_state_dict_post_hook(_write_keys)  # type: ignore[no-untyped-call]
    module.register_load_state_dict_pre_hook(_read_keys)  # type: ignore[no-untyped-call]


def submodule_of(module: nn.Module, key: str) -> nn.Module:
    """The submodule that has a key, such as `melody`, in the files of a module."""
    attributes = {key: attribute for attribute, key in _keys(module).items()}
    return module.get_submodule(attributes.get(key, key))


def _write_keys(module: nn.Module, state: dict[str, Any], prefix: str, _: Any) -> None:
    _rename(state, prefix, _keys(module))


def _read_keys(module: nn.Module, state: dict[str, Any], prefix: str, *_: Any) -> None:
    """Replace keys by attributes; an attribute becomes a key, which loading then refuses."""
    keys = _keys(module)
    _rename(state, prefix, keys | {key: attribute for attribute, key in keys.items()})


def _keys(module: nn.Module) -> dict[str, str]:
    """The renamed attributes of a module's class, or of the class that it extends."""
    names = (kind.__name__ for kind in type(module).__mro__)
    return next(KEYS[name] for name in names if name in KEYS)


def _rename(state: dict[str, Any], prefix: str, names: dict[str, str]) -> None:
    """Rename the first part of each name after a prefix; the order of the tensors stays."""
    entries = list(state.items())
    state.clear()
    for name, value in entries:
        if name.startswith(prefix):
            first, dot, rest = name[len(prefix) :].partition(".")
            name = f"{prefix}{names.get(first, first)}{dot}{rest}"
        state[name] = value
