"""IPA to the symbols of the models: what espeak-ng writes, and what people write."""

import re
import unicodedata

from tts.error_messages import excerpt, quoted
from tts.text.pronounce.symbols import INVENTORY, PHONES, STRESS

SYLLABIC = "\N{COMBINING VERTICAL LINE BELOW}"
FLAPPED = "t\N{COMBINING CARON BELOW}"
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
# What the voices never learnt is the nearest sound that they did.
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
VOWELS = "AIOWYiuæɑɔəɛɜɪʊʌᵊᵻ"
REDUCED_VOWELS = "əᵊᵻ"
# Letters and marks that say a text is IPA; words have é, ç and ø as well.
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
    """One character a phone of espeak-ng's; ties, lengths and what English lacks are dropped."""
    for written, folded in FOLDS:
        ipa = ipa.replace(written, folded)
    ipa = re.sub(f"(.){SYLLABIC}", r"ᵊ\1", ipa)
    return "".join(symbol for symbol in ipa if symbol in INVENTORY)


def parse_ipa(written: str) -> str:
    """The phones that a person wrote in IPA, or in the symbols themselves.

    A mark of stress goes to the vowel; where there is none, the first full vowel is stressed.
    """
    ipa = NEAR.sub(lambda match: NEAREST[match.group()], _plain(written))
    ipa = DARK.sub("ᵊl", re.sub(f"(.){SYLLABIC}", r"ᵊ\1", ipa))
    unknown = sorted(set(ipa) - set(PHONES + STRESS + " "))
    if unknown or not set(ipa) & set(PHONES):
        raise ValueError(
            f"expected IPA, of the phones {PHONES}, not {quoted(written)}"
            + (
                f"; take out {excerpt(' '.join(unknown))}"
                if unknown
                else "; write at least one phone"
            )
        )
    stressed = IDLE.sub("", LATE.sub(r"\2\1", ipa))
    if not set(stressed) & set(STRESS):
        stressed = FULL_VOWEL.sub(STRESS[0], stressed, count=1)
    return " ".join(stressed.split())


def _plain(written: str) -> str:
    """Without delimiters, ties, lengths, and any diacritic that makes no difference here."""
    bare = written.strip().removeprefix("[").removesuffix("]").strip("/ ")
    kept = (SYLLABIC, FLAPPED[1])
    marked = unicodedata.normalize("NFD", bare.replace("ç", "h"))
    return "".join(
        symbol
        for symbol in marked
        if symbol in kept or (symbol not in SILENT and unicodedata.category(symbol) != "Mn")
    ).replace(FLAPPED, "T")


def with_s(phones: str) -> str:
    """The phones of a plural, a possessive or a third person."""
    if phones[-1] in "szʃʒʧʤ":
        return phones + "ᵻz"
    return phones + ("s" if phones[-1] in "pftkθ" else "z")
