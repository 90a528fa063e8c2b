"""Features and recordings carried in few bytes, and what must come back as it was."""

import json
import zlib
from collections import Counter
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import numpy as np
import pytest
import soundfile
import torch
from torch import Generator
from tts.training.__main__ import app
from tts.training.data.crops import RecordingDataset
from tts.training.data.f0 import find_f0, read_f0
from tts.training.data.features import ClipFeatures, read_features, write_features
from tts.training.data.pack.mel_coding import MelCoding
from tts.training.data.pack.pack import ABOUT, NAME, Packing, pack
from tts.training.data.pack.parts import join_parts, read_parts, write_parts
from tts.training.data.pack.unpack import unpack
from tts.training.data.recordings import read_recordings
from tts.training.data.subset import PackItem, choose_subset

from tts.cli.main import run_command as command
from tts.config import MelConfig
from tts.vocoder.mel import log_mel

RATE, HOP = 24_000, 256
HALF_PRECISION = 2**-9  # of numbers between 4 and 8, the error of rounding


def smooth(frames, generator):
    """Something like a mel: values that lean on their neighbours, between the floor and 3."""
    noise = generator.standard_normal((frames, 100)).cumsum(axis=1).cumsum(axis=0)
    return np.clip(noise / np.abs(noise).max() * 6 - 3, -8, 3).astype(np.float16)


