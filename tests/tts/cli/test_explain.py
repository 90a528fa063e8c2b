import io
import json
import os
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from rich.cells import cell_len
from rich.console import Console

from tts.cli.explain import explain, render_rows, rule_descriptions
from tts.cli.main import main
from tts.text.options import TextOptions
from tts.text.pronounce.lexicon import Lexicon

SOUGHT = (
    "Dr. read $5M 3/4/2025 the in IX — “ ” 日 👍 almond [word](/wˈɜɹd/) [pause:1s] , . tear Qix"
)
TEXTS = some.lists(
    some.sampled_from([*SOUGHT.split(), "\n\n", "x"]) | some.text(max_size=3), max_size=8
).map(" ".join)
LEXICON = Lexicon.of({"Qix": "kˈɪks"})
AMERICAN = TextOptions()


def told(text, reading=AMERICAN, lexicon=None):
    """Of each row that has a reason: what was written and spoken, its phonemes and its rules."""
    rows = explain(text, reading, lexicon)
    return [(row.written.strip(), row.spoken, row.phonemes, row.rules) for row in rows if row.rules]


def screen(text, width, **options):
    """What a screen of this width shows, line by line."""
    rows = explain(text, AMERICAN)
    file = io.StringIO()
    Console(file=file, width=width, **options).print(
        render_rows(rows, rule_descriptions(rows, AMERICAN), width)
    )
    return [line.rstrip() for line in file.getvalue().splitlines()]


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_rows_are_all_that_was_written_and_all_that_is_heard(text):
    rows = explain(text, AMERICAN, LEXICON)
    assert "".join(row.written for row in rows) == text
    assert [row.span for row in rows] == [
        (row.span[0], row.span[0] + len(row.written)) for row in rows
    ]
    for row in rows:
        assert row.rules or row.spoken == row.written
    known = rule_descriptions(rows, AMERICAN)
    assert all(known[rule.partition(":")[0]] for row in rows for rule in row.rules)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Dr. Lee", ("Dr.", "Doctor", "dˈɑktəɹ", ("expand_titles",))),
        ("It was $5.", ("$5", "five dollars", "fˈIv dˈɑləɹz", ("say_money",))),
        ("The async job ran.", ("async", "async", "ˈAsɪŋk", ("correction",))),
        ("It will torment us.", ("torment", "torment", "tɔɹmˈɛnt", ("part of speech: verb (VB)",))),
        ("It zibbled.", ("zibbled", "zibbled", "zˈɪbᵊld", ("espeak",))),
        ("A Qix is nice.", ("Qix", "Qix", "kˈɪks", ("lexicon",))),
        ("A [cat](/kˈʌt/) sat.", ("[cat](/kˈʌt/)", "cat", "kˈʌt", ("phonemes",))),
    ],
)
def test_each_choice_has_its_reason(text, wanted):
    assert wanted in told(text, lexicon=LEXICON)


def test_what_is_said_as_written_needs_no_reason():
    (row,) = explain("The cat sat there", AMERICAN)
    assert (row.written, row.rules) == ("The cat sat there", ())
    assert row.phonemes.split() == ["ðə", "kˈæt", "sˈæt", "ðˈɛɹ"]


@pytest.mark.parametrize(
    ("text", "phonemes", "part"),
    [
        ("Once I read it.", "ɹˈɛd", "past"),
        ("I will read it.", "ɹˈid", "verb"),
        ("Do you record it?", "ɹəkˈɔɹd", "verb"),
        ("This is a record.", "ɹˈɛkəɹd", "noun"),
    ],
)
def test_a_homograph_tells_its_sense_and_what_spoke_for_it(text, phonemes, part):
    ((_, _, heard, (rule,)),) = told(text)
    kind, sense, *reasons = re.split(": |, ", rule)
    assert (heard, kind) == (phonemes, "homograph")
    assert sense in (part, "present")
    assert reasons


@pytest.mark.parametrize(
    "text",
    [
        "I got them this morning.",
        "I think so.",
        "I was there.",
        "I have no idea.",
        "I do not like it.",
        "I can see it.",
        "I met her.",
        "I am not going.",
    ],
)
def test_the_first_person_is_heard(text):
    (row, *_) = explain(text, AMERICAN)
    assert row.phonemes.split()[0] == "ˌI"


def test_the_day_may_come_first():
    assert "April" not in told("3/4/2025")[0][1]
    assert "April" in told("3/4/2025", TextOptions(day_first=True))[0][1]


def test_side_by_side_where_there_is_room():
    head, first, second, *_ = screen("Dr. Lee went home.", 100)
    assert re.split(" {2,}", head) == ["written", "spoken", "phonemes", "rule"]
    assert re.split(" {2,}", first) == ["Dr.", "Doctor", "dˈɑktəɹ", "expand titles"]
    assert re.split(" {2,}", second)[:2] == ["Lee went home.", "Lee went home."]


