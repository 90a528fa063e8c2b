"""A text for display: its markup is masked, and every other character keeps its position."""

import re

from tts.text.markup import ssml
from tts.text.markup.parse import parse_markup
from tts.text.markup.phoneme_tags import INLINE, PHONETIC
from tts.text.markup.tags import TextRun
from tts.text.options import TextOptions

HIDDEN = "\0"
TAG = re.compile(r"<[^>]*>")


def mask_markup(text: str) -> str:
    """Mask the markup of a text, for display.

    Args:
        text: plain text, text with tags, or an SSML document.

    Returns:
        A text of the same length: each character of markup is `HIDDEN`, or a space where the
        markup is a pause.

    Raises:
        ValueError: the markup is wrong.

    Example:
        >>> mask_markup("[pitch:+2]Oh[/pitch]!").replace(HIDDEN, "")
        'Oh!'
    """
    runs = parse_markup(text, TextOptions())
    shown = "".join(_shown(run, text[slice(*run.span)]) for run in runs)
    return INLINE.sub(_words, shown)


def _shown(run: TextRun, written: str) -> str:
    match run.rule:
        case "":
            return written
        case ssml.TEXT:
            return run.replacement.ljust(len(written), HIDDEN)
        case ssml.READING:
            return TAG.sub(lambda tag: HIDDEN * len(tag.group()), written)
        case _:
            return (" " if run.pause else HIDDEN) * len(written)


def _words(match: re.Match[str]) -> str:
    """The word of a phoneme tag with the rest masked; phonemes without a word stay visible."""
    if not match["words"] or not PHONETIC.search(match["ipa"]):
        return match.group()
    return f"{HIDDEN}{match['words']}".ljust(len(match.group()), HIDDEN)
