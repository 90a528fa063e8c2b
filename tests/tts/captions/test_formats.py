import html
import json
import re
from itertools import pairwise

import pytest
import webvtt
from praatio import textgrid

from tts.captions.formats import CAPTION_FORMATS, TimedText, write_captions
from tts.speech import Phone, TimedWord

TEXT = 'Pay $5 & "go" <i>now</i>. Then wait.'
WORDS = (
    TimedWord("Pay", (0, 3), 0.1, 0.3),
    TimedWord("five", (4, 6), 0.3, 0.6),
    TimedWord("dollars", (4, 6), 0.6, 1.0),
    TimedWord("and", (7, 8), 1.0, 1.1),
    TimedWord('g"o', (10, 12), 1.1, 1.4),
    TimedWord("now", (17, 20), 1.4, 1.9),
    TimedWord("Then", (26, 30), 3661.5, 3661.75),
    TimedWord("wait", (31, 35), 3661.75, 3662.0),
)
PHONES = (Phone("p", 0.1, 0.2), Phone("A", 0.2, 0.3), Phone(" ", 0.3, 0.35), Phone("f", 0.35, 0.4))
SPOKEN = TimedText(TEXT, [*WORDS], [*PHONES])
SHOWN = [(0.1, 1.9, 'Pay $5 & "go" <i>now</i>.'), (3661.5, 3662.5, "Then wait.")]
ENDINGS = (".srt", ".vtt", ".json", ".TextGrid")


@pytest.fixture
def written(tmp_path):
    """The path of a file in the format of an ending, of the speech above or of another."""

    def written(ending, text=TEXT, words=WORDS, phones=PHONES):
        path = tmp_path / f"speech{ending}"
        write_captions(path, TimedText(text, [*words], [*phones]))
        assert list(tmp_path.iterdir()) == [path]
        return path

    return written


def seconds(clock):
    hours, minutes, rest = clock.replace(",", ".").split(":")
    return 3600 * int(hours) + 60 * int(minutes) + float(rest)


@pytest.mark.parametrize(("ending", "read"), [(".srt", webvtt.from_srt), (".vtt", webvtt.read)])
def test_a_parser_finds_the_cues(ending, read, written):
    found = read(written(ending))
    assert [
        (seconds(cue.start), seconds(cue.end), html.unescape(cue.raw_text)) for cue in found
    ] == SHOWN


def test_what_steers_the_voice_is_not_shown(written):
    text = "A [cat](/kˈʌt/), [pitch:+2]he[/pitch][pause:1s] said."
    words = (TimedWord("A", (0, 1), 0, 1), TimedWord("cat", (2, 15), 1, 2))
    assert "A cat, he said." in written(".srt", text, words).read_text(encoding="utf-8")


def test_what_was_not_spoken_is_not_shown():
    times = TimedText("<speak>One. Two.</speak>", [TimedWord("One", (7, 10), 0, 1)])
    assert times.cues()[0].lines == ("One. Two.",)
    times.end()
    assert times.cues()[0].lines == ("One",)


def test_subrip_is_to_the_letter(written):
    assert written(".srt").read_text(encoding="utf-8") == (
        "1\n00:00:00,100 --> 00:00:01,900\n" + 'Pay $5 & "go" <i>now</i>.\n\n'
        "2\n01:01:01,500 --> 01:01:02,500\nThen wait.\n"
    )


def test_webvtt_has_no_tags_of_the_text(written):
    head, first, second = written(".vtt").read_text(encoding="utf-8").split("\n\n")
    assert head == "WEBVTT"
    assert first == ('00:00:00.100 --> 00:00:01.900\nPay $5 &amp; "go" &lt;i&gt;now&lt;/i&gt;.')
    assert second == "01:01:01.500 --> 01:01:02.500\nThen wait.\n"


def test_json_has_every_word_and_phone(written):
    told = json.loads(written(".json").read_text(encoding="utf-8"))
    assert told["text"] == TEXT
    assert [(w["text"], tuple(w["span"]), w["start"], w["end"]) for w in told["words"]] == [
        (word.text, word.span, word.start, word.end) for word in WORDS
    ]
    assert [word["written"] for word in told["words"]][1:4] == ["$5", "$5", "&"]
    assert [Phone(**phone) for phone in told["phones"]] == list(PHONES)


def test_praat_finds_both_tiers(written):
    grid = textgrid.openTextgrid(str(written(".TextGrid")), includeEmptyIntervals=True)
    assert grid.tierNames == ("words", "phones")
    words, phones = (grid.getTier(name).entries for name in grid.tierNames)
    assert [tuple(one) for one in words if one.label] == [(w.start, w.end, w.text) for w in WORDS]
    assert [one.label for one in phones] == ["", "p", "A", "", "f", ""]
    for tier in (words, phones):
        assert tier[0].start == 0
        assert tier[-1].end == 3662
        assert all(one.end == other.start for one, other in pairwise(tier))


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_ending_in_other_letters_is_the_same(ending, written, tmp_path):
    one, other = written(ending).read_bytes(), tmp_path / f"other{ending.upper()}"
    write_captions(other, SPOKEN)
    assert other.read_bytes() == one


@pytest.mark.parametrize("ending", ENDINGS)
def test_nothing_said_and_half_a_letter_can_be_written(ending, written):
    assert written(ending, "", (), ()).exists()
    assert written(ending, "\ud800 hm", (TimedWord("hm", (2, 4), 0, 1),)).stat().st_size > 20


@pytest.mark.parametrize("name", ["speech.txt", "speech", "speech.srt.gz"])
def test_an_unknown_ending_is_refused(name, tmp_path):
    with pytest.raises(
        ValueError, match=re.escape("must end in one of .srt, .vtt, .json, .TextGrid; got")
    ):
        write_captions(tmp_path / name, SPOKEN)
    assert not list(tmp_path.iterdir())


def test_a_folder_is_refused(tmp_path):
    (tmp_path / "a.srt").mkdir()
    with pytest.raises(IsADirectoryError, match="it is a folder"):
        write_captions(tmp_path / "a.srt", SPOKEN)
    with pytest.raises(FileNotFoundError, match="no such folder"):
        write_captions(tmp_path / "nowhere" / "b.srt", SPOKEN)


def test_every_format_is_tested():
    assert tuple(known.suffix for known in CAPTION_FORMATS.values()) == ENDINGS
    assert {name: known.media_type for name, known in CAPTION_FORMATS.items()} == {
        "srt": "application/x-subrip",
        "vtt": "text/vtt",
        "json": "application/json",
        "textgrid": "text/plain",
    }


def test_times_are_those_of_the_nearest_millisecond(written):
    path = written(".srt", "Hi", (TimedWord("Hi", (0, 2), 0.0996, 1.9996),))
    assert path.read_text(encoding="utf-8") == "1\n00:00:00,100 --> 00:00:02,000\nHi\n"
