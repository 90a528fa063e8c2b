"""Builds the wheel: `app`, `training` and the shipped checkpoints go inside the package `tts`.

An editable install copies nothing: `tts/__init__.py` finds the folders of the source tree.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CHECKPOINTS = ("acoustic.safetensors", "vocoder.safetensors", "kathleen.voice")
INSIDE = {
    "app": "tts/app",
    "training": "tts/training",
    **{f"checkpoints/{name}": f"tts/checkpoints/{name}" for name in CHECKPOINTS},
}


class InsideTts(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"].update(INSIDE)
