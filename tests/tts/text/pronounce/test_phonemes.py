import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.phonemes import phonemise
from tts.text.normalise.normalise import normalise
from tts.text.pronounce.lexicon import Lexicon
from tts.text.pronounce.symbols import INVENTORY

LINE = "the quick brown author of a letter to George in nineteen oh eight was bitten there"


def lines(count):
    chance = random.Random(0)
    return [
        " ".join(chance.choices(LINE.split(), k=chance.randint(1, 12))) + "." for _ in range(count)
    ]


# As the reader of the corpus was given them, which fixes what the symbols mean.
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("You have heard him say so fifty times.", "jˌu hæv hˈɜɹd hˌɪm sˈA sˌO fˈɪfti tˈImz."),
        (
            "He has died within ten seconds of being bitten.",
            "hˌi hæz dˈId wɪðˈɪn tˈɛn sˈɛkəndz ʌv bˈiɪŋ bˈɪtn.",
        ),
        ("I have a right to think, said Alice.", "ˌI hæv ə ɹˈIt tə θˈɪŋk, sˈɛd ˈælɪs."),
        ("Why should it? muttered the Hatter.", "wˌI ʃˌʊd ɪt? mˈʌTəɹd ðə hˈæTəɹ."),
        ("many years' experience; joy!", "mˈɛni jˈɪɹz ɪkspˈɪɹiəns; ʤˈY!"),
        ("a twelve-year-old girl", "ə twˈɛlvjˌɪɹˈOld ɡˈɜɹl"),
        ("the children in the house", "ðə ʧˈɪldɹᵊn ɪn ðə hˈWs"),
        ("", ""),
        ("?", "?"),
    ],
)
def test_speaks_the_symbols_of_the_corpus(text, wanted):
    assert phonemise(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("FBI", "ˌɛfbˌiˈI"),
        ("at nine A M sharp", "æt nˈIn ˈA ˈɛm ʃˈɑɹp"),
        ("Gerald A Behn", "ʤˈɛɹᵊld ˈA bˈAn"),
        ("A cat", "ə kˈæt"),
    ],
)
def test_spells_letters_but_not_the_article(text, wanted):
    assert phonemise(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("the FBI", "ði ˌɛfbˌiˈI"),
        ("the F.B.I.'s men", "ði ˌɛfbˌiˈIz mˈɛn"),
        ("an FBI-led raid", "ən ˌɛfbˌiˈIlˌɛd ɹˈAd"),
        ("an ex-CIA man", "ən ˌɛkssˌiˌIˈA mˈæn"),
        ("a U.S.-led force", "ə jˌuˈɛslˌɛd fˈɔɹs"),
        ("A. Smith came", "ˈA smˈɪθ kˈAm"),
        ("A would-be poet", "ə wˈʊdbˌi pˈOət"),
        ("A to-do list", "ə tədˈu lˈɪst"),
        ("The can is full", "ðə kˈæn ɪz fˈʊl"),
        ("It was my will", "ˌɪt wʌz mI wˈɪl"),
    ],
)
def test_says_letters_and_small_words_by_what_they_stand_in(text, wanted):
    assert phonemise(normalise(text)) == wanted


def test_a_part_of_a_compound_is_said_as_the_lexicon_or_a_correction_has_it():
    lexicon = Lexicon.of({"foo": "ˈziʒi"})
    assert "ziʒi" in phonemise("foo-bar", lexicon).replace("ˈ", "")
    assert "ziʒi" in phonemise("pre-foo", lexicon).replace("ˈ", "")
    assert phonemise("TikTok-famous").startswith(phonemise("TikTok"))


@pytest.mark.parametrize("convention", ["misaki", "espeak"])
def test_what_a_user_asks_for_is_said_in_any_convention(convention):
    lexicon = Lexicon.of({"he": "hˌi"})
    assert phonemise("He is", lexicon, convention=convention) == "hˌi ɪz"
    assert phonemise("He is", phone_overrides={(0, 2): "hˌi"}, convention=convention) == "hˌi ɪz"


def test_marks_stand_after_words_and_before_spaces():
    assert phonemise("no , no;no ! no") == "nˈO, nˈO; nˈO! nˈO"


def test_lands_in_the_inventory_whatever_the_text():
    chance = random.Random(0)
    for _ in range(400):
        text = "".join(
            chr(chance.choice((chance.randrange(32, 127), chance.randrange(0x11000))))
            for _ in range(chance.randint(1, 30))
        )
        assert set(phonemise(text)) <= set(INVENTORY), text
        assert set(phonemise(normalise(text).text)) <= set(INVENTORY), text


def test_speaks_no_language_but_english():
    assert phonemise("naïve 日本 Привет हिन्दी") == phonemise("na ve")


def test_threads_hear_what_one_hears():
    texts = lines(60)
    alone = [phonemise(text) for text in texts]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda _: [phonemise(text) for text in texts], range(4)))
    assert together == [alone] * 4


def test_processes_hear_the_same_in_silence_and_without_torch():
    code = (
        "import sys; from tts.text.pronounce.espeak import _backend\n"
        "from tts.text.pronounce.phonemes import phonemise_words\n"
        "assert not _backend.cache_info().currsize\n"
        "said = phonemise_words('bonjour, déjà vu')[0] + phonemise_words(sys.argv[1])[0]\n"
        "assert 'torch' not in sys.modules\n"
        "sys.stdout.buffer.write(said.encode())"
    )
    text = " ".join(lines(5))
    done = subprocess.run(
        [sys.executable, "-c", code, text],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout.decode() == phonemise("bonjour, déjà vu") + phonemise(text)
    assert done.stderr == b""
