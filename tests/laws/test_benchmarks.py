"""The help of every benchmark that is a command: what it needs, examples, every option."""

import ast
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from benchmarks.browser import parser

FOLDER = Path(__file__).parents[2] / "benchmarks"
COMMANDS = [p.stem for p in sorted(FOLDER.glob("*.py")) if "typer.run(main)" in p.read_text()]
PAGES = [p.stem for p in sorted(FOLDER.glob("*.py")) if "asked(__doc__" in p.read_text()]


@pytest.fixture
def command(request, monkeypatch):
    """Scripts import their neighbours by name, as `python benchmarks/NAME.py` lets them."""
    monkeypatch.syspath_prepend(str(FOLDER))
    app = typer.Typer(add_completion=False)
    app.command()(import_module(f"benchmarks.{request.param}").main)
    return request.param, get_command(app)


def check_examples(name, text, understood):
    """Each is one line of a terminal, of the file or the module; its options are understood."""
    _, heading, after = re.split(r"^(Examples?):\n", text, maxsplit=1, flags=re.MULTILINE)
    lines = after.strip().split("\n\n")[0].splitlines()
    assert 1 <= len(lines) <= 3
    assert heading == ("Example" if len(lines) == 1 else "Examples")
    for line in lines:
        assert len(f"  {line.strip()}") <= 78
        given = re.sub(rf"^ *python (benchmarks/{name}\.py|-m benchmarks\.{name}\b)", "", line)
        assert given != line
        understood(shlex.split(given))


def test_all_benchmarks_are_found():
    assert {"batch", "robustness", "serve", "soak"} <= set(COMMANDS)
    assert PAGES == ["demo_latency", "live_latency"]


@pytest.mark.parametrize("command", COMMANDS, indirect=True)
def test_a_command_has_help_for_itself_and_every_option(command):
    name, made = command
    summary, *rest = made.help.split("\n\n")
    assert summary.endswith(".")
    assert rest
    assert re.search(r"\bNeeds\s", made.help)
    assert re.search(r"\b(writes|prints)\s", made.help, re.IGNORECASE)
    assert [p.name for p in made.params if not (p.help and p.help.endswith("."))] == []
    check_examples(name, made.help, lambda given: made.make_context(name, given))


@pytest.mark.parametrize("name", PAGES)
def test_a_benchmark_of_a_page_has_help_for_itself_and_every_option(name):
    about = ast.get_docstring(ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8")))
    made = parser(about, f"{name}.json", before="--before" in about)
    assert re.search(r"\bNeeds\s.*\bWrites\s", about, re.DOTALL)
    assert [action.dest for action in made._actions if not action.help] == []
    check_examples(name, about, made.parse_args)
