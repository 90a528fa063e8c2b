"""One-step text-to-speech: a flow map makes the mel-spectrogram, Vocos makes it sound."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tts.delivery import Delivery
    from tts.speech import Speech
    from tts.synthesis import Synthesizer, load
    from tts.text.options import TextOptions
    from tts.text.pronounce.lexicon import Lexicon

__all__ = ["Delivery", "Lexicon", "Speech", "Synthesizer", "TextOptions", "load"]
MODULES = {
    "Delivery": "tts.delivery",
    "Lexicon": "tts.text.pronounce.lexicon",
    "TextOptions": "tts.text.options",
    "Speech": "tts.speech",
    "Synthesizer": "tts.synthesis",
    "load": "tts.synthesis",
}
RENAMED = {"Reading": "TextOptions"}
DISTRIBUTION = "one-step-tts"  # the name of the package in registries
HERE = Path(__file__).parent

# `tts.app` and `tts.training` lie inside this package in a wheel, and beside it in a source tree.
# A source tree then offers its other folders as well, such as `tts.tests`. A finder for these two
# names alone would be hidden from tools that wrap Python's own, as the tests' shape checks do.
if not (HERE / "app").is_dir():
    __path__.append(str(HERE.parent))


def __getattr__(name: str) -> Any:
    """Public names come when they are asked for, so that `tts.text` never brings torch along."""
    if name in RENAMED:
        new = RENAMED[name]
        import_module("tts.deprecation").warn_renamed(f"tts.{name}", f"tts.{new}")
        name = new
    if name in MODULES:
        return getattr(import_module(MODULES[name]), name)
    raise AttributeError(f"module 'tts' has no attribute {name!r}")
