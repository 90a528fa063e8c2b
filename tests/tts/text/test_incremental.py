import json
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tts.text.frontend import prepare_utterances
from tts.text.incremental import IncrementalText, TextChunk
from tts.text.pauses import (
    BREATH_PAUSE_SECONDS,
    HEADING_PAUSE_SECONDS,
    ITEM_PAUSE_SECONDS,
    PARAGRAPH_PAUSE_SECONDS,
    SENTENCE_PAUSE_SECONDS,
)

TEXTS = Path(__file__).parents[3] / "benchmarks" / "texts.jsonl"
SENTENCES = [
    json.loads(line)["text"] for line in TEXTS.read_text(encoding="utf-8").splitlines()[:40]
]


def arrived(*stretches):
    """All parts of a text that came in these stretches."""
    arriving = IncrementalText()
    return [part for stretch in stretches for part in arriving.feed(stretch)] + arriving.flush()


def texts(parts):
    return [part.text for part in parts]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Hello. How are you? I am", ["Hello. ", "How are you? ", "I am"]),
        ("Hello. Ho", ["Hello. Ho"]),
        ("Ask Dr. Smith of St. Louis. He knows", ["Ask Dr. Smith of St. Louis. ", "He knows"]),
        ("It cost $3.14 at 5 p.m. on Jan. 5 or so", ["It cost $3.14 at 5 p.m. on Jan. 5 or so"]),
        ("Wait... what? Well, no one", ["Wait... what? ", "Well, no one"]),
        ("“Go!” “Why?” he asked", ["“Go!” ", "“Why?” he asked"]),
        ("Hi! 😊 How are you? 😊", ["Hi! 😊 ", "How are you? 😊"]),
        ("One line\nAnother line", ["One line\n", "Another line"]),
        ("One line\r\n\r\nAnother line", ["One line\r\n\r\n", "Another line"]),
        ("a title\n\n", ["a title\n\n"]),
        ("- tea\n- milk\n- bread and", ["- tea\n", "- milk\n", "- bread and"]),
        ("I [pace:2]do. So do[/pace] we. A b", ["I [pace:2]do. So do[/pace] we. ", "A b"]),
        ("Oh. [pace:2]It is. So[/pace] long", ["Oh. ", "[pace:2]It is. So[/pace] long"]),
        ("Wait. [pause: 1 s] Go on. Now", ["Wait. [pause: 1 s] ", "Go on. Now"]),
        ("[pace:9]Wrong. So it is.[/pace] Yes it", ["[pace:9]Wrong. So it is.[/pace] Yes it"]),
        ("See [a. b](/ə/). He did", ["See [a. b](/ə/). ", "He did"]),
        ("<speak>A. B is. </speak> C is. D is", ["<speak>A. B is. </speak>", " C is. ", "D is"]),
        ("", []),
    ],
)
def test_gives_a_sentence_once_the_next_has_begun(text, wanted):
    assert texts(arrived(text)) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("One is. Two is", SENTENCE_PAUSE_SECONDS),
        ("One is.\n\n", PARAGRAPH_PAUSE_SECONDS),
        ("One\n\n", HEADING_PAUSE_SECONDS),
        ("# One\nTwo is", HEADING_PAUSE_SECONDS),
        ("Buy:\n- milk and", ITEM_PAUSE_SECONDS),
        ("word, " * 120, BREATH_PAUSE_SECONDS),
        ("One is. [pause:2s] Two is", 0),
        ("One is.\n[pause:2s] Two is", 0),
        ("One is.", 0),
    ],
)
def test_knows_the_silence_after_a_part(text, wanted):
    assert arrived(text)[0].pause == wanted


WORDS = some.sampled_from(
    ["Dr.", "Hello", "and", "it.", "so?", "3.14", "“Oh!”", "[pace:2]", "[/pace]", "[pause:1s]", "[",
     "[[a", "ˈaɪ]]", "😊", "...", "-", "2.", "<speak>", "</speak>", "etc.", "\ufeff", "x" * 90]
)  # fmt: skip
SPACES = some.sampled_from([" ", "  ", "\n", "\n\n", "\r\n", "\r", "", "\u2029"])
PAGES = some.lists(some.tuples(WORDS, SPACES), max_size=25).map(
    lambda pairs: "".join(word + space for word, space in pairs)
)


@settings(deadline=None, max_examples=60)
@given(text=PAGES, places=some.lists(some.integers(0, 300), max_size=12))
def test_is_the_same_however_it_is_cut(text, places):
    places = [0, *sorted(min(place, len(text)) for place in places), len(text)]
    pairs = list(pairwise(places))
    whole = arrived(text)
    assert arrived(*(text[start:stop] for start, stop in pairs)) == whole
    assert arrived(*text) == whole
    assert "".join(texts(whole)) == text
    for part in whole:
        assert text[part.start :].startswith(part.text)


@settings(deadline=None, max_examples=15)
@given(
    some.lists(
        some.tuples(some.sampled_from(SENTENCES), some.sampled_from(" \n") | some.just("\n\n")),
        min_size=1,
        max_size=6,
    )
)
def test_parts_are_said_as_the_whole_is(pairs):
    text = "".join(sentence + gap for sentence, gap in pairs)
    parts = arrived(text)
    said = [(line.spoken.text, part) for part in parts for line in prepare_utterances(part.text)]
    whole = list(prepare_utterances(text))
    assert [said for said, _ in said] == [line.spoken.text for line in whole]
    if len(parts) == len(whole):
        assert [part.pause for part in parts][:-1] == [line.pause for line in whole][:-1]


def test_a_long_sentence_is_given_where_one_breathes():
    parts = arrived("one two three, " * 100)
    assert len(parts) > 3
    assert all(part.text.endswith(", ") and len(part.text) <= 600 for part in parts)


@pytest.mark.parametrize(("text", "silent"), [(" 😊 ...", True), ("[pace:9]", False), ("a", False)])
def test_tells_whether_there_is_something_to_say(text, silent):
    assert arrived(text) == [TextChunk(text, 0, silent=silent)]


def test_goes_on_after_its_end():
    arriving = IncrementalText()
    assert arriving.feed("So it was") == []
    assert arriving.flush() == [TextChunk("So it was", 0)]
    assert arriving.flush() == []
    assert arriving.feed(" Now. Then ") == [TextChunk(" Now. ", 9, SENTENCE_PAUSE_SECONDS)]
    assert arriving.flush() == [TextChunk("Then ", 15)]


def seconds(stretches):
    begun = time.process_time()
    arrived(*stretches)
    return time.process_time() - begun


def test_what_was_given_costs_nothing_more():
    text = "And so it was said of old. "
    few, many = (min(seconds(text * count) for _ in range(2)) for count in (10, 80))
    assert many < 16 * few
    assert seconds([text * 200]) < 40 * seconds([text * 20])


@pytest.mark.parametrize("text", ["It is so. " * 250, "It is so\n\n" * 250])
def test_what_is_held_back_costs_little(text):
    assert seconds(["[pace:2]" + text]) < 12 * seconds([text])
