import csv
import json
import math
import random
import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from tts.app.batch.audio.format import OutputFormat
from tts.app.batch.item import BatchInput, InputError, LeftOut
from tts.app.batch.report import LISTED, write_report
from tts.app.batch.statistics import MEASURES, outliers, summaries

HOSTILE = '</script><!-- <b>bold</b> \u2028 & "quoted" <img src=x onerror=alert(1)> \ud800'
ROWS_OF = r'id="rows" type="application/json">(.*?)</script>'
ODD = "odd #1 100% ün?"
LISTING = BatchInput(
    items=(),
    errors=(InputError(line=9, message="expected a pace, not <fast>", id="nine"),),
    chapters=("One & all", "Two"),
    title="Clocks & stairs",
)


def row(number, **own):
    """As the manifest has it, with figures by chance."""
    chance = random.Random(number)
    id = own.get("id", f"{number:05}")
    quality = {
        "characters_per_second": round(chance.gauss(14, 0.5), 3),
        "loudness": round(chance.gauss(-23, 0.5), 3),
        "true_peak": -4.0,
        "edge": -70.0 - number % 7,
        "longest_gap": 0.3,
        "distillmos": 4.0 if number % 2 else None,
        "wer": None,
        "heard": None,
    }
    return {
        "id": id,
        "line": number,
        "chapter": 1 + number % 2,
        "take": 0,
        "text": f"Sentence {number}.",
        "spoken": f"sentence {number}",
        "voice": "heart" if number % 3 else "michael",
        "pace": 1.0,
        "steps": 1,
        "seed": 2**63 - number,
        "audio": f"audio/{id}.wav",
        "sample_rate": 24_000,
        "seconds": 1.5,
        "quality": quality | own.pop("quality", {}),
        "troubles": [],
        "rolls": [],
        "files": {f"audio/{id}.wav": ""},
    } | own


ROLL = {"seed": 7, "troubles": ["too <long> a gap"], "quality": {}}
ROWS = [
    row(1, id=ODD),
    row(2, text=HOSTILE, audio=None, files={"parts/00002.flac": ""}, troubles=["<i>odd</i>"]),
    row(3, audio=None, files={}, text="=HYPERLINK(1)", troubles=["it is silent"], rolls=[ROLL]),
    row(4, quality={"characters_per_second": 40.0}, text='She said "no",\nand left.'),
    {"id": "five", "line": 5, "text": "5", "error": "expected words"},
    *(row(number) for number in range(6, 131)),
]


