import json

import numpy as np
import pytest
import soundfile
import torch
import typer
from tts.training.evaluation.bootstrap import bootstrap_estimate
from tts.training.evaluation.command import evaluate
from tts.training.evaluation.judge import SpeechJudge
from tts.training.evaluation.results import ResultStore
from tts.training.evaluation.similarity import Similarity
from tts.training.evaluation.speed import Round, stream
from tts.training.evaluation.summary import summarise
from tts.training.evaluation.systems import SpeechSystem, follow_velocity, references, students
from tts.training.evaluation.table import markdown, page
from tts.training.evaluation.texts import EvaluationText, choose, read_lines
from typer.testing import CliRunner

from tts.delivery import Delivery
from tts.metrics import Metrics, to_judge_audio


def test_the_interval_holds_the_mean_in_95_of_100_draws():
    chance = np.random.default_rng(0)
    found = [bootstrap_estimate(chance.normal(3.0, 2.0, 100).tolist()) for _ in range(300)]
    held = np.mean([one.low <= 3.0 <= one.high for one in found])
    assert 0.91 <= held <= 0.98


def test_a_rate_is_errors_over_words_of_all_lines():
    rate = bootstrap_estimate([1] * 50 + [0] * 50, [1] * 50 + [9] * 50)
    assert rate.value == pytest.approx(0.1)
    assert 0.05 < rate.low < 0.1 < rate.high < 0.2


def test_a_line_is_judged_as_the_file_that_is_kept_of_it(tmp_path):
    pytest.importorskip("jiwer")
    sound = (0.1 * np.sin(np.arange(12_000) / 20)).astype(np.float32)
    heard = []
    judges = Metrics(transcribe=lambda audio: heard.append(audio) or "Hello.", mos_predictors={})
    panel = SpeechJudge(judges=judges, encoder=None, similarity=Similarity({}), audio=tmp_path)
    line = EvaluationText(id="e0", kind="short", text="Hello!", voice="heart")
    row = panel.judge(SpeechSystem("1 step", lambda line: sound), line)
    assert (row["system"], row["seconds"], row["word_errors"]) == ("1 step", 0.5, 0)
    kept, _ = soundfile.read(tmp_path / "1 step" / "heart" / "e0.wav", dtype="float32")
    np.testing.assert_array_equal(to_judge_audio(kept, 24_000), heard[0])


def test_what_is_found_is_not_looked_for_again(tmp_path):
    path, looks = tmp_path / "ledger.jsonl", []

    def find():
        looks.append(1)
        return {"answer": 42}

    for _ in range(3):
        assert ResultStore(path, {"model": "a"}).get_or_compute("question", find) == {"answer": 42}
    assert len(looks) == 1


def test_goes_on_after_a_line_that_was_cut(tmp_path):
    path = tmp_path / "ledger.jsonl"
    for name in ("first", "second"):
        ResultStore(path, {}).get_or_compute(name, lambda: {"answer": 42})
    path.write_text(path.read_text()[:-9])
    ledger = ResultStore(path, {})
    assert set(ledger.results) == {"first"}
    ledger.get_or_compute("second", lambda: {"answer": 43})
    assert ResultStore(path, {}).results == {"first": {"answer": 42}, "second": {"answer": 43}}


def test_begins_again_where_nothing_whole_was_written(tmp_path):
    path = tmp_path / "ledger.jsonl"
    path.write_text('{"model": ')
    assert ResultStore(path, {"model": "a"}).results == {}
    assert json.loads(path.read_text()) == {"model": "a"}


def test_refuses_to_go_on_with_another_model(tmp_path):
    ResultStore(tmp_path / "ledger.jsonl", {"model": "a"})
    with pytest.raises(ValueError, match="another folder"):
        ResultStore(tmp_path / "ledger.jsonl", {"model": "b"})


def test_figures_are_by_kind_system_and_voice_and_differences_paired():
    rows = [judged("1 step", "a", 2), judged("1 step", "b", 0)]
    rows += [judged("teacher", "a", 1), judged("teacher", "b", 0)]
    student, teacher = summarise(rows, "teacher")
    assert student["wer"]["value"] == pytest.approx(0.1)
    assert student["wer_above"]["value"] == pytest.approx(0.05)
    assert student["wer_above"]["low"] == 0
    assert "wer_above" not in teacher
    assert student["dnsmos"]["value"] == 3


