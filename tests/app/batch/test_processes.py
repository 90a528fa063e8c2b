"""A crew whose workers die: what is made of all items, and who is blamed."""

import os
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from functools import partial
from multiprocessing import active_children

import pytest
from tts.app.batch import processes
from tts.app.batch.item import BatchItem
from tts.app.batch.processes import DIED, WorkerSpec

from tests.workers import die_first, die_of, fail_at, refuse, shout, tell
from tts.delivery import Delivery

TEXTS = [f"text {number}" for number in range(12)]


def item(text):
    return BatchItem(id=text, text=text, delivery=Delivery(), line=1)


def made(load, texts=TEXTS, workers=2, size=1):
    """What became of texts, in batches of a size; an item that fails is its id and why."""
    batches = ([item(text) for text in texts[at : at + size]] for at in range(0, len(texts), size))
    job = WorkerSpec(load=load, fail=lambda item, why: (item.id, why))
    yield from processes.run_processes(job, batches, workers)
    assert not active_children()


def upper(texts):
    return sorted(text.upper() for text in texts)


def test_each_item_is_made_once_however_long_it_is():
    """Longer than a pipe holds at once, both ways."""
    assert sorted(made(shout, size=5)) == upper(TEXTS)
    texts = [f"{number}" * 300_000 for number in range(9)]
    assert sorted(made(shout, texts)) == upper(texts)


def test_nobody_is_called_where_there_is_nothing_to_do(tmp_path):
    assert not list(made(refuse, []))
    assert len(list(made(partial(tell, tmp_path, 0), ["one"], workers=4))) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_what_kills_every_worker_fails_alone(tmp_path):
    deadly = ("text 2",)
    found = list(made(partial(die_of, deadly, tmp_path), size=4))
    assert sorted(one for one in found if isinstance(one, tuple)) == [
        (text, DIED) for text in deadly
    ]
    assert sorted(one for one in found if isinstance(one, str)) == upper(set(TEXTS) - {*deadly})
    deaths = Counter(path.name.partition(" ")[2] for path in tmp_path.iterdir())
    assert max(deaths.values()) <= processes.TRIES + 1


def killer(folder, times, chosen):
    """Kills whoever is at work on what is chosen of what was told, so many times."""

    def kill():
        killed = set()
        while len(killed) < times and not over.is_set():
            for path in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime):
                pid, _, text = path.name.partition(" ")
                if pid not in killed and chosen(text) and len(killed) < times:
                    killed.add(pid)
                    with suppress(ProcessLookupError):
                        os.kill(int(pid), signal.SIGKILL)
            time.sleep(0.002)
        count.append(len(killed))

    over, count = threading.Event(), []
    thread = threading.Thread(target=kill)
    thread.start()

    def stop():
        over.set()
        thread.join()
        return count[0]

    return stop


@pytest.mark.parametrize(
    "chosen", ["text 1", pytest.param("text", marks=pytest.mark.slow)], ids=["one item", "any"]
)
def test_a_worker_that_is_killed_three_times_fails_no_item(chosen, tmp_path):
    stop = killer(tmp_path, 3, lambda text: text == chosen or chosen == "text")
    try:
        found = list(made(partial(tell, tmp_path, 0.1)))
    finally:
        count = stop()
    assert count == 3
    assert sorted(found) == upper(TEXTS)


def test_an_idle_worker_that_is_killed_blames_nobody(tmp_path):
    """The last item is still made when the other worker, which has nothing to do, is killed."""
    texts = ["short", "long"]
    found = made(partial(tell, tmp_path, 0.5), texts)
    first = next(found)
    makers = {
        path.name.partition(" ")[2].upper(): path.name.split()[0] for path in tmp_path.iterdir()
    }
    os.kill(int(makers[first]), signal.SIGKILL)
    assert sorted([first, *found]) == upper(texts)


def test_workers_that_die_before_they_are_ready_are_replaced_for_a_while(tmp_path):
    assert sorted(made(partial(die_first, tmp_path, 4))) == upper(TEXTS)


def test_workers_that_are_never_ready_end_it(tmp_path):
    with pytest.raises(
        ValueError,
        match="every worker died while it loaded its models; check that there is enough memory",
    ):
        list(made(partial(die_first, tmp_path, 99)))
    assert len(list(tmp_path.iterdir())) == 2 * processes.TRIES
    assert not active_children()


def test_what_is_wrong_with_a_model_is_told():
    with pytest.raises(ValueError, match="expected a model, found none"):
        list(made(refuse))
    with pytest.raises(RuntimeError, match="ZeroDivisionError: text 3"):
        list(made(partial(fail_at, "text 3")))
    assert not active_children()


def test_nobody_works_on_for_who_has_gone():
    found = made(shout)
    next(found)
    assert active_children()
    found.close()
    assert not active_children()


def test_an_error_of_the_system_in_a_worker_stays_what_it_is():
    with pytest.raises(FileNotFoundError, match="nowhere"):
        list(made(partial(open, "/nowhere"), ["one"], workers=1))
    assert not active_children()
