import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tts.text.normalise.languages import LANGUAGES, language_of, rewrites_of
from tts.text.normalise.normalise import TextOptions, normalise
from tts.text.normalise.trace import trace_text

WRITTEN = """
Mr. St. Dr. No. A. U.S. p.m. etc. Apr vs x 5 0 07 1999 1990s 1,000 3rd 4:45 1/2 ½ ² $ € . , ...
- -- — ' " ( ) ! ? : ; / × ° °C % & @ # < > = * _ é ﬁ 日 № 👍 km kg II VIII a@b.co http://x.com/a ^
~ | [ ] $5M 5'10" STOP NASA IT US α √ 10-12 555-0199 m/s² v2.0.1 #Tag z. B. 3,14 €5,20 Sr. n.º 2.ª
"""
SOUGHT = WRITTEN.split()
BETWEEN = [" ", " ", "\n", "\n\n", "\u0301", "\u200d", "\ud800", "\0"]
TEXTS = some.lists(
    some.one_of(some.sampled_from(SOUGHT + BETWEEN), some.characters(), some.text(max_size=3)),
    max_size=14,
).map("".join)
READINGS = [
    *(TextOptions(language=code) for code in LANGUAGES),
    TextOptions(emoji="say", links="name", day_first=True),
]
every_reading = pytest.mark.parametrize("reading", READINGS, ids=lambda one: one.language)


@every_reading
@settings(max_examples=400, deadline=None)
@given(text=TEXTS)
def test_nothing_vanishes(reading, text):
    """Every character is spoken as written, or a rule says why it is not."""
    spoken = normalise(text, reading)
    passages = trace_text(text, spoken)
    assert "".join(passage.written for passage in passages) == text
    assert "".join(passage.spoken for passage in passages) == spoken.text
    named = {rewrite.name for rewrite in rewrites_of(reading)}
    for passage in passages:
        assert text[slice(*passage.span)] == passage.written
        assert set(passage.rules) <= named
        assert passage.rules or passage.spoken == passage.written


@every_reading
@settings(max_examples=400, deadline=None)
@given(text=TEXTS)
def test_saying_it_twice_changes_nothing_in_the_alphabet(reading, text):
    spoken = normalise(text, reading).text
    assert set(spoken) <= set(language_of(reading).alphabet)
    assert normalise(spoken, reading).text == spoken


def test_each_change_has_its_rule_and_reason():
    text = "“Dr. Lee” paid $5.2M at 4:45 PM; 日本 👍"
    told = [
        (one.written, one.spoken, one.rules)
        for one in trace_text(text, normalise(text))
        if one.rules
    ]
    assert told == [
        ("“", "", ("unfold", "drop_quotes", "trim")),
        ("Dr.", "Doctor", ("expand_titles",)),
        ("” ", " ", ("unfold", "drop_quotes", "join_spaces")),
        ("$5.2M", "five point two million dollars", ("say_money",)),
        ("4:45 PM", "four forty-five P M", ("say_halves_of_days", "say_times")),
        (" 日本 👍", "", ("drop_emoji", "report_unknown", "join_spaces", "trim")),
    ]


def test_what_cannot_be_said_is_reported():
    text = "In Москва we saw 日本 and ☃."
    spoken = normalise(text)
    assert [one.written for one in spoken.changes if one.rule == "report_unknown"] == [
        "Москва",
        "日本",
    ]


@every_reading
def test_every_rule_has_a_name_of_its_own_and_a_law(reading):
    rewrites = rewrites_of(reading)
    names = [rewrite.name for rewrite in rewrites]
    assert len(names) == len(set(names))
    for rewrite in rewrites:
        assert rewrite.name.replace("_", "").isalpha()
        assert rewrite.description.endswith("."), rewrite.name
