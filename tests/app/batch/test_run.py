import io
import json
import os
import random
import re
import signal
import sys
import time
from dataclasses import replace
from functools import partial
from multiprocessing import active_children, get_context
from pathlib import Path

import numpy as np
import pytest
import soundfile
from rich.console import Console
from tts.app.batch.audio.format import OutputFormat
from tts.app.batch.audio.loudness import measure_loudness
from tts.app.batch.batched import synthesize_batch
from tts.app.batch.inputs.read import InputOptions
from tts.app.batch.item import BatchItem, derive_seed, fingerprint, item_key, settings
from tts.app.batch.join import JoinConfig
from tts.app.batch.progress import ProgressReporter
from tts.app.batch.quality import QualityLimits
from tts.app.batch.run import BatchJob, run
from tts.app.batch.worker import JobConfig, Worker, run_workers

from benchmarks.robust_batch import alter
from tts.cli.main import main
from tts.delivery import Delivery
from tts.synthesis import Synthesizer, load
from tts.text.pronounce.lexicon import Lexicon
from tts.torch_checkpoint import save_checkpoint

ALONE = partial(run_workers, workers=1)
LINES = [f"Line {number} of a list." for number in ("one", "two", "three", "four", "five", "six")]
VOICES = ("heart", "michael")
# a model that has learnt nothing is always in trouble
UNJUDGED = {"rolls": 0, "mos": 0.0}


@pytest.fixture(scope="module")
def models(tmp_path_factory, request):
    """Two checkpoints with random weights, as a JobConfig names them."""
    import torch

    from tests.conftest import TINY, awake
    from tts.acoustic.model import AcousticModel
    from tts.config import VocoderConfig
    from tts.vocoder.model import Vocoder

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("models")
    acoustic, vocoder = folder / "acoustic.safetensors", folder / "vocoder.safetensors"
    save_checkpoint(awake(AcousticModel(TINY)).eval(), acoustic, {})
    save_checkpoint(
        Vocoder(VocoderConfig(dim=16, intermediate_dim=32, depth=2)).eval(), vocoder, {}
    )
    return {"acoustic": acoustic, "vocoder": str(vocoder)}


@pytest.fixture
def work(tmp_path, models):
    """A list of six lines, to be made into files an item, into chapters and into a book."""
    source = tmp_path / "list.txt"
    source.write_text("\n".join(LINES), encoding="utf-8")
    form = OutputFormat(format="flac")
    return BatchJob(
        source=source,
        out=tmp_path / "out",
        reader=InputOptions(delivery=Delivery(), voices=VOICES),
        config=JobConfig(**models, **UNJUDGED, form=form, times=("srt",), parts=True),
        join=JoinConfig(form=form, chapters=True, subtitles=("vtt",), name="all"),
    )


@pytest.fixture
def watched():
    return ProgressReporter(Console(file=io.StringIO()))