def test_the_page_says_what_was_found_and_what_bounds_it():
    rows = [judged("1 step", "a", 1), judged("teacher", "a", 0)]
    results = {
        "subject": {"temperature": 1.0, "prosody_temperature": 0.5},
        "reference": "teacher",
        "summary": summarise(rows, "teacher"),
        "deviation": [{"system": "1 step", "median": 0.91234}],
    }
    lines = page(results).splitlines()
    assert "## sentence" in lines
    assert "| 1 step  | heart | 1     | 10.0 (10.0 to 10.0) | 10.0 (10.0 to 10.0) " in page(results)
    assert "| 1 step | 0.9123 |" in lines
    assert not any("speed" in line for line in lines)


def test_columns_line_up():
    assert markdown(["a", "bcd"], [["ef", "g"]]).splitlines() == [
        "| a  | bcd |",
        "| -- | --- |",
        "| ef | g   |",
    ]


def test_following_the_velocity_is_euler(tiny_acoustic):
    config = tiny_acoustic.config
    known = torch.randn(2, 5, config.mel.bands + config.encoder.dim)
    given = (known, torch.randn(2, config.voice_dim), torch.ones(2, 5, dtype=torch.bool))
    start = torch.randn(2, 5, config.mel.bands)
    followed = follow_velocity(tiny_acoustic).mel_map(*given).sample(start, 7)
    network = tiny_acoustic.mel_map(*given)
    torch.testing.assert_close(followed, network.integrate(start, 7))
    assert not torch.allclose(followed, network.sample(start, 7))


def test_systems_speak_every_line_and_replay_recordings(tiny_synthesizer, tmp_path):
    wave = 0.1 * np.sin(np.arange(24_000) / 20)
    soundfile.write(tmp_path / "v0.wav", wave, 24_000)
    line = EvaluationText(
        id="v0", kind="recorded", text="Hello.", voice="michael", recording=tmp_path / "v0.wav"
    )
    systems = students(tiny_synthesizer, (1, 2), Delivery())
    systems += references(tiny_synthesizer, None, Delivery())
    spoken = {system.name: system.speak(line) for system in systems}
    assert list(spoken)[:3] == ["1 step", "2 steps", "own velocity, 32 midpoint steps"]
    assert len(spoken["recordings"]) == 24_000
    assert len(spoken["recordings, vocoded"]) == 24_000 // 256 * 256
    assert all(np.isfinite(audio).all() for audio in spoken.values())
    assert not np.array_equal(spoken["1 step"], spoken["2 steps"])


def test_lines_are_the_first_of_each_kind_and_voice(tmp_path):
    rows = [{"id": f"{kind}{n}", "kind": kind, "text": "Hi."} for n in range(5) for kind in "ab"]
    (tmp_path / "texts.jsonl").write_text("\n".join(map(json.dumps, rows)))
    lines = read_lines(tmp_path / "texts.jsonl", None, ("heart", "michael"))
    assert len(lines) == 20
    chosen = [(line.voice, line.id) for line in choose(lines, ("b",), 2)]
    assert chosen == [("heart", "b0"), ("heart", "b1"), ("michael", "b0"), ("michael", "b1")]


def test_slack_is_how_early_the_tightest_chunk_comes():
    one = Round(arrivals=(0.1, 0.2, 1.5), seconds=(0.3, 1.0, 2.0), lead=0.0)
    assert one.slack == pytest.approx(-0.1)
    assert one.real_time_factor == pytest.approx(1.5 / 3.3)


def test_a_round_watches_every_chunk(tiny_synthesizer):
    one = stream(tiny_synthesizer, Delivery())
    assert len(one.arrivals) == len(one.seconds) > 1
    assert list(one.arrivals) == sorted(one.arrivals)
    assert 0 <= one.lead < sum(one.seconds)


def test_the_command_explains_itself_and_refuses_what_is_not_there(tmp_path):
    app = typer.Typer()
    app.command()(evaluate)
    assert CliRunner().invoke(app, ["--help"]).exit_code == 0
    absent = ["--whisper", str(tmp_path), "--out", str(tmp_path), "--acoustic", str(tmp_path / "x")]
    error = CliRunner().invoke(app, absent).exception
    assert isinstance(error, FileNotFoundError)
    assert str(error) == f"no such file: {tmp_path / 'x'}"


def judged(system, id, errors):
    return {
        "kind": "sentence",
        "system": system,
        "voice": "heart",
        "id": id,
        "words": 10,
        "word_errors": errors,
        "characters": 50,
        "character_errors": errors,
        "dnsmos": 3.0,
    }
