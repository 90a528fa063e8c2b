"""Recordings become clips; what cannot be used is left out, and a run that ended continues."""

import errno
import io
import json
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from rich.console import Console
from tts.training.data.manifest import active_level
from tts.training.voices.recordings import clips, cut_files
from tts.training.voices.recordings import gather as recordings
from tts.training.voices.recordings.cut_files import unique_ids
from tts.training.voices.recordings.gather import gather
from tts.training.voices.recordings.originals import measure_original
from tts.training.voices.recordings.sound_files import SoundFile

from tests.training.voices.sounds import RATE, syllables, write_av, write_sound

QUIET = Console(file=io.StringIO())


def run(source, work, **options):
    return gather(source, work, workers=1, console=QUIET, **options)


@pytest.fixture
def folder(tmp_path):
    """Four recordings, of 64 seconds in all, and their table."""
    folder = tmp_path / "recordings"
    for number in range(4):
        write_sound(folder / "wavs" / f"{number}.wav", seed=number)
    rows = "".join(f"{number}|Sentence {number}.\n" for number in range(4))
    (folder / "metadata.csv").write_text(rows, encoding="utf-8")
    return folder


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_clips_are_what_a_manifest_takes(folder, tmp_path):
    before = contents(folder)
    found = run(folder, tmp_path / "voice")
    rows = lines(tmp_path / "voice/recordings.jsonl")
    assert [row["text"] for row in rows] == [f"Sentence {number}." for number in range(4)]
    assert [row["id"] for row in rows] == ["0", "1", "2", "3"]
    assert rows[0] == {
        "id": "0", "audio": "clips/0.flac", "text": "Sentence 0.", "seconds": found.rows[0].seconds,
        "source": str(folder / "wavs" / "0.wav"), "start": None, "stop": None, "rate": RATE,
        "channels": 1, "clipped": 0.0, "bandwidth": RATE // 2, "gain": found.rows[0].gain,
    }  # fmt: skip
    for row in rows:
        audio, rate = soundfile.read(tmp_path / "voice" / row["audio"], dtype="float32")
        assert (rate, audio.ndim, len(audio)) == (24_000, 1, round(row["seconds"] * rate))
        assert active_level(audio) == pytest.approx(0.07, rel=0.01)
        # of the half second of silence at both ends a fifth of a second is left
        assert row["seconds"] == pytest.approx(16 - 2 * 0.3, abs=0.06)
    assert soundfile.info(tmp_path / "voice" / rows[0]["audio"]).subtype == "PCM_16"
    assert found.seconds == pytest.approx(sum(row["seconds"] for row in rows))
    assert found.left_out == ()
    assert contents(folder) == before


def test_a_second_run_makes_nothing_again_and_what_is_missing(folder, tmp_path):
    work = tmp_path / "voice"
    run(folder, work)
    first = contents(work)
    times = {path.name: path.stat().st_mtime_ns for path in (work / "clips").iterdir()}
    (work / "clips" / "2.flac").unlink()
    (work / "clips" / "1.flac").write_bytes(b"")
    with (work / "gathered.jsonl").open("a") as journal:
        journal.write('{"key": "cut sh')
    run(folder, work)
    again = {path.name: path.stat().st_mtime_ns for path in (work / "clips").iterdir()}
    assert {name for name in times if times[name] != again[name]} == {"1.flac", "2.flac"}
    assert {**contents(work), "gathered.jsonl": b""} == {**first, "gathered.jsonl": b""}


def test_a_changed_recording_is_made_again(folder, tmp_path):
    before = run(folder, tmp_path / "voice")
    write_sound(folder / "wavs" / "2.wav", 20.0)
    (folder / "metadata.csv").write_text("0|Changed.\n1|b\n2|c\n3|d\n", encoding="utf-8")
    after = run(folder, tmp_path / "voice")
    assert after.rows[2].seconds > before.rows[2].seconds + 3
    assert after.rows[0].text == "Changed."


