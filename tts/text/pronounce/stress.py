"""Marks of stress in phones: at least so much, or one degree less."""

import re

from tts.text.pronounce.ipa import VOWELS

PRIMARY, SECONDARY = "ˈˌ"
STRESSED = re.compile(f"[{PRIMARY}{SECONDARY}]")
# A syllabic consonant carries no stress of its own.
FIRST_VOWEL = re.compile(f"(?=[{VOWELS.replace('ᵊ', '')}])")


def ensure_stress(phones: str, mark: str) -> str:
    """Phones with that stress or more: an unstressed word gets it at its first vowel.

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
    """Phones whose main stress is secondary, and which have no other.

    Example:
        >>> demote("ˈOvəɹˌɔl")
        'ˌOvəɹɔl'
    """
    if PRIMARY not in phones:
        return phones
    return phones.replace(SECONDARY, "").replace(PRIMARY, SECONDARY)
