"""Conversion of IPA, by espeak-ng or by users, to the phoneme symbols of the models."""

import re
import unicodedata

from tts.error_messages import excerpt, quoted
from tts.text.pronounce.symbols import INVENTORY, PHONES, STRESS

SYLLABIC = "\N{COMBINING VERTICAL LINE BELOW}"
FLAPPED = "t\N{COMBINING CARON BELOW}"
# The phones of espeak-ng (en-us, with ties) as the symbols of misaki: one for each diphthong,
# affricate and flap. The shipped voices were trained on phonemes folded by this table.
FOLDS = (
    ("a^ɪ", "I"),
    ("a^ʊ", "W"),
    ("d^ʒ", "ʤ"),
    ("e^ɪ", "A"),
    ("e", "A"),
    ("t^ʃ", "ʧ"),
    ("ɔ^ɪ", "Y"),
    ("ə^l", "ᵊl"),
    ("o^ʊ", "O"),
    ("ɜːɹ", "ɜɹ"),
    ("ɜː", "ɜɹ"),
    ("ɚ", "əɹ"),
    ("ɐ", "ə"),
    ("ɾ", "T"),
    ("ʔ", "t"),
    ("r", "ɹ"),
    ("x", "k"),
)
# Other notations of IPA, and sounds that the inventory lacks, with the nearest symbols of it;
# chosen by hand.
NEAREST = {
    **dict.fromkeys(("aɪ", "ɑɪ", "ai"), "I"),
    **dict.fromkeys(("aʊ", "ɑʊ", "au"), "W"),
    **dict.fromkeys(("eɪ", "ei", "e"), "A"),
    **dict.fromkeys(("oʊ", "əʊ", "ou", "o"), "O"),
    **dict.fromkeys(("ɔɪ", "ɔi"), "Y"),
    **dict.fromkeys(("ɜr", "ɜɹ", "ɜ", "ɝr", "ɝɹ", "ɝ", "ø", "œ"), "ɜɹ"),
    **dict.fromkeys(("ɚr", "ɚɹ", "ɚ", f"r{SYLLABIC}", f"ɹ{SYLLABIC}"), "əɹ"),
    **dict.fromkeys(("eər", "eəɹ"), "ɛɹ"),
    **dict.fromkeys(("or", "oɹ"), "ɔɹ"),
    **dict.fromkeys(("r", "ʀ", "ʁ", "ɻ", "ɽ"), "ɹ"),
    **dict.fromkeys(("x", "χ", "c"), "k"),
    **dict.fromkeys(("g", "ɣ"), "ɡ"),
    **dict.fromkeys(("a", "ɒ"), "ɑ"),
    **dict.fromkeys(("ɐ", "ɘ"), "ə"),
    **dict.fromkeys(("hw", "ʍ"), "w"),
    **dict.fromkeys(("ɾ", FLAPPED), "T"),
    "dʒ": "ʤ",
    "tʃ": "ʧ",
    "ʔ": "t",
    "ɫ": "l",
    "ɨ": "ᵻ",
    "ʉ": "u",
    "ɵ": "ʊ",
    "β": "v",
    "ɲ": "nj",
    "ç": "h",
    "'": "ˈ",
}
# The symbols of the inventory that are no IPA, or an outdated form of it.
WRITTEN = str.maketrans(
    {"A": "eɪ", "I": "aɪ", "O": "oʊ", "W": "aʊ", "Y": "ɔɪ", "T": "ɾ", "ʤ": "dʒ", "ʧ": "tʃ"}
)
VOWELS = "AIOWYiuæɑɔəɛɜɪʊʌᵊᵻ"
REDUCED_VOWELS = "əᵊᵻ"
# Letters and marks that occur only in IPA; é, ç and ø also occur in words.
ONLY_IPA = {one for one in "".join(NEAREST) + PHONES + STRESS + "ː" if ord(one) > 0x24F} | set(
    "æðŋ"
)
SILENT = "ːˑ.‿^()ʰʲʷˠ\N{COMBINING DOUBLE INVERTED BREVE}\N{COMBINING DOUBLE BREVE BELOW}"

DARK = re.compile(f"əl(?![{VOWELS}{STRESS}])")
NEAR = re.compile("|".join(sorted(map(re.escape, NEAREST), key=len, reverse=True)))
LATE = re.compile(f"([{STRESS}])[{STRESS}]*([^{VOWELS}{STRESS} ]*)(?=[{VOWELS}])")
IDLE = re.compile(f"[{STRESS}](?![{VOWELS}])")
FULL_VOWEL = re.compile(f"(?=[{''.join(set(VOWELS) - set(REDUCED_VOWELS))}])")


def fold_espeak_ipa(ipa: str) -> str:
    """Convert phones of espeak-ng to symbols; ties, length marks and unknown phones are dropped."""
    for written, folded in FOLDS:
        ipa = ipa.replace(written, folded)
    ipa = re.sub(f"(.){SYLLABIC}", r"ᵊ\1", ipa)
    return "".join(symbol for symbol in ipa if symbol in INVENTORY)


def parse_ipa(written: str) -> str:
    """Parse phones that a user wrote in IPA, or in the symbols of the inventory.

    Stress marks move to the vowel. Without any, the first full vowel gets primary stress.

    Args:
        written: IPA, with or without slashes or brackets around it.

    Returns:
        Phones in the symbols of the inventory (`tts.text.pronounce.symbols`).

    Raises:
        ValueError: it has characters that are not IPA of American English, or no phone at all.

    Example:
        >>> parse_ipa("/ˈwɔːtɚ/")
        'wˈɔtəɹ'
    """
    ipa = NEAR.sub(lambda match: NEAREST[match.group()], _plain(written))
    ipa = DARK.sub("ᵊl", re.sub(f"(.){SYLLABIC}", r"ᵊ\1", ipa))
    unknown = sorted(set(ipa) - set(PHONES + STRESS + " "))
    if unknown:
        raise ValueError(f"no such phone: {excerpt(' '.join(unknown))}")
    if not set(ipa) & set(PHONES):
        raise ValueError(f"no phones in {quoted(written)}; write at least one")
    stressed = IDLE.sub("", LATE.sub(r"\2\1", ipa))
    if not set(stressed) & set(STRESS):
        stressed = FULL_VOWEL.sub(STRESS[0], stressed, count=1)
    return " ".join(stressed.split())


def write_ipa(phonemes: str) -> str:
    """Write phonemes of the inventory in IPA, as `parse_ipa` reads them.

    Args:
        phonemes: symbols of the inventory (`tts.text.pronounce.symbols`).

    Returns:
        IPA with two letters for each diphthong and affricate. Stress marks stay before the vowel.

    Example:
        >>> write_ipa("ʧˈAnʤ")
        'tʃˈeɪndʒ'
    """
    return phonemes.translate(WRITTEN)


def _plain(written: str) -> str:
    """IPA without delimiters, ties, length marks and diacritics that make no difference here."""
    bare = written.strip().removeprefix("[").removesuffix("]").strip("/ ")
    kept = (SYLLABIC, FLAPPED[1])
    marked = unicodedata.normalize("NFD", bare.replace("ç", "h"))
    return "".join(
        symbol
        for symbol in marked
        if symbol in kept or (symbol not in SILENT and unicodedata.category(symbol) != "Mn")
    ).replace(FLAPPED, "T")


def with_s(phones: str) -> str:
    """The phones of a word with the ending -s: a plural, a possessive or a third person."""
    if phones[-1] in "szʃʒʧʤ":
        return phones + "ᵻz"
    return phones + ("s" if phones[-1] in "pftkθ" else "z")
