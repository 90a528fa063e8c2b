"""A text as it is to be shown: without its markup, every character where it was."""

import re

from tts.text.markup import ssml
from tts.text.markup.parse import parse_markup
from tts.text.markup.phoneme_tags import INLINE, PHONETIC
from tts.text.markup.tags import TextRun
from tts.text.options import TextOptions

HIDDEN = "\0"
TAG = re.compile(r"<[^>]*>")


def mask_markup(text: str) -> str:
    """As long as the text, with something `HIDDEN` for what is only there to steer the voice.

    Where markup asks for silence there is space.
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
    """The words that phonemes are given for; phonemes alone are shown as they are."""
    if not match["words"] or not PHONETIC.search(match["ipa"]):
        return match.group()
    return f"{HIDDEN}{match['words']}".ljust(len(match.group()), HIDDEN)
