import io
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
import soundfile

from tests.phonemes import phonemise
from tests.tts.text.files.test_epub import book
from tts.cli.main import main
from tts.delivery import DELIVERY_FIELDS
from tts.text.frontend import prepare_utterances
from tts.text.markup.tags import NEUTRAL
from tts.text.normalise.normalise import normalise

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
PYTHON = [code for language, code in BLOCKS if language == "python"]
CALLS = [code for code in PYTHON if "http://" in code]
COMMANDS = [
    command.strip()
    for language, code in BLOCKS
    if language == "sh"
    for line in code.splitlines()
    for command in re.split(r"&&|\|", line)
]
TTS = [shlex.split(command) for command in COMMANDS if command.startswith("tts ")]
SERVED = [command for command in TTS if command[1] in ("demo", "serve", "wyoming")]
BATCHES = [command for command in TTS if command[1] == "batch"]
TRAINED = [command for command in TTS if command[1] == "training"]
SPOKEN = [command for command in TTS if command not in SERVED + BATCHES + TRAINED]
DEFAULT = "http://127.0.0.1:8000"
STRANGERS = {"pip", "pytest", "cat", "aplay", "curl"}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder with what the examples presume, and a text being typed."""
    monkeypatch.chdir(tmp_path)
    Path("chapter.txt").write_text("Chapter one. It was late.", encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"It was late.")))


@pytest.mark.parametrize("code", [code for code in PYTHON if code not in CALLS])
def test_its_python_runs(code, capsys):
    exec(code, {})
    assert capsys.readouterr().out
    assert "hello.wav" not in code or soundfile.info("hello.wav").duration > 0.3


@pytest.mark.parametrize("command", SPOKEN, ids=shlex.join)
def test_its_tts_commands_run(command, capfdbinary):
    with pytest.raises(SystemExit) as exit:
        main(command[1:])
    out, err = capfdbinary.readouterr()
    assert not exit.value.code, err
    output = command[command.index("-o") + 1] if "-o" in command else "speech.wav"
    if "say" in command:
        assert (len(out) if output == "-" else Path(output).stat().st_size) > 10_000


@pytest.mark.parametrize("command", BATCHES, ids=shlex.join)
def test_its_batches_run(command, capfd):
    Path("lines.txt").write_text("One line.\nAnd another.\n", encoding="utf-8")
    Path("table.csv").write_text("text,voice\nHello.,michael\n", encoding="utf-8")
    Path("tale.txt").write_text("Chapter 1\n\nIt was late.\n", encoding="utf-8")
    Path("film.srt").write_text("1\n00:00:01,000 --> 00:00:03,000\nHello.\n", encoding="utf-8")
    Path("book.epub").write_bytes(book())
    with pytest.raises(SystemExit) as exit:
        main([*command[1:], "--workers", "1"])
    assert not exit.value.code, capfd.readouterr().err
    options = dict(pairwise(command))
    usual = "wav" if {"lines.txt", "film.srt"} & set(command) else "m4b"
    made = {path.name if path.suffix == ".jsonl" else path.suffix for path in Path().rglob("*.*")}
    assert f".{options.get('--format', usual)}" in made
    assert f".{options.get('--times', 'html')}" in made
    assert "--dataset" not in command or "metadata.jsonl" in made


@pytest.fixture(scope="module")
def served(synthesizer):
    """`tts serve`, in this process."""
    from tts.app.server.app import create_app
    from tts.app.server.settings import ServerSettings

    from tests.serving import serving
    from tts.serving.engine import Engine

    with Engine(synthesizer) as engine, serving(create_app(engine, ServerSettings())) as url:
        yield url


@pytest.mark.parametrize("code", CALLS)
def test_its_python_calls_the_server(code, served, capsys):
    exec(code.replace(DEFAULT, served), {})
    assert capsys.readouterr().out
    assert soundfile.info("hello.wav").duration > 0.3


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl here")
def test_its_curl_commands_say_something(served, tmp_path):
    (called,) = [command for command in COMMANDS if command.startswith("curl ")]
    words = shlex.split(called.replace(DEFAULT, served))
    subprocess.run([*words, "--silent", "--show-error", "--fail"], check=True, timeout=60)
    assert soundfile.info(words[words.index("-o") + 1]).duration > 0.3


def test_its_tables_have_every_number_and_format():
    from tts.app.batch.audio.format import ITEM_FORMATS
    from tts.app.server.schemas import NUMBER_NAMES
    from tts.app.server.settings import RESPONSE_FORMATS

    columns, files, request = (
        next(row for row in TEXT.splitlines() if row.startswith(start))
        for start in ("| .csv, .jsonl |", "| audio/ |", "| `POST /v1/audio/speech` |")
    )
    for name in DELIVERY_FIELDS:
        assert f"`{name}`" in columns, name
        assert f"`{NUMBER_NAMES.get(name, name)}`" in request, name
    for name in RESPONSE_FORMATS:
        assert f"`{name}`" in request, name
    for name in ITEM_FORMATS:
        assert re.search(rf"\b{name}\b", files), name


def test_its_routes_are_there(served):
    called = [row for row in TEXT.splitlines() if re.match(r"\| `(GET|POST) ", row)]
    routes = re.findall(r"/[\w/]+", " ".join(row.split(" | ")[0] for row in called))
    assert len(routes) > 6
    for route in routes:
        assert httpx.get(served + route, timeout=20).status_code in (200, 405), route


def test_its_explanation_is_what_is_explained(capfd, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    (command,) = [command for command in SPOKEN if command[1] == "explain"]
    (shown,) = [block for language, block in BLOCKS if language == "text"]
    with pytest.raises(SystemExit):
        main(command[1:])
    assert [line.rstrip() for line in capfd.readouterr().out.splitlines()] == shown.splitlines()


@pytest.mark.parametrize("command", TRAINED, ids=shlex.join)
def test_its_training_commands_have_these_options(command, capsys):
    from tts.training.__main__ import app

    name, *arguments = command[2:]
    with suppress(SystemExit):
        app([name, "--help"])
    shown = capsys.readouterr().out
    assert re.search(rf"Usage: .*\b{name} \[OPTIONS\]", shown)
    for option in arguments:
        assert not option.startswith("-") or re.search(rf"{option}\b", shown), option


@pytest.mark.parametrize("command", SERVED, ids=shlex.join)
def test_its_servers_have_these_options(command, capsys):
    from tts.app.__main__ import app

    with suppress(SystemExit):
        app([command[1], "--help"])
    shown = capsys.readouterr().out
    for option in command[2:]:
        assert not option.startswith("-") or re.search(rf"{option}\b", shown), option


ROWS = re.findall(r"^\| `([^`]+)`.*\|", TEXT, re.MULTILINE)
ROUTES = [row for row in ROWS if re.match("(GET|POST|WS) ", row)]


@pytest.mark.parametrize("example", [row for row in ROWS if row not in ROUTES])
def test_its_examples_of_markup_do_something(example):
    document = f"<speak>{example}</speak>" if "<" in example else example
    lines = list(prepare_utterances(document))
    bare = re.sub(r"<[^>]+>|\[[^]]*:[^]]*\]|\[/\w+\]", "", example)
    usual = [phonemise(normalise(bare))]
    toned = any(tone != NEUTRAL for line in lines for tone in line.prosody)
    assert toned or [line.phonemes for line in lines] != usual


def test_names_recipes_that_exist():
    from tts.training.recipes import RECIPES

    trained = [command[3] for command in TRAINED if command[2] == "train"]
    assert trained
    assert set(trained) <= set(RECIPES)
    assert set(re.findall(r"`(\w+_gpu)`", TEXT)) <= set(RECIPES)


@pytest.mark.parametrize("page", ["README.md", "training/README.md"])
def test_what_a_recipe_starts_from_was_trained_before_it(page):
    """Also what options name: an average of a run that no line before has trained is not there."""
    from tts.training.recipes import RECIPES

    trained = set[str]()
    text = (ROOT / page).read_text(encoding="utf-8")
    for line in re.findall(r"^tts training .*$", text, re.MULTILINE):
        if "--sets mine" in line:  # an example of its own
            continue
        name, *more = shlex.split(line)[2:]
        recipe = RECIPES[more[0]]() if name == "train" else None
        named = [str(getattr(recipe, "start", "")), str(getattr(recipe, "teacher", ""))]
        named = named if "--start" not in more else []
        for path in [*named, *more]:
            if match := re.search(r"\bruns/(\w+)/\w+\.safetensors", path):
                assert match[1] in trained, line
        if recipe:
            trained.add(recipe.name)
    assert len(trained) >= 5


def test_its_other_commands_are_known():
    assert {command.split()[0] for command in COMMANDS} == {"tts", *STRANGERS}


def test_links_and_tree_lead_somewhere():
    links = re.findall(r"\]\((?!https?:|/)([^)#]+)\)", TEXT)
    tree = [path for _, code in BLOCKS for path in re.findall(r"^(\w+/) ", code, re.MULTILINE)]
    assert len(tree) > 4
    for path in (*links, *tree):
        assert (ROOT / path).exists(), path
