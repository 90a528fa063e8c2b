"""One-step text-to-speech: a flow map makes the mel-spectrogram, Vocos makes it sound."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tts.speech import Delivery, Speech
    from tts.synthesis import Synthesizer, load
    from tts.text.lexicon import Lexicon
    from tts.text.reading import Reading

__all__ = ["Delivery", "Lexicon", "Reading", "Speech", "Synthesizer", "load"]
MODULES = {
    "Delivery": "tts.speech",
    "Lexicon": "tts.text.lexicon",
    "Reading": "tts.text.reading",
    "Speech": "tts.speech",
    "Synthesizer": "tts.synthesis",
    "load": "tts.synthesis",
}


def __getattr__(name: str) -> Any:
    """Public names come when they are asked for, so that `tts.text` never brings torch along."""
    if name in MODULES:
        return getattr(import_module(MODULES[name]), name)
    raise AttributeError(f"module 'tts' has no attribute {name!r}")
