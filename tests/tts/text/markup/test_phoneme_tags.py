import pytest

from tests.phonemes import phonemise
from tts.text.markup.phoneme_tags import extract_phonemes
from tts.text.normalise.languages import rewrites_of
from tts.text.options import TextOptions
from tts.text.pronounce.phonemes import phonemise_words


def plain(text):
    """The words of a text and its given phones, the words normalised."""
    spoken, given = extract_phonemes(text)
    for rewrite in rewrites_of(TextOptions()):
        spoken = rewrite(spoken)
    return spoken, given


def said(text):
    spoken, given = plain(text)
    return phonemise(spoken, None, given)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Say [[fəˈnɛtɪk]] now.", "sˈA fənˈɛtɪk nˈW."),
        ("Ask [Nguyen](/wɪn/), please.", "ˈæsk wˈɪn, plˈiz."),
        ("[[ˈæ]] [[ˈi]]!", "ˈæ ˈi!"),
        ("In [New York](/nuː ˈjɔːrk/)!", "ɪn nu jˈɔɹk!"),
        ("In [New, um, York](/nuː ˈjɔːrk/)!", "ɪn nu jˈɔɹk!"),
        ("[Nguyen](/wɪn/)'s friend", "wˈɪnz fɹˈɛnd"),
        ("The [read](/ˈæpəl/) is", "ði ˈæpᵊl ɪz"),
        ("[1.5](/wʌn/)", "wˈʌn"),
        ("So [a -- b](/wʌn/), no.", "sˌO wˈʌn, nˈO."),
    ],
)
def test_phonemes_are_said_instead_of_words(text, wanted):
    assert said(text) == wanted


@pytest.mark.parametrize("text", ["a [[link]] b", "a [word](/about/) b", "[a](b)", "[[]] [x](/)"])
def test_what_is_no_phonemes_is_text(text):
    spoken, given = extract_phonemes(text)
    assert (spoken.text, given) == (text, {})


def test_words_know_where_they_were_written():
    text = "Say [[fəˈnɛtɪk]] to [Nguyen](/wɪn/) now."
    spoken, given = plain(text)
    heard, words = phonemise_words(spoken, None, given)
    found = [(text[slice(*word.span)], heard[word.start : word.stop]) for word in words]
    assert found == [
        ("Say", "sˈA"),
        ("[[fəˈnɛtɪk]]", "fənˈɛtɪk"),
        ("to", "tə"),
        ("[Nguyen](/wɪn/)", "wˈɪn"),
        ("now", "nˈW"),
    ]


@pytest.mark.parametrize(("text", "place"), [("ab [[ˈkyt]]", 4), ("[a](/ˈ漢/)", 1)])
def test_says_what_is_wrong_and_where(text, place):
    with pytest.raises(ValueError, match=f"at character {place}: no such phone: [y漢]$"):
        extract_phonemes(text)
