"""The voices that the markup of a text names."""

import re

from tts.text.markup import ssml
from tts.text.markup.parse import parse_markup
from tts.text.normalise.normalise import DEFAULT_TEXT_OPTIONS
from tts.text.options import TextOptions

MARK = re.compile(r"\[voice:|<voice[\s/>]")  # few texts have it, and others are not parsed here
SPOKEN = ("", ssml.TEXT, ssml.READING)  # rules of runs that hold text


def names_voices(text: str) -> bool:
    """Whether a text may name voices of its own; False is certain."""
    return MARK.search(text) is not None


def named_voices(text: str, reading: TextOptions = DEFAULT_TEXT_OPTIONS) -> tuple[str, ...]:
    """The voices and blends that the markup of a text names.

    Args:
        text: plain text, text with tags, or an SSML document.
        reading: the text options.

    Returns:
        Each once, in the order of the text.

    Raises:
        ValueError: the markup is wrong.

    Example:
        >>> named_voices("[voice:michael]Hello.[/voice] Hi.")
        ('michael',)
    """
    if not names_voices(text):
        return ()
    named = dict.fromkeys(run.voice for run in parse_markup(text, reading))
    return tuple(filter(None, named))


def spoken_voices(
    text: str, voice: str, reading: TextOptions = DEFAULT_TEXT_OPTIONS
) -> tuple[str, ...]:
    """The voices and blends that speak a text, for the comment of its sound.

    Args:
        text: plain text, text with tags, or an SSML document.
        voice: the voice of what the markup gives no other.
        reading: the text options.

    Returns:
        Each once, in the order in which they speak; `voice` if the markup is wrong.

    Example:
        >>> spoken_voices("Hi. [voice:michael]Hello.[/voice]", "heart")
        ('heart', 'michael')
    """
    if not names_voices(text):
        return (voice,)
    try:
        runs = parse_markup(text, reading)
    except ValueError:  # the synthesizer refuses it
        return (voice,)
    spoken = [run for run in runs if run.rule in SPOKEN]
    found = (run.voice for run in spoken if any(map(str.isalnum, text[slice(*run.span)])))
    return tuple(dict.fromkeys(name or voice for name in found)) or (voice,)
