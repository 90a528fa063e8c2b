import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tts.text.markup.ssml import is_ssml, may_become_ssml, parse_ssml
from tts.text.markup.tags import MARKUP_RULES, NEUTRAL, Pause, Prosody
from tts.text.normalise.normalise import TextOptions
from tts.text.normalise.trace import trace_text
from tts.text.sections import normalise_document

AMERICAN = TextOptions()
OPENED = [
    "<p>",
    "<s>",
    '<prosody rate="80%">',
    '<emphasis level="strong">',
    '<sub alias="x  1 km">',
    '<say-as interpret-as="characters">',
    '<phoneme ph="wʌn">',
]
INNER = ["one ", "$5", "&amp;", "&#65;", "é”\n", "\r\n", '<break time="1s"/>', "<!-- c -->"]
INNER += ["<![CDATA[<x>]]>", "<?pi x?>", "日"]


def speak(inner):
    return f"<speak>{inner}</speak>"


def said(inner, reading=AMERICAN):
    return normalise_document(speak(inner), reading).text


def tones(inner):
    text = speak(inner)
    return [
        (text[slice(*run.span)], run.prosody) for run in parse_ssml(text, AMERICAN) if not run.rule
    ]


@some.composite
def documents(draw):
    parts, opened = [], []
    for _ in range(draw(some.integers(0, 12))):
        if draw(some.booleans()) and not (opened and opened[-1] in ("sub", "say-as", "phoneme")):
            tag = draw(some.sampled_from(OPENED))
            parts.append(tag)
            opened.append(re.match(r"<([\w-]+)", tag)[1])
        else:
            text = opened and opened[-1] in ("sub", "say-as", "phoneme")
            parts.append("one" if text else draw(some.sampled_from(INNER)))
        if opened and draw(some.booleans()):
            parts.append(f"</{opened.pop()}>")
    parts += [f"</{name}>" for name in reversed(opened)]
    before = draw(some.sampled_from(["", " \n", '<?xml version="1.0"?>\n<!-- é -->']))
    return before + speak("".join(parts)) + draw(some.sampled_from(["", "\n", "<!-- end -->"]))


@settings(max_examples=300, deadline=None)
@given(documents())
def test_nothing_of_a_document_vanishes(text):
    assert is_ssml(text)
    found = parse_ssml(text, AMERICAN)
    assert "".join(text[slice(*run.span)] for run in found) == text
    spoken = normalise_document(text)
    passages = trace_text(text, spoken)
    assert "".join(passage.written for passage in passages) == text
    assert "".join(passage.spoken for passage in passages) == spoken.text
    assert all(passage.rules or passage.spoken == passage.written for passage in passages)
    assert {run.rule for run in found} <= {"", *MARKUP_RULES}


@pytest.mark.parametrize(
    ("inner", "wanted"),
    [
        ("R&amp;D &lt; 5 caf&#233;", "R and D less than five cafe"),
        ("one<!-- not this -->two", "onetwo"),
        ("one\n  Two\n\n  three", "one Two three"),
        ("<![CDATA[1 < 2]]>", "one less than two"),
        ("<p>One</p><p>two,</p>", "One. two."),
        ("<s>Is it?</s> <s>It is</s>", "Is it? It is."),
        ('<sub alias="World Wide Web">WWW</sub>', "World Wide Web"),
        ('<sub alias="5 km">x</sub>', "five kilometers"),
        ('a<sub alias="b"/>c', "a b c"),
        ('<phoneme alphabet="ipa" ph="wʌn">Hm?</phoneme>, then', "Hm, then"),
        ('<phoneme ph="wʌn"/>', "said"),
    ],
)
def test_reads_what_is_in_it(inner, wanted):
    assert said(inner) == wanted


