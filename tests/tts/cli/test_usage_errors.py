"""Errors of the parser in plain words: those of typer in use, and those of click before it."""

import pytest
import typer

from tts.cli.main import main, run_command
from tts.cli.usage_errors import usage_message, with_help

click = pytest.importorskip("click")


def of_click(option, *arguments):
    command = click.Command("x", params=[option])
    with pytest.raises(click.ClickException) as caught:
        command.main(list(arguments), standalone_mode=False)
    return usage_message(caught.value)


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        (click.IntRange(1, 9), "0", "max_size must be from 1 to 9, got 0"),
        (click.IntRange(min=1), "0", "max_size must be at least 1, got 0"),
        (click.FloatRange(max=1), "2", "max_size must be at most 1, got 2.0"),
        (int, "a b", "max_size must be a whole number, got 'a b'"),
        (float, "a", "max_size must be a number, got 'a'"),
        (click.Path(exists=True), "no where", "no such file: no where"),
        (click.Path(dir_okay=False), ".", "not a file: ."),
    ],
)
def test_values_that_click_refuses(kind, given, message):
    assert of_click(click.Option(["--max-size"], type=kind), f"--max-size={given}") == message


def test_other_errors_of_click():
    option = click.Option(["--size", "-s"], required=True)
    assert of_click(option) == "missing option --size"
    assert of_click(option, "-s") == "option -s needs a value"
    assert of_click(option, "--sizes", "1") == "unknown option --sizes; did you mean --size?"
    assert of_click(option, "-s", "1", "a", "b") == "unexpected argument 'a b'"


def test_a_range_of_one_side_and_a_path_of_typer(tmp_path, capsys):
    application = typer.Typer()

    @application.command()
    def run(size: float = typer.Option(1.0, max=2), file: str = typer.Option("", "--f-g")) -> None:
        pass

    for arguments, sentence in (
        (["--size", "3"], "size must be at most 2, got 3.0"),
        (["--size", "x"], "size must be a number, got 'x'"),
        (["--a\nb"], "unknown option --a\\nb; see `run --help`"),
        (["--f-g"], "option --f-g needs a value; see `run --help`"),
    ):
        assert run_command(application, arguments, "run") == 2
        assert capsys.readouterr().err == f"error: {sentence}\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("Hello there",), "unknown command 'Hello there'; `tts say` speaks a text or a file"),
        (("notes.md",), "unknown command 'notes.md'; `tts say` speaks a text or a file"),
        (
            ("say", "-5 degrees"),
            "unknown option -5; write a text that begins with - last, after --",
        ),
        (("say", "--", "-5 degrees", "-o"), "unexpected argument '-o'; options stand before --"),
        (("say", "a", "b"), "unexpected argument 'b'; put quotes around a text of several words"),
        (("serve", "-5"), "unknown option -5"),
        (("say", "-q"), "unknown option -q"),
    ],
)
def test_a_text_in_the_wrong_place_is_told_its_own(
    arguments, sentence, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.md").write_text("Hello.", "utf-8")
    with pytest.raises(SystemExit) as exit:
        main(arguments)
    assert exit.value.code == 2
    assert capsys.readouterr().err.startswith(f"error: {sentence}; see `tts")


def test_the_help_follows_a_question_without_a_semicolon():
    error = click.UsageError("")
    assert with_help(error, "did you mean 'a'?", "tts") == "did you mean 'a'? see `tts --help`"
