"""What workers of a crew do in its tests; they begin soon, for torch is not imported here."""

import os
import signal
import time


def shout():
    return lambda batch: [item.text.upper() for item in batch]


def die_of(deadly, folder):
    """Makers that are killed by some texts, and write down each time that they are."""

    def make(batch):
        for item in batch:
            if item.text in deadly:
                (folder / f"{os.getpid()} {item.text}").touch()
                os.kill(os.getpid(), signal.SIGKILL)
        return [item.text.upper() for item in batch]

    return make


def tell(folder, seconds):
    """Makers that write down what they are at, and take so long for it."""

    def make(batch):
        for item in batch:
            (folder / f"{os.getpid()} {item.text}").touch()
        time.sleep(seconds)
        return [item.text.upper() for item in batch]

    return make


def die_first(folder, times):
    """Nothing, so many times; then makers."""
    for number in range(times):
        try:
            (folder / f"{number}").touch(exist_ok=False)
        except FileExistsError:
            continue
        os._exit(1)
    return shout()


def refuse():
    raise ValueError("expected a model, found none; give one")


def fail_at(wrong):
    def make(batch):
        if any(item.text == wrong for item in batch):
            raise ZeroDivisionError(wrong)
        return [item.text.upper() for item in batch]

    return make
