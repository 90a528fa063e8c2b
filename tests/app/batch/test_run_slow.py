"""The command as it is: what it leaves is the same whatever it lives through, and whoever works."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pytest

from tests.serving import wait_for

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc"),
]
ROOT = Path(__file__).parents[3]
TEXTS = ROOT / "benchmarks" / "texts.jsonl"
KILLS, PATIENCE = 20, 60
MANIFEST = "manifest.jsonl"
BOOK = ("--per", "item", "--per", "chapter", "--per", "book", "--format", "flac", "--times", "srt")
EACH = ("--format", "flac", "--times", "json")
ALONE = {"OMP_NUM_THREADS": "1", "RAY_USAGE_STATS_ENABLED": "0"}
CPU_SECONDS = 20  # more than it takes a worker to begin
MANY = 1000  # sentences, which take longer


class Command:
    """The command, whose processes are known by a mark in their environment."""

    def __init__(self, *arguments, limit=None, environment=None):
        self.mark = uuid4().hex
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", *map(str, arguments)],
            cwd=ROOT,
            env=os.environ | ALONE | (environment or {}) | {"MARK": self.mark},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=limit,
        )

    def ended(self):
        """How it ended, and that nobody works on."""
        _, told = self.process.communicate(timeout=600)
        wait_for(lambda: not self.alive())
        return self.process.returncode, told

    def killed(self):
        """The parent alone; its workers are to go by themselves."""
        self.process.kill()
        self.process.communicate()
        end = time.monotonic() + PATIENCE
        while self.alive():
            assert time.monotonic() < end, "somebody works for a parent who is dead"
            time.sleep(0.05)

    def alive(self):
        return [pid for pid in processes() if f"MARK={self.mark}" in environment_of(pid)]

    def workers(self):
        return [pid for pid in self.alive() if "spawn_main" in read(pid, "cmdline")]


def processes():
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def environment_of(pid):
    return read(pid, "environ").split("\0")


def read(pid, name):
    with suppress(OSError):
        return Path(f"/proc/{pid}/{name}").read_text(errors="replace")
    return ""


def batch(source, out, *options, **more):
    return Command("app", "batch", source, out, "--workers", "2", *options, **more)


def made(source, out, *options, **more):
    code, told = batch(source, out, *options, **more).ended()
    assert code == 0, told
    return out


def held(folder):
    """Every file but the lock, with its bytes."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def rows_of(folder):
    """Rows by their ids; what a kill left half-written is none."""
    path = folder / MANIFEST
    written = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return {row["id"]: row for row in map(json.loads, written)}


def apart_from_places(folder):
    """What is said of each item, but for where it stands."""
    return {id: row | {"line": None, "row_sha256": None} for id, row in rows_of(folder).items()}


def files_of_items(folder):
    return {name: data for name, data in held(folder).items() if name.startswith("audio/")}


