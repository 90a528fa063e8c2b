"""Rewrites of emoji and emoticons, which are dropped or said by their names."""

import re
import unicodedata

from tts.text.normalise.rule import Rewrite, rewrite
from tts.text.options import TextOptions

MODIFIER = "[\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
PICTURE = (
    "[\u203c\u2049\u231a-\u23ff\u25aa-\u25fe\u2600-\u266c\u2670-\u27bf\u2934\u2935\u2b05-\u2b55\u3030\u303d"
    "\U0001f000-\U0001faff]"
)
KEYCAP = "[0-9#*]\ufe0f?\u20e3"
EMOJI = f"{KEYCAP}|{PICTURE}{MODIFIER}(?:\u200d{PICTURE}{MODIFIER})*"
FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
EMOTICON = r"(?<!\S)(?:[:;=]['-]?[)(DPpOo/|]|<3|[xX]D|\^_?\^)(?=[\s.,!?]|$)"
ANY = rf"{FLAG}|{EMOJI}|{EMOTICON}"
NEEDS = rf"[^\x00-\u2030]|{KEYCAP}|[:;=]['-]?[)(DPpOo/|]|<3|[xX]D|\^\^|\^_"
SMILES = {")": "smiley", "D": "grinning face", "P": "tongue out", "(": "sad face", "<3": "heart"}


@rewrite(ANY, needs=NEEDS)
def drop_emoji(match: re.Match[str]) -> str:
    """Emoji and emoticons are silent."""
    return " "


def emoji_rewrite(reading: TextOptions) -> Rewrite:
    """The rewrite of emoji for the given text options: they are dropped, or said by name."""
    return drop_emoji if reading.emoji == "drop" else say_emoji(reading.language[:2])


def say_emoji(language: str) -> Rewrite:
    """The rewrite that says emoji by the names that Unicode gives them in a language."""

    @rewrite(ANY, needs=NEEDS)
    def say_emoji(match: re.Match[str]) -> str:
        """Emoji and emoticons are said by their names."""
        return f", {_name(match.group(), language)}, "

    return say_emoji


def _name(written: str, language: str) -> str:
    import emoji  # its names take long to load, and few texts are read so

    if written[0].isascii() and "\u20e3" not in written:
        return SMILES.get(written, SMILES.get(written[-1].upper(), "smiley"))
    emoji.config.load_language(language)
    name = emoji.demojize(written, delimiters=("", ""), language=language)
    if name == written:
        name = " ".join(unicodedata.name(one, "") for one in written).lower()
    return re.sub(r"[_:\s]+", " ", name)
