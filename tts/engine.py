"""The old place of `tts.serving.engine`; its names work until version 0.3, with a warning."""

from typing import Any

import tts.serving.engine
from tts.deprecation import warn_renamed

RENAMED = {
    "Busy": "QueueFull",
    "Closed": "EngineClosed",
    "Engine": "Engine",
    "Load": "EngineStats",
}


def __getattr__(name: str) -> Any:
    if new := RENAMED.get(name):
        warn_renamed(f"tts.engine.{name}", f"tts.serving.engine.{new}")
        return getattr(tts.serving.engine, new)
    raise AttributeError(f"module 'tts.engine' has no attribute {name!r}")
