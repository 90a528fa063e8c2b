"""Files are whole or not there, whoever writes them, and nothing beside them is touched."""

import os
import stat
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from tts.app.batch.audio import encode
from tts.app.batch.audio.encode import AudioMetadata
from tts.app.batch.audio.format import OutputFormat
from tts.app.batch.manifest import write_durably
from tts.training.data.pack.parts import join_parts, write_parts
from tts.training.evaluation.copy_synthesis.spectrogram import draw
from tts.training.loop.ema import EMA
from tts.training.loop.state import TrainingState

from tests.toys import write_toy_features
from tts import audio, torch_checkpoint
from tts.captions import formats
from tts.config import MelConfig, VocoderConfig
from tts.files import atomic_write, delete_stale_partials, write_json_file, write_text_file
from tts.speech import TimedWord
from tts.vocoder.model import Vocoder

ROOT = Path(__file__).parents[2]
NOISE = np.random.default_rng(0).normal(0, 0.1, 24_000).astype(np.float32)


def write_model(path):
    torch_checkpoint.save_checkpoint(
        Vocoder(VocoderConfig(dim=16, intermediate_dim=32, depth=1)), path, {}
    )


def write_state(path):
    model = torch.nn.Linear(20, 20)
    TrainingState(model=model, optimizers=[], average=EMA(model, 0.9)).save(path)


def write_times(path):
    words = [TimedWord("word", (0, 4), start, start + 0.5) for start in range(99)]
    formats.write_captions(path, formats.TimedText("word", words))


def write_joined(path):
    write_parts(bytes(10_000), path, part_megabytes=1)
    join_parts(path.parent)
    path.with_name(f"{path.name}.00").unlink()


WRITERS = {
    "sound.wav": lambda path: audio.write_audio(path, NOISE, 24_000),
    "sound.mp3": lambda path: audio.write_audio(path, NOISE, 24_000),
    "times.json": write_times,
    "joined.flac": lambda path: encode.write_encoded(
        path, [NOISE], OutputFormat(format="flac"), AudioMetadata()
    ),
    "book.m4b": lambda path: encode.write_encoded(
        path, [NOISE], OutputFormat(format="m4b"), AudioMetadata()
    ),
    "manifest.jsonl": lambda path: write_durably(path, bytes(10_000)),
    "model.safetensors": write_model,
    "state.pt": write_state,
    "results.json": lambda path: write_json_file(path, list(range(1000))),
    "table.md": lambda path: write_text_file(path, "| a | b |\n" * 1000),
    "picture.png": lambda path: draw(NOISE, NOISE, MelConfig(), path),
    "pack.bin": write_joined,
}
each_writer = pytest.mark.parametrize("name", WRITERS)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@each_writer
def test_a_link_stays_and_what_it_points_to_is_written(name, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / f"target {name}", tmp_path / name
    target.write_bytes(b"older")
    link.symlink_to(target)
    WRITERS[name](link)
    assert link.is_symlink()
    assert len(target.read_bytes()) > 1000
    target.unlink()
    WRITERS[name](link)  # which points to nothing now
    assert link.is_symlink()
    assert len(target.read_bytes()) > 1000
    assert (names(tmp_path), names(target.parent)) == (sorted(["elsewhere", name]), [target.name])


@each_writer
def test_files_of_others_are_not_touched(name, tmp_path):
    """Whatever one may be called that is written beside."""
    path = tmp_path / name
    others = [
        tmp_path / f"{name}.partial",
        path.with_suffix(".partial"),
        tmp_path / f".{name}.partial",
    ]
    for other in others:
        other.write_text("mine", "utf-8")
    WRITERS[name](path)
    assert {other.read_text("utf-8") for other in others} == {"mine"}
    assert names(tmp_path) == sorted({name, *(other.name for other in others)})


@each_writer
def test_a_full_disk_names_the_file_and_leaves_what_was_there(name, tmp_path, small_files):
    path = tmp_path / name
    write = WRITERS[name]
    if name == "pack.bin":
        write_parts(bytes(10_000), path, part_megabytes=1)
        write = lambda path: join_parts(path.parent)  # noqa: E731
    path.write_bytes(b"older")
    before = names(tmp_path)
    with small_files(500), pytest.raises(OSError, match="cannot write") as raised:
        write(path)
    assert str(path) in str(raised.value)
    assert path.read_bytes() == b"older"
    assert names(tmp_path) == before


@pytest.mark.parametrize("room", ["evaluation", "loop", "release"])
def test_reports_and_runs_are_written_whole(room):
    for path in (ROOT / "training" / room).rglob("*.py"):
        assert ".write_text(" not in path.read_text(encoding="utf-8"), path


def test_features_are_written_beside_each_other(tmp_path):
    write_toy_features(tmp_path, ("val",))
    assert names(tmp_path / "val") == ["clips.jsonl", "mels.npy"]


def test_a_place_that_is_none_is_named(tmp_path):
    """And not the file beside it, which nobody knows of."""
    path = tmp_path / "no folder" / "x"
    with pytest.raises(OSError, match=f"^cannot write {path}: no such file or directory"):
        write_durably(path, b"data")


def test_who_may_read_a_file_is_as_for_any_other(tmp_path):
    write_durably(tmp_path / "one", b"1")
    (tmp_path / "other").write_bytes(b"2")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("one", "other")]
    assert modes[0] == modes[1]


