"""The image and the service of Compose: their commands, files, ports and secrets."""

import json
import re
import shlex
import shutil
import tomllib
from fnmatch import fnmatch

import pytest
import yaml

from tests.deploy.commands import DEPLOY, ROOT, parse_tts
from tests.laws.test_packaging import CHECKPOINTS, build, contents, tracked_files

DOCKER = DEPLOY / "docker"
TEXT = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
STEPS = re.findall(r"^([A-Z]+) (.+)$", TEXT.replace("\\\n", " "), re.MULTILINE)
COMPOSE = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
SERVICE = COMPOSE["services"]["tts"]
PORTS = {"serve": 8000, "wyoming": 10200}


def values(instruction):
    return [value for name, value in STEPS if name == instruction]


def copied():
    """What the image is built from, by the names in the source tree."""
    sources = [value.split()[:-1] for value in values("COPY") if not value.startswith("--")]
    return [name for names in sources for name in names]


def test_the_image_runs_a_server_that_other_machines_reach():
    assert json.loads(values("ENTRYPOINT")[0]) == ["tts"]
    name, params = parse_tts(json.loads(values("CMD")[0]))
    assert (name, params["host"]) == ("serve", "0.0.0.0")
    assert params["port"] == PORTS[name]
    assert values("EXPOSE") == [" ".join(map(str, PORTS.values()))]


def test_the_image_installs_extras_that_there_are():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (names,) = re.findall(r"^ARG EXTRAS=(.+)$", TEXT, re.MULTILINE)
    assert '".[${EXTRAS}]"' in TEXT
    assert {"serve", "wyoming"} <= set(names.split(",")) <= set(project["optional-dependencies"])


def test_docker_is_sent_what_the_image_copies_and_no_more():
    lines = (DOCKER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert lines[1] == "*"
    assert [line[1:] for line in lines if line.startswith("!")] == copied()
    assert all((ROOT / name).exists() for name in copied())


@pytest.mark.command
def test_what_the_image_copies_makes_the_whole_wheel(tmp_path):
    tree = tmp_path / "tree"
    for name in tracked_files():
        if name.partition("/")[0] in copied():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, tree / name)
    (tmp_path / "wheel").mkdir()
    made = contents(build(tree, tmp_path / "wheel")).keys()
    packages = ("app/", "training/")
    expected = {f"tts/{name}" for name in tracked_files() if name.startswith(packages)}
    expected |= {name for name in tracked_files() if name.startswith("tts/")}
    assert made == expected | CHECKPOINTS


def test_the_health_check_calls_a_running_server(served):
    (check,) = values("HEALTHCHECK")
    options, _, command = check.partition(" CMD ")
    assert "--interval" in options
    python, flag, code = json.loads(command)
    assert (python, flag) == ("python", "-c")
    called = code.replace("http://127.0.0.1:8000", served)
    assert called != code
    exec(called, {})
    with pytest.raises(OSError, match="404"):
        exec(called.replace("/health", "/nowhere"), {})


def test_the_service_publishes_the_ports_that_its_command_listens_on():
    name, params = parse_tts(shlex.split(SERVICE["command"]))
    assert (name, params["host"]) == ("serve", "0.0.0.0")
    assert {"serve": params["port"], "wyoming": params["wyoming"]} == PORTS
    published = [port.rsplit(":", 1) for port in SERVICE["ports"]]
    assert published == [[f"127.0.0.1:{port}", str(port)] for port in PORTS.values()]


def test_the_service_has_a_key_and_voices_where_they_are_mounted():
    _, params = parse_tts(shlex.split(SERVICE["command"]))
    (secret,) = SERVICE["secrets"]
    assert params["key_file"] == f"/run/secrets/{secret}"
    assert secret in COMPOSE["secrets"]
    assert [volume.split(":")[1] for volume in SERVICE["volumes"]] == [params["voice_dir"]]


def test_the_service_answers_to_its_name_and_may_change_nothing():
    _, params = parse_tts(shlex.split(SERVICE["command"]))
    assert list(params["allow_host"]) == list(COMPOSE["services"])
    assert SERVICE["read_only"]
    assert SERVICE["cap_drop"] == ["ALL"]


def test_the_service_is_built_by_the_dockerfile():
    context = (DOCKER / SERVICE["build"]["context"]).resolve()
    assert context == ROOT
    assert context / SERVICE["build"]["dockerfile"] == DOCKER / "Dockerfile"


def test_comments_name_files_that_there_are():
    for path in (DOCKER / "Dockerfile", DOCKER / "compose.yaml"):
        for named in re.findall(r"--file (\S+)", path.read_text(encoding="utf-8")):
            assert (ROOT / named).is_file()
    assert not any(fnmatch("key.txt", name) for name in copied())
