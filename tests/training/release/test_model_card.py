import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from tts.training.__main__ import app
from tts.training.acoustic.held_out import HeldOut
from tts.training.evaluation.results import LEDGER, ResultStore
from tts.training.evaluation.summary import summarise
from tts.training.release.model_card import PLACE, TABLES, fill, pages_with_tables
from tts.training.release.release import MEASURES, Release, check_paths, install, reuse_judgements

from tts.cli.main import run_command as command

ROOT = Path(__file__).parents[3]
LOSSES = HeldOut(
    name="val2", clips=122, mean=0.25, prosody=0.5, mel=0.2, pause=0.3, one_step=0.8, midpoint=0.9
)
PAGE = """# Card

<!-- table: brief -->
what was there
<!-- end of table -->

Between.

<!-- table: losses -->
<!-- end of table -->
"""


def row(system, id, errors, distillmos):
    about = {"kind": "sentence", "system": system, "voice": "heart", "id": id}
    heard = {"word_errors": errors, "words": 10, "character_errors": 1, "characters": 50}
    return {**about, **heard, "distillmos": distillmos}


@pytest.fixture
def results(tmp_path):
    rows = [row("1 step", "a", 1, 4.0), row("1 step", "b", 0, 3.5)]
    rows += [row("reader", "a", 0, 4.5), row("reader", "b", 0, 4.5)]
    found = {"summary": summarise(rows, ""), "reference": ""}
    (tmp_path / "one-step.json").write_text(json.dumps(found))
    return tmp_path


def test_a_table_is_what_the_results_have(results):
    page = fill(PAGE, results)
    assert "what was there" not in page
    assert "| heart | 5.0           | 3.75       | 0.75                        |" in page
    assert "Between." in page
    assert fill(page, results) == page


def test_a_table_that_was_not_measured_says_so(results):
    assert "Not measured for this version." in fill(PAGE, results)


def test_the_table_of_the_check_has_each_fault_of_each_speaker(tmp_path):
    found = {"found": 5, "planted": 6}
    anna = {"clips": 48, "clean": {"noise": 1, "hum": 2}, "faults": {"hum": found, "noise": found}}
    ben = {"clips": 40, "clean": {}, "faults": {"hum": {"found": 0, "planted": 4}}}
    (tmp_path / "voice-check.json").write_text(json.dumps({"anna": anna, "ben": ben}))
    page = fill("<!-- table: voice-check -->\n<!-- end of table -->\n", tmp_path)
    lines = [[cell.strip() for cell in row.split("|")[1:-1]] for row in page.splitlines()[1:7]]
    rows = [line for line in lines if line and not line[0].startswith("-")]
    assert rows == [
        ["fault", "found, anna", "found, ben"],
        ["hum", "5 of 6", "0 of 4"],
        ["noise", "5 of 6", ""],
        ["none (false alarms)", "3 of 48", "0 of 40"],
    ]


def test_a_table_that_is_none_is_refused(results):
    with pytest.raises(
        ValueError, match=r"^unknown table 'none'; tables: brief, voices, .*copies$"
    ):
        fill(PAGE.replace("losses", "none"), results)


def test_a_release_puts_files_results_and_tables_in_their_places(results, tmp_path):
    root, out = tmp_path / "tree", tmp_path / "out"
    for folder in ("checkpoints", "benchmarks/results", "docs/guides"):
        (root / folder).mkdir(parents=True)
    for page in ("README.md", "checkpoints/README.md", "docs/guides/results.md"):
        (root / page).write_text(PAGE)
    (root / "docs/plain.md").write_text("A page without tables.")
    for name in MEASURES:
        (out / name).mkdir(parents=True)
        found = "voices.json" if name == "voices" else "results.json"
        (out / name / found).write_text(json.dumps({"of": name}))
    (out / "one-step" / "results.json").write_text((results / "one-step.json").read_text())
    (out / "losses" / "results.json").write_text(json.dumps({"sets": [asdict(LOSSES)]}))
    (out / "voices" / "acoustic.safetensors").write_bytes(b"acoustic")
    (out / "new-voices/kathleen").mkdir()
    (out / "new-voices/kathleen/kathleen.voice").write_bytes(b"kathleen")
    (tmp_path / "average.safetensors").write_bytes(b"vocoder")
    paths = {"acoustic": tmp_path, "teacher": tmp_path, "whisper": tmp_path, "corpus": tmp_path}
    vocoder = tmp_path / "average.safetensors"
    install(Release(**paths, vocoder=vocoder, features=tmp_path, root=root, out=out))
    assert (root / "checkpoints/acoustic.safetensors").read_bytes() == b"acoustic"
    assert (root / "checkpoints/vocoder.safetensors").read_bytes() == b"vocoder"
    assert (root / "checkpoints/kathleen.voice").read_bytes() == b"kathleen"
    written = {path.stem for path in (root / "benchmarks/results").iterdir()}
    assert written == {"voices", "one-step", "losses", "copies", "compared", "new-voices"}
    page = (root / "checkpoints/README.md").read_text()
    assert "| val2 | 122   | 0.250 |" in page
    assert (root / "README.md").read_text() == page
    assert (root / "docs/guides/results.md").read_text() == page
    assert (root / "docs/plain.md").read_text() == "A page without tables."


