"""What a batch would make, against what it makes."""

import json
import re
from pathlib import Path

import av
import mutagen
import pytest
from tts.app.batch.audio.encode import encode_audio
from tts.app.batch.audio.format import OutputFormat
from tts.app.batch.estimate import Estimator, count_words, spoken_letters
from tts.app.batch.item import BatchItem

from tests.tts.text.files.trap_book import WANTED, trap_book
from tts.cli.main import main
from tts.delivery import Delivery

TEXTS = (
    "The harbor was quiet, and only the gulls were awake before six.",
    "Nobody had told him that the train would leave without the post.",
    "She paid 14 dollars for the lamp; it was worth more, he thought, but he said nothing.",
    "On the far side of the valley stood a house with 2 chimneys and no door.",
)


def tts(*words):
    with pytest.raises(SystemExit) as ended:
        main(["batch", *words])
    return ended.value.code


@pytest.fixture
def trap(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("trap.epub").write_bytes(trap_book())


@pytest.mark.parametrize(("format", "pace"), [("m4b", 1.0), ("mp3", 1.5), ("opus", 1.0)])
def test_an_estimate_is_within_15_percent(synthesizer, format, pace):
    form, delivery = OutputFormat(format=format), Delivery(pace=pace)
    items = [
        BatchItem(id=str(line), text=text, delivery=delivery, line=line)
        for line, text in enumerate(TEXTS)
    ]
    found = Estimator(synthesizer, items, form).estimate(items)
    speech = synthesizer.speak("\n\n".join(TEXTS), delivery)
    said = sum(synthesizer.speak(text, delivery).seconds for text in TEXTS)
    assert found.seconds == pytest.approx(said, rel=0.15)
    size = len(encode_audio(speech.audio, speech.sample_rate, form))
    assert found.bytes / found.seconds == pytest.approx(size / speech.seconds, rel=0.15)


def test_words_and_letters_are_those_that_are_said():
    assert count_words("One - two * three, 4.") == 4
    assert spoken_letters("[pace:2]ab 19[/pace]") == 2 + 2 * 4


def test_a_list_of_chapters_tells_what_is_left_out(trap, capfd):
    assert not tts("trap.epub", "--list", "--chapters", "5,7-8")
    lines = capfd.readouterr().out.splitlines()
    assert lines[0] == "The Trap, by Ann Author, Bo Writer"
    rows = {int(line[:4]): line for line in lines[2:-1]}
    assert len(rows) == 9
    assert rows[1].endswith("left out: cover")
    assert rows[2].endswith("left out: title page")
    assert rows[6].endswith("left out: not chosen")
    assert re.search(r"I\. The Storm +\d+ +\d\.\d +\d\.\d$", rows[5])
    assert "3 of 9 parts" in lines[-1]
    assert list(Path().iterdir()) == [Path("trap.epub")]


def test_a_list_of_short_titles_has_its_whole_summary(tmp_path, capfd):
    book = tmp_path / "short.md"
    book.write_text("# One\n\nIt was late.\n\n# Two\n\nIt was dark.\n", "utf-8")
    assert not tts(str(book), "--list", "--chapters", "2")
    assert capfd.readouterr().out.splitlines()[-1].startswith("      1 of 2 parts  ")


def test_a_dry_run_makes_nothing_and_a_run_what_it_said(trap, capfd):
    options = ("trap.epub", "out", "--per", "chapter", "--per", "book", "--retries", "0")
    assert not tts(*options, "--dry-run")
    told = capfd.readouterr().out.splitlines()
    assert not Path("out").exists()
    assert not tts(*options, "--workers", "1")
    wanted = [Path(line.removeprefix("would write ")) for line in told if "write" in line]
    made = [path for path in Path("out").rglob("*.*") if "parts" not in path.parts]
    assert {path.name for path in made} - {".lock"} == {path.name for path in wanted}
    assert all(path.exists() for path in wanted)
    assert any(line.endswith("(copyright page)") for line in told)
    capfd.readouterr()
    assert not tts(*options, "--dry-run")
    items = capfd.readouterr().out.splitlines()[0]
    assert re.fullmatch(r"(\d+) items, \1 of them finished already", items)
    rows = [json.loads(row) for row in Path("out/manifest.jsonl").read_text("utf-8").splitlines()]
    for number, (_, text) in enumerate(WANTED, 1):
        read = [row["text"] for row in rows if row["chapter"] == number]
        assert read == [block for block in text.split("\n\n") if any(map(str.isalnum, block))]
    assert {row["chapter"] for row in rows} == {1, 2, 3}
    _check_audiobook(Path("out/trap.m4b"))


def _check_audiobook(path):
    tags = mutagen.File(path).tags
    assert tags["covr"]
    assert (tags["\xa9nam"], tags["\xa9ART"]) == (["The Trap"], ["Ann Author, Bo Writer"])
    assert tags["\xa9alb"] == ["The Trap"]
    assert "synthetic speech, voice heart" in tags["\xa9cmt"][0]
    with av.open(str(path)) as container:
        titles = [mark["metadata"]["title"] for mark in container.chapters()]
    assert titles == ["I. The Storm", "II. The Calm", "III. The End"]
    report = (path.parent / "report.html").read_text("utf-8")
    assert "Left out" in report
    rows = [json.loads(row) for row in (path.parent / "files.jsonl").read_text().splitlines()]
    assert len(rows) == 4


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("trap.epub",), "missing argument OUT; see `tts batch --help`"),
        (("a.csv", "--list"), "--list needs a book, got 'a.csv'; add --book for a .txt"),
        (("no.epub", "--list"), "no such file: no.epub"),
        (("trap.epub", "out", "--notes", "loud"), "--notes must be silent or inline, got 'loud'"),
        (("trap.epub", "--list", "--chapters", "10"), "chapters must be from 1 to 9, got 10;"),
    ],
)
def test_a_wrong_option_says_what_to_do(words, why, trap, capfd):
    assert tts(*words)
    assert why in capfd.readouterr().err


def test_notes_are_read_in_place_and_columns_chosen(trap, capfd):
    Path("a.csv").write_text("satz,nummer\nHello there.,x1\n", "utf-8")
    assert not tts("trap.epub", "out", "--notes", "inline", "--alt", "--dry-run")
    longer = capfd.readouterr().out
    assert not tts("trap.epub", "out", "--dry-run")
    assert longer != capfd.readouterr().out
    assert not tts("a.csv", "o", "--text-column", "satz", "--id-column", "nummer", "--dry-run")
    assert capfd.readouterr().out.startswith("1 item\n")
