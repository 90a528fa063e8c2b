import json

import pytest

from tests.phonemes import phonemise
from tts.text.normalise.normalise import normalise
from tts.text.pronounce.dictionary import PAUSE
from tts.text.pronounce.g2p import pronounce
from tts.text.pronounce.lexicon import Lexicon
from tts.text.pronounce.phonemes import phonemise_words
from tts.text.pronounce.sentence import corrections
from tts.text.pronounce.symbols import INVENTORY


def said(text, **sayings):
    return phonemise(normalise(text), Lexicon.of(sayings))


def test_wins_over_all_that_is_known():
    assert said("I read a live record.", read="ˈzuː", live="ˈzaɪ", record="ˈzoʊ") == (
        "ˌI zˈu ə zˈI zˈO."
    )
    assert said("My secretary.", secretary="ˈzuː") == "mˌI zˈu."


def uncorrected(text):
    """How the words of a phrase are said by the dictionary or by espeak-ng."""
    words = [word.split("-") for word in text.split()]
    return " ".join(
        pronounce(parts, ["NNP"] * len(parts), [None] * len(parts), PAUSE).phones for parts in words
    )


@pytest.mark.parametrize(
    ("entry", "text", "heard"),
    [
        ("gif", "A gif, a Gif, a GIF.", 3),
        ("Polish", "Polish it, Polish; do polish it.", 2),
        ("SQL", "We use SQL, not an SQL.", 2),
        ("C++", "We use C++.", 1),
        ("New York", "In New York and new York and York.", 1),
        ("new york", "In New York and new York and York.", 2),
        ("AT&T", "We use AT&T.", 1),
        ("Siobhan", "Siobhan met Siobhan's friend.", 2),
        ("cat", "A cat, two cats, a bobcat.", 1),
    ],
)
def test_holds_where_it_should(entry, text, heard):
    assert said(text, **{entry: "ˈzoɪʒ"}).count("zˈOɪʒ") == heard


def test_a_name_holds_in_capitals():
    lexicon = Lexicon.of({"Polish": "ˈzoɪʒ"})
    assert phonemise("POLISH it, polish it", lexicon) == "zˈOɪʒ ɪt, pˈɑlɪʃ ɪt"


def test_the_longest_phrase_wins():
    sayings = {"york": "ˈɑ", "new york": "ˈi", "new york city": "ˈu"}
    assert said("York, New York, New York City.", **sayings) == "ˈɑ, ˈi, ˈu."


def test_respells():
    assert said("Ask Siobhan.", siobhan="shi vawn") == phonemise("Ask shi vawn.")
    assert said("Ask Siobhan's.", siobhan="shi vawn") == phonemise("Ask shi vawn's.")
    assert said("A kat.", kat="bit") == phonemise("A bit.")
    assert said("A kat.", kat="/bit/") == phonemise("A beet.")


def test_its_words_join_their_neighbours_as_words_do():
    assert said("The X is it.", x="ˈæpl̩") == phonemise("The apple is it.")
    assert said("To X a sofa X, other X is.", x="ɹoʊd") == phonemise(
        "To road a sofa road, other road is."
    )


def test_files_say_the_same(tmp_path):
    table, mapping = tmp_path / "words.tsv", tmp_path / "words.json"
    table.write_text("# names\n\nSiobhan\tʃɪˈvɔːn\nNew York\tnuː ˈjɔːrk\n", encoding="utf-8")
    mapping.write_text(json.dumps({"Siobhan": "ʃɪˈvɔːn", "New York": "nuː ˈjɔːrk"}))
    assert Lexicon.load(table) == Lexicon.load(mapping)
    assert len(Lexicon.load(table).entries) == 4


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "a.tsv",
            "cat\tˈkæt\ndog",
            r"line 2 of .*: expected a word, a tab and its pronunciation, got 'dog'",
        ),
        ("a.tsv", "cat\t", "line 1 of .*: expected a word, a tab"),
        (
            "a.tsv",
            "\n\ncat\tˈkyt",
            r"line 3 of .*: cannot pronounce 'cat' as 'ˈkyt': no such phone: y$",
        ),
        ("a.tsv", "?!\tˈkæt", "line 1 of .*: .* has no word"),
        ("a.tsv", "cat\tˈkæt\ncat\tˈkɑt", "line 2 of .*: 'cat' is there twice"),
        (
            "a.json",
            '{"cat": "ˈkæt",\n"dog": "ˈdyɡ"}',
            "line 2 of .*: cannot pronounce 'dog' as 'ˈdyɡ': no such",
        ),
        ("a.json", '{"cat": "ˈkæt",\n"cat": "ˈkɑt"}', "line 1 of .*: 'cat' is there twice"),
        ("a.json", '{"cat": 1}', r"a\.json: the pronunciation of 'cat' must be text, got 1$"),
        ("a.json", '{"cat": {"a": "b"}}', "the pronunciation of 'cat' must be text, got an object"),
        ("a.json", '{"cat": null}', "the pronunciation of 'cat' must be text, got null"),
        ("a.json", '["cat"]', "must be a JSON object of words and pronunciations, got a list"),
        ("a.json", "[]", "must be a JSON object of words and pronunciations, got a list"),
        ("a.json", "3", "must be a JSON object of words and pronunciations, got 3"),
        ("a.tsv", "cat\tˈkæt\tpet", r"line 1 of .*a\.tsv must have one tab, got 2$"),
        ("a.json", '{"cat":\n}', "cannot read .*: not JSON, line 2"),
    ],
)
def test_says_what_is_wrong_and_where(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        Lexicon.load(path)


def test_a_mapping_is_told_what_is_wrong():
    with pytest.raises(ValueError, match=r"^cannot pronounce 'a' as '123': no such phone: 1 2 3$"):
        Lexicon.of({"a": "123"})
    with pytest.raises(ValueError, match=r"^the lexicon: '[?]' has no word$"):
        Lexicon.of({"?": "a"})


def test_a_folder_is_no_lexicon(tmp_path):
    with pytest.raises(IsADirectoryError, match=f"^not a file: {tmp_path}$"):
        Lexicon.load(tmp_path)


def test_every_correction_is_heard_and_needed():
    for phrase, saying in corrections().entries.items():
        text = " ".join(phrase)
        assert phonemise(text) == saying.phones
        assert set(saying.phones) <= set(INVENTORY)
        if not text.isupper():
            assert {uncorrected(text), uncorrected(text.upper())} != {saying.phones}, text


def test_a_name_says_nothing_of_the_word():
    assert phonemise("Nike") == "nˈIki"
    assert phonemise("nice") == "nˈIs"


def test_a_phrase_gives_each_of_its_words_its_phones():
    lexicon = Lexicon.of({"new york": "nuː ˈjɔːrk", "des moines": "dəˈmɔɪn"})
    spoken = normalise("New York or Des Moines.")
    heard, words = phonemise_words(spoken, lexicon)
    found = [(word.text, heard[word.start : word.stop]) for word in words]
    assert found == [("New", "nu"), ("York", "jˈɔɹk"), ("or", "ɔɹ"), ("Des Moines", "dəmˈYn")]


def test_a_word_is_not_respelt_as_a_sentence():
    assert Lexicon.of({"a": "so " * 8})
    with pytest.raises(ValueError, match="a respelling must have at most 8 words, got 9"):
        Lexicon.of({"a": "so " * 9})
