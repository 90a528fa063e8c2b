"""A text with markup as runs, each in its tone: it has tags, or it is a document in SSML."""

from tts.text.markup.ssml import is_ssml, parse_ssml
from tts.text.markup.tags import TextRun, parse_tags
from tts.text.options import TextOptions


def parse_markup(text: str, options: TextOptions) -> list[TextRun]:
    """The runs of a text, end to end all of it.

    Args:
        text: plain, with tags (`tts.text.markup.tags`), or a document in SSML
            (`tts.text.markup.ssml`).
        options: how the text is to be read; SSML in another language is refused.

    Raises:
        ValueError: if the markup is wrong; the message names the place.
    """
    return parse_ssml(text, options) if is_ssml(text) else parse_tags(text)