def test_below_each_other_where_there_is_not():
    lines = screen("Dr. Lee.", 30)
    assert lines[:4] == ["Dr.", "  Doctor", "  dˈɑktəɹ", "  expand titles"]
    assert lines[4:6] == ["Lee.", "  lˈi"]
    assert all(len(line) <= 30 for line in lines)


def test_every_rule_is_told_once_in_full():
    lines = screen("Dr. Lee met Mr. Poe.", 100)
    law = "A title before a name is said in full"
    assert sum(law in line for line in lines) == 1


def test_what_can_not_be_seen_can_be_read():
    lines = screen("One\x00\ud800 two 日.", 100)
    assert any("\\x00" in line and "\\ud800" in line for line in lines)
    assert any("unknown" in line for line in lines)
    assert any("silent" in line for line in screen("He “said” it.", 100))


def test_brackets_are_no_style():
    assert any("[cat](/kˈʌt/)" in line for line in screen("A [cat](/kˈʌt/) sat.", 100))


def test_colours_are_for_screens_alone(monkeypatch):
    assert not any("\x1b" in line for line in screen("Dr. Lee", 100))
    colour = screen("Dr. Lee", 100, force_terminal=True, color_system="standard")
    assert any("\x1b[36m" in line for line in colour)
    monkeypatch.setenv("NO_COLOR", "1")
    plain = screen("Dr. Lee", 100, force_terminal=True, color_system="standard")
    assert not any("\x1b[36m" in line for line in plain)


@pytest.fixture
def tts(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "words.tsv").write_text("Qix\tkˈɪks\n", encoding="utf-8")

    def run(*arguments):
        with pytest.raises(SystemExit) as exit:
            main(["explain", *arguments])
        assert not exit.value.code
        return capsys.readouterr().out

    return run


def test_machines_are_told_the_same(tts):
    out = tts("Dr. Qix, 3/4/2025 日", "--json", "--lexicon", "words.tsv", "--day-first")
    assert out.isascii()
    made = json.loads(out)
    rows = explain("Dr. Qix, 3/4/2025 日", TextOptions(day_first=True), LEXICON)
    assert [tuple(row["rules"]) for row in made["passages"]] == [row.rules for row in rows]
    assert [row["phonemes"] for row in made["passages"]] == [row.phonemes for row in rows]
    assert any("April" in row["spoken"] for row in made["passages"])
    assert {"expand_titles", "lexicon", "report_unknown"} <= set(made["rules"])


def test_the_command_shows_a_text(tts):
    out = tts("Dr. Lee")
    assert "Doctor" in out
    assert "\x1b" not in out
    assert "unknown" in tts("日"), "it shows why nothing is spoken"


def test_rules_that_only_tidy_up_after_others_are_not_shown(tts):
    out = tts("Me @ 5")
    assert "say signs" in out
    assert "join spaces" not in out
    assert "join_spaces" in tts("Me @ 5", "--json")
    assert "join spaces" in tts("Two  spaces.")


def test_what_is_unknown_is_shown_though_a_mark_stands_beside_it(tts):
    assert "unknown" in tts("See “日本”.").replace("report unknown", "")


def test_a_phrase_that_is_partly_rewritten_is_shown_where_it_begins():
    rows = explain("A Qix 5 is here.", AMERICAN, Lexicon.of({"Qix five": "kˈɪks"}))
    assert [row.written for row in rows] == ["A ", "Qix ", "5", " is here."]
    assert [(row.written.strip(), row.phonemes) for row in rows if "lexicon" in row.rules] == [
        ("Qix", "kˈɪks")
    ]


LONG = (
    "On 3/4/2025 Dr. Lee of 12 St. James St. read that the wind had cost $5.2M, and that "
    "antidisestablishmentarianism@example.com is 日本語 for [cat](/kˈʌt/)."
)


@pytest.mark.parametrize(
    ("columns", "widest"), [("100", 100), ("80", 80), (None, 80), ("40", 40)], ids=str
)
def test_the_table_is_no_wider_than_the_terminal(columns, widest, tts, monkeypatch):
    """80 columns where the output is no terminal, however wide that of the input is."""

    def get_terminal_size(descriptor=1):
        if descriptor != 0:
            raise OSError("no terminal")
        return os.terminal_size((200, 50))

    monkeypatch.setattr(os, "get_terminal_size", get_terminal_size)
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns:
        monkeypatch.setenv("COLUMNS", columns)
    lines = tts(LONG).splitlines()
    assert widest - 12 < max(map(cell_len, lines)) <= widest