def listed(path, rows):
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def sentences(count):
    rows = map(json.loads, TEXTS.read_text("utf-8").splitlines()[:count])
    return [
        {"id": f"{number:03d} {row['id']}", "text": row["text"], "chapter": f"{number // 14 + 1}"}
        for number, row in enumerate(rows)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("batches")


@pytest.fixture(scope="module")
def source(folder):
    return listed(folder / "list.jsonl", sentences(24))


@pytest.fixture(scope="module")
def reference(folder, source):
    """What one worker makes of the list."""
    return made(source, folder / "one", *EACH, "--workers", "1")


def test_what_twenty_kills_leave_is_what_none_would(folder):
    book = listed(folder / "book.jsonl", sentences(40))
    chance, out = random.Random(6), folder / "killed"
    kept, counts = set(), []
    while len(counts) < KILLS:
        command = batch(book, out, *BOOK)
        wait_a_while(command, out, chance)
        command.killed()
        if command.process.returncode != -signal.SIGKILL:
            continue  # it had come to its end
        now = set(rows_of(out))
        sounds = {path.stem for path in out.glob("audio/*.flac")}
        assert kept <= now
        assert len(sounds - now) <= 1
        kept = now
        counts.append(len(kept))
    assert len(set(counts)) > 3  # some of them came while there was work
    made(book, out, *BOOK)
    unkilled = made(book, folder / "book", *BOOK)
    assert held(out) == held(unkilled)
    assert len(rows_of(out)) == 40


def wait_a_while(command, out, chance):
    """Until any moment, or until soon after something is written."""
    begun = time.monotonic()
    if chance.random() < 0.25:
        time.sleep(chance.uniform(0, 8))
        return
    before = looks(out)
    while looks(out) == before and command.process.poll() is None:
        assert time.monotonic() - begun < PATIENCE, "nothing comes of it"
        time.sleep(0.005)
    time.sleep(chance.uniform(0, 0.2))


def looks(folder):
    """Files as they look from outside."""
    told = {}
    for path in folder.rglob("*"):
        with suppress(OSError):
            status = path.stat()
            told[path] = status.st_size, status.st_mtime_ns, status.st_ino
    return told


def test_two_workers_make_what_one_makes(folder, source, reference):
    assert held(made(source, folder / "two", *EACH)) == held(reference)


def test_the_order_of_a_list_changes_no_file(folder, source, reference):
    backwards = listed(folder / "backwards.jsonl", [*reversed(sentences(24))])
    out = made(backwards, folder / "turned", *EACH, "--workers", "2")
    assert files_of_items(out) == files_of_items(reference)
    assert list(rows_of(out)) == [*reversed(rows_of(reference))]
    for id, row in apart_from_places(reference).items():
        assert apart_from_places(out)[id] | {"chapter": None} == row | {"chapter": None}


def test_actors_make_what_a_worker_makes(folder, source, reference):
    assert held(made(source, folder / "ray", *EACH, "--ray", "local")) == held(reference)


def test_a_cluster_makes_what_a_worker_makes(folder, source, reference):
    known = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": uuid4().hex}
    with cluster(known) as address:
        out = made(source, folder / "cluster", *EACH, "--ray", address, environment=known)
    assert held(out) == held(reference)


@contextmanager
def cluster(known):
    """A cluster of one machine with two cores, where it can be reached."""
    # the sockets in it have short names or none
    place, port = Path(tempfile.mkdtemp(prefix="ray")), free_port()
    address = f"127.0.0.1:{port}"
    options = {
        "--port": port,
        "--num-cpus": 2,
        "--include-dashboard": "false",
        "--object-store-memory": 200_000_000,
        "--temp-dir": place,
    }
    told = [f"{name}={value}" for name, value in options.items()]
    head = Command("ray.scripts.scripts", "start", "--head", "--block", *told, environment=known)
    try:
        wait_for_cluster(head, address, known)
        yield address
    finally:
        head.process.terminate()
        head.process.communicate(timeout=PATIENCE)
        for pid in head.alive():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not head.alive())
        shutil.rmtree(place)


def wait_for_cluster(head, address, known):
    end = time.monotonic() + PATIENCE
    asking = [sys.executable, "-m", "ray.scripts.scripts", "status", "--address", address]
    while subprocess.run(asking, env=os.environ | known, capture_output=True).returncode:
        assert head.process.poll() is None, "the cluster did not begin"
        assert time.monotonic() < end, "waited in vain"


def free_port():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def test_a_worker_that_is_killed_is_not_missed(folder, source, reference):
    out = folder / "bereft"
    command = batch(source, out, *EACH)
    while not rows_of(out):
        assert command.process.poll() is None
        time.sleep(0.01)
    os.kill(command.workers()[0], signal.SIGKILL)
    code, told = command.ended()
    assert code == 0, told
    assert held(out) == held(reference)


@pytest.mark.parametrize("crew", [(), ("--ray", "local")], ids=["processes", "actors"])
def test_what_kills_every_worker_stops_nothing_else(folder, crew):
    rows = [{"id": f"{number}", "text": f"This is line {number}."} for number in range(6)]
    # longer than a worker may compute
    rows.insert(2, {"id": "long", "text": "It goes on and on and on. " * MANY})
    deadly, out = listed(folder / "deadly.jsonl", rows), folder / f"deadly {len(crew)}"
    command = batch(deadly, out, "--mos", "0", *crew, limit=cap)
    code, told = command.ended()
    assert code == 1, told
    assert [id for id, row in rows_of(out).items() if "error" in row] == ["long"]
    assert len(rows_of(out)) == len(rows)
    assert "worker" in rows_of(out)["long"]["error"]


def cap():
    """No process may compute for longer."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