@pytest.mark.command
def test_two_processes_give_the_same_and_survive_a_kill(folder, tmp_path):
    """A run by the interpreter is killed when it has made a clip; the next one continues."""
    for number in range(4, 16):
        write_sound(folder / "wavs" / f"{number}.wav", 8.0, rate=48_000, seed=number)
    rows = "".join(f"{number}|Sentence {number}.\n" for number in range(16))
    (folder / "metadata.csv").write_text(rows, encoding="utf-8")
    run(folder, tmp_path / "whole")
    work = tmp_path / "killed"
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from tts.training.voices.recordings.gather import gather\n"
        "if __name__ == '__main__': gather(Path(sys.argv[1]), Path(sys.argv[2]), workers=2)\n"
    )
    (tmp_path / "run.py").write_text(code)
    root = str(Path(__file__).parents[4])
    process = subprocess.Popen(
        [sys.executable, str(tmp_path / "run.py"), str(folder), str(work)],
        env={**os.environ, "PYTHONPATH": root},
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    deadline = time.monotonic() + 40
    while process.poll() is None and not list(work.glob("clips/*.flac")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stderr.close()
    assert not (work / "recordings.jsonl").exists()
    run(folder, work)
    ignored = {"gathered.jsonl": b""}
    assert {**contents(work), **ignored} == {**contents(tmp_path / "whole"), **ignored}


def test_a_full_disk_ends_the_run_and_the_next_one_continues(folder, tmp_path, monkeypatch):
    write = cut_files.write_clip

    def fail(path, audio):
        if path.stem == "2":
            raise OSError(f"cannot write {path}: no space left on device")
        return write(path, audio)

    monkeypatch.setattr(cut_files, "write_clip", fail)
    with pytest.raises(OSError, match=r"cannot write .*2\.flac: no space left on device$"):
        run(folder, tmp_path / "voice")
    monkeypatch.undo()
    made = (tmp_path / "voice/clips/0.flac").stat().st_mtime_ns
    assert len(run(folder, tmp_path / "voice").rows) == 4
    assert (tmp_path / "voice/clips/0.flac").stat().st_mtime_ns == made


def test_no_space_for_a_clip_is_a_sentence(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match=r"^cannot write .*a\.flac: no space left on device$"):
        clips.write_clip(tmp_path / "a.flac", syllables(2, 24_000))
    assert list(tmp_path.iterdir()) == []


FAULTY = ("empty", "corrupt", "silence", "short", "nan")


def test_faulty_files_are_left_out(folder, tmp_path):
    wavs = folder / "wavs"
    (wavs / "empty.wav").write_bytes(b"")
    (wavs / "corrupt.mp3").write_bytes(b"not sound" * 100)
    soundfile.write(wavs / "silence.wav", np.zeros(RATE), RATE)
    soundfile.write(wavs / "short.wav", syllables(0.1, lead=0.0), RATE)
    soundfile.write(wavs / "nan.wav", np.full(RATE, np.nan), RATE, subtype="FLOAT")
    with (folder / "metadata.csv").open("a") as table:
        table.write("".join(f"{name}|Words.\n" for name in FAULTY))
    write_sound(wavs / "extra.wav")
    found = run(folder, tmp_path / "voice")
    assert len(found.rows) == 4
    assert {(one.name, one.kind): one.reason for one in found.left_out} == {
        ("wavs/extra.wav", "transcript"): "it has no transcript",
        ("wavs/corrupt.mp3", "file"): "not a sound file, or damaged",
        ("wavs/empty.wav", "file"): "the file is empty",
        ("wavs/nan.wav", "file"): "it has samples that are not finite; export it again",
        ("wavs/short.wav", "speech"): "it must have at least 0.3 s of speech, got 0.10 s",
        ("wavs/silence.wav", "speech"): "it is silent",
    }
    listed = lines(tmp_path / "voice/left_out.jsonl")
    assert [one["name"] for one in listed] == [one.name for one in found.left_out]


def test_a_file_that_cannot_be_opened_is_tried_again(folder, tmp_path, monkeypatch):
    opened = Path.open

    def refuse(self, *arguments, **options):
        if self.name == "1.wav":
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return opened(self, *arguments, **options)

    write_sound(folder / "wavs" / "3.wav", 40)
    monkeypatch.setattr(Path, "open", refuse)
    found = run(folder, tmp_path / "voice")
    assert [(one.name, one.reason) for one in found.left_out] == [
        ("wavs/1.wav", "it cannot be read: permission denied")
    ]
    monkeypatch.undo()
    assert len(run(folder, tmp_path / "voice").rows) == 4


def test_too_little_speech_is_refused(tmp_path):
    write_sound(tmp_path / "in" / "a.wav", 3.0)
    (tmp_path / "in" / "a.txt").write_text("Three seconds.")
    message = r"^a voice needs at least 60 s of speech, got 2\.4 s in .*in$"
    with pytest.raises(ValueError, match=message):
        run(tmp_path / "in", tmp_path / "voice")
    (tmp_path / "in" / "a.wav").write_bytes(b"")
    with pytest.raises(ValueError, match=r"^no usable recordings in .*; a.wav: the file is empty$"):
        run(tmp_path / "in", tmp_path / "voice")


def test_no_transcript_is_refused(folder, tmp_path):
    (folder / "metadata.csv").unlink()
    with pytest.raises(ValueError, match=r"no transcripts of .*; add metadata.csv or .*--whisper"):
        run(folder, tmp_path / "voice")
    assert not (tmp_path / "voice").exists()
    with pytest.raises(FileNotFoundError, match="no faster-whisper model in"):
        run(folder, tmp_path / "voice", whisper=tmp_path)


def test_the_folder_of_the_recordings_is_not_written(folder, tmp_path):
    with pytest.raises(ValueError, match="it has the recordings; choose another folder"):
        run(folder, folder)
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"cannot write to .*file: it is a file"):
        run(folder, tmp_path / "file")
    with pytest.raises(ValueError, match="workers must be at least 1, got 0"):
        gather(folder, tmp_path / "voice", workers=0)


def test_a_long_recording_and_its_script_stay_whole(tmp_path):
    write_sound(tmp_path / "talk.wav", 64, pause=0.8)
    (tmp_path / "talk.txt").write_text("One.\n\nTwo.")
    (row,) = run(tmp_path / "talk.wav", tmp_path / "voice").rows
    assert (row.id, row.text, row.long, row.start) == ("talk", "One.\n\nTwo.", True, None)
    assert json.loads(row.to_json())["long"] is True
    assert row.seconds == pytest.approx(63.2, abs=0.8)


def test_subtitles_cut_a_recording(tmp_path):
    write_sound(tmp_path / "talk.wav", 80, pause=0.8)
    cues = [
        f"00:{8 * n // 60:02}:{8 * n % 60:02}.000 --> 00:{(8 * n + 7) // 60:02}:" for n in range(10)
    ]
    cues = [f"{cue}{(8 * n + 7) % 60:02}.000\nCue {n}." for n, cue in enumerate(cues)]
    (tmp_path / "talk.vtt").write_text(
        "WEBVTT\n\n" + "\n\n".join([*cues, "01:30.000 --> 01:31.000\nx"])
    )
    found = run(tmp_path / "talk.wav", tmp_path / "voice")
    assert [row.id for row in found.rows] == [f"talk-{n:04}" for n in range(1, 11)]
    assert [(row.start, row.stop) for row in found.rows[1:3]] == [(7.85, 15.15), (15.85, 23.15)]
    assert [(one.name, one.reason) for one in found.left_out] == [
        ("talk.wav, 89.85 s to 91.15 s", "the recording ends at 80.00 s")
    ]


def test_a_recording_of_hours_is_not_held_in_memory(tmp_path, monkeypatch):
    """By a lower limit: the clip is the same as from memory."""
    file = SoundFile(write_sound(tmp_path / "a.wav", 3.0))
    original = measure_original(file)
    with clips.mono_sound(file, original, tmp_path) as held:
        whole = np.array(held)
    monkeypatch.setattr(clips, "LONG_SECONDS", 1.0)
    with clips.mono_sound(file, original, tmp_path) as mapped:
        assert isinstance(mapped, np.memmap)
        np.testing.assert_array_equal(mapped, whole)
    assert len(whole) == 3 * 24_000


FORMATS = {
    "a.wav": {}, "a.flac": {}, "a.ogg": {}, "a.aiff": {}, "a.au": {}, "a.mp3": {},
    "b.opus": {"format": "OGG", "subtype": "OPUS"}, "c.wav": {"subtype": "ULAW"},
    "d.wav": {"subtype": "FLOAT"}, "e.wav": {"subtype": "PCM_24"}, "f.wav": {"subtype": "PCM_U8"},
}  # fmt: skip
CODECS = {
    "a.m4a": ("aac", "mp4"), "a.aac": ("aac", "adts"), "a.wma": ("wmav2", "asf"),
    "a.mp4": ("aac", "mp4"), "a.webm": ("opus", "webm"), "a.mp2": ("mp2", "mp2"),
}  # fmt: skip


@pytest.mark.parametrize("name", [*FORMATS, *CODECS])
def test_every_format_is_read(name, tmp_path):
    path, rate = tmp_path / name, 48_000
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate).astype(np.float32)
    if name in FORMATS:
        soundfile.write(path, tone, rate, **FORMATS[name])
    else:
        write_av(path, *CODECS[name], tone, rate)
    file = SoundFile(path)
    with clips.mono_sound(file, measure_original(file), tmp_path) as audio:
        assert len(audio) == pytest.approx(24_000, abs=3_000)
        spectrum = np.abs(np.fft.rfft(audio[6_000:18_000]))
        assert np.argmax(spectrum) * 2 == 440
        assert np.sqrt(np.square(audio[6_000:18_000]).mean()) == pytest.approx(0.212, rel=0.08)


