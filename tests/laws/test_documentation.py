"""What the documentation shows runs, and what it names exists."""

import io
import json
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
import soundfile
from typer.main import get_command

import tts
from tests.laws.documentation import FIRST_STEPS, PAGES, ROOT, Page, pages
from tests.phonemes import phonemise
from tests.players import fake_player
from tests.tts.text.files.test_epub import book
from tts.cli.main import app, main
from tts.cli.settings import Settings
from tts.delivery import DELIVERY_FIELDS, Delivery
from tts.text.cast import load_cast
from tts.text.frontend import prepare_utterances
from tts.text.markup.tags import NEUTRAL
from tts.text.normalise.normalise import normalise
from tts.text.pronounce.lexicon import Lexicon

TRIED = [page for page in PAGES if page != FIRST_STEPS]  # test_first_steps.py tries the other
PYTHON = [(page.path, code) for page in TRIED for code in page.code("python")]
CALLS = [(path, code) for path, code in PYTHON if "http://" in code]
JSON = [(page.path, code) for page in PAGES for code in page.code("json")]
COMMANDS = list(dict.fromkeys(command for page in TRIED for command in page.commands))
TTS = [command for command in COMMANDS if command[0] == "tts"]
BATCHES = [command for command in TTS if command[1] == "batch"]
PREVIEWS = [command for command in BATCHES if {"--list", "--dry-run"} & set(command)]
ROOMS = ("demo", "serve", "wyoming", "training")
TRAINED = [
    *(command[2:] for command in TTS if command[1] == "training"),
    *(command[3:] for command in COMMANDS if command[:3] == ("python", "-m", "training")),
]
UNTRAINED = [command for command in TTS if any(word.startswith("runs/") for word in command)]
LEARNED = [c for c in TTS if c[1:3] in (("voice", "learn"), ("voice", "check"), ("voice", "train"))]
SPOKEN = [c for c in TTS if c[1] not in ("batch", *ROOMS) and c not in UNTRAINED + LEARNED]
# modules and code that are not ours
OF_PYTHON = {("-m", "http.server"), ("-m", "zipfile"), ("-c",)}
SCRIPTS = [
    command
    for command in COMMANDS
    if command[0] == "python"
    and not {command[1:2], command[1:3]} & {*OF_PYTHON, ("-m", "training")}
]
DEFAULT = "http://127.0.0.1:8000"
STRANGERS = {
    *("pip", "pytest", "cat", "aplay", "curl", "export", "node", "npm", "ruff", "mypy", "mkdocs"),
    *("docker", "killall", "python3", "spd-say", "sudo", "systemctl"),
}
OF_STRANGERS = {
    "--strict",
    "--no-deps",
    "--diff-filter",
    "--stat",
    "--help",
    "--prefix",
    "--quiet",
    "--wait",
}  # pip, git, mkdocs, npm, spd-say
LANGUAGES = {"", "html", "js", "json", "python", "sh", "text", "toml", "yaml"}

GUIDES = {Path(page.path).stem: page for page in pages("docs/guides/*.md")}
HTTP = Page("docs/api/http.md")