def everything(folder):
    """All files of a folder but the lock, by name."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def rows_of(folder):
    return [json.loads(row) for row in (folder / "manifest.jsonl").read_text("utf-8").splitlines()]


def test_each_line_is_a_file_and_a_row(work, watched):
    outcome = run(work, ALONE, watched)
    assert [row["text"] for row in rows_of(work.out)] == LINES
    assert outcome.failed == 0
    for row in outcome.rows:
        sound = soundfile.info(work.out / row["audio"])
        assert sound.frames == row["samples"]
        assert (work.out / row["audio"]).with_suffix(".srt").read_text("utf-8")
    assert set(outcome.files) == {
        "all.flac", "all.vtt", "chapters/01.flac", "chapters/01.vtt",
    }  # fmt: skip
    assert not list(work.out.rglob("*.partial"))


def test_a_row_warns_of_what_was_left_out(work, watched):
    work.source.write_text("He said да.\nIt was late.\n", encoding="utf-8")
    first, second = run(work, ALONE, watched).rows
    assert first["warnings"][0].startswith("Cyrillic letters (д, а) are left out")
    assert "warnings" not in second
    assert "note: line 1: Cyrillic letters are left out" in watched._console.file.getvalue()


def test_a_row_tells_how_to_make_its_sound_again(work, watched, models):
    row = run(work, ALONE, watched).rows[2]
    synthesizer = load(**models)
    speech = synthesizer.speak(row["text"], Delivery(voice=row["voice"], seed=row["seed"]))
    written, _ = soundfile.read(work.out / row["audio"])
    np.testing.assert_allclose(written, speech.audio, rtol=0, atol=1 / 32000)


def test_what_is_there_is_not_made_again(work, watched):
    run(work, ALONE, watched)
    before = everything(work.out)
    handed = []

    def crew(order, batches):
        handed.extend(batches)
        return iter(())

    run(work, crew, watched)
    assert not handed
    assert everything(work.out) == before


def test_only_what_changed_is_made_again(work, watched):
    run(work, ALONE, watched)
    work.source.write_text("\n".join([*LINES[:3], "Something else.", *LINES[4:]]), "utf-8")
    handed = []

    def crew(order, batches):
        for batch in batches:
            handed.extend(item.line for item in batch)
            yield from ALONE(order, [batch])

    run(work, crew, watched)
    assert handed == [4]
    (work.out / "audio/000002.flac").write_bytes(b"")
    run(work, crew, watched)
    assert handed == [4, 2]


def test_other_settings_make_everything_again(work):
    (item,) = read_items(work)[:1]
    told = work.config.key_fields("model")
    other_precision = {"int8": "float32", "float32": "int8"}[told["precision"]]
    others = [
        item_key(replace(item, delivery=replace(item.delivery, **change)), told)
        for change in (
            {"pace": 1.1}, {"steps": 2}, {"seed": 1}, {"voice": "michael"},
            {"sentence_pause": 0.5}, {"lexicon": Lexicon.of({"list": "lɪst"})},
        )
    ] + [
        item_key(item, replace(work.config, **change).key_fields("model"))
        for change in (
            {"form": None}, {"together": 2}, {"mos": 5.0}, {"rolls": 1}, {"times": ()},
            {"parts": False}, {"form": OutputFormat(sample_rate=16000)}, {"runtime": "torch"},
            {"precision": other_precision},
            {"form": OutputFormat(loudness=-20.0)},
        )
    ]  # fmt: skip
    others += [
        item_key(item, work.config.key_fields("another")),
        item_key(replace(item, text="Else."), told),
    ]
    assert len({item_key(item, told), *others}) == 1 + len(others)


def test_keys_of_int8_depend_on_its_scales(work, monkeypatch, tmp_path):
    keys = []
    for text in ("{}", "{ }"):
        (tmp_path / "scales.json").write_text(text, encoding="utf-8")
        monkeypatch.setattr("tts.app.batch.worker.SCALES", tmp_path / "scales.json")
        for precision in ("int8", "float32"):
            keys.append(replace(work.config, precision=precision).key_fields("model"))
    assert keys[0] != keys[2]
    assert keys[1] == keys[3]


def test_a_lexicon_is_read_once_for_all_items():
    """It may have thousands of words, and there may be thousands of items."""

    class Counted(dict):
        read = 0

        def items(self):
            Counted.read += 1
            return super().items()

    words = Lexicon.of({"list": "lɪst", "one": "wɒn"})
    usual = Delivery(lexicon=Lexicon(Counted(words.entries), words.longest_phrase_words))
    told = [settings(replace(usual, seed=seed)) for seed in range(3)]
    assert told == [settings(Delivery(lexicon=words))] * 3
    assert Counted.read == 1
    assert settings(Delivery(lexicon=Lexicon.of({"list": "lɪst", "one": "wʌn"}))) != told[0]


def test_whoever_hears_is_known_by_what_it_is_and_not_where(work, tmp_path):
    told = []
    for name, weights in (("one/base", b"1"), ("two/base", b"2"), ("three/small", b"2")):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "model.bin").write_bytes(weights)
        told.append(replace(work.config, whisper=tmp_path / name).key_fields("model"))
    assert told[0] != told[1] == told[2]


def read_items(work):
    from tts.app.batch.inputs.read import read_input

    return read_input(work.source, work.reader).items


@pytest.mark.command
def test_a_killed_run_goes_on_and_leaves_the_same_bytes(work, watched):
    """A process of its own is killed again and again, wherever it is."""
    whole = replace(work, out=work.out.with_name("whole"))
    run(whole, ALONE, watched)
    chance, context, kills = random.Random(7), get_context("fork"), 0
    while True:
        process = context.Process(target=run, args=(work, ALONE, watched))
        process.start()
        process.join(chance.uniform(0.0, 0.05 + 0.02 * kills))
        if process.exitcode is not None:
            break
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        kills += 1
        assert kills < 200, "it comes no further"
    assert process.exitcode == 0
    assert kills > 2
    assert everything(work.out) == everything(whole.out)


def test_a_bad_line_is_told_and_stops_nothing(work, watched):
    work.source.write_text(
        "Good.\n[pace:9]Bad.[/pace]\n\nGood too.\n[pause:1s\n[/pitch]\n", "utf-8"
    )
    outcome = run(work, ALONE, watched)
    assert [row["line"] for row in outcome.rows if "error" in row] == [2, 6]
    assert "pace" in outcome.rows[1]["error"]
    assert outcome.failed == 2
    assert (work.out / "audio/000004.flac").exists()
    assert not (work.out / "audio/000002.flac").exists()


def test_altered_rows_are_made_again(work, watched):
    """Whatever becomes of lines of the manifest, or of what was joined."""
    run(work, ALONE, watched)
    before, chance = everything(work.out), random.Random(5)
    for number in range(6):
        for name in ("manifest.jsonl", "files.jsonl"):
            for _ in range(1 + number % 2):
                alter(work.out / name, chance)
        assert run(work, ALONE, watched).failed == 0
        assert everything(work.out) == before


def test_a_damaged_row_is_told_in_a_line(tts_batch, tmp_path):
    (tmp_path / "list.txt").write_text("\n".join(LINES), "utf-8")
    tts_batch(tmp_path / "list.txt", tmp_path / "out")
    before, path = everything(tmp_path / "out"), tmp_path / "out/manifest.jsonl"
    _, second, *rest = path.read_text("utf-8").splitlines()
    altered = json.dumps(json.loads(second) | {"seconds": 99.0})
    path.write_text("\n".join(["5", altered, *rest, ""]), "utf-8")
    code, err = tts_batch(tmp_path / "list.txt", tmp_path / "out")
    assert code == 0
    assert "line 1 and 1 more of manifest.jsonl: altered or cut short" in err
    assert "4 of 6 items are finished already" in err
    assert everything(tmp_path / "out") == before


def test_rows_of_an_older_version_are_believed_and_get_hashes(work, watched):
    run(work, ALONE, watched)
    before = everything(work.out)
    for name in ("manifest.jsonl", "files.jsonl"):
        rows = map(json.loads, (work.out / name).read_text("utf-8").splitlines())
        old = [{field: row[field] for field in row if field != "row_sha256"} for row in rows]
        (work.out / name).write_text("".join(json.dumps(row) + "\n" for row in old), "utf-8")
    run(work, lambda order, batches: iter(list(batches) and [None]), watched)
    assert everything(work.out) == before


def test_what_a_killed_run_left_beside_is_deleted(work, watched):
    run(work, ALONE, watched)
    before = everything(work.out)
    for folder in ("", "audio", "parts", "chapters"):
        (work.out / folder / f".tts-{'0' * 32}.partial").write_bytes(b"half")
    run(work, ALONE, watched)
    assert everything(work.out) == before


def test_files_of_no_item_any_more_are_told_and_kept(work, watched):
    run(work, ALONE, watched)
    work.source.write_text(LINES[0], "utf-8")
    outcome = run(work, ALONE, watched)
    assert "audio/000006.flac" in outcome.strays
    assert (work.out / "audio/000006.flac").exists()
    assert len(outcome.rows) == 1


def test_what_is_there_is_where_its_list_has_it(work, watched):
    """A row that was made in another place of the list, before another pause, is told anew."""
    rows = [{"id": "a", "chapter": "One", "text": "A.", "pause": 1}]
    rows += [{"id": "b", "chapter": "Two", "text": "B."}]
    later = [{"id": "z", "chapter": "Zero", "text": "Z."}, {**rows[0], "pause": 2}, rows[1]]
    source = work.source.with_suffix(".jsonl")
    work, whole = (
        replace(work, source=source, out=work.out.with_name(name)) for name in ("again", "whole")
    )
    for lines, folder in ((rows, work), (later, work), (later, whole), (later[2:], work)):
        source.write_text("\n".join(map(json.dumps, lines)), "utf-8")
        run(folder, ALONE, watched)
        if lines == later and folder == whole:
            told = everything(whole.out)
            again = everything(work.out)
            assert {name: again[name] for name in told} == told
    assert [row["chapter"] for row in rows_of(work.out)] == [1]


def test_files_in_another_form_leave_the_old_ones_as_strays(work, watched):
    run(work, ALONE, watched)
    form = OutputFormat(format="mp3")
    order, wanted = replace(work.config, form=form), replace(work.join, form=form)
    outcome = run(replace(work, config=order, join=wanted), ALONE, watched)
    assert {"audio/000001.flac", "all.flac", "chapters/01.flac"} <= set(outcome.strays)
    assert "audio/000001.srt" not in outcome.strays


def test_two_runs_do_not_share_a_folder(work, watched):
    def crew(order, batches):
        with pytest.raises(ValueError, match=r"cannot write to .*: another run is using it"):
            run(work, ALONE, watched)
        yield from ALONE(order, batches)

    assert run(work, crew, watched).failed == 0


@pytest.mark.parametrize("together", [2, 4])
def test_together_is_as_alone_but_for_rounding(together):
    texts = ["One.", "Here are two sentences. Both are short!", "[pause:300ms] Three?", "Four, 4."]
    synthesizer = load()
    wanted = [(text, Delivery(seed=seed)) for seed, text in enumerate(texts)]
    both = [
        speech
        for start in range(0, 4, together)
        for speech in synthesize_batch(synthesizer, wanted[start : start + together])
    ]
    for (text, delivery), speech in zip(wanted, both, strict=True):
        alone = synthesizer.speak(text, delivery)
        assert speech.phones == alone.phones
        np.testing.assert_allclose(speech.audio, alone.audio, rtol=0, atol=1e-3)


def test_what_is_wrong_with_one_is_no_fault_of_the_others(tiny_synthesizer: Synthesizer):
    wanted = [("Good.", Delivery()), ("...", Delivery()), ("Good too.", Delivery(voice="nobody"))]
    good, empty, nobody = synthesize_batch(tiny_synthesizer, wanted)
    assert good.seconds
    assert isinstance(empty, ValueError)
    assert isinstance(nobody, ValueError)


def test_items_in_trouble_are_rolled_again_and_the_best_is_kept(work, models):
    order = JobConfig(**models, rolls=2, mos=0.0)
    item = read_items(work)[0]
    row = Worker(order)([item])[0].row
    seeds = [roll["seed"] for roll in row["rolls"]] + [row["seed"]]
    wanted = [derive_seed(item.delivery.seed, item.text, 0, roll) for roll in (1, 2)]
    assert sorted(seeds) == sorted([item.delivery.seed, *wanted])
    assert len(row["troubles"]) <= min(len(roll["troubles"]) for roll in row["rolls"])


def test_a_later_roll_may_be_the_best(work):
    """Of two takes of a text, the first is cut short by a limit that only the second keeps."""
    text = "What would become of her now?"
    item = replace(read_items(work)[0], text=text)
    for seed in range(20):
        item = replace(item, delivery=replace(item.delivery, seed=seed))
        usual = Worker(JobConfig(rolls=0, mos=0.0))([item])[0].row["quality"]
        limits = QualityLimits(slowest=usual["characters_per_second"] * 1.25)
        row = Worker(JobConfig(rolls=1, mos=0.0, limits=limits))([item])[0].row
        assert "error" not in row
        if row["seed"] != seed:
            break
    else:
        pytest.fail("no second take was ever better")
    assert [roll["seed"] for roll in row["rolls"]] == [seed]


def test_good_speech_is_not_rolled_again(work):
    item = replace(read_items(work)[0], text="The quick brown fox jumps over the lazy dog.")
    row = Worker(JobConfig(rolls=2, mos=100.0))([item])[0].row
    assert row["troubles"] == row["rolls"] == []
    assert 2.5 < row["quality"]["distillmos"] < 5


@pytest.mark.command
def test_workers_make_the_same_bytes_and_one_that_dies_is_replaced(work, watched):
    whole = replace(work, out=work.out.with_name("whole"))
    run(whole, ALONE, watched)
    killed = []

    def crew(order, batches):
        for made in run_workers(order, batches, 2):
            if not killed:
                killed.extend(child.pid for child in active_children())
                os.kill(killed[0], signal.SIGKILL)
            yield made

    run(work, crew, watched)
    assert killed
    assert everything(work.out) == everything(whole.out)
    assert not active_children()


def test_seeds_are_of_the_text_and_not_of_its_place():
    assert derive_seed(0, "a") == derive_seed(0, "a")
    others = {
        derive_seed(1, "a"),
        derive_seed(0, "b"),
        derive_seed(0, "a", 1),
        derive_seed(0, "a", 0, 1),
    }
    assert len(others | {derive_seed(0, "a")}) == 5
    assert all(0 <= seed < 2**63 for seed in others)


def test_a_cue_is_fitted_and_one_that_cannot_be_is_in_trouble(models):
    text = "Many words are to be said in hardly any time at all, and so they are."
    item = BatchItem(id="1", text=text, delivery=Delivery(), line=1, slot=(1.0, 1.2))
    row = Worker(JobConfig(**models, **UNJUDGED))([item])[0].row
    assert row["pace"] > 1
    assert any("longer than its cue" in trouble for trouble in row["troubles"])


@pytest.fixture
def tts_batch(tmp_path, models, capfd):
    """The command in this process, in a folder of its own."""

    quickly = ["--workers", "1", "--retries", "0", "--mos", "0"]
    quickly += ["--acoustic", str(models["acoustic"]), "--vocoder", models["vocoder"]]

    def call(*arguments):
        with pytest.raises(SystemExit) as exit:
            main(["batch", *quickly, *map(str, arguments)])
        return exit.value.code or 0, capfd.readouterr().err

    return call


def test_the_command_says_what_it_did(tts_batch, tmp_path):
    (tmp_path / "list.csv").write_text(
        "id,text,voice,pcae\na,Hello.,\nb,Hi.,nobody,\nc,...,,\n", "utf-8"
    )
    code, err = tts_batch(tmp_path / "list.csv", tmp_path / "out")
    assert code == 1
    assert err.count("note: column 'pcae' is ignored; did you mean 'pace'?\n") == 1
    assert "line 3 of list.csv: unknown voice 'nobody'" in err
    assert "1 item, " in err
    assert ", 2 failed" in err
    assert "<b>1</b> item" in (tmp_path / "out/report.html").read_text("utf-8")
    assert (tmp_path / "out/audio/a.wav").exists()
    assert (tmp_path / "out/report.html").exists()
    assert "" not in err.splitlines()
    code, err = tts_batch(tmp_path / "list.csv", tmp_path / "out")
    assert "1 of 1 items are finished already" in err


def test_films_are_one_track_as_long_as_they_are(tts_batch, tmp_path):
    (tmp_path / "film.srt").write_text(
        "1\n00:00:01,000 --> 00:00:03,000\nHello.\n\n2\n00:00:08,000 --> 00:00:11,000\nBye.\n",
        "utf-8",
    )
    code, err = tts_batch(tmp_path / "film.srt", tmp_path / "out")
    assert code == 0, err
    sound, rate = soundfile.read(tmp_path / "out/film.wav")
    heard = np.flatnonzero(np.abs(sound) > 1e-4) / rate
    assert heard[0] >= 1
    assert not ((heard > 6) & (heard < 8)).any()
    assert 8 < len(sound) / rate < 30


def test_what_is_late_in_a_film_is_told(tts_batch, tmp_path):
    (tmp_path / "film.srt").write_text(
        "1\n00:00:01,000 --> 00:00:01,500\nHello.\n\n2\n00:00:01,001 --> 00:00:11,000\nBye.\n",
        "utf-8",
    )
    code, err = tts_batch(tmp_path / "film.srt", tmp_path / "out")
    assert code == 0
    assert "1 begin after their cues" in err


def test_a_film_has_time_for_one_take(tts_batch, tmp_path):
    (tmp_path / "film.srt").write_text("1\n00:00:01,000 --> 00:00:03,000\nHello.\n", "utf-8")
    code, err = tts_batch(tmp_path / "film.srt", tmp_path / "out", "--takes", "2")
    assert code == 2
    assert "--voices, --paces and --takes cannot be used with subtitles" in err


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "nowhere.invalid:6379"])
def test_a_cluster_that_does_not_answer_is_refused(tts_batch, tmp_path, address):
    (tmp_path / "list.txt").write_text("Hello.", "utf-8")
    code, err = tts_batch(tmp_path / "list.txt", tmp_path / "out", "--ray", address)
    assert code == 2
    assert f"no Ray cluster answers at {address}; start one, or use local" in err


def test_books_are_m4b_with_chapters(tts_batch, tmp_path):
    text = "Chapter 1\n\nIt was late.\n\nChapter 2\n\nIt was later.\n"
    (tmp_path / "tale.txt").write_text(text, "utf-8")
    code, err = tts_batch(tmp_path / "tale.txt", tmp_path / "out", "--book", "--times", "srt")
    assert code == 0, err
    import av

    with av.open(tmp_path / "out/tale.m4b") as book:
        assert [one["metadata"]["title"] for one in book.chapters()] == ["Chapter 1", "Chapter 2"]
    assert "It was later." in (tmp_path / "out/tale.srt").read_text("utf-8")


def sizes(folder):
    return {name: len(data) for name, data in everything(folder).items()}


def test_a_full_disk_names_the_file(tts_batch, tmp_path, small_files):
    """While items are made, while their rows are written, while they are joined, and reported."""
    (tmp_path / "list.txt").write_text("\n".join(LINES), "utf-8")
    per_item = ["--format", "opus"]
    joined = ["--format", "flac", "--per", "book"]
    for options, whole in ((per_item, "items"), (joined, "book")):
        assert tts_batch(tmp_path / "list.txt", tmp_path / whole, *options)[0] == 0
    items, book = sizes(tmp_path / "items"), sizes(tmp_path / "book")
    largest = max(size for name, size in items.items() if name.startswith("audio"))
    parts = max(size for name, size in book.items() if name.startswith("parts"))
    rows = items["manifest.jsonl"]
    assert largest + 500 < rows < items["report.html"] - 500
    assert max(parts, book["manifest.jsonl"]) + 500 < book["list.flac"]
    for options, limit, name in (
        (per_item, 500, "audio/000001.opus"),
        (per_item, largest + 100, "manifest.jsonl"),
        (per_item, rows + 100, "report.html"),
        (joined, max(parts, book["manifest.jsonl"]) + 100, "list.flac"),
    ):
        out = tmp_path / f"out {limit}"
        with small_files(limit):
            code, err = tts_batch(tmp_path / "list.txt", out, *options)
        *_, last = err.splitlines()
        said = f"error: cannot write {re.escape(str(out / name))}: "
        assert (code, bool(re.match(said, last))) == (2, True), err
        assert not list(out.rglob("*.partial"))
    assert tts_batch(tmp_path / "list.txt", out, *options)[0] == 0
    assert sizes(out) == book


def test_datasets_have_manifests(tts_batch, tmp_path):
    (tmp_path / "list.txt").write_text("One.\nTwo.\n", "utf-8")
    code, err = tts_batch(
        tmp_path / "list.txt", tmp_path / "out", "--dataset", "--takes", "2", "--paces", "0.9,1.1"
    )
    assert code == 0, err
    rows = (tmp_path / "out/metadata.jsonl").read_text("utf-8").splitlines()
    assert len(rows) == 2 * 2 * 2
    assert len({json.loads(row)["file_name"] for row in rows}) == 8


def test_options_and_columns_say_how_items_are_said(tts_batch, tmp_path):
    (tmp_path / "list.csv").write_text("id,text,volume\na,One came.,\nb,Two went.,-60\n", "utf-8")
    options = ("--seed", "1", "--pitch", "2", "--energy", "-3", "--prosody-temperature", "1")
    code, err = tts_batch(tmp_path / "list.csv", tmp_path / "out", *options, "--pause", "0.5")
    assert code == 0, err
    assert "warning: --pause is now --sentence-pause" in err
    usual = Delivery(pitch=2.0, energy=-3.0, prosody_temperature=1.0, sentence_pause=0.5)
    for row, volume in zip(rows_of(tmp_path / "out"), (0, -60), strict=True):
        told = fingerprint(settings(replace(usual, volume=float(volume))))
        assert row["settings_sha256"] == told
    louder = tmp_path / "louder"
    code, err = tts_batch(
        tmp_path / "list.csv", louder, *options, "--pause", "0.5", "--volume", "6"
    )
    assert code == 0, err
    peaks = [
        np.abs(soundfile.read(out / "audio/a.wav")[0]).max() for out in (tmp_path / "out", louder)
    ]
    assert peaks[1] == pytest.approx(min(1, peaks[0] * 10 ** (6 / 20)), rel=1e-3)
    assert [row["settings_sha256"] for row in rows_of(louder)] == [
        row["settings_sha256"] for row in rows_of(tmp_path / "out")
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "ogg"], "format must be one of wav, flac, mp3, opus, m4b; got 'ogg'"),
        (["--format", "m4b", "--per", "item"], "for a file per item; got 'm4b'"),
        (["--per", "page"], "--per must be one of item, chapter, book; got 'page'"),
        (["--dataset", "--per", "book"], "--dataset needs a file per item; add --per item"),
        (["--sample-rate", "96000"], "sample rate must be from 8000 to 48000 Hz, got 96000"),
        (
            ["--format", "opus", "--sample-rate", "44100"],
            "sample rate of opus must be one of 8000, 12000",
        ),
        (
            ["--volume", "3", "--loudness", "-16"],
            "error: --volume and --loudness exclude each other",
        ),
        (["--volume", "99"], "volume must be from -60 to 30 dB, got 99\n"),
        (["--loudness", "9"], "loudness must be from -60 to -5 LUFS, got 9\n"),
        (["--voices", "heart,heart"], "voices must differ, got heart twice"),
        (["--paces", "fast"], "paces must be numbers such as 0.9,1,1.1; got 'fast'"),
        (["--paces", "9"], "error: paces must be from 0.25 to 4, got 9\n"),
        (["--voices", "heart,nobody"], "nobody"),
        (["--times", "ass"], "times must be one of srt, vtt, json, textgrid; got 'ass'"),
        (["--takes", "0"], "takes"),
        (["--batch-size", "0"], "error: batch size must be from 1 to 256, got 0\n"),
        (["--retries", "99"], "error: retries must be from 0 to 20, got 99\n"),
        (["--mos", "101"], "error: mos must be from 0 to 100, got 101\n"),
        (["--whisper", "nowhere"], "nowhere"),
        (["--lexicon", "nowhere.txt"], "nowhere.txt"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_is_refused_before_anything_is_made(tts_batch, tmp_path, arguments, said):
    (tmp_path / "list.txt").write_text("Hello.", "utf-8")
    code, err = tts_batch(tmp_path / "list.txt", tmp_path / "out", *arguments)
    assert code == 2
    assert said in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_vocoder_that_is_not_there_is_one_sentence(tts_batch, tmp_path, workers):
    (tmp_path / "list.txt").write_text("Hello.\nHi.", "utf-8")
    (tmp_path / "folder").mkdir()
    lacking = f"no config.yaml in {tmp_path / 'folder'}; a vocoder has config.yaml, and "
    for vocoder, said in (("nope", "no such file: nope\n"), (tmp_path / "folder", lacking)):
        options = ("--vocoder", vocoder, "--workers", workers)
        code, err = tts_batch(tmp_path / "list.txt", tmp_path / "out", *options)
        assert (code, err.count("\n")) == (2, 1)
        assert err.startswith(f"error: {said}")
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("option", "lacking"),
    [
        ("ray", ("local", "ray", "ray")),
        ("mos", ("5", "distillmos", "mos")),
        ("whisper", ("{}", "faster_whisper", "evaluate")),
    ],
)
def test_an_option_without_its_package_names_the_extra(
    tts_batch, tmp_path, monkeypatch, option, lacking
):
    value, module, extra = lacking
    (tmp_path / "list.txt").write_text("Hello.", "utf-8")
    (tmp_path / "model.bin").touch()
    monkeypatch.setitem(sys.modules, module, None)
    options = (f"--{option}", value.format(tmp_path))
    code, err = tts_batch(tmp_path / "list.txt", tmp_path / "out", *options)
    assert code == 2
    assert err == (
        f"error: tts batch --{option} needs {module}; install it with "
        f"pip install 'one-step-tts[{extra}]'\n"
    )
    assert not (tmp_path / "out").exists()


def test_what_is_read_is_not_written_over(tts_batch, tmp_path):
    cue = "1\n00:00:01,000 --> 00:00:03,000\nHello.\n"
    lists = {
        "film.srt": (cue, "--times", "srt"),
        "metadata.jsonl": ('{"text": "Hello."}', "--dataset"),
        "manifest.jsonl": ('{"text": "Hello."}',),
        "report.csv": ("text\nHello.\n",),
    }
    for name, (written, *arguments) in lists.items():
        (tmp_path / name).write_text(written, "utf-8")
        code, err = tts_batch(tmp_path / name, tmp_path, *arguments)
        assert code == 2
        assert f"cannot write {tmp_path / name}: it is the input; choose another folder" in err
        assert (tmp_path / name).read_text("utf-8") == written
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(lists)


def test_a_folder_that_cannot_be_is_refused(tts_batch, tmp_path):
    (tmp_path / "list.txt").write_text("Hello.", "utf-8")
    code, err = tts_batch(tmp_path / "list.txt", tmp_path / "list.txt")
    assert code == 2
    assert f"cannot write to {tmp_path / 'list.txt'}: it is not a folder; choose another" in err

    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    code, err = tts_batch(tmp_path / "list.txt", tmp_path / "link")
    assert code == 2
    assert f"cannot write to {tmp_path / 'link'}: it is a broken link; choose another" in err


@pytest.mark.skipif(os.name != "posix", reason="others have no such things")
@pytest.mark.timeout(30)
def test_what_is_in_the_way_is_refused_before_anything_is_made(tts_batch, tmp_path):
    """Where a file is to be there is a pipe, a device or a folder; where a folder is, a file."""
    (tmp_path / "list.txt").write_text("Hello.", "utf-8")
    ways = {
        "a pipe or a device": (os.mkfifo, lambda path: path.symlink_to("/dev/null")),
        "a folder": (Path.mkdir,),
    }
    files = ["manifest.jsonl", "files.jsonl", "report.csv", "report.html", "list.wav", "list.srt"]
    files += [".lock", "nemo.jsonl"]
    cases = [(name, way, kind) for kind in ways for way in ways[kind] for name in files]
    cases += [(name, Path.touch, "not a folder") for name in ("audio", "parts", "chapters")]
    for number, (name, way, kind) in enumerate(cases):
        path = tmp_path / f"out {number}" / name
        path.parent.mkdir()
        way(path)
        options = [option for per in ("item", "chapter", "book") for option in ("--per", per)]
        code, err = tts_batch(
            tmp_path / "list.txt", path.parent, *options, "--times", "srt", "--dataset"
        )
        to = " to" if way is Path.touch else ""
        said = f"error: cannot write{to} {path}: it is {kind}; delete it or choose another folder\n"
        assert err.endswith(said), (name, err)
        assert code == 2
        assert [one.name for one in path.parent.iterdir()] == [name]


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_is_not_the_folder_one_stands_in(name, tts_batch, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.txt").write_text("Hello.", "utf-8")
    code, err = tts_batch("list.txt", name)
    assert code == 2
    assert "error: OUT: the name of the folder is empty; see `tts batch --help`" in err
    assert [path.name for path in tmp_path.iterdir()] == ["list.txt"]


def test_lists_that_are_not_there_are_refused(tts_batch, tmp_path):
    for name in ("list.txt", "list.pdf"):
        code, err = tts_batch(tmp_path / name, tmp_path / "out")
        assert code == 2
        assert name in err
    assert not (tmp_path / "out").exists()


def test_workers_leave_with_their_parent(tmp_path, models):
    """Who is killed cannot tell them to."""
    script = tmp_path / "parent.py"
    script.write_text(
        "import sys, time\n"
        f"sys.path.insert(0, {str(Path(__file__).parents[3])!r})\n"
        "from tts.app.batch.processes import _Worker\n"
        "if __name__ == '__main__':\n"
        "    worker = _Worker(list)\n"
        "    worker.pipe.recv()\n"
        "    print(worker.process.pid, flush=True)\n"
        "    time.sleep(60)\n",
        "utf-8",
    )
    import subprocess

    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    with parent:
        worker = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
    deadline = time.monotonic() + 10
    while _alive(worker):
        assert time.monotonic() < deadline, "it works for nobody"
        time.sleep(0.02)


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # whoever nobody waits for is dead all the same
    return " Z " not in Path(f"/proc/{pid}/stat").read_text()


def test_a_row_tells_the_level_of_the_file(work):
    item = replace(read_items(work)[0], text="The quick brown fox jumps over the lazy dog.")
    for form in (
        OutputFormat(loudness=-16.0),
        OutputFormat(volume=3.0, sample_rate=8_000),
        OutputFormat(),
    ):
        made = Worker(JobConfig(form=form, mos=0.0))([item])[0]
        sound, rate = soundfile.read(io.BytesIO(made.files[made.row["audio"]]), dtype="float32")
        told, heard = made.row["quality"], measure_loudness([sound], rate)
        assert rate == form.sample_rate
        assert told["loudness"] == pytest.approx(heard.loudness, abs=0.5 if rate < 24_000 else 0.1)
        assert told["true_peak"] == pytest.approx(heard.true_peak, abs=1 if rate < 24_000 else 0.1)


def test_models_are_known_by_what_both_files_hold_and_not_where_they_are(models, tmp_path):
    """Another acoustic model, or another vocoder, makes everything again."""

    def told(**changed):
        return JobConfig(**models | changed).model()

    def altered(name):
        path = tmp_path / f"{name}.safetensors"
        path.write_bytes(Path(models[name]).read_bytes() + b" ")
        return path

    (moved := tmp_path / "moved.safetensors").write_bytes(Path(models["vocoder"]).read_bytes())
    others = told(acoustic=altered("acoustic")), told(vocoder=str(altered("vocoder")))
    assert len({told(), *others}) == 3
    assert told(vocoder=str(moved)) == told()


def test_of_equal_takes_the_first_is_kept_and_of_others_the_one_with_fewest_troubles(work, models):
    items = read_items(work)[:3]
    for item, made in zip(items, Worker(JobConfig(**models, rolls=2, mos=0.0))(items), strict=True):
        takes = [made.row, *made.row["rolls"]]
        troubles = {take["seed"]: len(take["troubles"]) for take in takes}
        others = [derive_seed(item.delivery.seed, item.text, 0, roll) for roll in (1, 2)]
        best = min((item.delivery.seed, *others), key=troubles.__getitem__)
        assert len(troubles) == 3
        assert made.row["seed"] == best
