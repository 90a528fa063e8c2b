import pytest

from tests.growth import grows_like_its_length
from tts.text.pronounce.dictionary import PAUSE, VOWEL
from tts.text.pronounce.g2p import CONSONANT, ESPEAK, onset_class, pronounce, spell
from tts.text.pronounce.inflection import inflect, stems
from tts.text.pronounce.stress import PRIMARY, SECONDARY, demote, ensure_stress
from tts.text.pronounce.symbols import INVENTORY


def said(word, tag="NN", following=CONSONANT):
    parts = word.split("-")
    return pronounce(parts, [tag] * len(parts), [None] * len(parts), following).phones


@pytest.mark.parametrize(
    ("word", "tag", "following", "phones"),
    [
        ("I", "PRP", CONSONANT, "ˌI"),
        ("I", "PRP", PAUSE, "ˌI"),
        ("A", "DT", CONSONANT, "ə"),
        ("an", "DT", VOWEL, "ən"),
        ("the", "DT", CONSONANT, "ðə"),
        ("The", "DT", VOWEL, "ði"),
        ("THE", "DT", VOWEL, "ði"),
        ("to", "TO", CONSONANT, "tə"),
        ("to", "TO", VOWEL, "tʊ"),
        ("to", "TO", PAUSE, "tu"),
        ("in", "IN", CONSONANT, "ɪn"),
        ("in", "RP", CONSONANT, "ˈɪn"),
        ("In", "IN", PAUSE, "ˈɪn"),
        ("for", "IN", CONSONANT, "fɔɹ"),
        ("by", "IN", CONSONANT, "bI"),
        ("by", "RB", CONSONANT, "bˈI"),
        ("can", "MD", PAUSE, "kˈæn"),
        ("can", "MD", VOWEL, "kæn"),
        ("am", "VBP", CONSONANT, "əm"),
        ("Am", "VBP", PAUSE, "æm"),
    ],
)
def test_small_words_are_said_by_what_comes_after_them(word, tag, following, phones):
    assert said(word, tag, following) == phones


@pytest.mark.parametrize(
    ("word", "tag", "phones"),
    [
        ("record", "NN", "ɹˈɛkəɹd"),
        ("record", "VB", "ɹəkˈɔɹd"),
        ("records", "VBZ", "ɹəkˈɔɹdz"),
        ("records", "NNS", "ɹˈɛkəɹdz"),
        ("underground", "RB", "ˌʌndəɹɡɹˈWnd"),
        ("underground", "JJ", "ˈʌndəɹɡɹˌWnd"),
    ],
)
def test_a_word_is_said_by_its_part_of_speech(word, tag, phones):
    assert said(word, tag) == phones


def test_the_part_of_speech_that_decides_is_the_reason():
    assert pronounce(["record"], ["VB"], [None], PAUSE).reason == "part of speech: verb (VB)"
    assert pronounce(["cat"], ["NN"], [None], PAUSE).reason == ""


@pytest.mark.parametrize(
    ("word", "tag", "phones"),
    [
        ("he", "PRP", "hi"),
        ("He", "PRP", "hˌi"),
        ("HE", "PRP", "hˈi"),
        ("And", "CC", "ˌænd"),
        ("Cat", "NN", "kˈæt"),
        ("IT", "PRP", "ˈɪt"),
        ("IT", "NN", "ˌItˈi"),
        ("FBI", "NNP", "ˌɛfbˌiˈI"),
        ("FBI's", "NNP", "ˌɛfbˌiˈIz"),
        ("NASA", "NNP", "nˈæsə"),
        ("b", "NN", "bˈi"),
        ("B", "NN", "bˈi"),
    ],
)
def test_capitals_stress_a_word_or_spell_it(word, tag, phones):
    assert said(word, tag) == phones


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("cats", "kˈæts"),
        ("dog's", "dˈɔɡz"),
        ("dogs'", "dˈɔɡz"),
        ("boxes", "bˈɑksᵻz"),
        ("Kiplings", "kˈɪplɪŋz"),
        ("wafted", "wˈɑftᵻd"),
        ("tweeted", "twˈiTᵻd"),
        ("texting", "tˈɛkstɪŋ"),
        ("twerking", "twˈɜɹkɪŋ"),
        ("blogging", "blˈɑɡɪŋ"),
        ("vaping", "vˈApɪŋ"),
    ],
)
def test_inflections_are_said_by_their_stems(word, phones):
    assert said(word) == phones


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("ties", {("tie", "s")}),
        ("parties", {("partie", "s"), ("party", "s")}),
        ("boxes", {("boxe", "s"), ("box", "s")}),
        ("glass", set()),
        ("stopped", {("stoppe", "ed"), ("stopp", "ed")}),
        ("freed", {("free", "ed")}),
        ("stopping", {("stopp", "ing"), ("stoppe", "ing"), ("stop", "ing")}),
        ("king", set()),
        ("", set()),
    ],
)
def test_stems_are_what_an_ending_leaves(word, found):
    assert set(stems(word)) == found


