import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tts.text.markup.tags import MARKUP_RULES, NEUTRAL, Pause, Prosody, parse_seconds, parse_tags

PIECES = ["[pause:1s]", "[pace:0.5]", "[/pace]", "[pitch:+2]", "[/pitch]", "[x]", "a ", "[", "]"]
PIECES += ["[voice:a]", "[/voice]"]


def spoken(text):
    """What is left of a text, in pieces, and the tone of each."""
    return [(text[slice(*run.span)], run.prosody) for run in parse_tags(text) if not run.rule]


@settings(deadline=None)
@given(some.lists(some.sampled_from(PIECES), max_size=12).map("".join))
def test_the_runs_are_all_of_a_text_or_it_is_refused(text):
    try:
        runs = parse_tags(text)
    except ValueError:
        return
    assert "".join(text[slice(*run.span)] for run in runs) == text
    assert all(run.span[0] < run.span[1] and run.rule in {"", *MARKUP_RULES} for run in runs)


@pytest.mark.parametrize(
    ("tag", "tone"),
    [
        ("pace:0.5", Prosody(pace=0.5)),
        ("pitch:+2", Prosody(pitch=2)),
        ("pitch: -1.5 ", Prosody(pitch=-1.5)),
        ("energy:-3", Prosody(energy=-3)),
        ("energy:.5", Prosody(energy=0.5)),
    ],
)
def test_a_tag_holds_until_it_is_closed(tag, tone):
    text = f"one [{tag}]two[/{tag.partition(':')[0]}] three"
    assert spoken(text) == [("one ", NEUTRAL), ("two", tone), (" three", NEUTRAL)]


def test_tones_nest():
    text = "[pace:0.5]a[pitch:+2]b[pace:1.5]c[pitch:-3]d[/pitch][/pace][/pitch]e[/pace]f"
    assert spoken(text) == [
        ("a", Prosody(pace=0.5)),
        ("b", Prosody(pace=0.5, pitch=2)),
        ("c", Prosody(pace=0.75, pitch=2)),
        ("d", Prosody(pace=0.75, pitch=-1)),
        ("e", Prosody(pace=0.5)),
        ("f", NEUTRAL),
    ]


@pytest.mark.parametrize(
    ("written", "long"),
    [("500ms", 0.5), ("1.5s", 1.5), (".25s", 0.25), ("0s", 0), ("+2s", 2), (" 60 s ", 60)],
)
def test_a_pause_is_so_long(written, long):
    assert parse_seconds(written) == long
    (run,) = parse_tags(f"[pause:{written}]")
    assert run.pause == Pause(long)


@pytest.mark.parametrize(
    "text",
    ["[pause]", "a [link] b", "[Pause: it was late]", "[paced:1]", "[pause:\n1s]", "x[1]", "[/p]"],
)
def test_other_brackets_are_text(text):
    assert spoken(text) == [(text, NEUTRAL)]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (
            "a [pause:1]",
            "'[pause:1]' at character 3: time must be such as 500ms or 1.5s, got '1'",
        ),
        ("[pause:-1s]", "time must be such as"),
        ("[pause:2m]", "time must be such as"),
        ("[pause:61s]", "a pause must be at most 60 s, got '61s'"),
        ("[pace:slow]", "pace must be a number (a factor), got 'slow'"),
        ("[pace:0]", "pace must be from 0.25 to 4, got 0"),
        ("[pitch:13]", "pitch must be from -12 to 12, got 13"),
        ("[energy:+21]", "energy must be from -20 to 20, got 21"),
        ("[pitch:+8][pitch:+8]", "'[pitch:+8]' at character 11: pitch must be from -12 to 12"),
        ("[energy:nan]", "energy must be a number (decibels), got 'nan'"),
        ("ab[/pace]", "'[/pace]' at character 3 closes no tag"),
        ("[pause:1s][/pause]", "'[/pause]' at character 11 closes no tag"),
        ("[pace:2][pitch:1][/pace][/pitch]", "'[/pace]' at character 18: expected [/pitch]"),
        ("a [pace:2] b", "'[pace:2]' at character 3 is not closed; add [/pace]"),
    ],
)
def test_says_what_is_wrong_and_where(text, wrong):
    with pytest.raises(ValueError, match=re.escape(wrong)):
        parse_tags(text)
