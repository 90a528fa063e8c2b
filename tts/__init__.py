"""One-step text-to-speech: a flow map makes the mel-spectrogram, Vocos makes it sound."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tts.speech import Delivery, Speech
    from tts.synthesis import Synthesizer, load

__all__ = ["Delivery", "Speech", "Synthesizer", "load"]


def __getattr__(name: str) -> Any:
    """Public names come when they are asked for, so that `tts.text` never brings torch along."""
    if name in __all__:
        module = "tts.speech" if name in ("Delivery", "Speech") else "tts.synthesis"
        return getattr(import_module(module), name)
    raise AttributeError(f"module 'tts' has no attribute {name!r}")