@pytest.mark.parametrize(
    ("phones", "ending", "wanted"),
    [
        ("ɹˈɪb", "s", "ɹˈɪbz"),
        ("mˈæʧ", "s", "mˈæʧᵻz"),
        ("lˈæf", "ed", "lˈæft"),
        ("nˈid", "ed", "nˈidᵻd"),
        ("fˈæst", "ed", "fˈæstᵻd"),
        ("hˈAt", "ed", "hˈATᵻd"),
        ("t", "ed", "tᵻd"),
        ("hˈAt", "ing", "hˈATɪŋ"),
        ("fˈæst", "ing", "fˈæstɪŋ"),
    ],
)
def test_endings_sound_by_what_they_follow(phones, ending, wanted):
    assert inflect(phones, ending) == wanted


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("well-being", "wˈɛlbˌiɪŋ"),
        ("twelve-year-old", "twˈɛlvjˌɪɹˈOld"),
        ("T-shirt", "tˈiʃˌɜɹt"),
        ("bad-tempered", "bˈædtˌɛmpəɹd"),
        ("re-examined", "ɹˌiɪɡzˈæmənd"),
        ("de-icing", "dˌiˈIsɪŋ"),
        ("to-and-fro", "tʊændfɹˈO"),
    ],
)
def test_compounds_stress_half_of_their_parts_less(word, phones):
    assert said(word) == phones


def test_a_word_of_several_words_is_said_as_they_are():
    assert said("YouTube") == "jˈutˌub"


def test_what_no_dictionary_has_is_said_by_espeak_and_says_so():
    found = pronounce(["blorfing"], ["NN"], [None], PAUSE)
    assert found.reason == ESPEAK
    assert found.phones
    assert set(found.phones) <= set(INVENTORY)


def test_a_very_long_word_is_spelt():
    assert said("x" * 70).count("ˈɛks") == 70


@pytest.mark.parametrize("piece", ["'s", "s'", "'S", "a", "aB", "Ab", "x-"])
def test_a_long_word_takes_no_longer_than_its_parts(piece):
    assert grows_like_its_length(lambda text: said(text), piece)


def test_letters_are_said_as_one_word():
    assert spell("USA") == "jˌuˌɛsˈA"
    assert spell("x") == "ˈɛks"
    assert spell("") == ""


@pytest.mark.parametrize(
    ("phones", "wanted"),
    [
        ("ˈæpᵊl", VOWEL),
        ("kˈæt", CONSONANT),
        ("", PAUSE),
        ("ə", PAUSE),
        ("ən", CONSONANT),
        ("əbˈWt", VOWEL),
    ],
)
def test_a_word_begins_with_a_vowel_or_not(phones, wanted):
    assert onset_class(phones) == wanted


def test_stress_is_given_where_there_is_none():
    assert ensure_stress("hi", SECONDARY) == "hˌi"
    assert ensure_stress("kˈæt", SECONDARY) == "kˈæt"
    assert ensure_stress("ˌʌs", PRIMARY) == "ˈʌs"
    assert ensure_stress("ᵊn", PRIMARY) == "ᵊn"


def test_stress_is_taken_by_one_degree():
    assert demote("ˈOvəɹˌɔl") == "ˌOvəɹɔl"
    assert demote("ˌʌs") == "ˌʌs"
