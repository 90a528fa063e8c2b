"""Cues of SubRip and WebVTT; `tests/app/batch/inputs/test_dubbing.py` has the items of batches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pysubs2.time import TIMESTAMP, timestamp_to_ms

from tts.text.files.subtitles import SubtitleCue, parse_cue, split_cues, split_webvtt

TIMES = "00:00:01,000 --> 00:00:02,500"


def test_cues_stand_between_blank_lines():
    lines = enumerate(["", "1", f" {TIMES} ", "One", "  ", "", TIMES, "- Two."], 1)
    found = list(split_cues(lines))
    assert found == [(2, ["1", TIMES, "One"]), (7, [TIMES, "- Two."])]
    assert [parse_cue(cue) for _, cue in found] == [
        SubtitleCue(1.0, 2.5, "One"),
        SubtitleCue(1.0, 2.5, "Two."),
    ]


def test_what_tells_of_a_sound_is_no_speech():
    cue = parse_cue([TIMES, "[music] <i>It is</i>", "(sighs) -5."])
    assert cue.text == "[music] It is (sighs) -5."
    assert cue.speech.split() == ["It", "is", "-5."]


def test_cues_of_webvtt_have_no_header_and_no_names():
    film = """\ufeffWEBVTT - a film
Kind: captions

NOTE nothing to say
at all

STYLE
::cue { color: red }

first cue
00:01.000 --> 00:02.500 align:start
<v Anna>I &lt;3 <00:01.500>you &amp;
- me.</v>

100:00.000 --> 100:00:01.000
Late.
"""
    found = dict(split_webvtt(enumerate(film.splitlines(), 1)))
    assert list(found) == [10, 15]
    assert parse_cue(found[10]) == SubtitleCue(1.0, 2.5, "I <3 you & me.")
    with pytest.raises(ValueError, match="expected a number, times such as"):
        parse_cue(found[15])


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        (["1"], "expected a number, times such as"),
        (["words"], "got 'words'; leave a blank line between cues"),
        ([TIMES, "a", TIMES, "b"], "expected one cue, got two"),
        (["00:00:02,000 --> 00:00:02,000"], "a cue must end after it starts, got 2 s to 2 s"),
    ],
)
def test_what_is_no_cue_is_refused(lines, wrong):
    with pytest.raises(ValueError, match=wrong):
        parse_cue(lines)


@given(st.from_regex(r"[0-8]?[0-9]:[0-9]{1,2}:[0-9]{1,2}[.,][0-9]{1,3}", fullmatch=True))
def test_times_are_those_that_pysubs2_reads(stamp):
    cue = parse_cue([f"{stamp} --> 99:00:00,000", "One"])
    assert cue.start == timestamp_to_ms(TIMESTAMP.fullmatch(stamp).groups()) / 1000
