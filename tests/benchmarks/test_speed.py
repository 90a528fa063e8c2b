"""The comparison of speeds: its arithmetic, its rows, and a short run of our own system."""

import json
from importlib.metadata import distributions

import pytest
import typer
from typer.testing import CliRunner

from benchmarks.speed import leaderboard, operations
from benchmarks.speed.__main__ import QUICK, chosen, main
from benchmarks.speed.process import DROPPED, Failed, start
from benchmarks.speed.rows import RowFile, read_rows
from benchmarks.speed.summary import counted, figures, newest, page, peak_mib, percentiles
from benchmarks.speed.systems import SYSTEMS, Environment, System, ours
from benchmarks.speed.texts import LONG, MEDIUM, SHORT, WARMING, WORDS, texts_by_length
from benchmarks.speed.turns import Comparison
from tts.config import VocoderConfig
from tts.vocoder.backbone import Backbone
from tts.vocoder.f0_predictor import F0Predictor
from tts.vocoder.heads import FourierHead, HarmonicHead

OUR_NAME = ours("onnx", "float32", 1).name
SENTENCE_NETWORKS = ("encoder", "pause", "prosody")


def run_row(way="stream", **changed):
    about = {"what": "run", "system": "a", "version": "1", "threads": 1, "length": MEDIUM}
    times = {"first_wall": 0.1, "first_cpu": 0.1, "wall": 0.4, "cpu": 0.2, "seconds": 2.0}
    return about | {"round": 0, "way": way, "run": DROPPED, "peak_mib": 100.0} | times | changed


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """The file of a quick run, and what the command printed."""
    out = tmp_path_factory.mktemp("speed") / "speed.jsonl"
    return out, invoke("--quick", "--out", out)


def invoke(*arguments):
    app = typer.Typer()
    app.command()(main)
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.command
def test_a_quick_run_measures_our_own_system(quick):
    rows = read_rows(quick[0])
    assert [row["what"] for row in rows] == ["machine", "start", "matmul", "run", "run"]
    begun, product, streamed, whole = rows[1:]
    assert begun["cpu"] > 0
    assert begun["wall"] > 0
    assert product["gflops"] > 0.1
    assert (streamed["way"], whole["way"]) == ("stream", "whole")
    assert streamed["seconds"] == pytest.approx(whole["seconds"])
    assert 0.5 < streamed["seconds"] < 5
    assert 0 < streamed["first_wall"] <= streamed["wall"]
    assert 0 < streamed["first_cpu"] <= streamed["cpu"]
    assert streamed["run"] == DROPPED, "the runs that do not count come first"


@pytest.mark.command
def test_a_quick_run_prints_tables(quick):
    assert QUICK.name in quick[1]
    assert "start to first sound" in quick[1]
    kept = json.loads(quick[0].with_suffix(".json").read_text(encoding="utf-8"))
    assert [row["system"] for row in kept["systems"]] == []  # of a short text alone
    assert len(kept["tables"]) >= 2


@pytest.mark.command
def test_a_finished_run_measures_nothing_again(quick):
    before = quick[0].read_bytes()
    assert invoke("--quick", "--out", quick[0]) == quick[1]
    assert quick[0].read_bytes() == before


def test_a_stopped_run_goes_on_from_its_rows(tmp_path):
    path = tmp_path / "rows.jsonl"
    first = RowFile(path)
    first.add({"what": "run", "round": 0}, lambda: {"wall": 1.0})
    with path.open("a") as file:
        file.write('{"what": "run", "rou')
    again = RowFile(path)
    again.add({"what": "run", "round": 0}, lambda: {"wall": 2.0})
    again.add({"what": "run", "round": 1}, lambda: {"wall": 3.0})
    assert [row["wall"] for row in read_rows(path)] == [1.0, 3.0]
    assert len(path.read_text().splitlines()) == 2


def test_another_version_is_measured_anew(tmp_path):
    file = RowFile(tmp_path / "rows.jsonl")
    file.add({"what": "start", "system": "a", "version": "1"}, lambda: {"wall": 1.0})
    assert {"what": "start", "system": "a", "version": "2"} not in file
    rows = [*file.rows, {"what": "start", "system": "a", "version": "2"}]
    assert [row["version"] for row in newest(rows)] == ["2"]


def test_percentiles_are_in_milliseconds_and_interpolated():
    found = percentiles([number / 1000 for number in range(1, 12)])
    assert found == {50: pytest.approx(6), 90: pytest.approx(10), 95: pytest.approx(10.5)}


def test_the_first_runs_of_a_process_do_not_count():
    rows = [run_row(run=number, wall=9.0 if number < 3 else 1.0) for number in range(5)]
    assert DROPPED == len(WARMING) == 3
    assert [row["wall"] for row in counted(rows)] == [1.0, 1.0]


def test_figures_are_of_the_whole_and_first_sound_of_the_stream():
    rows = [
        run_row(round=0, cpu=0.3),
        run_row("whole", round=0, cpu=0.2, first_wall=0.5),
        run_row(round=1, first_wall=0.3, cpu=0.3),
        run_row("whole", round=1, cpu=0.2),
        run_row("whole", round=2, cpu=5.0),  # disturbed
        run_row(run=0, first_wall=9.0),
    ]
    (found,) = figures(rows)
    assert found.processor_factor == pytest.approx(0.1)
    assert found.wall_factor == pytest.approx(0.2)
    assert found.first_sound[50] == pytest.approx(200)
    assert found.streamed_over_whole == pytest.approx(1.5)


def test_a_system_that_makes_no_whole_has_the_figures_of_its_stream():
    (found,) = figures([run_row()])
    assert found.processor_factor == pytest.approx(0.1)
    assert found.streamed_over_whole is None


