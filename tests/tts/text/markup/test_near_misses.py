"""What looks like a tag is told of, and ordinary text is not."""

import pytest

from tests.growth import grows_like_its_length
from tts.text.markup.near_misses import EXAMPLES, near_misses
from tts.text.markup.tags import TAG


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("[pause 1]", "pause"),
        ("[pause_1]", "pause"),
        ("[pause]", "pause"),
        ("[PAUSE:1s]", "pause"),
        ("[paus:1s]", "pause"),
        ("{pause:500ms}", "pause"),
        ("<pause=1>", "pause"),
        ("[break 2s]", "pause"),
        ("<break time='1s'/>", "pause"),
        ("[ pause : 1 ]", "pause"),
        ("[voice=anna]", "voice"),
        ("[voice michael]", "voice"),
        ("[speaker: anna]", "voice"),
        ("[pace 0.8]", "pace"),
        ("[speed:1.2]", "pace"),
        ("[Pitch +2]", "pitch"),
        ("[/Pitch]", "pitch"),
        ("[volume=3]", "energy"),
    ],
)
def test_a_near_miss_is_told_with_what_to_write(text, meant):
    (note,) = near_misses(f"Wait {text} here. {text}")
    assert note.endswith(f" is no tag, and has no effect; write {EXAMPLES[meant]}")
    assert text[:8] in note


@pytest.mark.parametrize(
    "text",
    [
        "[pause:1s] [voice:anna]a[/voice] [pace: 0.8 ]b[/pace]",
        "[laughs] (pause 1) [music: jazz] [page 3] [1] [voice breaking up] [a-z] [x](y)",
        "He said: [the pace of it] {name} <b>bold</b> <br/> [speed] [break] [space 3]",
        "[[pause]] a pause of 1 s",
        "<speak>Wait <break time='1s'/></speak>",
    ],
)
def test_tags_and_ordinary_text_are_not(text):
    assert near_misses(text) == ()


def test_the_examples_are_tags():
    for example in EXAMPLES.values():
        assert TAG.match(example)


@pytest.mark.parametrize("piece", ["[", "[pause ", "[pause 1]", "<break ", "[/ pause = "])
def test_it_takes_time_that_grows_with_the_text(piece):
    assert grows_like_its_length(near_misses, piece, 20_000)
