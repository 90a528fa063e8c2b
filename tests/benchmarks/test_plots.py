import json
import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib import __version__ as matplotlib_version
from matplotlib.image import imread
from PIL import Image

from benchmarks.plots.__main__ import PLOTS, PLOTS_FOLDER, RESULTS, digest, main
from benchmarks.plots.style import write

MOST_BYTES = {".svg": 150_000, ".png": 200_000}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
TOLERANCE = 0.02  # points, of coordinates; another processor may round otherwise


def estimate(value):
    return {"value": value, "low": 0.9 * value, "high": 1.1 * value}


def step_row(voice, model, steps):
    figures = {"wer": estimate(0.04), "distillmos": estimate(4.0), "dnsmos": estimate(3.2)}
    return {"voice": voice, "model": model, "steps": steps, "lines": 3, **figures}


def figure_row(system, by, what, value):
    return {"system": system, "voice": "v", "by": by, "what": what, "value": value}


SPEEDS = [  # system, threads, length, first sound and processor time
    ("one-step-tts, onnx float32, 1 step", 1, "medium", 0.04, 0.2),
    ("one-step-tts, onnx float32, 1 step", 1, "medium", 0.04, 0.2),
    ("one-step-tts, onnx float32, 1 step", 1, "short", 0.01, 0.1),
    ("one-step-tts, onnx float32, 1 step", 2, "medium", 0.03, 0.3),
    ("other", 1, "medium", 0.5, 1.0),
]


def speed_row(system, threads, length, first, taken):
    about = {"what": "run", "system": system, "version": "1", "threads": threads}
    times = {"first_wall": first, "wall": taken, "cpu": taken, "seconds": 10.0}
    return about | {"length": length, "way": "stream", "run": 3, **times}


def objective_row(name, steps, share=1, **figures):
    held_out = {"energy": estimate(0.7)} | figures
    return {"objective": name, "steps": steps, "share": share, "held out": held_out}


def objective_rows():
    rows = [objective_row("split_mean_flow", steps) for steps in (1, 2)]
    rows += [objective_row(name, 1, 0.5) for name in ("split_mean_flow", "unnamed")]
    rows.append(objective_row("regression", 1, energy=estimate(0.9)))
    spoken = {"sentences": 12, "distillmos": estimate(4.0)}
    return [*rows, objective_row("teacher", 32) | {"speech": spoken}]


def small_results():
    """A few rows of each kind, with values that no shipped result has."""
    models = [("flow map", 1), ("flow map", 32), ("teacher", 1), ("teacher, midpoint", 32)]
    steps = [
        step_row(voice, *model)
        for voice in ("heart", "michael")
        for model in [*models, ("reader", None)]
    ]
    peers = [
        figure_row("ours", "measured", "distillmos", 4.25),
        figure_row("ours", "measured", "real_time_factor", 0.05),
        {**figure_row("other", "measured", "wer", 0.03), "low": 0.01, "high": 0.05},
        figure_row("other", "claimed", "utmos", 4.125),
        figure_row("other", "claimed", "real_time_factor", 0.01),
    ]
    pieces = [
        {"ready": 0.05, "needed": 0.05, "seconds": 0.5},
        {"ready": 0.09, "needed": 0.55, "seconds": 1.0},
    ]
    ready = [{"sentences": 0, "rss": 60.0}, {"sentences": 5, "rss": 500.0}]
    ready.append({"sentences": 9, "rss": 512.0})
    return {
        "steps.json": {"summary": steps},
        "objectives.json": {"teacher": "teacher", "rows": objective_rows()},
        "peers.json": {"figures": peers, "lines": [{"id": "a"}, {"id": "b"}, {"id": "a"}]},
        "latency.json": {"voice": "heart", "rounds": 2, "pieces": pieces},
        "memory.json": {"processes": {"parent": ready, "worker 1": ready}},
    }


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    for name, found in small_results().items():
        (folder / name).write_text(json.dumps(found))
    lines = [json.dumps(speed_row(*row)) for row in SPEEDS]
    (folder / "speed.jsonl").write_text("\n".join(lines))
    mels = {
        name: np.full((4, 3), shade, np.uint8)
        for name, shade in [("one_step", 0), ("teacher", 128), ("reader", 255)]
    }
    np.savez(folder / "mels.npz", text="Hi.", voice="heart", floor=-8.0, top=2.0, **mels)
    return folder


@pytest.fixture(scope="module")
def drawn(results, tmp_path_factory):
    """The folder that the command writes from small results."""
    folder = tmp_path_factory.mktemp("drawn")
    main(results, folder)
    return folder


def description(path):
    """The digest of a plot's data, and the version of matplotlib that drew it."""
    if path.suffix == ".png":
        with Image.open(path) as image:
            found = f"{image.info['Description']} {image.info['Software']}"
    else:
        found = path.read_text(encoding="utf-8")
    return (
        re.search(r"data sha256:([0-9a-f]{64})", found)[1],
        re.search(r"Matplotlib v(?:ersion)?([\w.]+)", found)[1],
    )


