import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tts.captions.cues import MAX_CUE_SECONDS, MAX_LINE_CHARACTERS, MIN_CUE_SECONDS, make_cues
from tts.speech import TimedWord

RATE = 15.0  # characters a second
BREATHS = ((re.compile(r"[.?!]\W*\s|\n"), 0.25), (re.compile(r"[,;:—]"), 0.15), (re.compile(""), 0))
SAID = "I said that winds of change, really Dr. no! done. $5.2M? — 👍 (see"
WORDS = some.sampled_from(SAID.split())
LONG = some.text("abcdefghij", min_size=30, max_size=60)
TEXTS = some.lists(
    some.tuples(WORDS | WORDS | LONG, some.sampled_from([" ", " ", " ", "\n", "\n\n"])), max_size=40
).map(lambda parts: "".join(map("".join, parts)))


def spoken(text):
    """The words of a text as somebody might say them, with silence at its marks."""
    said, time = [], 0.0
    for match in re.finditer(r"\w[\w'.-]*\w|\w", text):
        if said and said[-1].text not in ("Dr", "Mr"):
            gap = text[said[-1].span[1] : match.start()]
            time += next(breath for pattern, breath in BREATHS if pattern.search(gap))
        end = time + len(match.group()) / RATE
        said.append(TimedWord(match.group(), match.span(), time, end))
        time = end
    return said


def shown(text):
    return [" / ".join(cue.lines) for cue in make_cues(spoken(text), text)]


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_every_word_is_shown_once_and_in_order(text):
    words = spoken(text)
    lines = [line for cue in make_cues(words, text) for line in cue.lines]
    assert " ".join(lines).split() == (text.split() if words else [])


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_one_cue_leaves_before_the_next_comes(text):
    made = make_cues(spoken(text), text)
    assert all(cue.start < cue.end for cue in made)
    assert all(one.end <= other.start for one, other in pairwise(made))


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_only_a_word_alone_is_longer_than_a_line_or_than_a_cue_lasts(text):
    for cue in make_cues(spoken(text), text):
        assert 1 <= len(cue.lines) <= 2
        assert all(len(line) <= MAX_LINE_CHARACTERS or " " not in line for line in cue.lines)
        assert cue.end - cue.start <= MAX_CUE_SECONDS + 0.001 or " " not in " ".join(cue.lines)


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_words_are_on_the_screen_while_they_are_said(text):
    text = re.sub("[—👍]", "", text)  # what is silent shares the time of its neighbours
    words = spoken(text)
    times = [(cue, line.split()) for cue in make_cues(words, text) for line in cue.lines]
    places = [cue for cue, line in times for _ in line]
    tokens = [match.span() for match in re.finditer(r"\S+", text)]
    for (start, end), cue in zip(tokens, places, strict=bool(words)):
        for word in words:
            if start <= word.span[0] < end:
                assert cue.start - 1e-6 <= word.start
                assert word.end <= cue.end + 1e-6


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", []),
        (" \n", []),
        ("Flow maps speak in a single step.", ["Flow maps speak in a single step."]),
        (
            "The first sentence is over. Then the second begins.",
            ["The first sentence is over.", "Then the second begins."],
        ),
        ("No. I never asked anybody.", ["No. I never asked anybody."]),
        ("I met Dr. Lee and Mr. Poe there.", ["I met Dr. Lee and Mr. Poe there."]),
        (
            "When the rain had ended, all of the children went out.",
            ["When the rain had ended, / all of the children went out."],
        ),
        (
            "Nobody had seen the two of them for a very long time, although they lived near the "
            "station, in a house with a red door.",
            [
                "Nobody had seen the two of / them for a very long time,",
                "although they lived near the station, / in a house with a red door.",
            ],
        ),
        ("The “first” — or (second)… 👍", ["The “first” — or (second)… 👍"]),
        (
            "A heading of a page\n\nand what is written below it",
            ["A heading of a page", "and what is written below it"],
        ),
    ],
)
def test_breaks_where_a_reader_would(text, wanted):
    assert shown(text) == wanted


@pytest.mark.parametrize("marker", ["♪", "...", "*", "-", "—", "👍", "♪ ♪", "* * *"])
@pytest.mark.parametrize("gap", ["\n{} ", "\n{}\n", "\n\n{}\n\n", " {} ", " {}\n"])
def test_a_marker_pulls_no_cue_over_a_pause(marker, gap):
    first, second = "That was the end of the song.", "Nobody said a word for a while."
    text = f"{first}{gap.format(marker)}{second}"
    begun = text.index(second)
    words = [
        TimedWord(word.text, word.span, word.start + late, word.end + late)
        for word in spoken(text)
        for late in [4.0 * (word.span[0] >= begun)]
    ]
    one, other = make_cues(words, text)
    assert " ".join(one.lines).removesuffix(f" {marker}") == first
    assert " ".join(other.lines).removeprefix(f"{marker} ") == second
    assert one.end < other.start == next(w.start for w in words if w.span[0] == begun)


@pytest.mark.parametrize("text", ["♪ One more song ♪\n♪ and then we go ♪", "One - two * three"])
def test_markers_stay_where_there_is_no_pause_over_which_to_move(text):
    assert " ".join(shown(text)).replace(" / ", " ") == text.replace("\n", " ")


def test_what_is_said_as_one_shares_its_time():
    text = "On 3 April 2025 it rained."
    words = [
        TimedWord("On", (0, 2), 0.5, 0.7),
        TimedWord("April", (3, 15), 0.7, 1.0),
        TimedWord("third", (3, 15), 1.0, 1.3),
        TimedWord("it", (16, 18), 1.4, 1.5),
        TimedWord("rained", (19, 25), 1.5, 2.0),
    ]
    (cue,) = make_cues(words, text)
    assert (cue.start, cue.lines) == (0.5, (text,))
    assert 2.0 <= cue.end <= 0.5 + MAX_CUE_SECONDS


def test_a_cue_stays_until_it_can_be_read():
    (cue,) = make_cues([TimedWord("Yes", (0, 3), 1.0, 1.2)], "Yes.")
    assert (cue.start, cue.end) == (1.0, 1.0 + MIN_CUE_SECONDS)


def test_shows_nothing_where_nothing_is_said():
    assert make_cues([], "— 👍 —") == []
    assert make_cues([TimedWord("hm", (0, 2), 1.0, 1.0)], "hm") == []
