from collections import defaultdict
from pathlib import Path

import pytest

from tts.text.espeak import alone
from tts.text.heteronyms import heteronyms, senses
from tts.text.ipa import read
from tts.text.matching import distance
from tts.text.normalise import normalise
from tts.text.phonemes import phonemes
from tts.text.words import words

DATA = Path(__file__).parent / "data"
WRITTEN, UNSEEN = DATA / "heteronyms.txt", DATA / "heteronyms_unseen.txt"


def sentences(path):
    """Each sentence that was written for a word in a sense: the word, its phones, whether the
    sentence was held out, and itself."""
    word = phones = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        if line[-1] not in ".?!":
            word, phones = line.split()
            held_out = False
        else:
            yield word, phones, held_out, line
            held_out = not held_out


def is_right(word, phones, sentence):
    spoken = normalise(sentence)
    heard = phonemes(spoken)
    said = next(one for one in words(spoken, heard) if one.text.lower() == word)
    rivals = {sense.phones for sense in senses()[word]}
    return phones == min(rivals, key=lambda rival: distance(rival, heard[said.start : said.stop]))


def share(rows):
    return sum(is_right(*row) for row in rows) / len(rows)


@pytest.mark.parametrize("held_out", [False, True])
def test_says_words_by_their_sense(held_out):
    rows = [
        (word, phones, line) for word, phones, out, line in sentences(WRITTEN) if out == held_out
    ]
    assert share(rows) >= 0.95


def test_says_words_by_their_sense_in_sentences_unseen():
    assert share([(word, phones, line) for word, phones, _, line in sentences(UNSEEN)]) >= 0.95


@pytest.mark.parametrize(("path", "times"), [(WRITTEN, 4), (UNSEEN, 2)])
def test_judges_by_many_words_and_both_senses(path, times):
    counts = defaultdict(lambda: defaultdict(int))
    for word, phones, _, _ in sentences(path):
        counts[word][phones] += 1
    assert len(counts) >= 50
    for word, by_sense in counts.items():
        assert len(by_sense) > 1, word
        assert set(by_sense.values()) == {times}, word


@pytest.mark.parametrize(
    ("sentence", "heard"),
    [
        ("He used to sing.", "jˈust"),
        ("I got used to it.", "jˈust"),
        ("It is used to cut wood.", "jˈuzd"),
        ("They used sand.", "jˈuzd"),
        ("Use it.", "jˈuz"),
        ("Did it record?", "ɹᵻkˈɔɹd"),
        ("She'd never willingly desert us.", "dᵻzˈɜɹt"),
        ("Tom's object is money.", "ˈɑbʤɛkt"),
    ],
)
def test_hears_the_small_words_around(sentence, heard):
    assert heard in phonemes(sentence)


def test_leaves_other_words_alone():
    assert not list(heteronyms(["She", "sang", "a", "song", "."]))


def test_every_sense_is_in_the_symbols():
    for word, known in senses().items():
        for sense in known:
            assert read(sense.phones) == sense.phones, word


@pytest.mark.parametrize("word", ["does", "records", "uses", "refuses", "lives", "houses"])
def test_inflections_have_their_senses(word):
    assert word in senses()


def test_joins_its_neighbours_as_others_do():
    assert phonemes("The use of the object is.") == "ðə jˈus ʌvðɪ ˈɑbʤɛkt ɪz."
    assert alone("does not") in phonemes("It does not.")


@pytest.mark.parametrize("sentence", ["Have you read it yet?", "Has she ever read the letter?"])
def test_questions_in_the_perfect_ask_for_what_is_past(sentence):
    assert is_right("read", "ɹˈɛd", sentence)