class Reader(HTMLParser):
    """The elements of a page, and what stands in them; scripts apart."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.sounds, self.text, self.held = [], [], "", ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.held = "" if tag in {"meta", "link", "input"} else tag
        self.tags.append((tag, dict(attrs)))
        self.sounds += [dict(attrs)["src"]] if tag == "audio" else []

    def handle_data(self, data):
        if self.held not in {"script", "style"}:
            self.text += data

    def handle_endtag(self, tag):
        self.held = ""


WHOLE = "chapters/01 One #1"
JOINED = ({"seconds": 90.0, "files": {f"{WHOLE}.mp3": "", f"{WHOLE}.srt": ""}},)


def written(folder, listing=LISTING, rows=ROWS, joined=JOINED, form=None):
    write_report(folder, listing, rows, joined, form)
    return (folder / "report.html").read_text("utf-8"), (folder / "report.csv").read_bytes()


def data_of(page):
    return json.loads(re.search(ROWS_OF, page)[1])


def test_a_page_tells_what_came_of_everything(tmp_path):
    page, _ = written(tmp_path)
    text = Reader(page).text
    assert "129 items · 3.2 minutes of speech · 2 failed · 1 made again · 2 with problems" in text
    order = ("Line 5 · five", "Line 9 · nine", "it is silent", "Seed 7: too <long> a gap")
    places = [text.index(told) for told in (*order, "40.0 characters/s; the median is")]
    assert places == sorted(places)
    assert f"Kept: seed {ROWS[2]['seed']}" in text
    assert "DistillMOS" in text
    assert "Word error rate" not in text, "nobody listened"


def test_a_book_names_trouble_by_chapter_and_lists_what_it_left_out(tmp_path):
    book = replace(LISTING, is_book=True, errors=(), left_out=(LeftOut(7, "Notes", "notes"),))
    rows = [row(1, troubles=["it is silent"]), row(2)]
    text = Reader(written(tmp_path, book, rows)[0]).text
    assert "Two, “Sentence 1.”" in text
    assert text.index("it is silent") < text.index("Measurements") < text.index("Left out")
    assert "Notes7 · notes" in text
    for measure in MEASURES[:5]:
        assert measure.about in text, measure.name


def test_what_is_not_read_and_all_voices_of_an_item_are_told(tmp_path):
    why = "Cyrillic letters (И) are left out"
    page, table = written(tmp_path, rows=[row(1, warnings=[why], voices=["michael", "anna"])])
    text = Reader(page).text
    assert text.index("Not read as written") < text.index(why) < text.index("Measurements")
    assert "michael, anna" in text
    told = next(csv.DictReader(table.decode().splitlines(keepends=True)))
    assert (told["voice"], told["warnings"]) == ("michael, anna", why)


def test_notes_on_the_input_are_told(tmp_path):
    note = "=3 lines <name> nobody of the cast"
    page, table = written(tmp_path, replace(LISTING, notes=(note,)), [row(1)])
    assert note in Reader(page).text
    told = list(csv.DictReader(table.decode().splitlines(keepends=True)))
    assert told[-1]["warnings"] == f"'{note}"


def test_a_book_names_every_item_by_its_words(tmp_path):
    book = replace(LISTING, is_book=True, errors=())
    page, table = written(tmp_path, book, [row(1, id="0c1f"), row(2, id="9be4")])
    assert "0c1f" not in Reader(page).text
    assert [told[2] for told in data_of(page)] == [
        "Two, \u201cSentence 1.\u201d",
        "One & all, \u201cSentence 2.\u201d",
    ]
    told = csv.DictReader(table.decode().splitlines(keepends=True))
    assert [one["id"] for one in told] == ["0c1f", "9be4"]


@pytest.mark.parametrize(
    ("gain", "audio", "told"),
    [
        ({"loudness": -18}, None, "Measured before the gain that brings files to -18 LUFS."),
        ({"loudness": -18}, "audio/1.wav", "Measured after the gain that brings each item"),
        ({"volume": 3}, None, "Measured before the gain of 3 dB."),
        ({}, None, ""),
    ],
)
def test_levels_are_before_or_after_the_gain(tmp_path, gain, audio, told):
    page, _ = written(tmp_path, rows=[row(1, audio=audio)], form=OutputFormat(**gain))
    text = Reader(page).text
    assert told in text
    assert ("Measured " in text) == bool(told)


def test_joined_files_follow_what_failed_with_their_lengths(tmp_path):
    text = Reader(written(tmp_path)[0]).text
    assert f"{WHOLE}.mp31.5 minutes" in text
    assert f"{WHOLE}.srt" not in text
    order = ("Failed", "Joined files", "With problems", "Measurements")
    places = [text.index(title) for title in order]
    assert places == sorted(places)


@pytest.mark.parametrize(("seconds", "length"), [(90, "1.5 minutes"), (4521, "1 h 15 min")])
def test_lengths_are_in_minutes(tmp_path, seconds, length):
    text = Reader(written(tmp_path, rows=[row(1, seconds=seconds)])[0]).text
    assert f"{length} of speech" in text


def test_the_same_rows_are_the_same_bytes(tmp_path):
    assert written(tmp_path) == written(tmp_path, rows=[dict(row) for row in ROWS])


def test_nothing_a_text_says_is_markup_or_script(tmp_path):
    page, _ = written(tmp_path)
    tags = [tag for tag, _ in Reader(page).tags]
    assert not {"img", "i", "fast", "long"} & set(tags)
    assert tags.count("script") == 2
    assert page.count("<b>") == 5, "the counts"
    assert data_of(page)[1][4] == HOSTILE
    assert re.search(ROWS_OF, page)[1].isascii(), "some letters end a line of a script"


def test_players_have_what_lies_in_the_folder(tmp_path):
    page, _ = written(tmp_path)
    sounds = [told[0] for told in data_of(page)]
    assert unquote(sounds[0]) == f"audio/{ODD}.wav"
    assert not set(sounds[0]) & set(" #?ü")
    assert sounds[1] == "parts/00002.flac"
    assert sounds[2] == ""
    assert Reader(page).sounds == [
        "chapters/01%20One%20%231.mp3",
        "parts/00002.flac",
        "audio/00004.wav",
    ]


def test_nothing_is_fetched_from_elsewhere(tmp_path):
    for tag, attributes in Reader(written(tmp_path)[0]).tags:
        for name in ("src", "href"):
            assert not re.match(r"//|[a-z]+:(?!,)", attributes.get(name) or ""), (tag, attributes)


def test_long_lists_are_counted(tmp_path):
    wrong = tuple(InputError(line=n, message=f"bad {n}.") for n in range(LISTED + 37))
    text = Reader(written(tmp_path, BatchInput(items=(), errors=wrong))[0]).text
    assert f"bad {LISTED - 1 - 1}." in text
    assert f"bad {LISTED}." not in text
    assert "38 more in report.csv" in text


def test_an_empty_list_has_a_page(tmp_path):
    page, table = written(tmp_path, BatchInput(items=()), [], ())
    assert "<b>0</b> items" in page
    assert len(table.splitlines()) == 1


def test_a_spreadsheet_takes_nothing_for_a_formula(tmp_path):
    rows = [*ROWS, *(row(200 + place, text=f"{sign}1") for place, sign in enumerate("=+-@\t"))]
    _, table = written(tmp_path, rows=rows)
    told = list(csv.DictReader(table.decode().splitlines(keepends=True)))
    assert [one["text"][0] for one in told[-6:-1]] == ["'"] * 5
    assert told[2]["text"] == "'=HYPERLINK(1)"
    assert told[3]["text"] == ROWS[3]["text"]
    assert float(told[0]["loudness"]) == ROWS[0]["quality"]["loudness"] < 0
    assert told[2]["troubles"] == "it is silent"
    assert [one["error"] for one in told if one["error"]] == [
        "expected words",
        LISTING.errors[0].message,
    ]
    assert told[-1]["line"] == "9"


def test_figures_leave_out_what_is_no_number():
    values = [*range(-30, -9), None, -math.inf, math.nan]
    rows = [row(n, quality={"loudness": value}) for n, value in enumerate(values)]
    told = next(one for one in summaries(rows) if one.measure.name == "loudness")
    assert (told.low, told.median, told.high) == (-29, -20, -11)
    assert sum(told.counts) == 21
    assert [one.measure for one in summaries(rows)] == list(MEASURES[:-1])


@pytest.mark.parametrize(
    ("name", "values", "worst"),
    [
        ("loudness", [-23, -24, -40, -20], 2),
        ("true_peak", [-3, -9, -0.5], 2),
        ("distillmos", [4, 2, 3], 1),
        ("wer", [0, 0.5, 0.1], 1),
        ("edge", [-70, -70, -70], 0),
    ],
)
def test_the_worst_is_far_or_high_or_low(name, values, worst):
    rows = [row(n, quality={name: value}) for n, value in enumerate(values)]
    assert next(s for s in summaries(rows) if s.measure.name == name).worst is rows[worst]


def test_an_outlier_is_unlike_its_voice_and_pace():
    def at(number, value, voice="heart", pace=1.0, **own):
        return row(number, quality={"loudness": value}, voice=voice, pace=pace, **own)

    usual = [at(n, -23 + n % 5 / 10) for n in range(20)]
    others = [at(n, -30 + n % 5 / 10, "michael") for n in range(20, 40)]
    quick = [at(n, -18 + n % 5 / 10, pace=2.0) for n in range(40, 60)]
    assert outliers(usual + others + quick) == []
    loud, known, alone = at(60, -18), at(61, -18, troubles=["loud"]), at(62, 0, pace=3.0)
    assert outliers([*usual, loud, known, alone]) == [(loud, "−18.0 LUFS; the median is −22.8")]
    level = [at(n, -23) for n in range(20)]
    assert outliers([*level, at(20, -23.1)]) == [], "who are all the same have no spread"
