"""The scores of labelled readings."""

import json

import pytest
import typer
from typer.testing import CliRunner

from benchmarks.reading import DIFFERENT, SAME, STYLE, compare, main, score

APP = typer.Typer()
APP.command()(main)
FILES = {
    "test_cases_number.txt": "21 cats~twenty one cats\n5 dogs~seven dogs\n\n ~ \n",
    "test_cases_audio.txt": "~room 101\nroom one o one\nroom one hundred and one\n~CIA\nCIA\n",
    "other.txt": "1~two\n",
}


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("spoken", "said", "verdict"),
    [
        ("It's C S Lewis, twenty-one.", "it's CS Lewis twenty one", SAME),
        ("one hundred five", "one hundred and five", STYLE),
        ("June fifth, twenty twelve", "the fifth of june two thousand twelve", STYLE),
        ("June fifth, twenty twelve", "the fifth of june twenty thirteen", DIFFERENT),
        ("June fifth, nineteen oh two", "the fifth of june nineteen zero two", STYLE),
        ("nine oh five", "nine zero five", STYLE),
        ("two eighths", "two fifths", DIFFERENT),
        ("one hundred five", "one hundred fifty", DIFFERENT),
        ("seven cats", "seven dogs", DIFFERENT),
        ("", "one", DIFFERENT),
    ],
)
def test_what_is_only_style_is_no_difference(spoken, said, verdict):
    assert compare(spoken, [said]) == verdict


def test_each_case_of_a_folder_is_compared(folder):
    verdicts = {one.written: one.verdict for one in score(folder)}
    assert verdicts == {"21 cats": SAME, "5 dogs": DIFFERENT, "room 101": STYLE, "CIA": SAME}


def test_the_command_counts_and_lists_what_differs(folder):
    found = json.loads(CliRunner().invoke(APP, [str(folder), "--json"]).stdout)
    assert found["total"] == {"cases": 4, "same": 2, "style": 1, "different": 1}
    assert [one["written"] for one in found["different"]] == ["5 dogs"]
    table = CliRunner().invoke(APP, [str(folder)]).stdout
    assert table.count("wanted") == 1
    assert "spoken  five dogs" in table


def test_a_folder_without_cases_is_an_error(tmp_path):
    result = CliRunner().invoke(APP, [str(tmp_path)])
    assert result.exit_code == 2
    assert "test_cases_*.txt" in result.output
