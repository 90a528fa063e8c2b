"""Several voices in one text: which voice speaks which part, and with which pauses."""

import pytest

from tts.text.frontend import prepare_utterances
from tts.text.incremental import IncrementalText
from tts.text.markup.voices import named_voices, spoken_voices
from tts.text.pauses import BREATH_PAUSE_SECONDS, PARAGRAPH_PAUSE_SECONDS, SENTENCE_PAUSE_SECONDS

BREATH, SENTENCE = BREATH_PAUSE_SECONDS, SENTENCE_PAUSE_SECONDS


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            'She said, [voice:adam]"Hello there,"[/voice] and left.',
            [("", "She said,", BREATH), ("adam", "Hello there,", BREATH), ("", "and left.", 0)],
        ),
        (
            "[voice:adam]Hello[/voice]! [voice: heart(2)+adam ]Good bye.[/voice] So.",
            [
                ("adam", "Hello!", SENTENCE),
                ("heart(2)+adam", "Good bye.", SENTENCE),
                ("", "So.", 0),
            ],
        ),
        (
            "[voice:a]One. [pace:0.5][voice:b]Two[/voice], three.[/pace][/voice] Four.",
            [
                ("a", "One.", SENTENCE),
                ("b", "Two,", BREATH),
                ("a", "three.", SENTENCE),
                ("", "Four.", 0),
            ],
        ),
        (
            "[voice:a]One.[/voice]\n\n[voice:b]Two.[/voice] [pause:2s] Three.",
            [("a", "One.", PARAGRAPH_PAUSE_SECONDS), ("b", "Two.", 2), ("", "Three.", 0)],
        ),
        (
            '<speak>Hi <voice name="a">you <emphasis>there</emphasis></voice>, friend. '
            '<voice name="b"><s>One</s> <voice name="c">two</voice></voice></speak>',
            [
                ("", "Hi", BREATH),
                ("a", "you there,", BREATH),
                ("", "friend.", SENTENCE),
                ("b", "One.", SENTENCE),
                ("c", "two", 0),
            ],
        ),
    ],
)
def test_a_part_in_another_voice_is_an_utterance_of_its_own(text, wanted):
    lines = list(prepare_utterances(text))
    assert [(line.voice, line.spoken.text, line.pause) for line in lines] == wanted
    starts = [span[0] for line in lines for span in line.spoken.spans]
    assert starts == sorted(starts)


def test_a_voice_tag_changes_no_prosody_and_other_tags_no_voice():
    text = "[pace:0.5]One [voice:a]two[/voice][/pace]"
    assert [{tone.pace for tone in line.prosody} for line in prepare_utterances(text)] == [
        {0.5}
    ] * 2


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("[voice: ]Hi.[/voice]", "voice must be the name of a voice, got ' '"),
        ("[voice:a]Hi.", r"'\[voice:a\]' at character 1 is not closed; add \[/voice\]"),
        ("[voice:a][pace:2]Hi.[/voice][/pace]", r"expected \[/pace\]; tags must be nested"),
        ("<speak><voice>Hi.</voice></speak>", "<voice>: the attribute name is missing"),
        ('<speak><voice gender="male">Hi.</voice></speak>', "unknown attribute gender"),
    ],
)
def test_says_what_is_wrong_with_a_voice(text, wrong):
    with pytest.raises(ValueError, match=wrong):
        named_voices(text)


@pytest.mark.parametrize(
    ("text", "named", "spoken"),
    [
        ("Hello [there].", (), ("heart",)),
        ("[voice:a]Hi.[/voice] [voice:b] [/voice]", ("a", "b"), ("a",)),
        ("[voice:b]Hi.[/voice] You. [voice:a]Hi. [voice:b]Ho.[/voice][/voice]", ("b", "a"), None),
        ('<speak><voice name="a">&amp; you</voice></speak>', ("a",), ("a",)),
    ],
)
def test_the_voices_of_a_text_are_known_before_it_is_spoken(text, named, spoken):
    assert named_voices(text) == named
    assert spoken_voices(text, "heart") == (("b", "heart", "a") if spoken is None else spoken)


def test_an_incremental_text_is_not_cut_within_a_voice():
    text = "Come in. [voice:a]One. Two. Three.[/voice] Four. Five. "
    stream = IncrementalText()
    chunks = [chunk for letter in text for chunk in stream.feed(letter)] + stream.flush()
    assert "".join(chunk.text for chunk in chunks) == text
    assert "[voice:a]One. Two. Three.[/voice] " in [chunk.text for chunk in chunks]
