"""The comment in every sound file that marks it as synthetic speech and names its voice."""

import re

from tts import DISTRIBUTION, __version__

SOFTWARE = f"{DISTRIBUTION} {__version__}"
# the term of IPTC's vocabulary, which C2PA uses too, for media made by a trained model
DIGITAL_SOURCE_TYPE = "trainedAlgorithmicMedia"
MAX_VOICE_CHARACTERS = 200  # chosen by hand


def synthetic_comment(*voices: str | None, seed: int | None = None) -> str:
    """The comment of a sound file. It has no date, so that equal sounds make equal files.

    Args:
        voices: names or blends, in the order in which they speak. Repeated ones count once, and
            long lists are shortened. Of a path only the file name is shown.
        seed: that the speech was made with; None leaves it out.

    Returns:
        One line of printable characters.

    Example:
        >>> synthetic_comment("heart")  # doctest: +ELLIPSIS
        'synthetic speech, voice heart, one-step-tts ..., digitalSourceType=trainedAlgorithmicMedia'
    """
    names = dict.fromkeys(shown for voice in voices if voice and (shown := _shown(voice)))
    parts = ["synthetic speech"]
    if names:
        parts.append(f"{'voices' if len(names) > 1 else 'voice'} {_shortened(', '.join(names))}")
    if seed is not None:
        parts.append(f"seed {seed}")
    return ", ".join([*parts, SOFTWARE, f"digitalSourceType={DIGITAL_SOURCE_TYPE}"])


def _shown(voice: str) -> str:
    parts = [re.split(r"[/\\]", part)[-1] for part in voice.split("+")]
    return one_line("+".join(parts))


def one_line(text: str) -> str:
    """A text with a space for each run of what cannot be printed, as a tag of a file has it."""
    printable = (character if character.isprintable() else " " for character in text)
    return " ".join("".join(printable).split())


def _shortened(names: str) -> str:
    if len(names) <= MAX_VOICE_CHARACTERS:
        return names
    return f"{names[: MAX_VOICE_CHARACTERS - 3].rstrip(' ,+')}..."