LEFT = syllables(2.0)
OTHER = syllables(2.0, seed=9)


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        ((LEFT, LEFT), LEFT),
        ((LEFT, 0 * LEFT), LEFT),
        ((LEFT, -LEFT), LEFT),
        ((0.5 * LEFT, OTHER), OTHER),
        ((LEFT, 0.8 * LEFT), 0.9 * LEFT),
        ((0 * LEFT, 0 * LEFT, LEFT, 0 * LEFT, 0 * LEFT, 0 * LEFT), LEFT),
        ((LEFT + 0.2,), LEFT),
    ],
)
def test_the_mono_mix_keeps_the_energy(channels, expected, tmp_path):
    soundfile.write(tmp_path / "a.wav", np.stack(channels, 1), 24_000, subtype="FLOAT")
    file = SoundFile(tmp_path / "a.wav")
    with clips.mono_sound(file, measure_original(file), tmp_path) as audio:
        np.testing.assert_allclose(audio, expected - expected.mean(), atol=2e-3)


def band_limited(rate, highest, seconds=4.0):
    """Syllables with nothing above a frequency but the noise of 16 bits."""
    audio = syllables(seconds, rate)
    spectrum = np.fft.rfft(audio)
    spectrum[round(highest * seconds) :] = 0
    return np.fft.irfft(spectrum, len(audio))


