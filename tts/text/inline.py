"""Phonemes among the words of a text: [[fəˈnɛtɪk]] stands alone, [word](/ipa/) says a word.

Only what holds a letter or a mark of IPA that no English word is written with is taken for
phonemes; a wiki's [[link]] and a [link](/about/) to a page are text like any other.
"""

import re

from tts.text import ipa
from tts.text.spoken import Span, Spoken

INLINE = re.compile(r"\[\[(?P<alone>[^\[\]]+)\]\]|\[(?P<words>[^\[\]]+)\]\(/(?P<ipa>[^/\n]+)/\)")
PHONETIC = re.compile(f"[{''.join(sorted(ipa.ONLY_IPA))}]")
SIGNS = re.compile(r"[^\w' -]+|_+")
# A word for what is written in phonemes alone; it is never heard.
NAMELESS = "said"


def inline(text: str) -> tuple[Spoken, dict[Span, str]]:
    """A text with words where it had phonemes, and the phones of the spans where they were."""
    written = Spoken.verbatim(text)
    found = [match for match in INLINE.finditer(text) if _phonemes(match)]
    places = {match.start() for match in found}
    plain = written.substitute(
        INLINE, lambda match: _words(match) if match.start() in places else match.group()
    )
    return plain, {match.span(): _read(match) for match in found}


def _phonemes(match: re.Match[str]) -> str | None:
    written = match["alone"] or match["ipa"]
    return written if PHONETIC.search(written) else None


def _read(match: re.Match[str]) -> str:
    try:
        return ipa.read(match["alone"] or match["ipa"])
    except ValueError as error:
        raise ValueError(
            f"in {match.group()!r} at character {match.start() + 1}: {error}"
        ) from error


def _words(match: re.Match[str]) -> str:
    """Words to stand in the text, apart from the letters around them."""
    words = " ".join(SIGNS.sub(" ", match["words"] or "").split()) or NAMELESS
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    return " " * before.isalnum() + words + " " * after.isalnum()