def test_writers_at_once_do_not_mix(tmp_path):
    """Each writes at its own pace; what is there in the end is one of them, whole."""
    path, begun = tmp_path / "same.wav", threading.Barrier(4)

    def say(level):
        with audio.open_sound(path, 24_000) as put_sound:
            for _ in range(5):
                begun.wait()
                put_sound(np.full(1000, level, np.float32))

    threads = [threading.Thread(target=say, args=(level / 10,)) for level in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    import soundfile

    sound, _ = soundfile.read(path)
    assert len(sound) == 5000
    assert len(set(sound)) == 1
    assert names(tmp_path) == ["same.wav"]


@pytest.mark.skipif(os.name != "posix", reason="others have no such things")
@pytest.mark.parametrize("linked", [False, True])
def test_a_device_is_not_replaced(linked, tmp_path):
    device = tmp_path / "pipe.wav"
    os.mkfifo(device)
    path = tmp_path / "link.wav" if linked else device
    if linked:
        path.symlink_to(device)
    with pytest.raises(ValueError, match=r"cannot write .*\.wav: it is a device or a pipe"):
        audio.write_audio(path, NOISE, 24_000)
    with pytest.raises(ValueError, match="it is a device"):
        write_durably(path, b"data")
    assert stat.S_ISFIFO(device.stat().st_mode)


@pytest.mark.skipif(os.name != "posix", reason="others have no such locks")
def test_what_the_dead_left_is_deleted_and_what_the_living_write_is_not(tmp_path):
    import fcntl

    left, young, locked = (tmp_path / f".tts-{digit * 32}.partial" for digit in "abc")
    others = [tmp_path / name for name in (".tts-a.partial", "x.partial", ".x.wav.partial")]
    for path in (left, young, locked, *others):
        path.write_bytes(b"half")
    for path in (left, locked, *others):
        os.utime(path, (time.time() - 3600,) * 2)
    with locked.open("rb+") as file:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX)
        write_durably(tmp_path / "new", b"whole")
        assert set(names(tmp_path)) == {"new", young.name, locked.name, *(o.name for o in others)}
        delete_stale_partials(tmp_path, age=0)
    assert set(names(tmp_path)) == {"new", locked.name, *(other.name for other in others)}


def test_who_writes_is_not_swept_away(tmp_path):
    with atomic_write(tmp_path / "new") as partial:
        partial.write_bytes(b"whole")
        os.utime(partial, (time.time() - 3600,) * 2)
        delete_stale_partials(tmp_path, age=0)
    assert (tmp_path / "new").read_bytes() == b"whole"
