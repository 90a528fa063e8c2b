"""Casts: files of voices by name, and scripts whose lines they speak."""

import pytest

from tts.delivery import Delivery
from tts.text.cast import Cast, CastMember, load_cast, unknown_names_note
from tts.text.markup.tags import Prosody

ANNA, OLD = CastMember("michael"), CastMember("adam", Prosody(pace=0.9, pitch=-2))
CAST = Cast({"anna": ANNA, "old man": OLD}, CastMember("heart"))


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "cast.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_reads_voices_and_tables_of_voice_pace_and_pitch(write):
    path = write('narrator="heart"\nAnna="michael"\n"Old Man"={voice="adam", pace=0.9, pitch=-2}')
    cast = load_cast(path)
    assert cast.members == {**CAST.members, "narrator": CastMember("heart")}
    assert cast.narrator == CAST.narrator
    assert cast.voices == {"narrator": "heart", "anna": "michael", "old man": "adam"}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Anna = ", "cannot read the cast"),
        ("", "has no names"),
        ("Anna = 3", "'Anna' in the cast .*expected a voice or a table of voice, pace, pitch"),
        ('Anna = {speed = 2, voice = "heart"}', "unknown field 'speed'"),
        ("Anna = {pace = 9}", "pace must be from 0.25 to 4, got 9"),
        ('Anna = {pitch = "high"}', "pitch must be a number, got 'high'"),
        ('Anna = " "', "voice must be the name of a voice, got ' '"),
        ('Anna = "heart"\nANNA = "adam"', "'ANNA' in the cast .*the name is there twice"),
    ],
)
def test_says_what_is_wrong_in_a_cast(write, text, wrong):
    with pytest.raises(ValueError, match=wrong):
        load_cast(write(text))


@pytest.mark.parametrize(
    ("script", "tagged"),
    [
        ("ANNA: Hello.\n", "[voice:michael]Hello.[/voice]\n"),
        (
            "Old  Man :  So it is. ",
            "[voice:adam][pace:0.9][pitch:-2]So it is.[/pitch][/pace][/voice] ",
        ),
        (
            "It was\ndark.\n\nAnna: Who?\nNobody spoke.",
            "[voice:heart]It was\ndark.[/voice]\n\n[voice:michael]Who?[/voice]\n"
            "[voice:heart]Nobody spoke.[/voice]",
        ),
        ("Anna:\nhttp://anna:80 Anna:no", "[voice:heart]Anna:\nhttp://anna:80 Anna:no[/voice]"),
        ("Bob: Hi, Anna: hi.", "[voice:heart]Bob: Hi, Anna: hi.[/voice]"),
        ("<speak>Anna: Hello.</speak>", "<speak>Anna: Hello.</speak>"),
    ],
)
def test_a_script_becomes_a_text_with_tags(script, tagged):
    assert CAST.to_tags(script) == tagged


@pytest.mark.parametrize("name", ["ANNA (aside)", "**Anna:**", "*Anna*", "__Anna (to  him)__"])
def test_a_remark_or_emphasis_of_a_name_is_not_read(name):
    row = f"{name} Hi." if name.endswith(":**") else f"{name}: Hi."
    assert [(line.text, line.member) for line in CAST.lines(row)] == [("Hi.", CAST.members["anna"])]
    assert list(CAST.unknown_names(row)) == []
    assert list(CAST.unknown_names(row.replace("nna", "da").replace("NNA", "DA"))) != []


def test_prose_without_a_narrator_stays_as_it_is():
    prose = "The reason is simple: money.\n\nAt 10:30 she left: Anna was late.\n"
    assert Cast({"anna": ANNA}).to_tags(prose) == prose


def test_names_that_are_not_in_the_cast_are_noted_and_words_before_a_colon_are_not():
    script = "Bob: a\nBOB (aside): b\nThe Duke of York: c\nThe reason is simple: d\nanna: e\n3: f"
    names = list(CAST.unknown_names(script))
    assert names == ["Bob", "BOB (aside)", "The Duke of York"]
    assert unknown_names_note(names) == (
        "not in the cast, and read as text: 'Bob', 'BOB (aside)', 'The Duke of York'"
    )
    assert unknown_names_note(map(str, range(12))).endswith(" and 2 more")
    assert unknown_names_note([]) == ""


def test_pace_and_pitch_are_relative_to_the_delivery():
    delivery = Delivery(pace=2, pitch=1)
    assert OLD.overrides(delivery) == {"voice": "adam", "pace": 1.8, "pitch": -1}
    assert ANNA.overrides(delivery) == {"voice": "michael"}