def test_lines_that_were_judged_once_are_not_judged_again(tmp_path):
    judged, out = tmp_path / "one-step", tmp_path / "compared"
    reuse_judgements(judged, out)
    assert not out.exists()
    ResultStore(judged / LEDGER, {"texts": "a"}).get_or_compute(
        "1 step/heart/e0000", lambda: {"words": 3}
    )
    reuse_judgements(judged, out)
    ledger = ResultStore(out / LEDGER, {"texts": "a"})
    assert ledger.results == {"1 step/heart/e0000": {"words": 3}}
    ledger.get_or_compute("32 steps/heart/e0000", lambda: {"words": 4})
    reuse_judgements(judged, out)
    assert len(ResultStore(out / LEDGER, {"texts": "a"}).results) == 2


def test_every_page_has_the_tables_of_its_results():
    """A figure that was changed by hand, or results that were made anew, would show here."""
    pages = {path: path.read_text(encoding="utf-8") for path in pages_with_tables(ROOT)}
    assert {ROOT / "checkpoints/README.md", ROOT / "docs/results.md"} <= pages.keys()
    assert {name for page in pages.values() for _, name, _ in PLACE.findall(page)} == TABLES.keys()
    for page in pages.values():
        assert fill(page, ROOT / "benchmarks" / "results") == page


def test_a_release_looks_for_all_it_needs_before_it_measures(tmp_path):
    whisper = tmp_path / "whisper"
    whisper.mkdir()
    (whisper / "model.bin").touch()
    here = dict.fromkeys(("acoustic", "vocoder", "teacher"), tmp_path / "model.safetensors")
    (tmp_path / "model.safetensors").touch()
    asked = Release(
        **here, whisper=whisper, corpus=tmp_path, features=tmp_path, root=ROOT, out=tmp_path
    )
    with pytest.raises(
        FileNotFoundError, match=r"^no such file: .*heart\.jsonl.*val2/clips\.jsonl"
    ):
        check_paths(asked)
    with pytest.raises(FileNotFoundError, match=r"^no such file: .*none\.safetensors"):
        check_paths(replace(asked, teacher=tmp_path / "none.safetensors"))


def test_tables_of_no_source_tree_are_refused(tmp_path, capsys):
    (tmp_path / "README.md").write_text("A page without tables.")
    missing = tmp_path / "nope"
    assert command(app, ["tables", str(missing)], "t") == 2
    assert command(app, ["tables", str(tmp_path)], "t") == 2
    (tmp_path / "README.md").write_text(PAGE)
    assert command(app, ["tables", str(tmp_path)], "t") == 2
    assert capsys.readouterr().err.splitlines() == [
        f"error: no such folder: {missing}",
        f"error: no pages with tables in {tmp_path}; give the folder of a source tree",
        f"error: no such folder: {tmp_path / 'benchmarks' / 'results'}",
    ]
    assert (tmp_path / "README.md").read_text() == PAGE


def test_new_voices_stand_beside_their_recordings_and_the_nearest_voice():
    figures = {"word_errors": 5.04, "distillmos": 3.8, "dnsmos": 3.0, "share": 0.98}
    row = {"voice": "ann", "megabytes": 2.23, "processor_minutes": 14.2, "nearest_voice": "sky"}
    row |= {"speech": figures, "recordings": figures, "nearest": {**figures, "share": 0.6}}
    table = TABLES["new-voices"][0]([{**row, "minutes": 2}, {**row, "minutes": 10.0}])
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]
    assert lines[2] == ["ann", "2", "5.0", "3.80", "3.00", "0.98", "14", "2.2"]
    assert [line[0] for line in lines[2:]] == [
        "ann",
        "ann",
        "recordings of ann",
        "sky, nearest to ann",
    ]
    assert lines[-1][5] == "0.60"
