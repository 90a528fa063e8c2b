import dataclasses
import random

import pytest

from tts.text.pronounce.symbols import (
    INVENTORY,
    PHONES,
    PUNCTUATION,
    STRESS,
    VOICED,
    VOICELESS,
    PhonemeTokenizer,
)

SYMBOLS = PhonemeTokenizer(inventory=INVENTORY)


def test_a_token_is_the_place_of_its_symbol():
    phonemes = "".join(random.Random(0).choices(INVENTORY, k=500))
    assert "".join(INVENTORY[token - 1] for token in SYMBOLS.encode(phonemes)) == phonemes


def test_leaves_zero_to_the_padding():
    assert SYMBOLS.encode(INVENTORY) == list(range(1, 53))


def test_every_symbol_is_a_space_a_mark_or_a_phone_voiced_or_not():
    parts = [" ", PUNCTUATION, STRESS, VOICED, VOICELESS]
    assert sorted("".join(parts)) == sorted(INVENTORY)
    assert set(PHONES) == set(VOICED) | set(VOICELESS)


@pytest.mark.parametrize("phonemes", ["hˈʘl", "a", "ə\n", "ˈ'"])
def test_refuses_what_is_not_in_the_inventory(phonemes):
    with pytest.raises(ValueError, match="phonemes must be among"):
        SYMBOLS.encode(phonemes)


@pytest.mark.parametrize("inventory", ["", "aba"])
def test_refuses_an_inventory_that_is_no_map(inventory):
    with pytest.raises(ValueError, match="an inventory must have each symbol once, got"):
        PhonemeTokenizer(inventory=inventory)


def test_is_no_more_than_its_inventory():
    assert dataclasses.asdict(SYMBOLS) == {"inventory": INVENTORY}
