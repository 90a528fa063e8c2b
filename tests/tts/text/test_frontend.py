import re
import tracemalloc
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.phonemes import phonemise
from tts.text.frontend import prepare_utterances
from tts.text.markup.tags import NEUTRAL, Prosody
from tts.text.normalise.normalise import TextOptions, normalise
from tts.text.normalise.trace import trace_text
from tts.text.pronounce.lexicon import Lexicon
from tts.text.pronounce.part_of_speech import tag_words
from tts.text.sections import SECTION_CHARACTERS, normalise_document, split_sections
from tts.text.sentences import split_sentences

PIECES = [
    "[pause:1s]",
    "[pace:0.5]",
    "[/pace]",
    "[voice:heart]",
    "[/voice]",
    "[[ˈæ]]",
    "[x](/ˈæ/)",
    "Dr. Lee",
    "$5",
    " ",
    "\n\n",
]
PIECES += ["It was late.", "no", "日", "- a", "A Title", "(", "…", "<p>"]
PROSE = """
Chapter One

"Is it late?" she asked, and Dr. Lee -- who had paid $5.20 -- said: no. He left...

Buy:

- milk
- two eggs,

1. one
2. two!

It was the 3rd of May. The U.S. Army, e.g., went home

The end
"""


def lines(text, **options):
    return [(line.spoken.text, line.pause) for line in prepare_utterances(text, **options)]


def tones(text):
    """The words of a text, each with the tones of its symbols."""
    return [
        (word.text, set(line.prosody[word.start : word.stop]))
        for line in prepare_utterances(text)
        for word in line.words
    ]


@pytest.mark.parametrize("text", [PROSE, "Hello there. Goodbye.", "", "  ", "...", "One,\n\ntwo"])
def test_without_markup_it_is_what_sentences_are(text):
    usual = [(one.text, one.pause) for one in split_sentences(normalise(text), text)]
    assert lines(text) == usual
    for line, sentence in zip(
        prepare_utterances(text), split_sentences(normalise(text), text), strict=True
    ):
        assert line.phonemes == phonemise(sentence.spoken)
        assert line.spoken.spans == sentence.spans
        assert line.prosody == (NEUTRAL,) * len(line.phonemes)


@pytest.mark.parametrize(
    "text", [PROSE, "[pace:0.8]One is.[/pace] Two", "<speak>One is. Two is.</speak>"]
)
def test_each_sentence_is_tagged_and_pronounced_once(text, monkeypatch):
    tagged = []

    def listen(words):
        tagged.append(tuple(words))
        return tag_words(words)

    monkeypatch.setattr("tts.text.pronounce.sentence.tag_words", listen)
    found = [line for line in prepare_utterances(text) if line.phonemes]
    assert len(tagged) == len(found) > 1
    assert all(line.words for line in found)


@pytest.mark.parametrize("block", [1, 30, 100])
def test_a_long_text_is_read_in_blocks_that_make_no_difference(block, monkeypatch):
    text = PROSE * 3
    whole = lines(text)
    monkeypatch.setattr("tts.text.sections.SECTION_CHARACTERS", block)
    assert lines(text) == whole


def test_a_book_is_read_as_it_is_asked_for():
    book = "It was late, and she had paid $5 for the book.\n\n" * 20_000
    list(islice(prepare_utterances(book[:9000]), 100))
    tracemalloc.start()
    count = sum(1 for _ in islice(prepare_utterances(book), 100))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 100
    assert peak < 8 * len(book)


def test_tags_do_not_keep_a_book_together():
    book = "It was [pitch:+2]late[/pitch].\n\n" * 2000
    assert (
        max(len(section.spoken.text) for section in islice(split_sections(book), 5))
        < SECTION_CHARACTERS
    )