def test_peak_memory_is_of_one_thread():
    rows = [run_row(peak_mib=90.0), run_row(peak_mib=95.0), run_row(threads=2, peak_mib=200.0)]
    assert peak_mib(rows, "a") == 95


def test_tables_show_rates_and_what_is_missing():
    rows = [
        {"what": "matmul", "version": "1", "threads": 1, "gflops": 100.0},
        {"what": "installed", "system": "a", "version": "1", "packages": 7, "megabytes": 12.4},
        {"what": "start", "system": "a", "version": "1", "threads": 1, "wall": 0.5, "cpu": 0.25},
        run_row(),
        {"what": "missing", "system": "a", "version": "1", "reason": "not then"},
        {"what": "missing", "system": "b", "version": "", "reason": "no package"},
    ]
    shown = page(rows, {"a": 2e9})
    assert "| a      | 1       | 0.50" in shown
    assert "| 12            | 7        |" in shown
    assert "| 2.00                   | 20.0    | 20%" in shown
    assert "b is not measured: no package." in shown
    assert "a is not measured" not in shown


def test_a_system_that_does_not_start_is_a_row(tmp_path):
    broken = System("broken", "one-step-tts", "none", {"kind": "ours", "runtime": "other"})
    with pytest.raises(Failed, match="steps"):
        start(broken, tmp_path, "Hello.")
    missing = chosen(["Pocket-TTS"])
    file = RowFile(tmp_path / "rows.jsonl")
    Comparison([broken, *missing], tmp_path, [1], [SHORT], 1, 1, "c").measure(file)
    reasons = {row["system"]: row["reason"] for row in file.rows if row["what"] == "missing"}
    assert "steps" in reasons["broken"]
    assert "model hub" in reasons["Pocket-TTS"]


def test_every_length_has_its_words_and_enough_texts():
    found = texts_by_length()
    assert set(found) == {SHORT, MEDIUM, LONG}
    for length, texts in found.items():
        assert {len(text.split()) for text in texts} == {WORDS[length]}
        assert len(set(texts)) == len(texts) > 10


def test_packages_and_size_of_an_environment(tmp_path):
    packages = tmp_path / "lib" / "python3.11" / "site-packages"
    about = packages / "thing-1.5.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_bytes(b"Metadata-Version: 2.1\nName: thing\nVersion: 1.5\n")
    (packages / "thing.py").write_bytes(bytes(1_000_000))
    assert Environment(tmp_path).version("thing") == "", "there is no Python in it"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    environment = Environment(tmp_path)
    assert (environment.version("thing"), environment.version("other")) == ("1.5", "")
    assert len(environment.distributions) == len(list(distributions(path=[str(packages)]))) == 1
    assert environment.megabytes == pytest.approx(1, abs=0.01)


def test_the_names_of_systems_differ():
    names = [system.name for system in SYSTEMS]
    assert len(set(names)) == len(names)
    assert OUR_NAME in names


def test_a_row_for_the_leaderboard():
    rows = [run_row(run=number, first_wall=9.0 if number < 3 else 0.02) for number in range(13)]
    found = leaderboard.row(rows)
    assert found["samples"] == 10
    assert found["ttfa_p50_ms"] == found["ttfa_p95_ms"] == 20.0
    assert found["rtfx_batch_1"] == 5.0


def of_weights(*modules):
    """Operations at a position: two for each weight of a matrix or of a convolution."""
    named = (pair for module in modules for pair in module.named_parameters())
    return 2 * sum(
        weight.numel() for name, weight in named if name.endswith("weight") and weight.dim() > 1
    )


@pytest.mark.parametrize("patch", [1, 2])
def test_operations_of_the_vocoder_are_those_of_its_weights(patch):
    config = VocoderConfig(dim=16, intermediate_dim=32, depth=2, patch=patch)
    head = FourierHead(config.mel, config.dim)
    of_frame = of_weights(Backbone(config)) / patch + of_weights(head)
    assert operations.backbone(config) == of_frame


def test_operations_of_the_source_are_those_of_its_weights():
    config = VocoderConfig(dim=16, intermediate_dim=32, depth=2, pitch_dim=8)
    predictor = F0Predictor(config.mel.bands, config.pitch_dim)
    head = HarmonicHead(config.mel, config.dim)
    level = 2 * head.spread.numel()
    assert operations.f0_predictor(config) == of_weights(predictor)
    assert operations.backbone(config) == of_weights(Backbone(config), head) + level


def test_operations_of_the_decoder_are_those_of_its_weights(tiny_acoustic, tiny_config):
    decoder = tiny_acoustic.decoder
    per_patch = of_weights(decoder.input, decoder.blocks, decoder.output)
    once, twice = (operations.decoder(tiny_config, steps) for steps in (1, 2))
    assert twice - once == per_patch / tiny_config.decoder.patch
    assert 2 * once - twice == of_weights(tiny_acoustic.position_mlp, tiny_acoustic.mean)


def test_operations_of_a_symbol_are_those_of_its_weights(tiny_acoustic, tiny_config):
    encoder, pause, prosody = (getattr(tiny_acoustic, name) for name in SENTENCE_NETWORKS)
    jump = of_weights(prosody.input, prosody.blocks, prosody.attention, prosody.output)
    once, twice = (operations.sentence(tiny_config, steps) for steps in (1, 2))
    assert twice - once == jump
    others = encoder.blocks, encoder.attention, pause, tiny_acoustic.prosody_embedding
    assert 2 * once - twice == of_weights(*others)


def test_more_steps_cost_more_operations(tiny_config):
    config = VocoderConfig(dim=16, intermediate_dim=32, depth=2)
    once, twice = (operations.per_second(tiny_config, config, steps) for steps in (1, 2))
    assert once < twice < 2 * once