def page_only(value):
    """The part of a test's name that a page or a block gives."""
    return value if value.endswith(".md") else "block"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder with what the examples presume, and a text being typed."""
    monkeypatch.chdir(tmp_path)
    Path("notes.md").write_text("# Notes\n\nIt was *late*.", encoding="utf-8")
    Path("book.epub").write_bytes(book())
    Path("film.srt").write_text("1\n00:00:01,000 --> 00:00:03,000\nHello.\n", encoding="utf-8")
    Path("chapter.txt").write_text("Chapter one. It was late.", encoding="utf-8")
    Path("script.txt").write_text("Anna: Who is there?\nOLD MAN: Only me.", encoding="utf-8")
    Path("cast.toml").write_text('Anna = "kathleen"\n"Old Man" = "adam"', encoding="utf-8")
    Path("names.json").write_text('{"Anais": "ænəˈiːs"}', encoding="utf-8")
    shutil.copyfile(ROOT / "checkpoints" / "kathleen.voice", "anna.voice")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"It was late.")))


def test_every_block_is_of_a_kind_that_is_tried():
    for page in PAGES:
        assert {language for language, _ in page.blocks} <= LANGUAGES, page.path
        assert page.text.count("```") == 2 * len(page.blocks), page.path


@pytest.mark.command
@pytest.mark.parametrize(
    ("page", "code"), [one for one in PYTHON if one not in CALLS], ids=page_only
)
def test_its_python_runs(page, code, capsys):
    exec(compile(code, page, "exec"), {})
    assert capsys.readouterr().out
    assert "hello.wav" not in code or soundfile.info("hello.wav").duration > 0.3


@pytest.mark.command
@pytest.mark.parametrize("command", SPOKEN, ids=" ".join)
def test_its_tts_commands_run(command, capfdbinary, monkeypatch):
    played = fake_player(Path.cwd(), "aplay", monkeypatch)
    with pytest.raises(SystemExit) as exit:
        main(command[1:])
    out, err = capfdbinary.readouterr()
    assert not exit.value.code, err
    output = command[command.index("-o") + 1] if "-o" in command else played
    if "say" in command:
        assert (len(out) if output == "-" else Path(output).stat().st_size) > 10_000


@pytest.mark.command
@pytest.mark.parametrize("command", PREVIEWS, ids=" ".join)
def test_its_previews_make_nothing(command, capfd):
    Path("book.epub").write_bytes(book())
    before = set(Path().rglob("*"))
    with pytest.raises(SystemExit) as exit:
        main(command[1:])
    out, err = capfd.readouterr()
    assert not exit.value.code, err
    assert "m4b" in out
    assert set(Path().rglob("*")) == before


@pytest.mark.command
@pytest.mark.parametrize("command", [one for one in BATCHES if one not in PREVIEWS], ids=" ".join)
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


@pytest.mark.command
@pytest.mark.parametrize(("page", "code"), CALLS, ids=page_only)
def test_its_python_calls_the_server(page, code, served, capsys):
    exec(compile(code.replace(DEFAULT, served), page, "exec"), {})
    assert capsys.readouterr().out
    assert soundfile.info("hello.wav").duration > 0.3


@pytest.mark.command
@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl here")
def test_its_curl_commands_say_something(served):
    called = [command for command in COMMANDS if command[0] == "curl"]
    assert called
    for command in called:
        words = [word.replace(DEFAULT, served) for word in command]
        subprocess.run([*words, "--silent", "--show-error", "--fail"], check=True, timeout=60)
        assert soundfile.info(words[words.index("-o") + 1]).duration > 0.3


@pytest.mark.parametrize(("page", "code"), JSON, ids=page_only)
def test_its_json_is_understood(page, code, request):
    from tts.app.batch.inputs.builder import BatchInputBuilder, InputOptions
    from tts.app.batch.inputs.table import read_jsonl
    from tts.app.server.session import Message
    from tts.training.data.manifest import read_manifest

    sent = json.loads(code)
    if "ends" in sent:
        Path("heart.jsonl").write_text(code, encoding="utf-8")
        (clip,) = read_manifest(Path("heart.jsonl"))
        assert clip.phones == sent["phones"]
    elif page == HTTP.path and "input" in sent:
        url = f"{request.getfixturevalue('served')}/v1/audio/speech"
        answer = httpx.post(url, json=sent, timeout=60)
        assert answer.status_code == 200, answer.text
        assert len(answer.content) > 1000
    elif page == HTTP.path:
        assert Message(**sent).model_dump(exclude_unset=True) == sent  # what it has not is refused
    elif "text" in sent:
        reader = InputOptions(delivery=Delivery(), voices=("heart", "michael"))
        builder = BatchInputBuilder(reader, "rows")
        read_jsonl(code.encode(), builder)
        (item,) = builder.listing().items
        assert (
            sent.items() <= {**_delivery(item.delivery), "id": item.id, "text": item.text}.items()
        )
    else:
        assert Lexicon.of(sent).entries


def _delivery(delivery):
    return {name: getattr(delivery, name) for name in ("voice", *DELIVERY_FIELDS)}


def test_its_tables_have_every_number_and_format():
    from tts.app.batch.audio.format import ITEM_FORMATS
    from tts.app.server.schemas import NUMBER_NAMES
    from tts.app.server.settings import RESPONSE_FORMATS

    columns, files, request = (
        next(row for row in page.rows if row.startswith(start))
        for page, start in (
            (GUIDES["batches"], "| .csv, .tsv, .jsonl |"),
            (GUIDES["batches"], "| audio/ |"),
            (HTTP, "| `POST /v1/audio/speech` |"),
        )
    )
    options = "\n".join(GUIDES["command-line"].rows)
    for name in DELIVERY_FIELDS:
        assert f"`{name}`" in columns, name
        assert f"`{NUMBER_NAMES.get(name, name)}`" in request, name
        assert f"| `--{name.replace('_', '-')}` |" in options, name
    for name in RESPONSE_FORMATS:
        assert f"`{name}`" in request, name
    for name in ITEM_FORMATS:
        assert re.search(rf"\b{name}\b", files), name


def test_its_routes_are_there_and_all_of_them(served):
    called = [row for row in HTTP.rows if re.match(r"\| `(GET|POST|WS) ", row)]
    first = " ".join(row.split(" | ")[0] for row in called)
    routes = re.findall(r"`(?:[A-Z]+ )?(/[^`]*)`", first)
    assert len(routes) > 6
    for route in set(routes) - {"/demo/"}:  # which needs --demo
        status = httpx.get(served + route.replace("{name}", "tts-1"), timeout=20).status_code
        assert status in (200, 405) or f"WS {route}" in first, route
    assert set(httpx.get(served, timeout=20).json()["routes"]) <= set(routes)


def test_its_explanation_is_what_is_explained(capfd, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    (command,) = [command for command in SPOKEN if command[1] == "explain"]
    (shown,) = [code for page in PAGES if command in page.commands for code in page.code("text")]
    with pytest.raises(SystemExit):
        main(command[1:])
    assert [line.rstrip() for line in capfd.readouterr().out.splitlines()] == shown.splitlines()


@pytest.mark.parametrize("arguments", TRAINED, ids=" ".join)
def test_its_training_commands_have_these_options(arguments):
    from tts.training.__main__ import app
    from tts.training.loop.stages import parse_stages
    from tts.training.recipes import RECIPES

    name, *rest = arguments
    context = parsed(app, name, rest)
    if name == "run":
        assert parse_stages(context.params["stages"], context.params["change"] or [])
    if name == "train":
        assert context.params["recipe"] in RECIPES


@pytest.mark.parametrize(
    "command", [c for c in TTS if c in UNTRAINED or c[1] in ROOMS[:-1]], ids=" ".join
)
def test_its_other_tts_commands_have_these_options(command):
    from tts.app.__main__ import app as front_doors

    room = front_doors if command[1] in ROOMS else app
    if command[1] != "training":
        assert parsed(room, command[1], command[2:]).params


@pytest.mark.parametrize("command", LEARNED, ids=" ".join)
def test_its_commands_that_make_voices_have_these_options(command):
    from tts.training.voices import command as commands

    one = get_command(getattr(commands, f"{command[2]}_command"))
    assert one.make_context(command[2], list(command[3:])).params["name"] == "anna"


def parsed(application, name, arguments):
    """A command with its arguments, which it refuses if they are none of its own."""
    return get_command(application).commands[name].make_context(name, list(arguments))


@pytest.mark.parametrize("command", SCRIPTS, ids=" ".join)
def test_its_scripts_exist_with_these_options(command):
    _, *words = command
    module = words.pop(1).removeprefix("tts.") if words[0] == "-m" else ""
    path = ROOT / (module.replace(".", "/") if module else words[0])
    if module:
        path = path / "__main__.py" if path.is_dir() else path.with_suffix(".py")
    source = path.read_text(encoding="utf-8")
    for word in words[1:]:
        assert not word.startswith("--") or is_declared(word, source), word


def is_declared(option, source):
    """Whether a script has an option: as a parameter of its name, or written out."""
    return re.search(rf"\b{option[2:].replace('-', '_')}: Annotated|\"{option}\"", source)


def test_its_extras_are_there():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    known = set(extras["project"]["optional-dependencies"])
    named = [extra for page in PAGES for extra in re.findall(r"'\.\[([\w,]+)\]'", page.text)]
    assert len(named) > 8
    assert {extra for names in named for extra in names.split(",")} <= known


def test_its_toml_names_the_group_of_our_commands():
    (code,) = [code for page in PAGES for code in page.code("toml") if "[project" in code]
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (group,) = tomllib.loads(code)["project"]["entry-points"]
    assert group in ours["project"]["entry-points"]


def test_its_cast_is_one_of_voices_that_there_are(tmp_path, synthesizer):
    (code,) = [code for page in PAGES for code in page.code("toml") if "[" not in code]
    path = tmp_path / "cast.toml"
    path.write_text(code, encoding="utf-8")
    for voice in load_cast(path).voices.values():
        assert synthesizer.voice_shares(voice)


def test_its_settings_are_understood(tmp_path):
    """The file and the variables of the guide, each of which a command reads."""
    (code,) = [code for code in GUIDES["command-line"].code("toml") if "[say]" in code]
    path = tmp_path / "config.toml"
    path.write_text(code, encoding="utf-8")
    exported = [command[1] for command in COMMANDS if command[0] == "export"]
    variables = dict(line.split("=", 1) for line in exported)
    settings = Settings(variables, path)
    found = {(setting.key, setting.origin) for setting in settings.everywhere(get_command(app))}
    for table, keys in tomllib.loads(code).items():
        if isinstance(keys, dict):
            assert {(key, f"in [{table}] of {path}") for key in keys} <= found
    assert {origin.removeprefix("by ") for _, origin in found} >= set(variables)
    assert settings.unknown_variables(get_command(app)) == []


def test_options_that_the_prose_names_exist():
    from tts.app.__main__ import app as front_doors
    from tts.training.__main__ import app as training

    known = set(OF_STRANGERS)
    for room in (app, front_doors, training):
        group = get_command(room)
        for command in (group, *group.commands.values()):
            subcommands = getattr(command, "commands", {}).values()
            parameters = [one for each in (command, *subcommands) for one in each.params]
            known |= {name for one in parameters for name in (*one.opts, *one.secondary_opts)}
    scripts = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("*/*.py"))
    scripts += "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("training/*/*.py"))
    scripts += "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("benchmarks/*/*.py"))
    for page in PAGES:
        for code in re.findall(r"`([^`]+)`", page.prose):
            for option in re.findall(r"(?<![\w-])--[a-z][\w-]*", code):
                assert option in known or is_declared(option, scripts), (page.path, option)


@pytest.mark.parametrize(
    "example", re.findall(r"^\| `([^`]+)`.*\|", GUIDES["markup"].prose, re.MULTILINE)
)
def test_its_examples_of_markup_do_something(example):
    if example in TEXT_OPTIONS:
        return
    document = f"<speak>{example}</speak>" if "<" in example else example
    lines = list(prepare_utterances(document))
    bare = re.sub(r"<[^>]+>|\[[^]]*:[^]]*\]|\[/\w+\]", "", example)
    usual = [phonemise(normalise(bare))]
    toned = any(line.voice or tone != NEUTRAL for line in lines for tone in line.prosody)
    assert toned or [line.phonemes for line in lines] != usual


TEXT_OPTIONS = {"TextOptions", *(name for name in tts.TextOptions.__slots__ if name != "language")}


def test_every_text_option_is_explained():
    for name in TEXT_OPTIONS:
        assert f"| `{name}` |" in GUIDES["markup"].text, name


def test_names_recipes_that_exist():
    from tts.training.recipes import RECIPES

    guide = GUIDES["training"]
    trained = {arguments[1] for arguments in TRAINED if arguments[0] == "train"}
    assert trained
    assert trained <= set(RECIPES)
    assert set(re.findall(r"\b(\w+_gpu)\b", guide.text)) <= set(RECIPES)
    listed = {name for row in guide.rows for name in re.findall(r"`(\w+)`", row.split(" | ")[0])}
    assert {name for name in RECIPES if not name.endswith("_gpu")} <= listed


def test_what_a_recipe_starts_from_was_trained_before_it():
    """Also what options name: an average of a run that no line before has trained is not there."""
    from tts.training.recipes import RECIPES

    trained = set[str]()
    for command in GUIDES["training"].commands:
        if command[:2] != ("tts", "training"):
            continue
        name, *more = command[2:]
        recipe = RECIPES[more[0]]() if name == "train" else None
        named = [str(getattr(recipe, "start", "")), str(getattr(recipe, "teacher", ""))]
        named = named if "--start" not in more else []
        for path in [*named, *more]:
            if match := re.search(r"\bruns/(\w+)/\w+\.safetensors", path):
                assert match[1] in trained, command
        if recipe:
            trained.add(recipe.name)
    assert len(trained) >= 5


def test_its_other_commands_are_known():
    assert {command[0] for command in COMMANDS} == {"tts", "python", *STRANGERS}


@pytest.mark.parametrize(
    "page",
    pages("*.md", "docs/**/*.md", "checkpoints/*.md", "training/*.md", "benchmarks/*.md"),
    ids=lambda page: page.path,
)
def test_links_lead_somewhere(page):
    for path, anchor in page.links:
        target = (ROOT / page.path).parent / path if path else ROOT / page.path
        assert target.exists(), path
        if anchor and target.suffix == ".md":
            known = Page(target.resolve().relative_to(ROOT).as_posix()).anchors
            assert anchor in known, (path, anchor)


def test_its_trees_are_there():
    for page in PAGES:
        for code in page.code(""):
            for path in re.findall(r"^(\w+/) ", code, re.MULTILINE):
                assert (ROOT / path).exists(), path


def test_the_reference_shows_every_public_name():
    shown = {name for page in PAGES for name in page.objects}
    for name in tts.__all__:
        public = getattr(tts, name)
        if callable(public):
            assert f"{public.__module__}.{public.__qualname__}" in shown, name
    for name in shown:
        module, _, attribute = name.rpartition(".")
        assert getattr(import_module(module), attribute).__doc__, name


def test_the_drawing_has_the_sizes_of_the_shipped_models():
    draw = runpy.run_path(str(ROOT / "docs" / "draw_architecture.py"))["draw"]
    assert (ROOT / "docs" / "architecture.svg").read_text(encoding="utf-8") == draw()