@settings(max_examples=300, deadline=None)
@given(some.lists(some.sampled_from(PIECES), max_size=12).map("".join))
def test_every_character_is_accounted_for(text):
    try:
        spoken = normalise_document(text)
    except ValueError:
        assert re.search(r"\[/?(pace|voice)", text)
        return
    passages = trace_text(text, spoken)
    assert "".join(passage.written for passage in passages) == text
    assert "".join(passage.spoken for passage in passages) == spoken.text
    assert all(passage.rules or passage.spoken == passage.written for passage in passages)
    for line in prepare_utterances(text):
        assert len(line.prosody) == len(line.phonemes)
        assert line.spoken.text in spoken.text
        assert all(0 <= word.span[0] < word.span[1] <= len(text) for word in line.words)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("I think [pause:500ms] we go.", [("I think", 0.5), ("we go.", 0)]),
        ("One. [pause:2s] Two.", [("One.", 2), ("Two.", 0)]),
        ("One.\n\n[pause:0s]\n\nTwo.", [("One.", 0), ("Two.", 0)]),
        ("One. [pause:1s][pause:500ms] Two.", [("One.", 1.5), ("Two.", 0)]),
        ("[pause:1s]One. Two.[pause:2s]", [("", 1), ("One.", 0.25), ("Two.", 2)]),
        ("[pause:1s]", []),
        ("<speak>a<break time='1s'/>b</speak>", [("a", 1), ("b", 0)]),
        ("<speak>a<break time='1s'></break>b</speak>", [("a", 1), ("b", 0)]),
        ("<speak><p>a</p> <p>b</p></speak>", [("a.", 0.6), ("b.", 0)]),
        ("<speak><s>a</s> <s>b</s></speak>", [("a.", 0.25), ("b.", 0)]),
        ("<speak><p>a</p><break time='1s'/><p>b</p></speak>", [("a.", 1), ("b.", 0)]),
        ("<speak><p><s>a</s></p><p><s>b</s></p></speak>", [("a.", 0.6), ("b.", 0)]),
        ("<speak>It is.\n\nSo.</speak>", [("It is.", 0.25), ("So.", 0)]),
    ],
)
def test_pauses_are_as_they_were_asked_for(text, wanted):
    assert lines(text) == wanted


def test_tones_are_those_of_their_words():
    slow = Prosody(pace=0.5)
    text = "One [pace:0.5]$2, [pitch:+2]three[/pitch][/pace] fo[energy:+3]ur.[/energy]"
    assert tones(text) == [
        ("One", {NEUTRAL}),
        ("two", {slow}),
        ("dollars", {slow}),
        ("three", {Prosody(pace=0.5, pitch=2)}),
        ("four", {NEUTRAL}),
    ]


def test_what_stands_between_words_has_the_tone_of_the_word_before():
    (line,) = prepare_utterances("One, [pace:0.5]two[/pace], three.")
    slow = [
        symbol for symbol, tone in zip(line.phonemes, line.prosody, strict=True) if tone != NEUTRAL
    ]
    assert "".join(slow) == "tˈu, "


def test_words_stand_for_what_was_written():
    text = "Ask [[wˈɪn]] and [Ng](/wˈɪn/)[pause:1s] for $5 to [[ɡˈʌ]]"
    found = [
        (text[slice(*word.span)], line.phonemes[word.start : word.stop])
        for line in prepare_utterances(text)
        for word in line.words
    ]
    assert found[:4] == [
        ("Ask", "ˈæsk"),
        ("[[wˈɪn]]", "wˈɪn"),
        ("and", "ænd"),
        ("[Ng](/wˈɪn/)", "wˈɪn"),
    ]
    assert found[4:] == [
        ("for", "fɔɹ"),
        ("$5", "fˈIv"),
        ("$5", "dˈɑləɹz"),
        ("to", "tə"),
        ("[[ɡˈʌ]]", "ɡˈʌ"),
    ]


def test_phonemes_in_ssml_are_said():
    (line,) = prepare_utterances(
        '<speak>A <phoneme ph="ˈæpəl">pear</phoneme>, <sub alias="to">x</sub></speak>'
    )
    assert line.phonemes == "ə ˈæpᵊl, tu"


def test_a_lexicon_and_a_reading_are_heeded():
    lexicon = Lexicon.of({"Nguyen": "wɪn"})
    (line,) = prepare_utterances("Nguyen, on 3/4/2025", TextOptions(day_first=True), lexicon)
    assert line.phonemes.startswith("wˈɪn")
    assert "April third" in line.spoken.text


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("One. " * 9000 + "[pause:x]", "at character 45001: time must be such as"),
        ("<speak>" + "One. " * 9000 + "<x/></speak>", "<x>: unknown element; elements: speak"),
    ],
)
def test_wrong_markup_is_refused_before_anything_is_read(text, wrong):
    with pytest.raises(ValueError, match=wrong):
        prepare_utterances(text)


@pytest.mark.parametrize(
    "text", ["a " * 140, "[a](/" + "æ" * 2000 + "/)", "[[" + "æ" * 2000 + "]]"]
)
def test_a_line_is_never_longer_than_can_be_thought_of_at_once(text):
    lexicon = Lexicon.of({"a": "/" + "æ" * 190 + "/"})
    with pytest.raises(ValueError, match="a sentence must have at most 1500 phonemes, got"):
        list(prepare_utterances(text, lexicon=lexicon))