def assert_same_picture(path, other):
    if path.suffix == ".png":
        assert np.abs(imread(path) - imread(other)).max() < 0.02
        return
    pages = [page.read_text(encoding="utf-8") for page in (path, other)]
    numbers = [np.array(NUMBER.findall(page), float) for page in pages]
    assert NUMBER.sub("#", pages[0]) == NUMBER.sub("#", pages[1])
    np.testing.assert_allclose(*numbers, rtol=0, atol=TOLERANCE)


def test_the_command_draws_every_plot(drawn):
    assert {path.name for path in drawn.iterdir()} == PLOTS.keys()


@pytest.mark.parametrize("name", ["latency.svg", "mels.png"])
def test_the_same_results_give_the_same_bytes(name, results, drawn, tmp_path):
    data = PLOTS[name].read(results)
    write(PLOTS[name].draw, data, tmp_path / name, digest(data))
    assert (tmp_path / name).read_bytes() == (drawn / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("quality-steps.svg", ["heart: word errors, %", "michael: DNSMOS", "3 sentences a voice"]),
        ("objectives.svg", ["split_mean_flow", "share of the compute", "12 sentences"]),
        ("quality-peers.svg", ["ours, v", "4.25", "4.12", "here, 2 sentences", "claimed by"]),
        ("latency.svg", ["first sound after 50 ms", "0.46 s to spare", "2: 1.00 s"]),
        ("memory.svg", ["parent: 512 MiB", "worker 1: 512 MiB", "resident memory, MiB"]),
    ],
)
def test_a_plot_names_what_it_shows(name, words, drawn):
    page = (drawn / name).read_text(encoding="utf-8")
    assert [word for word in words if word not in page] == []
    assert "<dc:date>" not in page


def test_claims_and_measurements_are_kept_apart(results):
    data = PLOTS["quality-peers.svg"].read(results)
    assert data["measured"]["wer"] == [["other, v", 3.0, 1.0, 5.0]]
    assert data["measured"]["real_time_factor"] == [["ours, v", 0.05, 0.05, 0.05]]
    assert data["claimed"] == {
        "utmos": [["other", 4.125, 4.125, 4.125]],
        "real_time_factor": [["other", 0.01, 0.01, 0.01]],
    }


def test_objectives_stand_by_steps_and_by_share_of_the_compute(results):
    data = PLOTS["objectives.svg"].read(results)
    by_steps, spoken, by_compute = (panel["curves"] for panel in data["panels"])
    assert by_steps["split_mean_flow"] == [[1, 0.7, 0.63, 0.77], [2, 0.7, 0.63, 0.77]]
    assert by_compute["split_mean_flow"] == [[0.5, 0.7, 0.63, 0.77], [1, 0.7, 0.63, 0.77]]
    assert by_compute["unnamed"] == [[0.5, 0.7, 0.63, 0.77]]
    assert spoken == {}
    assert data["panels"][1]["level"] == [4.0, 3.6, 4.4]


def test_memory_counts_from_the_first_sentence(results):
    assert PLOTS["memory.svg"].read(results)["parent"] == [[5, 500.0], [9, 512.0]]


def test_speeds_are_those_of_one_thread_and_of_the_middle_length(results):
    ours, other = PLOTS["speed.svg"].read(results)
    assert ours == ["one-step-tts, onnx float32, 1 step", *map(pytest.approx, (40, 40, 0.02))]
    assert other == ["other", *map(pytest.approx, (500, 500, 0.1))]


def test_mels_are_drawn_from_the_floor_to_the_top(results, tmp_path):
    data = PLOTS["mels.png"].read(results)
    assert data["scale"] == [-8.0, 2.0]
    quiet, half, loud = (image.get_array() for image in images(PLOTS["mels.png"].draw(data)))
    assert quiet.min() == quiet.max() == -8
    assert half.mean() == pytest.approx(-3, abs=0.1)
    assert loud.min() == loud.max() == 2


def images(made):
    return [image for axes in made.axes[:3] for image in axes.get_images()]


@pytest.mark.parametrize("name", PLOTS)
def test_the_plots_of_the_documentation_show_the_shipped_results(name, tmp_path):
    """Fails where results or drawing changed and the plots were not drawn again."""
    committed = PLOTS_FOLDER / name
    data = PLOTS[name].read(RESULTS)
    shown, version = description(committed)
    assert shown == digest(data)
    write(PLOTS[name].draw, data, tmp_path / name, digest(data))
    if version == matplotlib_version:
        assert_same_picture(tmp_path / name, committed)
    for path in (committed, tmp_path / name):
        assert path.stat().st_size < MOST_BYTES[path.suffix]


def test_the_folder_of_plots_holds_no_others():
    assert {path.name for path in Path(PLOTS_FOLDER).iterdir()} == PLOTS.keys()
