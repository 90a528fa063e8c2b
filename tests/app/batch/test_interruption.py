"""Ctrl-C in a batch: once ends it in good order, and twice ends it at once."""

import atexit
import random
import signal
import sys
import threading
import time

import pytest
from tts.app.batch import interruption
from tts.app.batch.interruption import interruptible
from tts.app.batch.manifest import Manifest
from tts.app.batch.rows import ItemRow
from tts.app.batch.run import FILES, MANIFEST

from benchmarks import robust_batch
from benchmarks.robust_batch import SOON, Command, rows_of
from tts.torch_checkpoint import save_checkpoint

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc")


@pytest.fixture
def models(tiny_acoustic, tiny_vocoder, tmp_path):
    """Options that name two checkpoints, whose items are not judged."""
    acoustic, vocoder = tmp_path / "acoustic.safetensors", tmp_path / "vocoder.safetensors"
    save_checkpoint(tiny_acoustic, acoustic, {})
    save_checkpoint(tiny_vocoder, vocoder, {})
    return (
        "--acoustic",
        acoustic,
        "--vocoder",
        vocoder,
        "--retries",
        "0",
        "--mos",
        "0",
        "--workers",
        "2",
    )


@on_linux
@pytest.mark.command
def test_a_batch_ends_soon_when_asked_once_and_when_asked_twice(models, tmp_path):
    """Once as a terminal asks, which asks the workers, too; and twice, the parent alone."""
    source = tmp_path / "list.txt"
    source.write_text("\n".join(f"Line {number}." for number in range(2000)), "utf-8")
    for times in (1, 2):
        out = tmp_path / f"{times}"
        command = Command("app", "batch", source, out, *models)
        assert command.wait_for(lambda out=out: len(rows_of(out)) > 0)
        before, begun = rows_of(out), time.monotonic()
        for _ in range(times):
            command.interrupt(group=times == 1)
            time.sleep(0.05)
        code, told = command.ended()
        assert time.monotonic() - begun < SOON
        assert code == 130, told
        assert not command.orphans()
        assert "Traceback" not in told
        assert ("stopped; give the same command again to continue" in told) or times == 2
        assert rows_of(out)[: len(before)] == before
        assert not list(out.rglob("*.partial")) or times == 2
        ledger = Manifest(out, MANIFEST, ItemRow)
        assert not ledger.damaged
        assert all(ledger.is_complete(id, row["key"]) for id, row in ledger.rows.items())


@pytest.fixture
def usual():
    """Ctrl-C as Python has it: who runs the tests in the background may have turned it off."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
    atexit.unregister(interruption._end)


def test_ctrl_c_is_as_before_where_nothing_came(usual):
    with interruptible():
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_first_is_a_keyboard_interrupt(usual):
    with pytest.raises(KeyboardInterrupt), interruptible():
        signal.raise_signal(signal.SIGINT)
    # the second is to end the process, whatever it does by then
    assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler


def test_who_has_turned_ctrl_c_off_does_not_get_it_back(usual):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with interruptible():
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_a_thread_has_no_say_in_it(usual):
    seen = []

    def work():
        with interruptible():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.default_int_handler]


@on_linux
@pytest.mark.slow
def test_a_batch_loses_nothing_by_kills_interrupts_and_altered_rows(tmp_path):
    """The benchmark, whose every count is as it should be."""
    counts = robust_batch.robust_batch(kills=10, interrupts=10, alterations=28, seed=0)
    for kind, many in (("kills", 10), ("interrupts", 10), ("alterations", 28)):
        assert counts[kind] == counts[f"{kind}_same"] == many
        assert counts[f"{kind}_tracebacks"] == 0
    assert counts["interrupts_in_time"] == counts["interrupts_exit_130"] == 10
    assert counts["interrupts_orphans"] == 0
    assert counts["kills_rows_lost"] == counts["interrupts_rows_lost"] == 0
    assert all(counts[f"kills_{phase}"] for phase in robust_batch.PHASES)


def test_alterations_are_by_chance_and_the_same_by_the_same(tmp_path):
    line = b'{"id": "a", "seconds": 1.5}\n'
    found = []
    for seed in (1, 1, 2):
        (tmp_path / FILES).write_bytes(3 * line)
        robust_batch.alter(tmp_path / FILES, random.Random(seed))
        found.append((tmp_path / FILES).read_bytes())
    assert found[0] == found[1] != found[2]
    assert all(one.count(line) == 2 for one in found)


def test_what_is_compared_is_what_a_run_left(tmp_path):
    """A file more, a file less or another byte is not the same."""
    whole, out = tmp_path / "whole", tmp_path / "out"
    for folder in (whole, out):
        (folder / "audio").mkdir(parents=True)
        (folder / "audio/a").write_bytes(b"1")
        (folder / ".lock").touch()
    assert robust_batch.held(out) == robust_batch.held(whole)
    (out / ".tts-a.partial").touch()
    assert robust_batch.held(out) != robust_batch.held(whole)