@pytest.mark.parametrize(
    ("rate", "highest"),
    [(48_000, 16_000), (48_000, 11_025), (44_100, 8_000), (48_000, 4_000), (24_000, 11_025),
     (8_000, 3_400), (48_000, 24_000), (22_050, 11_025), (16_000, 8_000), (8_000, 4_000)],
)  # fmt: skip
def test_the_end_of_the_spectrum_is_seen(rate, highest, tmp_path):
    soundfile.write(tmp_path / "a.wav", 0.2 * band_limited(rate, highest), rate)
    found = measure_original(SoundFile(tmp_path / "a.wav"))
    assert found.bandwidth == pytest.approx(highest, abs=150)
    assert (found.rate, found.channels) == (rate, 1)


def test_telephone_in_stereo_works(tmp_path):
    phone = band_limited(8_000, 3_400, 64.0)
    soundfile.write(tmp_path / "call.wav", np.stack((phone, 0 * phone), 1), 8_000, subtype="ULAW")
    (tmp_path / "call.txt").write_text("Hello.")
    (row,) = run(tmp_path / "call.wav", tmp_path / "voice").rows
    assert (row.rate, row.channels, row.clipped) == (8_000, 2, 0.0)
    assert row.bandwidth == pytest.approx(3_400, abs=150)


