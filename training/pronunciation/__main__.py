"""python -m training.pronunciation dictionary | tagging | tagger | homographs | agreement."""

import sys

import typer

from training.pronunciation.agreement import agreement
from training.pronunciation.dictionary import dictionary
from training.pronunciation.homographs import homographs
from training.pronunciation.tagger import tagger
from training.pronunciation.tagging import tagging
from tts.cli import run

app = typer.Typer(no_args_is_help=True, add_completion=False, help="How the front end is made.")
for command in (dictionary, tagging, tagger, homographs, agreement):
    app.command()(command)

if __name__ == "__main__":
    sys.exit(run(app, sys.argv[1:] or ["--help"], "python -m training.pronunciation"))
