"""The parser of marked-up text: SSML documents and texts with tags become runs with prosody."""

from tts.text.markup.ssml import is_ssml, parse_ssml
from tts.text.markup.tags import TextRun, parse_tags
from tts.text.options import TextOptions


def parse_markup(text: str, options: TextOptions) -> list[TextRun]:
    """Parse the markup of a text into runs.

    Args:
        text: plain text, text with tags (`tts.text.markup.tags`), or an SSML document
            (`tts.text.markup.ssml`).
        options: the text options. SSML in another language raises an error.

    Returns:
        The runs in order. Their spans are adjacent and cover the whole text.

    Raises:
        ValueError: the markup is wrong; the message names the place.

    Example:
        >>> [run.span for run in parse_markup("Wait [pause:1s] here.", TextOptions())]
        [(0, 5), (5, 15), (15, 21)]
    """
    return parse_ssml(text, options) if is_ssml(text) else parse_tags(text)
