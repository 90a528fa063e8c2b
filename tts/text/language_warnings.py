"""What an English voice cannot read: letters of other scripts, and text in other languages."""

import re
import unicodedata
from collections.abc import Collection, Mapping

from tts.error_messages import quoted
from tts.text.language_detection import detect_language
from tts.text.normalise.normalise import DEFAULT_TEXT_OPTIONS
from tts.text.options import TextOptions
from tts.text.sections import normalise_document

VOICE_LANGUAGE = "English (US)"
OTHER_LETTER = re.compile(r"[^\W\d_\x00-\u02ff]")
MAX_CHARACTERS = 2000  # of the lines with such letters, that are normalised; chosen by hand
MAX_LETTERS = 5  # of a script, that a message shows
# Names of scripts that are not the first word of their letters' names in Unicode
SCRIPTS = {"Cjk": "Chinese", "Halfwidth": "Japanese"}


def find_unspeakable(
    text: str, reading: TextOptions = DEFAULT_TEXT_OPTIONS
) -> dict[str, tuple[str, ...]]:
    """The letters of a text that are left out, since its language does not have them.

    Args:
        text: plain text, text with tags, or an SSML document.
        reading: the text options.

    Returns:
        For each script the letters, each once, in order. Letters that are read are not among them,
        such as é, and α in a formula.

    Example:
        >>> find_unspeakable("He said да, and π.")
        {'Cyrillic': ('д', 'а')}
    """
    if not OTHER_LETTER.search(text):
        return {}
    if len(text) > MAX_CHARACTERS:
        lines = filter(OTHER_LETTER.search, text.splitlines())
        text = "\n\n".join(lines)[:MAX_CHARACTERS]
    try:
        changes = normalise_document(text, reading).changes
    except ValueError:  # wrong markup is reported when the text is spoken
        return {}
    found: dict[str, dict[str, None]] = {}
    for change in changes:
        if change.rule == "report_unknown":
            original = OTHER_LETTER.findall(text[slice(*change.span)])
            for letter in original or OTHER_LETTER.findall(change.written):
                found.setdefault(_script(letter), {})[letter] = None
    return {script: tuple(letters) for script, letters in found.items()}


def is_speakable(text: str, reading: TextOptions = DEFAULT_TEXT_OPTIONS) -> bool:
    """Whether anything of a text is spoken; wrong markup counts as such, as it is refused later."""
    try:
        return any(map(str.isalpha, normalise_document(text, reading).text))
    except ValueError:
        return True


def language_warnings(text: str, reading: TextOptions = DEFAULT_TEXT_OPTIONS) -> tuple[str, ...]:
    """Warnings on what an English voice leaves out of a text, or reads as if it were English.

    Args:
        text: plain text, text with tags, or an SSML document.
        reading: the text options.

    Returns:
        Sentences without a full stop; none for ordinary English.

    Example:
        >>> language_warnings("Je ne sais pas ce que tu veux.")
        ('the text seems to be French; it is read as English (US)',)
    """
    warnings: list[str] = []
    if unspeakable := find_unspeakable(text, reading):
        warnings.append(f"{_letters(unspeakable)} are left out; {_remedy()}")
    if language := detect_language(text):
        warnings.append(f"the text seems to be {language}; it is read as {VOICE_LANGUAGE}")
    return tuple(warnings)


def explain_no_words(text: str, reading: TextOptions = DEFAULT_TEXT_OPTIONS) -> str:
    """The error message of a text without words, which names letters of other scripts.

    Example:
        >>> explain_no_words("Да").partition(";")[0]
        "no words to speak in 'Да': Cyrillic letters (Д, а) cannot be read"
    """
    unspeakable = find_unspeakable(text, reading)
    why = f": {_letters(unspeakable)} cannot be read; {_remedy()}" if unspeakable else ""
    return f"no words to speak in {quoted(text)}{why}"


def _letters(unspeakable: Mapping[str, Collection[str]]) -> str:
    return " and ".join(
        f"{script} letters ({_some(letters)})" for script, letters in unspeakable.items()
    )


def _some(letters: Collection[str]) -> str:
    more = len(letters) - MAX_LETTERS
    shown = ", ".join(list(letters)[:MAX_LETTERS])
    return f"{shown} and {more} more" if more > 0 else shown


def _remedy() -> str:
    return f"the voices speak {VOICE_LANGUAGE}, so write them in Latin letters"


def _script(letter: str) -> str:
    name = unicodedata.name(letter, "Unknown").split()[0].title()
    return SCRIPTS.get(name, name)
