"""Stages in a row on a GPU, rehearsed here: what is compiled, what is waited for, what is kept."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Generator
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from tts.training.__main__ import app
from tts.training.acoustic.stage import AcousticStage
from tts.training.acoustic.terms import Ramp
from tts.training.data.dataset import FeatureDataset
from tts.training.loop.compilation import check_graphs
from tts.training.loop.outcome import StepResult, read_losses
from tts.training.loop.rehearsal import LIMIT, PHASES, rehearse
from tts.training.loop.stages import check_stages, parse_stages, start_from
from tts.training.loop.train import train, write_down
from tts.training.overrides import override, parse_option
from tts.training.recipes import RECIPES
from typer.main import get_command

from tests.toys import TINY_MODEL, write_toy_features
from tts.acoustic.model import AcousticModel
from tts.checkpoint import read_metadata
from tts.cli.main import run_command as command
from tts.text.pronounce.symbols import PhonemeTokenizer
from tts.torch_checkpoint import load_checkpoint, save_checkpoint

GPU = ("flow_matching_gpu", "split_mean_flow_gpu")


@pytest.fixture(scope="module")
def features(tmp_path_factory):
    folder = tmp_path_factory.mktemp("features")
    write_toy_features(folder)
    return folder


@pytest.fixture
def corpus(features, tiny_config):
    symbols = PhonemeTokenizer(inventory=tiny_config.symbols)
    return FeatureDataset([features / "heart"], symbols, tiny_config.voices)


@pytest.fixture
def start(tiny_acoustic, tmp_path):
    save_checkpoint(tiny_acoustic, tmp_path / "start.safetensors", {})
    return str(tmp_path / "start.safetensors")


@pytest.fixture
def small(tiny_config, start):
    """A recipe that is small, and starts from random weights."""

    def shrink(name, **options):
        recipe = RECIPES[name]()
        shape = {"model": tiny_config, "batch": 8, "crop": 32, "minutes": None, "compiled": False}
        begin = {"start": start if recipe.start else None}
        return replace(recipe, **shape | begin | options)

    return shrink


@pytest.fixture(autouse=True)
def short_trial(monkeypatch):
    """One batch of what is held out is enough to be judged by, and one round to be rehearsed."""
    monkeypatch.setattr("tts.training.acoustic.stage.ROUNDS", 1)
    monkeypatch.setattr("tts.training.loop.stages.SPEED_SECONDS", 0)
    monkeypatch.setattr("tts.training.loop.rehearsal.ROUND", 1)


class Scalars(TorchDispatchMode):
    """Operations whose result the host must wait for, as it decides what comes next."""

    WAITING = ("_local_scalar_dense", "nonzero", "masked_select", "_unique2", "equal")

    def __init__(self):
        super().__init__()
        self.found = []

    def __torch_dispatch__(self, operation, types, arguments=(), options=None):
        name = operation._schema.name.removeprefix("aten::")
        if name in self.WAITING or (name.startswith("index") and self.masks(arguments)):
            self.found.append(name)
        return operation(*arguments, **(options or {}))

    def masks(self, arguments):
        places = arguments[1] if isinstance(arguments[1], (list, tuple)) else ()
        return any(place is not None and place.dtype == torch.bool for place in places)


class Copies(TorchFunctionMode):
    """Tensors that come to the host."""

    def __init__(self):
        super().__init__()
        self.found = []

    def __torch_function__(self, function, types, arguments=(), options=None):
        if getattr(function, "__name__", "") in ("tolist", "cpu", "numpy", "__array__"):
            self.found.append(function.__name__)
        return function(*arguments, **(options or {}))


@pytest.mark.parametrize("name", GPU)
def test_a_step_waits_for_nothing(name, small, corpus, monkeypatch):
    """With texts padded to the longest of the corpus, as on a GPU."""
    monkeypatch.setattr(FeatureDataset, "_longest", lambda self, picked: self.tokens.shape[1])
    stage = AcousticStage(small(name), corpus, {})
    with Scalars() as scalars, Copies() as copies:
        outcome = stage.step(0.5, Generator().manual_seed(0))
        assert scalars.found + copies.found == []
        read_losses([outcome])
        assert copies.found == ["tolist"]


@pytest.mark.slow
def test_a_run_of_stages_compiles_four_graphs(features, tmp_path):
    """One of the teacher; of the student, one that learns and two that answer.

    In a process of its own, as checks of shapes would be compiled too.
    """
    options = [part for option in TINY_MODEL for part in ("--set", option)]
    said = subprocess.run(
        [
            sys.executable, "-W", "ignore", "-m", "training", "run",
            "flow_matching_gpu=0.01,split_mean_flow_gpu=0.01", "--features", str(features),
            "--out", str(tmp_path), "--sets", "heart", "--held-out", "val", "--threads", "1",
            *options,
        ],
        cwd=Path(__file__).parents[3], capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert re.findall(r"(\w+): graphs compiled: (\d+),", said) == [*zip(GPU, "13", strict=True)]


def test_more_graphs_than_terms_can_need_are_refused(monkeypatch):
    monkeypatch.setattr("tts.training.loop.compilation.count_graphs", lambda: 12)
    check_graphs("student", 8)
    with pytest.raises(ValueError, match=r"run student must compile at most 4 graphs, got 5"):
        check_graphs("student", 7)


def test_a_compiled_run_has_terms_of_fixed_shares(small):
    first, *others = small("split_mean_flow_gpu").terms
    ramp = replace(first, share=Ramp(start=0.75, end=0.5))
    with pytest.raises(ValueError, match="is compiled, so the shares of its terms must not change"):
        small("split_mean_flow_gpu", compiled=True, terms=(ramp, *others))


@pytest.mark.parametrize("case", [("losses", 9), ("gradients", 9), ("losses", 5)])
def test_numbers_that_are_not_finite_stop_a_run_and_spoil_no_average(
    case, small, corpus, tmp_path, monkeypatch
):
    """Though they are read every third step and at the end, the step is named and its clips."""
    broken, steps = case
    run = small("flow_matching_gpu", steps=2, log_every=3)
    path = train(run, AcousticStage(run, corpus, {"val": corpus}), tmp_path / "run")
    kept = path.read_bytes()
    longer = replace(run, steps=steps)
    stage = AcousticStage(longer, corpus, {"val": corpus})
    step = stage.step

    def spoilt(progress, chance):
        outcome = step(progress, chance)
        if outcome.step == 3:
            nothing = torch.tensor(torch.nan)
            losses = outcome.losses | ({"mean": nothing} if broken == "losses" else {})
            norm = nothing[None] if broken == "gradients" else outcome.gradients
            return replace(outcome, losses=losses, gradients=norm)
        return outcome

    monkeypatch.setattr(stage, "step", spoilt)
    name = {"losses": "mean", "gradients": "gradients"}[broken]
    clips = ", ".join(4 * [r"heart\d"])
    with pytest.raises(ValueError, match=rf"^step 3: {name} not finite; see clips {clips}"):
        train(longer, stage, tmp_path / "run")
    assert stage.state.step == min(6, steps)
    assert path.read_bytes() == kept


def test_averages_that_are_not_finite_are_not_saved(small, corpus, tmp_path):
    run = small("flow_matching_gpu", steps=1)
    stage = AcousticStage(run, corpus, {"val": corpus})
    next(iter(stage.state.average.weights.values())).fill_(torch.inf)
    with pytest.raises(ValueError, match="averages of run flow_matching_gpu are not finite"):
        train(run, stage, tmp_path)
    assert not (tmp_path / "average.safetensors").exists()


def test_the_losses_of_the_last_step_are_read():
    outcomes = [
        StepResult(
            step=step,
            losses={"mel": torch.tensor(1.0 + step), "mean": torch.tensor(0.5)},
            gradients=torch.ones(2),
            clips=list,
        )
        for step in range(3)
    ]
    assert read_losses(outcomes) == {"mel": 3.0, "mean": 0.5}


def test_what_is_rehearsed_is_taken_back(small, corpus, tmp_path):
    """A run after a rehearsal is the run without one, to the bit."""
    kept = []
    for rehearsed in (False, True):
        run = small("flow_matching_gpu", steps=2)
        stage = AcousticStage(run, corpus, {"val": corpus})
        if rehearsed:
            found = rehearse(run, stage, 0)
            assert found.steps_a_second > 0
            assert found.gigabytes > 0.1
            assert stage.state.step == 0
        kept.append(
            load_checkpoint(
                train(run, stage, tmp_path / str(rehearsed)), AcousticModel
            ).state_dict()
        )
    torch.testing.assert_close(*kept, rtol=0, atol=0)


@pytest.mark.parametrize(
    "case", [(0.5, 3.0, 3 + 1 + 2 + 4), (5.0, 3.0, 3), (0.5, 0.0, 3), (LIMIT + 10, 3.0, 2)]
)
def test_a_rehearsal_ends_when_it_has_enough(case, small, corpus, monkeypatch):
    """By a clock that steps alone move."""
    step, seconds, steps = case

    class Clock:
        now = 0.0

        def perf_counter(self):
            return self.now

    monkeypatch.setattr("tts.training.loop.rehearsal.ROUND", 10)
    monkeypatch.setattr("tts.training.loop.rehearsal.time", clock := Clock())
    run = small("flow_matching_gpu", batch=2)
    stage = AcousticStage(run, corpus, {})
    take, seen = stage.step, []

    def timed(progress, chance):
        clock.now += step
        seen.append(progress)
        return take(progress, chance)

    monkeypatch.setattr(stage, "step", timed)
    found = rehearse(run, stage, seconds)
    assert len(seen) == steps
    assert seen[:3] == list(PHASES[:steps])
    assert seen[0] == max(PHASES)  # when all losses and discriminators have joined
    assert found.phases == min(3, steps)
    assert found.steps_a_second == pytest.approx(1 / step)
    assert clock.now <= 2 * step + LIMIT + 3 * seconds
    assert rehearse(run, stage, 0, PHASES[:1]).phases == 1
    assert len(seen) == steps + 1


def test_minutes_end_with_a_rate_of_zero(small, corpus, tmp_path, monkeypatch):
    """By a clock that adds a second a step: ten of them, the last at a tenth from the end."""
    rates = []

    class Clock:
        def __init__(self):
            self.ticks = 0

        def thread_time(self):
            self.ticks += 1
            return self.ticks // 2

        def monotonic(self):
            return 0.0

    run = small("flow_matching_gpu", minutes=10 / 60, warmup=1, decay=0.5, rate=1.0)
    stage = AcousticStage(run, corpus, {"val": corpus})
    step = stage.step

    def noted(progress, chance):
        rates.append(stage.state.optimizers[0].param_groups[0]["lr"])
        return step(0.0, chance)

    monkeypatch.setattr(stage, "step", noted)
    monkeypatch.setattr("tts.training.loop.train.time", Clock())
    train(run, stage, tmp_path)
    assert rates == pytest.approx([1, 1, 1, 1, 1, 1, 0.8, 0.6, 0.4, 0.2])


def test_stages_are_recipes_with_minutes_and_changes():
    first, second = parse_stages(
        "flow_matching_gpu=5,split_mean_flow_gpu=0.5",
        ["crop=96", "split_mean_flow_gpu.batch=64"],
    )
    assert (first.minutes, second.minutes) == (5, 0.5)
    assert (first.crop, second.crop) == (96, 96)
    assert (first.batch, second.batch) == (RECIPES["flow_matching_gpu"]().batch, 64)


def test_an_option_of_a_recipe_that_is_no_stage_is_refused(capsys):
    """As where `flow_matching` was meant to be `flow_matching_gpu`."""
    asked = "run flow_matching_gpu=0.01 --set flow_matching.batch=3"
    assert command(app, asked.split(), "t") == 2
    assert capsys.readouterr().err.startswith(
        "error: recipe flow_matching of option 'flow_matching.batch=3' is not in this run; recipes"
    )


def test_an_option_may_have_the_name_of_a_recipe():
    """That of `joint` that names its vocoder; and a stage of another name keeps its options."""
    (run,) = parse_stages("joint=1", ["vocoder=mine.safetensors"])
    assert run.vocoder == "mine.safetensors"
    (run,) = parse_stages("prosody=1", ["prosody.name=melody", "prosody.batch=3"])
    assert (run.name, run.batch) == ("melody", 3)
    with pytest.raises(ValueError, match="two recipes have the same name"):
        parse_stages("prosody=1,endpoint=1", ["name=melody"])


def test_stages_begin_from_what_is_in_the_folder_of_runs(tmp_path):
    """Where recipes say so; what an option says stays."""
    own = "runs/own/average.safetensors"
    student, melody = parse_stages("endpoint=1,prosody=1", [f"prosody.start={own}"], tmp_path)
    assert student.start == str(tmp_path / "split_mean_flow/average.safetensors")
    assert student.teacher == str(tmp_path / "prosody/average.safetensors")
    assert melody.start == own


@pytest.mark.parametrize(
    ("stages", "lacking"),
    [
        ("flow_matching_gpu=1,endpoint=1", "{}/prosody/average.safetensors (teacher of endpoint)"),
        ("prosody=1", "{}/flow_matching/average.safetensors (start of prosody)"),
        ("joint=1 --set critics_state=state.pt", "state.pt (critics_state of joint)"),
        ("joint=1 --set vocoder=a.safetensors", "a.safetensors (vocoder of joint)"),
        ("vocoder=1 --set acoustic=a.safetensors", "a.safetensors (acoustic of vocoder)"),
    ],
)
def test_a_file_that_no_stage_will_have_made_is_told_at_once(stages, lacking, tmp_path, capsys):
    asked = f"run {stages} --out {tmp_path}"
    assert command(app, asked.split(), "t") == 2
    said = capsys.readouterr()
    assert said.err.startswith(f"error: no such file: {lacking.format(tmp_path)}; make it")
    assert said.out == ""
    assert not list(tmp_path.iterdir())


def test_the_example_of_the_help_can_be_run(tmp_path):
    stages, *_ = get_command(app).commands["run"].params
    (example,) = re.findall("`(.+)`", stages.help)
    check_stages(parse_stages(example, out=tmp_path), tmp_path)


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        (
            "flow_matching",
            "flow_matching must have minutes above 0, as in flow_matching=5; got 'flow_matching'",
        ),
        ("flow_matching=0", "flow_matching must have minutes above 0"),
        ("opera=3", "unknown recipe 'opera'; recipes: flow_matching, "),
        ("prosody=1,prosody=1", "each recipe must be named once, got 'prosody=1,prosody=1'"),
    ],
)
def test_what_is_no_stage_is_refused(stages, message, tmp_path, capsys):
    assert command(app, ["run", stages, "--out", str(tmp_path)], "t") == 2
    with pytest.raises(ValueError, match=f"^{message}"):
        parse_stages(stages)
    assert re.match(f"error: {message}", capsys.readouterr().err)


def test_a_stage_starts_from_the_averages_before_it():
    """Of its own kind of model; a teacher that a recipe names is found among the runs before."""
    made = {kind: Path(kind) for kind in ("AcousticModel", "Vocoder", "prosody")}
    student = start_from(replace(RECIPES["endpoint"](), teacher="runs/prosody/average"), made)
    assert (student.start, student.teacher) == ("AcousticModel", "prosody")
    guided = replace(RECIPES["align_your_flow"](), weak="runs/prosody/average")
    assert start_from(guided, made).weak == "prosody"
    vocoder = start_from(RECIPES["vocoder"](), made)
    assert (vocoder.start, vocoder.acoustic) == ("Vocoder", "AcousticModel")
    joint = start_from(RECIPES["joint"](), made)
    assert (joint.start, joint.vocoder) == ("AcousticModel", "Vocoder")
    for recipe in ("flow_matching", "endpoint", "vocoder", "joint"):
        assert start_from(RECIPES[recipe](), {}) == RECIPES[recipe]()


@pytest.mark.command
def test_stages_are_trained_by_the_command(features, tmp_path, monkeypatch, capsys):
    """The second starts from the average of the first, and both come in parts, with their logs."""
    monkeypatch.setattr("tts.training.loop.stages.PART_MEGABYTES", 0.04)
    options = [part for option in (*TINY_MODEL, "compiled=false") for part in ("--set", option)]
    asked = f"run flow_matching_gpu=0.001,split_mean_flow_gpu=0.001 --out {tmp_path / 'runs'}"
    folders = f" --features {features} --results {tmp_path / 'results'} --threads 1"
    sets = " --sets heart --held-out val"
    assert command(app, [*(asked + folders + sets).split(), *options], "t") == 0
    said = capsys.readouterr().out
    assert "flow_matching_gpu: graphs compiled: 0, in " in said
    assert "phases" not in said
    folders = ["flow_matching_gpu", "split_mean_flow_gpu"]
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == folders
    run = json.loads((tmp_path / "runs/split_mean_flow_gpu/run.json").read_text())
    assert run["start"] == str(tmp_path / "runs/flow_matching_gpu/average.safetensors")
    assert command(app, ["join", str(tmp_path / "results")], "t") == 0
    for name in GPU:
        whole, part = (tmp_path / "results" / f"{name}.safetensors{end}" for end in ("", ".01"))
        assert whole.read_bytes() == (tmp_path / f"runs/{name}/average.safetensors").read_bytes()
        assert part.stat().st_size <= 40_000
        assert read_metadata(whole)["recipe"] == name
        log = (tmp_path / f"results/{name}.jsonl").read_text(encoding="utf-8")
        rows = [json.loads(line) for line in log.splitlines()]
        assert rows[-1]["of"] == "held out val"
        assert int(read_metadata(whole)["step"]) == rows[-1]["step"] > 0


@pytest.fixture
def asked(features, tmp_path):
    """A line for two stages, which are small."""
    options = "".join(f" --set {option}" for option in (*TINY_MODEL, "compiled=false"))
    return (
        f"run flow_matching_gpu=0.001,split_mean_flow_gpu=0.001 --out {tmp_path} --features "
        f"{features} --threads 1 --sets heart --held-out val{options}"
    )


@pytest.mark.command
def test_a_line_that_is_given_again_goes_on(asked, tmp_path, capsys):
    """From the end of both stages, which is no step more; a line of other options does not."""
    line = [*asked.split(), "--set", 'model.voices=["heart"]']
    assert command(app, line, "t") == 0
    last = tmp_path / "split_mean_flow_gpu/average.safetensors"
    before, told = load_checkpoint(last, AcousticModel), read_metadata(last)
    assert before.config.voices == ("heart", "michael")
    assert command(app, line, "t") == 0
    assert read_metadata(last) == told
    after = load_checkpoint(last, AcousticModel)
    torch.testing.assert_close(after.state_dict(), before.state_dict(), rtol=0, atol=0)
    assert command(app, [*line, "--set", "split_mean_flow_gpu.seed=1"], "t") == 2
    assert re.search(r"split_mean_flow_gpu holds .* seed \(0 there\)", capsys.readouterr().err)


@pytest.mark.parametrize("option", ["seed=1", 'sets=["val"]', 'model.voices=["ada"]'])
def test_a_folder_of_another_run_is_told_before_anything_is_trained(
    option, asked, tmp_path, capsys
):
    """Though it is the last; but for its sets and voices, before anything is rehearsed."""
    folder, first = tmp_path / "split_mean_flow_gpu", tmp_path / "flow_matching_gpu"
    _, run = parse_stages(asked.split()[1], [*TINY_MODEL, "compiled=false"], tmp_path)
    other = override(replace(run, sets=("heart",)), *parse_option(option))
    write_down(replace(other, start=str(first / "average.safetensors")), folder)
    (folder / "average.safetensors").touch()
    assert command(app, asked.split(), "t") == 2
    said = capsys.readouterr()
    changed = re.match(r"\w+", option)[0]
    assert re.search(
        f"{folder} holds a run with other options than .*: {changed} [^,]*; name another", said.err
    )
    assert ("graphs compiled" in said.out) == (changed != "seed")
    assert not first.exists()


def test_a_stage_that_cannot_be_judged_is_told_before_it_is_trained(
    asked, tmp_path, capsys, monkeypatch
):
    def fail(*arguments):
        raise ValueError("spoilt")

    monkeypatch.setattr("tts.training.acoustic.stage.held_out_losses", fail)
    assert command(app, asked.split(), "t") == 2
    assert "error: spoilt" in capsys.readouterr().err
    assert not list(tmp_path.glob("flow_matching_gpu"))


def test_results_that_cannot_be_written_are_told_at_once(asked, tmp_path, capsys):
    (tmp_path / "results").touch()
    assert command(app, asked.split(), "t") == 2
    said = capsys.readouterr()
    assert str(tmp_path / "results") in said.err
    assert said.out == ""


def test_every_line_of_the_guide_is_a_command():
    """Names of commands and options are those there are; recipes and their minutes too."""
    guide = Path(__file__).parents[3] / "docs" / "guides" / "training.md"
    lines = re.findall(r"^tts training (.+)$", guide.read_text(encoding="utf-8"), re.M)
    commands = get_command(app).commands
    assert len(lines) > 10
    for line in lines:
        name, *arguments = line.split()
        context = commands[name].make_context(name, arguments)
        if name == "run":
            assert parse_stages(context.params["stages"], context.params["change"] or [])
        if name == "train":
            assert context.params["recipe"] in RECIPES
