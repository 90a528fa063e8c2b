"""Inline phonemes: `[[fəˈnɛtɪk]]` alone, or `[word](/wˈɜɹd/)` as the pronunciation of a word.

Brackets hold phonemes only if they contain at least one IPA letter or mark that no English word
is written with. A wiki's `[[link]]` and a `[link](/about/)` to a page stay ordinary text.
"""

import re

from tts.error_messages import quoted
from tts.text.normalise.rule import space_apart
from tts.text.normalise.spans import Span, SpannedText
from tts.text.pronounce import ipa

INLINE = re.compile(r"\[\[(?P<alone>[^\[\]]+)\]\]|\[(?P<words>[^\[\]]+)\]\(/(?P<ipa>[^/\n]+)/\)")
PHONETIC = re.compile(f"[{''.join(sorted(ipa.ONLY_IPA))}]")
SIGNS = re.compile(r"[^\w' -]+|_+")
# A placeholder for phonemes that stand without a word. Its own pronunciation is never used.
NAMELESS = "said"


def extract_phonemes(text: str | SpannedText) -> tuple[SpannedText, dict[Span, str]]:
    """Replace inline phonemes by words, and return their phones by position.

    Args:
        text: text as written, or with the spans of earlier rewrites.

    Returns:
        The text with a word or a placeholder in place of each phoneme tag, and the parsed phones
        by the span of the tag in the original text.

    Raises:
        ValueError: the IPA of a tag cannot be parsed; the message names the tag and its place.

    Example:
        >>> extract_phonemes("Ask [Nguyen](/wɪn/).")[1]
        {(4, 19): 'wˈɪn'}
    """
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
    """The written words without other signs, or a placeholder if there are none."""
    return " ".join(SIGNS.sub(" ", written).split()) or NAMELESS
