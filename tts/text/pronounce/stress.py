"""Stress marks in phones: raising and lowering the stress of a word."""

import re

from tts.text.pronounce.ipa import VOWELS

PRIMARY, SECONDARY = "ˈˌ"
STRESSED = re.compile(f"[{PRIMARY}{SECONDARY}]")
# A syllabic consonant carries no stress.
FIRST_VOWEL = re.compile(f"(?=[{VOWELS.replace('ᵊ', '')}])")


def ensure_stress(phones: str, mark: str) -> str:
    """Give a word at least the stress of a mark; an unstressed word gets it at its first vowel.

    Example:
        >>> ensure_stress("hi", SECONDARY), ensure_stress("ˌʌs", PRIMARY)
        ('hˌi', 'ˈʌs')
        >>> ensure_stress("kˈæt", SECONDARY)
        'kˈæt'
    """
    if not STRESSED.search(phones):
        return FIRST_VOWEL.sub(mark, phones, count=1)
    if mark == PRIMARY and PRIMARY not in phones:
        return phones.replace(SECONDARY, PRIMARY)
    return phones


def demote(phones: str) -> str:
    """Lower the primary stress of a word to secondary, and remove other stress marks.

    Example:
        >>> demote("ˈOvəɹˌɔl")
        'ˌOvəɹɔl'
    """
    if PRIMARY not in phones:
        return phones
    return phones.replace(SECONDARY, "").replace(PRIMARY, SECONDARY)
