"""What looks like a tag of a text and is none, and so would be read aloud."""

import re
from collections.abc import Mapping
from difflib import get_close_matches

from tts.error_messages import quoted
from tts.text.markup.ssml import is_ssml
from tts.text.markup.tags import TAG

NEAR_TAG = re.compile(
    r"(?<!\[)[\[{<][ ]?/?[ ]?(?P<name>[A-Za-z]{3,10})[ ]?"
    r"(?P<value>[ :=_-][^\[\]{}<>\n]{0,40})?[\]}>]"
)
EXAMPLES: Mapping[str, str] = {
    "pause": "[pause:500ms]",
    "voice": "[voice:michael]...[/voice]",
    "pace": "[pace:0.8]...[/pace]",
    "pitch": "[pitch:+2]...[/pitch]",
    "energy": "[energy:+3]...[/energy]",
}
# What other systems call the same.
SYNONYMS = {
    "break": "pause",
    "silence": "pause",
    "wait": "pause",
    "delay": "pause",
    "speaker": "voice",
    "rate": "pace",
    "speed": "pace",
    "tempo": "pace",
    "prosody": "pace",
    "volume": "energy",
    "loudness": "energy",
}
ALIKE = 0.8  # difflib's similarity, 0 to 1, of a misspelt name: paus is 0.89 from pause


def near_misses(text: str) -> tuple[str, ...]:
    """Notes on what looks like a tag and is read as text.

    Args:
        text: plain text, or text with tags; an SSML document has none.

    Returns:
        Sentences without a full stop, one for each kind of tag.

    Example:
        >>> near_misses("Wait [pause 1] here.")
        ("'[pause 1]' is no tag, and has no effect; write [pause:500ms]",)
    """
    if is_ssml(text):
        return ()
    found: dict[str, str] = {}
    for match in NEAR_TAG.finditer(text):
        if not TAG.fullmatch(match.group()) and (meant := _meant(match)):
            found.setdefault(meant, match.group())
    return tuple(
        f"{quoted(written)} is no tag, and has no effect; write {EXAMPLES[meant]}"
        for meant, written in found.items()
    )


def _meant(match: re.Match[str]) -> str:
    """The name of the tag that something resembles; empty if it is ordinary text."""
    name, value = match["name"].lower(), match["value"] or ""
    if name in EXAMPLES:
        return name if _is_value(value) or name == "pause" or "/" in match.group() else ""
    if not re.search(r"[:=]", value) and not re.search(r"[0-9]", value):
        return ""
    if name in SYNONYMS:
        return SYNONYMS[name]
    alike = get_close_matches(name, EXAMPLES, 1, ALIKE) if value.startswith((":", "=")) else []
    return alike[0] if alike else ""


def _is_value(value: str) -> bool:
    """Whether something is one word or a number, as the value of a tag is."""
    return len(value.strip(" :=_-").split()) == 1
