"""The recipes: files that they copy, and commands and settings for programs of others."""

import re

import pytest
import yaml
from tts.app.voices import describe_voices

from tests.deploy.commands import DEPLOY, ROOT, parse_tts
from tests.laws.documentation import Page, pages
from tts import DISTRIBUTION

RECIPES = pages("docs/recipes/*.md")
CLIENTS, DOCKER, PROXY = (
    Page(f"docs/recipes/{name}.md") for name in ("clients", "docker", "proxy")
)
COMMANDS = [command for page in RECIPES for command in page.commands]
RUN = [command for command in COMMANDS if command[:2] == ("docker", "run")]


def test_files_that_they_name_are_there():
    named = [
        path
        for page in RECIPES
        for path in re.findall(r"\b(?:deploy|examples)/[\w./-]+", page.text)
    ]
    made = {"deploy/docker/key.txt", "deploy/docker/voices"}  # by the reader
    assert len(named) > 10
    for path in {path.rstrip("./") for path in named} - made:
        assert (ROOT / path).exists(), path


def test_each_file_of_deploy_is_named_in_a_recipe():
    text = "".join(page.text for page in RECIPES)
    for path in DEPLOY.rglob("*"):
        if path.is_file() and path.suffix != ".dockerignore":
            assert path.name in text, path


@pytest.mark.parametrize("command", RUN, ids=" ".join)
def test_containers_run_commands_with_these_options(command):
    words = command[command.index("one-step-tts") + 1 :]
    assert "one-step-tts" in command
    if words:
        assert parse_tts(words)[1]


def test_a_proxy_is_shown_as_its_file_has_it():
    (shown,) = PROXY.code("text")
    assert shown.strip() in (DEPLOY / "proxy" / "Caddyfile").read_text(encoding="utf-8")
    site = (DEPLOY / "proxy" / "nginx.conf").read_text(encoding="utf-8")
    for row in PROXY.rows[1:]:
        for line in re.findall(r"`([^`]+)`", row.split(" | ")[0]):
            assert line in site, line


def test_home_assistant_is_told_of_a_voice_that_there_is(synthesizer):
    (code,) = CLIENTS.code("yaml")
    action = yaml.safe_load(code)
    assert action["data"]["options"]["voice"] in synthesizer.voices
    assert action["action"] == "tts.speak"


def test_settings_of_programs_name_a_model_and_voices_that_there_are(synthesizer):
    rows = [re.findall(r"`([^`]+)`", row) for row in CLIENTS.rows]
    values = {row[0] if len(row) == 1 else row[1] for row in rows if row}
    assert DISTRIBUTION in values
    known = {voice["id"] for voice in describe_voices(synthesizer)}
    assert {"heart"} <= known & values
    (several,) = [row[0] for row in rows if row and "," in row[0]]
    assert set(several.split(",")) <= known
