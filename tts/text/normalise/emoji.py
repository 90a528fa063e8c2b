"""Rewrites of emoji and emoticons: they are dropped, or replaced by their names."""

import re
import unicodedata

from tts.text.normalise.rule import Rewrite, rewrite
from tts.text.options import TextOptions

# Emoji and their modifiers as ranges of Unicode, written by hand; signs with names of their own,
# such as ♭, are left out.
MODIFIER = "[\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
PICTURE = (
    "[\u203c\u2049\u231a-\u23ff\u25aa-\u25fe\u2600-\u266c\u2670-\u27bf\u2934\u2935\u2b05-\u2b55\u3030\u303d"
    "\U0001f000-\U0001faff]"
)
KEYCAP = "[0-9#*]\ufe0f?\u20e3"
EMOJI = f"{KEYCAP}|{PICTURE}{MODIFIER}(?:\u200d{PICTURE}{MODIFIER})*"
FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
EMOTICON = r"(?<!\S)(?:[:;=]['-]?[)(DPpOo/|]|<3|[xX]D|\^_?\^)(?=[\s.,!?]|$)(?![.,][0-9])"
ANY = rf"{FLAG}|{EMOJI}|{EMOTICON}"
NEEDS = rf"[^\x00-\u2030]|{KEYCAP}|[:;=]['-]?[)(DPpOo/|]|<3|[xX]D|\^\^|\^_"
SMILES = {")": "smiley", "D": "grinning face", "P": "tongue out", "(": "sad face", "<3": "heart"}


@rewrite(ANY, needs=NEEDS)
def drop_emoji(match: re.Match[str]) -> str:
    """Emoji and emoticons are not read: Hi 😊 is Hi."""
    return " "


def emoji_rewrite(reading: TextOptions) -> Rewrite:
    """The rewrite of emoji for the given text options: drop them, or say their names."""
    return drop_emoji if reading.emoji == "drop" else say_emoji(reading.language[:2])


def say_emoji(language: str) -> Rewrite:
    """The rewrite that replaces emoji by the names that the package emoji has in a language."""

    @rewrite(ANY, needs=NEEDS)
    def say_emoji(match: re.Match[str]) -> str:
        """Emoji and emoticons are read by their names: 👍 is thumbs up."""
        return f", {_name(match.group(), language)}, "

    return say_emoji


def _name(written: str, language: str) -> str:
    import emoji  # imported here, as it is slow to load and rarely needed

    if written[0].isascii() and "\u20e3" not in written:
        return SMILES.get(written, SMILES.get(written[-1].upper(), "smiley"))
    emoji.config.load_language(language)
    name = emoji.demojize(written, delimiters=("", ""), language=language)
    if name == written:
        name = " ".join(unicodedata.name(one, "") for one in written).lower()
    return re.sub(r"[_:\s]+", " ", name)