@pytest.mark.parametrize(
    ("kind", "style", "written", "wanted"),
    [
        ("characters", "", "AB-1", "A B dash one"),
        ("spell-out", "", "hi 5", "H I five"),
        ("verbatim", "", "x@y", "X at Y"),
        ("cardinal", "", "1999", "one thousand nine hundred ninety-nine"),
        ("cardinal", "", "-1,234.50", "minus one thousand two hundred thirty-four point five zero"),
        ("number", "", "7", "seven"),
        ("ordinal", "", "21", "twenty-first"),
        ("ordinal", "", "3rd", "third"),
        ("digits", "", "1999", "one nine nine nine"),
        ("digits", "", "12-05", "one two, zero five"),
        ("telephone", "", "2025550123", "two oh two, five five five, oh one two three"),
        ("telephone", "", "+44 20 5550", "plus four four, two oh, five five five oh"),
        ("date", "", "3/4/2025", "March fourth, twenty twenty-five"),
        ("date", "dmy", "3/4/2025", "April third, twenty twenty-five"),
        ("date", "yyyymmdd", "20250304", "March fourth, twenty twenty-five"),
        ("date", "", "20250304", "March fourth, twenty twenty-five"),
        ("date", "", "2025-03-04", "March fourth, twenty twenty-five"),
        ("date", "md", "12/25", "December twenty-fifth"),
        ("date", "dm", "3.4", "April third"),
        ("date", "my", "3/1999", "March nineteen ninety-nine"),
        ("date", "y", "1908", "nineteen oh eight"),
        ("date", "", "4 March 2025", "the fourth of March, twenty twenty-five"),
        ("date", "mdy", "3/4/99", "March fourth, nineteen ninety-nine"),
        ("time", "hms12", "2:30pm", "two thirty P M"),
        ("fraction", "", "2/9", "two ninths"),
        ("unit", "", "10 km", "ten kilometers"),
        ("currency", "", "$4.20", "four dollars and twenty cents"),
    ],
)
def test_says_as_it_is_asked(kind, style, written, wanted):
    form = f' format="{style}"' if style else ""
    assert said(f'<say-as interpret-as="{kind}"{form}>{written}</say-as>') == wanted


def test_dates_are_read_as_the_reading_has_them():
    inner = '<say-as interpret-as="date">3/4</say-as>'
    assert said(inner) == "March fourth"
    assert said(inner, TextOptions(day_first=True)) == "April third"


@pytest.mark.parametrize(
    ("attributes", "tone"),
    [
        ('rate="slow"', Prosody(pace=0.75)),
        ('rate="80%"', Prosody(pace=0.8)),
        ('rate="+20%"', Prosody(pace=1.2)),
        ('rate="-20%"', Prosody(pace=0.8)),
        ('rate="1.5"', Prosody(pace=1.5)),
        ('pitch="x-high"', Prosody(pitch=6)),
        ('pitch="-2st"', Prosody(pitch=-2)),
        ('pitch="+100%"', Prosody(pitch=12)),
        ('volume="loud"', Prosody(energy=6)),
        ('volume="-3dB"', Prosody(energy=-3)),
        ('volume="10%"', Prosody(energy=-20)),
        ('rate="fast" pitch="low" volume="+1.5dB"', Prosody(1.25, -3, 1.5)),
    ],
)
def test_prosody_is_a_tone(attributes, tone):
    ((_, before), (text, found)) = tones(f"a<prosody {attributes}>b</prosody>")
    assert (before, text) == (NEUTRAL, "b")
    assert found.pace == pytest.approx(tone.pace)
    assert found.pitch == pytest.approx(tone.pitch)
    assert found.energy == pytest.approx(tone.energy)


def test_tones_nest_and_end():
    inner = '<prosody pitch="+2st">a<emphasis>b<emphasis level="none">c</emphasis></emphasis>'
    moderate = Prosody(pace=0.92, pitch=3, energy=2)
    assert tones(f"{inner}d</prosody>e") == [
        ("a", Prosody(pitch=2)),
        ("b", moderate),
        ("c", moderate),
        ("d", Prosody(pitch=2)),
        ("e", NEUTRAL),
    ]


