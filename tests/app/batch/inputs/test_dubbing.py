"""Subtitles as items of a batch."""

import pysubs2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tts.app.batch.inputs.builder import BatchInputBuilder
from tts.app.batch.inputs.dubbing import read_srt
from tts.app.batch.inputs.read import InputOptions, read_input
from tts.app.batch.item import derive_seed

from tts.captions.formats import CAPTION_FORMATS, TimedText
from tts.delivery import Delivery

READER = InputOptions(delivery=Delivery(), voices=("heart", "michael"))
FILM = """1
00:00:01,000 --> 00:00:02,500
<i>Who's</i> there?

2
00:00:02,400 --> 00:00:04,000 X1:100 X2:600
{\\an8}- Nobody.
– It was 5
42

3
0:00:05.5 --> 00:01:00.25
[music]

00:01:00,000 --> 01:00:00,000
No number.
"""


def gathered(written):
    gathering = BatchInputBuilder(READER, "film")
    read_srt(written.encode(), gathering)
    return gathering.listing()


def cue(text):
    return f"1\n00:00:01,000 --> 00:00:02,000\n{text}\n"


def test_a_cue_is_an_item_by_its_place(tmp_path):
    (tmp_path / "film.srt").write_bytes(FILM.replace("\n", "\r\n").encode("utf-8-sig"))
    found = read_input(tmp_path / "film.srt", READER)
    assert [(item.id, item.line, item.text, item.slot) for item in found.items] == [
        ("000001", 1, "Who's there?", (1.0, 2.5)),
        ("000002", 5, "Nobody. It was 5 42", (2.4, 4.0)),
        ("000004", 15, "No number.", (60.0, 3600.0)),
    ]
    assert found.items[0].delivery == Delivery(seed=derive_seed(0, "Who's there?"))
    assert (found.title, found.chapters, found.errors) == ("film", ("",), ())


def test_cues_come_in_the_order_of_their_times():
    later, sooner = cue("Later."), cue("Sooner.").replace("00:00:01", "00:00:00")
    found = gathered(f"{later}\n{sooner}")
    assert [(item.id, item.text) for item in found.items] == [
        ("000002", "Sooner."), ("000001", "Later."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('<font color="#fff">One</font> <b>two</b>', "One two"),
        ("{\\an8}{\\i1}One{\\i0}", "One"),
        ("I <3 you & {this}", "I <3 you & {this}"),
        ("- Yes?\n-No.\n—“Oh.”", "Yes? No. “Oh.”"),
        ("It is -5.\n-5 or -6.", "It is -5. -5 or -6."),
        ("<i>- Yes.</i>", "Yes."),
        ("[laughs] Yes.", "[laughs] Yes."),
        ("♪ La la ♪", "♪ La la ♪"),
        ("One\n<i></i>\ntwo", "One two"),
    ],
)
def test_a_cue_says_its_words(written, text):
    assert [item.text for item in gathered(cue(written)).items] == [text]


@pytest.mark.parametrize(
    "written",
    ["[music]", "(sighs)", "- [Door]\n- (Sighs) ♪", "<i>[music]</i>", "♪", "...", "", "{\\an8}"],
)
def test_a_cue_that_tells_of_a_sound_is_none(written):
    found = gathered(cue(written))
    assert (found.items, found.errors) == ((), ())


@pytest.mark.parametrize(
    ("block", "why"),
    [
        ("Hello", "expected a number, times such as 00:00:01,000 --> 00:00:02,500 and words, got"),
        ("7", "expected a number, times such as"),
        ("7\nHello", "expected a number, times such as"),
        ("7\n00:00:01,000 -> 00:00:02,000\nHello", "expected a number, times such as"),
        ("7\n100:00:01,000 --> 100:00:02,000\nHello", "expected a number, times such as"),
        ("7\n00:00:01,000 --> 00:00:02,0005\nHello", "expected a number, times such as"),
        ("7\n00:00:01 --> 00:00:02\nHello", "expected a number, times such as"),
        ("7\n00:00:02,000 --> 00:00:01,000\nHi", "a cue must end after it starts, got 2 s to 1 s"),
        ("7\n00:00:02,000 --> 00:00:02,000\nHi", "a cue must end after it starts, got 2 s to 2 s"),
        (
            "7\n00:00:01,000 --> 00:00:02,000\nA\n8\n00:00:03,000 --> 00:00:04,000\nB",
            "expected one cue, got two; put a blank line between them",
        ),
    ],
)
def test_a_wrong_cue_is_told_of_and_stops_no_other(block, why):
    found = gathered(f"{cue('One')}\n\n{block}\n\n{cue('Two')}")
    assert [(item.id, item.text) for item in found.items] == [("000001", "One"), ("000003", "Two")]
    (wrong,) = found.errors
    assert (wrong.line, wrong.id) == (6, "000002")
    assert wrong.message.startswith(why)


times = st.integers(0, 3_000_000).map(lambda milliseconds: milliseconds / 1000)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(times, st.floats(0.01, 9), st.sampled_from("abc")), min_size=1))
def test_cues_have_the_times_that_were_written(lines):
    film = pysubs2.SSAFile()
    film.events = [
        pysubs2.SSAEvent(round(1000 * start), round(1000 * (start + seconds)), text=text)
        for start, seconds, text in lines
    ]
    found = gathered(film.to_string("srt")).items
    assert sorted((item.slot, item.text) for item in found) == sorted(
        ((event.start / 1000, event.end / 1000), event.text) for event in film
    )


def test_reads_the_subtitles_that_we_write(tiny_synthesizer):
    text = "One, two. Three."
    times = TimedText(text)
    times.add(tiny_synthesizer.speak(text))
    found = gathered(CAPTION_FORMATS["srt"].write(times)).items
    assert " ".join(item.text for item in found) == text
