"""One-step text to speech: a flow map makes mel-spectrograms, and Vocos makes waveforms of them.

Example:
    >>> from tts import Delivery, load
    >>> synthesizer = load()
    >>> speech = synthesizer.speak("Hello there.", Delivery(voice="michael"))
    >>> speech.save("hello.wav")

`load` gives a `Synthesizer`, whose `speak` and `stream` return `Speech`. A `Delivery` says how to
speak. `TextOptions` and `Lexicon` say how a text is read. An `Engine` serves many streams at once.
Names are imported when they are first used, so that `import tts` takes no time.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tts.delivery import Delivery
    from tts.serving.admission import EngineClosed, EngineStats, QueueFull
    from tts.serving.engine import Engine
    from tts.serving.stream import SpeechStream
    from tts.speech import Phone, Speech, TimedWord
    from tts.synthesis import Synthesizer, load
    from tts.text.options import TextOptions
    from tts.text.pronounce.lexicon import Lexicon
    from tts.voices import VoiceInfo

__version__ = "0.1.0"
__all__ = [
    "Delivery",
    "Engine",
    "EngineClosed",
    "EngineStats",
    "Lexicon",
    "Phone",
    "QueueFull",
    "Speech",
    "SpeechStream",
    "Synthesizer",
    "TextOptions",
    "TimedWord",
    "VoiceInfo",
    "load",
]
MODULES = {
    "Delivery": "tts.delivery",
    "Engine": "tts.serving.engine",
    "EngineClosed": "tts.serving.admission",
    "EngineStats": "tts.serving.admission",
    "Lexicon": "tts.text.pronounce.lexicon",
    "Phone": "tts.speech",
    "QueueFull": "tts.serving.admission",
    "Speech": "tts.speech",
    "SpeechStream": "tts.serving.stream",
    "Synthesizer": "tts.synthesis",
    "TextOptions": "tts.text.options",
    "TimedWord": "tts.speech",
    "VoiceInfo": "tts.voices",
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
    """Import a public name when it is first used, so that `import tts` takes no time."""
    if name in RENAMED:
        new = RENAMED[name]
        import_module("tts.deprecation").warn_renamed(f"tts.{name}", f"tts.{new}")
        name = new
    if name in MODULES:
        return getattr(import_module(MODULES[name]), name)
    raise AttributeError(f"module 'tts' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__all__", "__doc__", "__file__", "__name__", "__path__", "__version__"]