@pytest.fixture(scope="module")
def features(tmp_path_factory):
    """A set of three voices that learn, half of it of another convention, and one held out."""
    folder, generator = tmp_path_factory.mktemp("features"), np.random.default_rng(0)
    for name, voices in (("many", ("ada", "bob", "cy")), ("val", ("ada",))):
        clips, mels = [], []
        for index in range(20 * len(voices)):
            durations = (4, *generator.integers(0, 20, 12).tolist(), 6)
            clips.append(
                ClipFeatures(
                    id=f"{name}{index}",
                    voice=voices[index % len(voices)],
                    text=f"“Naïve” line\u2028number {index}.",
                    convention=("misaki", "espeak")[index % 2],
                    symbols="^hˈɛlO, wˈɜɹ.$",
                    durations=durations,
                    pitch=tuple(generator.normal(5, 0.3, 14).round(4).tolist()),
                    level=tuple(generator.normal(-30, 9, 14).round(4).tolist()),
                )
            )
            mels.append(smooth(sum(durations), generator))
        write_features(folder / name, clips, np.concatenate(mels))
    return folder


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Recordings of gliding tones, some with phones."""
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "many").mkdir()
    rows = []
    for index in range(6):
        within = np.arange(RATE // 2 + 100 * index) / RATE
        tone = 0.2 * np.sin(2 * np.pi * (150 + 30 * index + 40 * within) * within)
        kind, coding, path = (
            ("OGG", "OPUS", f"many/{index}.opus")
            if index % 2
            else ("FLAC", "PCM_16", f"many/{index}.flac")
        )
        soundfile.write(folder / path, tone, RATE, format=kind, subtype=coding)
        row = {"id": f"many{index}", "voice": "ada", "audio": path, "text": "Hm."}
        rows.append(
            row | ({"phones": "m.", "ends": [1920, 9000, 9600, 12000]} if index < 3 else {})
        )
    (folder / "many.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


EVERYTHING = Packing(sets=("many", "val"), held_out=("val",))
SMALL = Packing(sets=("many", "val"), held_out=("val",), megabytes=0.15, part_megabytes=0.06)


@pytest.mark.parametrize("frames", [[1], [7, 1, 300], [5] * 65])
def test_mels_come_back_within_half_a_step(frames):
    generator, coding = np.random.default_rng(1), MelCoding()
    mels = [smooth(count, generator) for count in frames]
    codes = [coding.encode(mel) for mel in mels]
    decoded = list(coding.decode(codes, frames))
    for mel, again in zip(mels, decoded, strict=True):
        assert again.dtype == np.float16
        gap = np.abs(again.astype(float) - mel.astype(float))
        assert gap.max() <= coding.step / 2 + HALF_PRECISION
    assert [coding.encode(mel) for mel in decoded] == codes


def test_sound_takes_few_bytes():
    """A chirp in some noise takes 28 % less than zlib makes of its levels; one neighbour, 25 %."""
    within = torch.arange(2 * RATE) / RATE
    chirp = torch.sin(2 * torch.pi * (200 + 300 * within) * within)
    mel = log_mel((0.1 * chirp + 0.01 * torch.randn(2 * RATE))[None], MelConfig())[0].numpy()
    levels = np.rint((mel + 8) / 0.2).astype(np.uint8)
    assert len(MelCoding().encode(mel)) < 0.735 * len(zlib.compress(levels.tobytes(), 9))


@pytest.mark.parametrize("value", [-8.2, 44.0])
def test_what_is_no_log_mel_is_refused(value):
    with pytest.raises(ValueError, match=r"mels must be from -8.0 to 43, got"):
        MelCoding().encode(np.full((3, 100), value, np.float16))


def test_bytes_of_another_length_are_refused():
    code = MelCoding().encode(smooth(20, np.random.default_rng(0)))
    for wrong, frames in ((code, 19), (code[:-5], 20)):
        with pytest.raises(ValueError, match=f"the bytes of a clip must hold {frames} frames"):
            list(MelCoding().decode([wrong], [frames]))


def test_features_come_back_as_they_were(features, corpus, tmp_path):
    """All but the mels to the letter, and these within half a step."""
    packed = pack(features, corpus, tmp_path / "pack", EVERYTHING)
    assert [(row.clips, row.all_clips) for row in packed] == [(60, 60), (20, 20)]
    assert unpack(tmp_path / "pack", tmp_path / "there") == ["many", "val"]
    for name in EVERYTHING.sets:
        there, here = tmp_path / "there" / name, features / name
        assert (there / "clips.jsonl").read_bytes() == (here / "clips.jsonl").read_bytes()
        before, after = (np.load(folder / "mels.npy") for folder in (here, there))
        assert before.dtype == after.dtype
        gap = np.abs(before.astype(float) - after.astype(float))
        assert gap.max() <= MelCoding().step / 2 + HALF_PRECISION


def test_the_same_pack_is_made_again(features, corpus, tmp_path):
    limits = replace(SMALL, recordings=("many",), audio_hours=0.0005)
    for name in "ab":
        pack(features, corpus, tmp_path / name, limits)
    files = [sorted((tmp_path / name).iterdir()) for name in "ab"]
    assert [file.read_bytes() for file in files[0]] == [file.read_bytes() for file in files[1]]


def test_a_limit_keeps_whole_clips_of_every_voice(features, corpus, tmp_path):
    """Each voice has the same share, what is held out is whole, and less is a part of more."""
    kept = []
    for megabytes in (0.15, 0.18):
        limits = replace(SMALL, megabytes=megabytes)
        row, held_out = pack(features, corpus, tmp_path / "pack", limits)
        files = list((tmp_path / "pack").iterdir())
        assert all(file.stat().st_size <= 60_000 for file in files)
        total = sum(file.stat().st_size for file in files)
        assert 0.9 < total / 1e6 / megabytes <= 1
        assert held_out.clips == held_out.all_clips == 20
        unpack(tmp_path / "pack", tmp_path / "there")
        clips = list(read_features(tmp_path / "there" / "many"))
        lengths = sum(sum(clip.durations) for clip in clips)
        assert len(np.load(tmp_path / "there" / "many" / "mels.npy")) == lengths
        assert row.hours == pytest.approx(lengths * HOP / RATE / 3600)
        shares = Counter(clip.voice for clip in clips)
        assert shares.keys() == {"ada", "bob", "cy"}
        assert max(shares.values()) - min(shares.values()) <= 1
        kept.append({clip.id for clip in clips})
    assert 3 < len(kept[0]) < len(kept[1]) < 60
    assert kept[0] < kept[1]


def test_which_clips_fit_does_not_hang_on_their_order():
    """Neighbours are alike, so they are not taken together: a hash of their ids decides."""
    items = [
        PackItem(set="a", voice=("x", "y")[index % 2], id=f"c{index}", hours=1.0, size=1.0)
        for index in range(40)
    ]
    first, again = (
        {item.id for item in choose_subset({"a": order}, (), "hours", 10.0)["a"]}
        for order in (items, items[::-1])
    )
    assert first == again
    assert len(first) == 10
    assert first != {item.id for item in items[:10]}


def test_clips_of_another_convention_stay_behind_unless_held_out(features, corpus, tmp_path):
    limits = Packing(sets=("many", "val"), held_out=("val",), conventions=("misaki",))
    assert [row.clips for row in pack(features, corpus, tmp_path, limits)] == [30, 20]
    unpack(tmp_path, tmp_path / "there")
    assert {clip.convention for clip in read_features(tmp_path / "there/many")} == {"misaki"}


def test_what_is_held_out_must_fit(features, corpus, tmp_path):
    limits = Packing(sets=("many", "val"), held_out=("val",), megabytes=0.05, part_megabytes=0.05)
    with pytest.raises(ValueError, match=r"held-out sets alone take 0\.\d MB, more than 0.05"):
        pack(features, corpus, tmp_path, limits)


def test_recordings_come_with_their_manifest_and_f0(features, corpus, tmp_path, monkeypatch):
    """Half of them here: Opus files as they were, others as Opus; F0 is what pyworld finds."""
    hours = 1.7 / 3600
    limits = Packing(sets=("val",), recordings=("many",), audio_hours=hours)
    *_, row = pack(features, corpus, tmp_path / "pack", limits)
    assert (row.kind, row.set, row.clips, row.all_clips) == ("recordings", "many", 3, 6)
    assert row.hours <= hours
    unpack(tmp_path / "pack", tmp_path / "there")
    carried = read_recordings(tmp_path / "there" / "corpus", "many")
    originals = {clip.id: clip for clip in read_recordings(corpus, "many")}
    octaves = read_f0(tmp_path / "there" / "many")
    assert octaves.keys() == {clip.id for clip in carried}
    for clip in carried:
        original = originals[clip.id]
        assert clip.audio.suffix == ".opus"
        if original.audio.suffix == ".opus":
            assert clip.audio.read_bytes() == original.audio.read_bytes()
        here, there = (sound.load_trimmed_audio(MelConfig()) for sound in (original, clip))
        assert np.corrcoef(here, there)[0, 1] > 0.99
        assert clip.ends == original.ends
        assert len(octaves[clip.id]) == len(original.load_trimmed_audio(MelConfig())) // HOP
    own, told = (RecordingDataset(carried, MelConfig(), f0) for f0 in (None, octaves))
    for index, frames in enumerate(own.lengths.tolist()):
        found, known = own._octave(index, 0, frames), told._octave(index, 0, frames)
        both = found.isfinite() & known.isfinite()
        assert both.sum() > 0.5 * frames
        assert (found - known)[both].abs().median() < 0.005  # Opus moves it a little
    monkeypatch.setattr("tts.training.data.crops.log_pitch", None)  # as where pyworld is missing
    batch = told.batch(4, 20, Generator().manual_seed(0), perturbed=0.5)
    assert batch.log2_f0.isfinite().any()
    clip = carried[0].id
    assert told._octave(0, 3, 9).numpy() == pytest.approx(octaves[clip][3:12], nan_ok=True)


def test_recordings_are_named_by_set_and_id(features, tmp_path):
    """Each comes with its own sound, whatever its file was called and wherever it lay."""
    places = {
        "x1": "sub/x.wav", "x2": "sub/x.flac", "up/x3": "../x.wav",
        "%2e%2e": str(tmp_path / "elsewhere/x.flac"),
    }  # fmt: skip
    corpus, there, rows = tmp_path / "corpus", tmp_path / "there", []
    for index, (id, path) in enumerate(places.items()):
        tone = 0.2 * np.sin(2 * np.pi * 130 * (1 + index) * np.arange(RATE // 2) / RATE)
        (corpus / path).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(corpus / path, tone, RATE)
        rows.append({"id": id, "voice": "ada", "audio": path, "text": "Hm."})
    (corpus / "lj.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    limits = Packing(sets=("val",), recordings=("lj",), audio_hours=1)
    pack(features, corpus, tmp_path / "pack", limits)
    unpack(tmp_path / "pack", there)
    carried = read_recordings(there / "corpus", "lj")
    assert len({clip.audio for clip in carried}) == len(places)
    for before, clip in zip(read_recordings(corpus, "lj"), carried, strict=True):
        assert clip.audio.resolve().parent == (there / "corpus/lj").resolve()
        sounds = [sound.load_trimmed_audio(MelConfig()) for sound in (before, clip)]
        assert np.corrcoef(*sounds)[0, 1] > 0.99


def test_f0_is_found_once(corpus, tmp_path, monkeypatch):
    clips = read_recordings(corpus, "many")
    found = find_f0(clips[:2], tmp_path, workers=1)
    more = find_f0(clips[:3], tmp_path, workers=1)
    monkeypatch.setattr("tts.training.data.f0.log_pitch", None)
    again = find_f0(clips[:3], tmp_path)
    assert again.keys() == more.keys() == {clip.id for clip in clips[:3]}
    for id in found:
        np.testing.assert_array_equal(found[id], again[id])


def cut_short(content):
    return content[:-1]


def altered(content):
    return content[:-1] + bytes([content[-1] ^ 1])


def without_head(content):
    return content.partition(b"\n")[2]


@pytest.mark.parametrize("damage", [cut_short, altered, without_head])
def test_a_damaged_part_is_refused(damage, features, corpus, tmp_path, capsys):
    pack(features, corpus, tmp_path, SMALL)
    part = tmp_path / "features.zip.01"
    part.write_bytes(damage(part.read_bytes()))
    there = tmp_path / "there"
    assert command(app, ["unpack", str(tmp_path), "--out", str(there)], "t") == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert "features.zip.01" in said
    assert said.rstrip().endswith("copy it again")
    assert not there.exists()


@pytest.mark.parametrize("line", ["[1]", "5", "{}", '{"part": "one"}', "", "\x80"])
def test_what_begins_with_no_header_is_no_part(line, tmp_path):
    (tmp_path / "whole.00").write_text(line + "\nrest", encoding="latin-1")
    with pytest.raises(ValueError, match=r"whole\.00 is not a part of a file; copy it again"):
        read_parts(tmp_path / "whole")


@pytest.mark.parametrize("content", [b"short", bytes(range(256)) * 10])
def test_parts_left_beside_a_whole_file_are_to_be_deleted(content, tmp_path, capsys):
    """Of another file, or of the same one that was cut otherwise."""
    write_parts(bytes(range(256)) * 10, tmp_path / "whole", 0.0015)
    old = (tmp_path / "whole.02").read_bytes()
    write_parts(content, tmp_path / "whole", 0.003)
    (tmp_path / "whole.02").write_bytes(old)
    assert command(app, ["join", str(tmp_path)], "t") == 2
    said = capsys.readouterr().err
    assert "whole.02" in said
    assert said.rstrip().endswith("delete it")
    (tmp_path / "whole.02").unlink()
    assert command(app, ["join", str(tmp_path)], "t") == 0
    assert (tmp_path / "whole").read_bytes() == content


def test_a_first_part_that_is_missing_is_named(tmp_path):
    """Though other files beside it are complete."""
    for name in "ab":
        write_parts(bytes(3000), tmp_path / name, 0.0025)
    (tmp_path / "b.00").unlink()
    with pytest.raises(
        FileNotFoundError, match=r"no such file in .*: b\.00, of . parts; copy them"
    ):
        join_parts(tmp_path)


def test_a_missing_part_is_named(tmp_path):
    write_parts(bytes(3000), tmp_path / "whole", 0.0015)
    (tmp_path / "whole.01").unlink()
    with pytest.raises(
        FileNotFoundError, match=r"no such file in .*: whole.01, of . parts; copy them"
    ):
        read_parts(tmp_path / "whole")
    with pytest.raises(FileNotFoundError, match=r"no such file: .*other.00; copy it"):
        read_parts(tmp_path / "other")


def test_parts_of_two_files_do_not_make_one(tmp_path):
    for name in "ab":
        write_parts(name.encode() * 3000, tmp_path / name / "whole", 0.0025)
    (tmp_path / "a/whole.00").replace(tmp_path / "b/whole.00")
    with pytest.raises(ValueError, match="belong to different files"):
        read_parts(tmp_path / "b/whole")


def test_fewer_parts_leave_none_of_before(tmp_path):
    write_parts(bytes(range(256)) * 20, tmp_path / "whole", 0.0015)
    (part,) = write_parts(b"short", tmp_path / "whole", 0.0015)
    assert read_parts(tmp_path / "whole") == b"short"
    assert list(tmp_path.iterdir()) == [part]


def test_files_in_parts_are_joined_by_a_command(tmp_path, capsys):
    content = bytes(range(256)) * 20
    parts = write_parts(content, tmp_path / "average.safetensors", 0.002)
    assert len(parts) == 4
    assert all(part.stat().st_size <= 2000 for part in parts)
    assert command(app, ["join", str(tmp_path)], "t") == 0
    assert (tmp_path / "average.safetensors").read_bytes() == content
    assert "average.safetensors: 0.01 MB" in capsys.readouterr().out
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match=r"no file that ends in \.00 in"):
        join_parts(tmp_path / "empty")
    with pytest.raises(FileNotFoundError, match=r"no such folder: .*nowhere$"):
        join_parts(tmp_path / "nowhere")


def test_packing_by_the_command_says_what_stayed(features, corpus, tmp_path, capsys):
    asked = f"pack {features} --out {tmp_path} --sets many,val --held-out val --megabytes 0.2"
    limits = f" --part-megabytes 0.1 --corpus {corpus} --recordings many --audio-hours 0.0002"
    assert command(app, (asked + limits).split(), "t") == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("features of many: 0.01 of 0.01 hours, ") for line in lines)
    assert "features of val: 0.01 of 0.01 hours, 20 of 20 clips" in lines
    assert "recordings of many: 0.00 of 0.00 hours, 1 of 6 clips" in lines
    assert sum("features.zip.0" in line for line in lines) == len(list(tmp_path.iterdir()))
    assert command(app, ["unpack", str(tmp_path), "--out", str(tmp_path / "there")], "t") == 0
    assert "many, val" in capsys.readouterr().out


def test_a_part_is_no_larger_than_the_whole():
    with pytest.raises(ValueError, match=r"part_megabytes must be from 0.01 to 10, got 15"):
        Packing(sets=(), megabytes=10, part_megabytes=15)


@pytest.mark.parametrize("megabytes", ["-1", "0"])
def test_a_size_that_no_pack_has_is_reported_by_the_option_that_was_given(megabytes, capsys):
    assert command(app, ["pack", "features", "--out", "out", "--megabytes", megabytes], "t") == 2
    assert capsys.readouterr().err == f"error: megabytes must be above 0, got {megabytes}\n"


@pytest.mark.parametrize(
    "asked", ["prepare nope", "pack nope --out out", "unpack nope", "join nope"]
)
def test_a_missing_folder_is_named_as_it_was_given(asked, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert command(app, asked.split(), "t") == 2
    assert capsys.readouterr().err == "error: no such folder: nope\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"held_out": ("vall",)}, "held-out sets must be some of many, val; got vall"),
        ({"conventions": ("espeek",)}, "conventions must be some of misaki, espeak; got espeek"),
        ({"sets": ("val",)}, "no training set beside the held-out sets"),
        ({"sets": ("val",), "recordings": ("many",)}, "no training set beside the held-out sets"),
        ({"audio_hours": float("nan")}, "audio_hours must be a number, got nan"),
    ],
)
def test_a_pack_of_nothing_or_of_no_such_thing_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        replace(EVERYTHING, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"conventions": ("espeak",)},
            r"no clips of espeak among the 2 of .*misaki; name another",
        ),
        (
            {"sets": ("many", "val"), "megabytes": 0.063},
            "no clip of many fits among features in 0.063 MB; allow more",
        ),
        (
            {"recordings": ("many",), "audio_hours": 1e-6},
            "no clip of many fits among recordings in 1e-06 hours; allow more",
        ),
    ],
)
def test_a_set_of_which_nothing_would_be_packed_is_refused(
    options, message, features, corpus, tmp_path
):
    clips = [clip for clip in read_features(features / "val") if clip.convention == "misaki"][:2]
    frames = sum(sum(clip.durations) for clip in clips)
    write_features(tmp_path / "misaki", clips, smooth(frames, np.random.default_rng(0)))
    for name in EVERYTHING.sets:
        (tmp_path / name).symlink_to(features / name)
    limits = replace(SMALL, sets=("many", "val", "misaki"), megabytes=0.3)
    with pytest.raises(ValueError, match=message):
        pack(tmp_path, corpus, tmp_path / "pack", replace(limits, **options))
    assert not (tmp_path / "pack").exists()


def test_a_set_that_is_not_there_is_told_before_f0_is_looked_for(features, corpus, tmp_path):
    (tmp_path / "val").symlink_to(features / "val")
    limits = Packing(sets=("val", "heart"), recordings=("many",), audio_hours=1)
    with pytest.raises(FileNotFoundError, match=r"no features in .*heart; run"):
        pack(tmp_path, corpus, tmp_path / "pack", limits)
    assert not (tmp_path / "many").exists()


def test_mels_of_another_length_are_refused(features, corpus, tmp_path):
    clips = list(read_features(features / "val"))
    mels = np.load(features / "val/mels.npy")
    write_features(tmp_path / "val", clips, mels[:-1])
    with pytest.raises(ValueError, match=r"mels and clips of .*val differ; prepare them again"):
        pack(tmp_path, corpus, tmp_path / "pack", Packing(sets=("val",)))


def test_two_clips_of_one_id_are_refused():
    items = [PackItem(set="a", voice=voice, id="c", hours=1.0, size=1.0) for voice in "xy"]
    with pytest.raises(ValueError, match=r"several clips of a have the id 'c'; rename all but one"):
        choose_subset({"a": items}, (), "hours", 10.0)


@pytest.mark.parametrize("old", ["heart/clips.jsonl", "corpus/heart.jsonl"])
def test_a_pack_is_not_mixed_with_other_sets(old, features, corpus, tmp_path):
    """A run would learn from both, though it was to learn from the pack."""
    limits = Packing(sets=("many", "val"), recordings=("many",), audio_hours=1)
    pack(features, corpus, tmp_path / "pack", limits)
    there = tmp_path / "there"
    (there / old).parent.mkdir(parents=True)
    (there / old).touch()
    with pytest.raises(
        ValueError, match=r"there has sets that are not in the pack: heart; .* delete"
    ):
        unpack(tmp_path / "pack", there)
    assert [path for path in there.rglob("*") if path.is_file()] == [there / old]
    (there / old).unlink()
    for _ in range(2):
        assert unpack(tmp_path / "pack", there) == ["many", "val"]


@pytest.mark.parametrize("name", ["../val/clips.jsonl", "corpus/../../x.opus", "/x.opus"])
def test_a_pack_writes_nothing_outside_of_its_folder(name, tmp_path):
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr(ABOUT, json.dumps({"format": 1, "sets": [], "coding": {}}))
        archive.writestr(name, "")
    write_parts(file.getvalue(), tmp_path / NAME, 1)
    with pytest.raises(ValueError, match=r"has the unsafe path .*; pack it again"):
        unpack(tmp_path, tmp_path / "there")
    assert not (tmp_path / "there").exists()