@pytest.mark.parametrize(
    ("attributes", "long"),
    [
        ('time="500ms"', 0.5),
        ('time="2s" strength="weak"', 2),
        ('strength="none"', 0),
        ('strength="x-strong"', 0.6),
        ("", 0.25),
    ],
)
def test_a_break_is_so_long(attributes, long):
    text = speak(f"<break {attributes}/>")
    assert [run.pause for run in parse_ssml(text, AMERICAN) if run.pause] == [Pause(long)]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (speak('<mark name="x">a</mark>'), "line 1 of the SSML, <mark>: unknown element; elem"),
        (speak("a\n\n<audio/>"), "line 3 of the SSML, <audio>: unknown element; elements: speak"),
        (speak("<speak>a</speak>"), "only one <speak> is allowed, around the whole document"),
        (speak('<prosody range="x">a</prosody>'), "attribute range; attributes: rate, pitch, vol"),
        (speak('<prosody rate="quick">a</prosody>'), "80%, +20% or 0.8, got 'quick'"),
        (speak('<prosody rate="-100%">a</prosody>'), "the sum must be more than 0%, got '-100%'"),
        (speak('<prosody rate="5">a</prosody>'), "pace must be from 0.25 to 4, got 5"),
        (speak('<prosody pitch="+20Hz">a</prosody>'), "or +2st, got '+20Hz'"),
        (speak('<prosody volume="silent">a</prosody>'), "or +6dB, got 'silent'"),
        (speak('<emphasis level="much">a</emphasis>'), "level must be one of strong, moderate"),
        (speak('<break time="soon"/>'), "time must be such as 500ms or 1.5s, got 'soon'"),
        (speak('<break strength="big"/>'), "strength must be one of none, x-weak"),
        (speak("<sub>a</sub>"), "<sub>: the attribute alias is missing"),
        (speak('<sub alias="a"><s>b</s></sub>'), "only text is allowed in it, got <s>"),
        (
            speak('<say-as interpret-as="x">a</say-as>'),
            "interpret-as must be one of characters, spell",
        ),
        (speak('<say-as interpret-as="cardinal">a</say-as>'), "expected a number such as 1999"),
        (speak('<say-as interpret-as="telephone">a</say-as>'), "expected a telephone number such"),
        (speak('<say-as interpret-as="date" format="q">1</say-as>'), "format must be one of d, dm"),
        (speak('<say-as interpret-as="date" format="mdy">1/2</say-as>'), "in the order mdy"),
        (speak('<say-as interpret-as="date">13/13</say-as>'), "expected a month up to 12"),
        (speak('<phoneme alphabet="x-sampa" ph="a">a</phoneme>'), "alphabet must be ipa, got 'x-s"),
        (speak("<phoneme>a</phoneme>"), "no phones in ''; write at least one"),
        ('<speak xml:lang="en-GB">a</speak>', "xml:lang must be en-us, got 'en-gb'"),
        (speak("\nR & D"), "line 2, column 4 of the SSML: not well-formed (invalid token); write"),
        (speak("R &nbsp; D"), "undefined entity; write the character itself"),
        (speak("<p>a"), "mismatched tag; close the element that was opened last"),
        ("\n<speak>a", "the SSML ends before </speak>"),
        ("<!DOCTYPE speak><speak>a</speak>", "line 1 of the SSML: a DOCTYPE is not allowed"),
        ('<!DOCTYPE s [<!ENTITY a "b">]><speak>&a;</speak>', "a DOCTYPE is not allowed; remove it"),
        (speak("\ud800"), "of the SSML: not well-formed (invalid token)"),
    ],
)
def test_says_what_is_wrong_and_where(text, wrong):
    assert is_ssml(text)
    with pytest.raises(ValueError, match=re.escape(wrong)):
        parse_ssml(text, AMERICAN)


@pytest.mark.parametrize("language", ["en-US", "en"])
def test_the_language_of_the_reading_may_be_named(language):
    text = (
        f'<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="{language}"/>'
    )
    assert normalise_document(text).text == ""


@pytest.mark.parametrize("text", ["<speaker>a", "a <speak>", "<p>a</p>", "<!-- c -->" * 40])
def test_other_text_is_no_document(text):
    assert not is_ssml(text)


@pytest.mark.parametrize(
    "text", ["\ufeff <speak>a", '<?xml version="1.0"?>\n<!-- é --> <speak/>', "<!-- a --><speak >"]
)
def test_what_becomes_a_document_is_known_before_it_is_one(text):
    assert is_ssml(text)
    start = re.search(r"<(?:speak|\?xml|!)", text).end() + 1
    assert all(may_become_ssml(text[:stop]) for stop in range(start, len(text) + 1))
    assert not may_become_ssml("<speaker>")
