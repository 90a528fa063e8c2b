"""Phonemes among the words of a text: [[fəˈnɛtɪk]] stands alone, [word](/ipa/) says a word.

Only what holds a letter or a mark of IPA that no English word is written with is taken for
phonemes; a wiki's [[link]] and a [link](/about/) to a page are text like any other.
"""

import re

from tts.error_messages import quoted
from tts.text.normalise.rule import space_apart
from tts.text.normalise.spans import Span, SpannedText
from tts.text.pronounce import ipa

INLINE = re.compile(r"\[\[(?P<alone>[^\[\]]+)\]\]|\[(?P<words>[^\[\]]+)\]\(/(?P<ipa>[^/\n]+)/\)")
PHONETIC = re.compile(f"[{''.join(sorted(ipa.ONLY_IPA))}]")
SIGNS = re.compile(r"[^\w' -]+|_+")
# A word for what is written in phonemes alone; it is never heard.
NAMELESS = "said"


def extract_phonemes(text: str | SpannedText) -> tuple[SpannedText, dict[Span, str]]:
    """A text with words where it had phonemes, and the phones of the spans where they were."""
    written = SpannedText.of(text)
    given: dict[Span, str] = {}

    def say(match: re.Match[str]) -> str:
        phonemes = match["alone"] or match["ipa"]
        if not PHONETIC.search(phonemes):
            return match.group()
        span = written.original_span(*match.span())
        try:
            given[span] = ipa.parse_ipa(phonemes)
        except ValueError as error:
            raise ValueError(
                f"in {quoted(match.group())} at character {span[0] + 1}: {error}"
            ) from error
        return space_apart(placeholder_words(match["words"] or ""), match.string, match.span())

    return written.substitute(INLINE, say, "phonemes"), given


def placeholder_words(written: str) -> str:
    """Words for what is said by given phones: at least one, whatever was written."""
    return " ".join(SIGNS.sub(" ", written).split()) or NAMELESS
