import itertools
import random
from pathlib import Path

import pytest

from tts.text.normalise.normalise import normalise
from tts.text.pronounce.alignment import align
from tts.text.pronounce.lexicon import Lexicon
from tts.text.pronounce.phonemes import phonemise_words
from tts.text.pronounce.symbols import PUNCTUATION
from tts.text.pronounce.words import align_words

JOINS = Path(__file__).parents[3] / "data" / "joins.tsv"
LINE = "the in of to be had been for a I did not what you'd want twenty-four FBI use that it at A"


def joins():
    lines = JOINS.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def of(text):
    heard, every = phonemise_words(normalise(text))
    return every, heard


def found(text):
    """The words of a text as they were written, and their phones."""
    every, heard = of(text)
    return [(text[slice(*word.span)], heard[word.start : word.stop]) for word in every]


@pytest.mark.parametrize(("text", "wanted"), joins())
def test_cuts_what_runs_together_between_words(text, wanted):
    """In the phonemes of a corpus whose reader was given some words as one."""
    heard = wanted.replace("|", "")
    marked, end = "", 0
    for word in align_words(normalise(text), heard):
        marked += "|" * (0 < word.start == end) + heard[end : word.stop]
        end = word.stop
    assert marked == wanted


def test_other_punctuation_than_the_text_has_is_refused():
    with pytest.raises(ValueError, match="expected the punctuation of"):
        align_words(normalise("No, no."), "nˈO nˈO.")


def test_knows_enough_joins_to_judge_by():
    assert sum(wanted.count("|") for _, wanted in joins()) >= 60


def lawful(text):
    """The laws of words hold for a text."""
    every, heard = of(text)
    assert all(one.stop <= other.start for one, other in itertools.pairwise(every))
    assert all(one.span <= other.span for one, other in itertools.pairwise(every))
    assert all(word.start < word.stop for word in every), text
    phones = "".join(heard[word.start : word.stop] for word in every)
    silent = str.maketrans("", "", PUNCTUATION + " ")
    assert phones.translate(silent) == heard.translate(silent), text


def test_every_phone_is_in_one_word_and_every_word_has_phones():
    chance = random.Random(0)
    for _ in range(300):
        chosen = chance.choices(LINE.split(), k=chance.randint(1, 14))
        lawful("".join(word + chance.choice((" ", " ", " ", ", ", ". ")) for word in chosen))


def test_the_laws_hold_whatever_the_text():
    chance = random.Random(1)
    for _ in range(150):
        text = "".join(chr(chance.randrange(32, 127)) for _ in range(chance.randint(1, 40)))
        lawful(text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("It's $4.", [("It's", "ˌɪts"), ("$4", "fˈɔɹ"), ("$4", "dˈɑləɹz")]),
        (
            "We won't, Dr. Lee.",
            [("We", "wˌi"), ("won't", "wˈOnt"), ("Dr.", "dˈɑktəɹ"), ("Lee", "lˈi")],
        ),
        ("A twelve-year-old", [("A", "ə"), ("twelve-year-old", "twˈɛlvjˌɪɹˈOld")]),
        ("in the sun", [("in", "ɪn"), ("the", "ðə"), ("sun", "sˈʌn")]),
    ],
)
def test_words_stand_for_what_was_written(text, wanted):
    assert found(text) == wanted


def test_numbers_stand_for_their_digits():
    assert {written for written, _ in found("1,234")} == {"1,234"}
    assert len(found("1,234")) >= 5


def test_words_of_no_text_are_none():
    assert of("")[0] == of("?!")[0] == ()


@pytest.mark.parametrize(
    ("heard", "wanted", "slices"),
    [
        ("", [], []),
        ("kˈæt", ["kˈæt"], [[(0, 4)]]),
        ("kˈæt", ["", "kˈæt"], [[(0, 0)], [(0, 4)]]),
        ("lˈʌnʧ ɹum", ["lˈʌnʧɹum"], [[(0, 5), (6, 9)]]),
        ("ɪnðə", ["ˈɪn", "ðə"], [[(0, 2)], [(2, 4)]]),
        ("ə", ["ə", "kˈæt"], [[(0, 1)], [(1, 1)]]),
        ("a b c d e f g h i j", ["x"], [[(place, place + 1) for place in range(0, 19, 2)]]),
    ],
)
def test_cuts_anything(heard, wanted, slices):
    assert align(heard, wanted) == slices


def test_a_word_knows_why_it_is_not_said_as_usual():
    spoken = normalise("Yesterday I read of the abstract and Qix.")
    _, every = phonemise_words(spoken, Lexicon.of({"Qix": "kˈɪks"}))
    told = {word.text: word.reason.partition(":")[0] for word in every}
    assert {text: why for text, why in told.items() if why} == {
        "read": "homograph",
        "abstract": "homograph",
        "Qix": "lexicon",
    }
