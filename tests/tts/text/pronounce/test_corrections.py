"""The corrections: words that neither the dictionary nor espeak-ng says as Americans do."""

from importlib.resources import files

from tts.text.pronounce import ipa
from tts.text.pronounce.homographs import homographs
from tts.text.pronounce.ipa import VOWELS
from tts.text.pronounce.lexicon import Lexicon

TABLE = files("tts.text.pronounce").joinpath("corrections.tsv")


def rows():
    lines = TABLE.read_text("utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if not line.startswith("#")]


def test_each_row_is_a_word_and_its_phones():
    assert [row for row in rows() if len(row) != 2] == []


def test_rows_are_sorted_and_say_nothing_twice():
    words = [word for word, _ in rows()]
    assert words == sorted(set(words), key=lambda word: (word.casefold(), word))


def test_phones_are_written_as_they_are_read():
    assert [(word, phones) for word, phones in rows() if ipa.parse_ipa(phones) != phones] == []


def test_every_word_has_a_syllable():
    assert [word for word, phones in rows() if not set(phones) & set(VOWELS)] == []


def test_the_table_is_a_lexicon():
    with_capitals = Lexicon.of(dict(rows()))
    assert len(list(with_capitals.find(["the", "JSON", "of", "Zendaya", "Foucault's"]))) == 3


def test_no_word_with_several_senses_is_corrected():
    """A sense wins over a correction, which would never be heard."""
    assert [word for word, _ in rows() if word.lower() in homographs()] == []