@pytest.mark.parametrize(
    ("limit", "level", "options"),
    [
        (1.0, 1.0, {}),
        (1.0, 0.6, {}),
        (1.0, 2.0, {"subtype": "FLOAT"}),
        (1.0, 1.0, {"format": "MP3"}),
    ],
)
def test_clipped_samples_are_counted(limit, level, options, tmp_path):
    """At full scale, in flat tops of a file that was turned down, and where a codec blurs them."""
    loud = 2.0 * np.sin(2 * np.pi * 300 * np.arange(2 * RATE) / RATE)
    clean, path = 0.45 * level * loud, tmp_path / "a"
    clipped = level * np.clip(loud, -limit, limit)
    soundfile.write(path, clipped, RATE, **{"format": "WAV", **options})
    share = np.mean(np.abs(loud) >= 0.999 * limit)
    tolerance = 0.1 if options.get("format") == "MP3" else 0.02
    if options.get("format") == "MP3":
        assert measure_original(SoundFile(path)).clipped > 0.1
    else:
        assert measure_original(SoundFile(path)).clipped == pytest.approx(share, abs=tolerance)
    soundfile.write(path, clean, RATE, **{"format": "WAV", **options})
    assert measure_original(SoundFile(path)).clipped == 0


def test_a_weak_fricative_and_a_breath_are_kept():
    rate, rng = 24_000, np.random.default_rng(0)
    hum = 0.003 * np.sin(2 * np.pi * 50 * np.arange(3 * rate) / rate)
    audio = hum + 0.0003 * rng.standard_normal(3 * rate)
    audio[rate : 2 * rate] += syllables(1.0, rate, lead=0.0)
    hiss = np.diff(rng.standard_normal(rate // 10 + 1)) * 0.002  # 38 dB below the syllables
    audio[rate - len(hiss) : rate] += hiss
    audio[9_000:9_120] += 0.05  # a click
    frames = np.flatnonzero(clips.speech_frames(audio.astype(np.float32)))
    assert frames[0] == pytest.approx(90, abs=3)
    assert frames[-1] == pytest.approx(200, abs=3)


def test_peaks_stay_below_full_scale(tmp_path):
    audio = 0.1 * syllables(2.0, 24_000)
    audio[24_000] = 1.0
    made = clips.write_clip(tmp_path / "a.flac", audio)
    clip, _ = soundfile.read(tmp_path / "a.flac")
    assert np.abs(clip).max() == pytest.approx(0.99, abs=1e-3)
    assert made.gain == pytest.approx(20 * np.log10(0.99), abs=0.01)


def test_long_recordings_without_a_text_are_cut_at_pauses(tmp_path):
    audio = syllables(60, 24_000, pause=0.8)
    spans = clips.utterances(clips.speech_frames(audio))
    assert spans[0][0] == 0
    assert spans[-1][1] == 60
    for (_, stop), (start, _) in pairwise(spans):
        assert stop == start
        assert 1.2 < stop % 2 < 2  # in a pause
    without_pause = clips.utterances(np.ones(6_000, dtype=bool))
    assert max(stop - start for start, stop in without_pause) <= 15
    assert sum(stop - start for start, stop in without_pause) == pytest.approx(60)


def test_ids_are_unique_and_usable():
    paths = ["a/1.wav", "b/1.wav", "b/1.mp3", "Ünï x.wav", "talk.wav", "talk-0001.wav", "..wav"]
    cut = [path == "talk.wav" for path in paths]
    ids = unique_ids([Path(path) for path in paths], cut)
    assert ids == ["a_1", "b_1", "b_1_2", "Ünï_x", "talk_cut", "talk-0001", "clip"]
    assert unique_ids([Path("A.wav"), Path("x" * 300)], [False] * 2) == ["A", "x" * 48]


def test_progress_is_lines_in_a_pipe_and_a_bar_on_a_terminal(folder, tmp_path):
    written = io.StringIO()
    gather(folder, tmp_path / "voice", workers=1, console=Console(file=written))
    assert written.getvalue().startswith("4 of 4 recordings, 1.0 min of speech in ")
    terminal = io.StringIO()
    console = Console(file=terminal, force_terminal=True, width=100)
    gather(folder, tmp_path / "other", workers=1, console=console)
    assert "4/4" in terminal.getvalue()


def test_the_row_of_a_clip_is_documented():
    names = [line.split(":")[0].strip() for line in recordings.RecordingRow.__doc__.splitlines()]
    assert set(recordings.RecordingRow.__dataclass_fields__) <= set(names)
