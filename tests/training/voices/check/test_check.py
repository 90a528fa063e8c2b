"""Each kind of finding, planted into clips of the shipped voices; the files of a check."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from tts.training.voices.check.check import CheckReport, check, expectation, judge
from tts.training.voices.check.coverage import PHONES, RARE, SENTENCES, phone_coverage, phones_of
from tts.training.voices.check.findings import KINDS, CheckedClip, Finding
from tts.training.voices.check.measures import (
    RATE,
    flat_tops,
    measure_clip,
    same_audio,
    steady_tones,
)
from tts.training.voices.check.report import report_page
from tts.training.voices.check.speaker_rules import duplicates

from tts.delivery import Delivery

TEXTS = (
    "The birds flew over the quiet harbour in the morning.",
    "She put seven coins beside a small brown box.",
    "Nobody knew why the lights were on at night.",
    "My father walked to the market for some bread.",
    "A cold wind came down from the mountains.",
    "They asked him about the train to the city.",
    "We should look at the map before we go there.",
    "The old clock in the hall strikes every hour.",
)
LEVEL = 0.07


@pytest.fixture(scope="session")
def clean_audio(synthesizer):
    return [synthesizer.speak(text, Delivery(seed=n)).audio for n, text in enumerate(TEXTS)]


@pytest.fixture(scope="session")
def other_voice(synthesizer):
    return synthesizer.speak(TEXTS[0], Delivery(voice="michael")).audio


@pytest.fixture(scope="session")
def clean(clean_audio):
    return [clip_of(f"clip{n}", audio, TEXTS[n]) for n, audio in enumerate(clean_audio)]


def clip_of(id, audio, text="Hello.", **row):
    audio = np.asarray(audio, np.float32)
    audio = audio * np.float32(LEVEL / max(1e-9, np.linalg.norm(audio) / max(1, len(audio)) ** 0.5))
    about = {"seconds": len(audio) / RATE, "gain": 0.0, "clipped": 0.0, "bandwidth": 12000}
    row = {"id": id, "audio": f"clips/{id}.flac", "text": text, **about, **row}
    return CheckedClip(row=row, aligned=None, measures=measure_clip(audio.clip(-1, 1)))


def kinds(report, clip):
    return {found.kind for found in report.findings if found.clip == clip}


def findings_about(clips, id):
    return kinds(judge(clips, is_aligned=False), id)


def chord(audio, hertz, level):
    time = np.arange(len(audio)) / RATE
    waves = sum(np.sin(2 * np.pi * f * k * time + k) / k for f in hertz for k in (1, 2, 3, 4))
    return audio + level * waves / waves.std()


def room(audio, seconds):
    count = int(RATE * seconds)
    chance = np.random.default_rng(1)
    response = chance.standard_normal(count) * 10 ** (-3 * np.arange(count) / count)
    response /= np.sqrt(np.sum(response**2))
    response[0] += 1
    size = 2**18
    spectrum = np.fft.rfft(audio, size) * np.fft.rfft(response, size)
    return np.fft.irfft(spectrum, size)[: len(audio) + count // 2]


def low_pass(audio, hertz):
    spectrum = np.fft.rfft(audio)
    spectrum[np.fft.rfftfreq(len(audio), 1 / RATE) > hertz] = 0
    return np.fft.irfft(spectrum, len(audio))


def limited(audio, share):
    limit = np.quantile(np.abs(audio), 1 - share)
    return audio.clip(-limit, limit)


def loud_noise(audio, snr):
    chance = np.random.default_rng(0)
    return audio + chance.standard_normal(len(audio)) * audio.std() * 10 ** (-snr / 20)


SOUNDS = {
    "noise": lambda audio: loud_noise(audio, 15),
    "hum": lambda audio: chord(audio, (50.0,), audio.std() / 10),
    "music": lambda audio: chord(audio, (220.0, 277.2, 329.6), audio.std() / 4),
    "clipping": lambda audio: limited(audio, 0.01),
    "reverberation": lambda audio: room(audio, 0.6),
    "bandwidth": lambda audio: low_pass(audio, 4000),
    "silence": lambda audio: 1e-3 * np.random.default_rng(0).standard_normal(len(audio)),
}


def test_clean_clips_have_no_findings(clean):
    report = judge(clean, is_aligned=False)
    assert [found for found in report.findings if found.clip] == []
    assert {found.kind for found in report.findings} == {"amount"}


@pytest.mark.parametrize("kind", SOUNDS)
def test_a_planted_fault_of_sound_is_found(kind, clean, clean_audio):
    planted = clip_of("clip3", SOUNDS[kind](clean_audio[3]), TEXTS[3])
    report = judge([*clean[:3], planted, *clean[4:]], is_aligned=False)
    assert kinds(report, "clip3") == {kind}
    assert {found.clip for found in report.findings} <= {"clip3", None}


def test_a_stationary_tone_is_no_speech():
    tone = chord(np.zeros(RATE), (220.0, 277.2), 0.1)
    assert findings_about([clip_of("tone", tone)], "tone") == {"silence"}
    assert findings_about([clip_of("zeros", np.zeros(RATE))], "zeros") == {"silence"}
    assert findings_about([clip_of("none", np.zeros(0), seconds=0)], "none") >= {"silence"}


def test_another_speaker_is_found_without_an_encoder(clean, other_voice):
    stranger = clip_of("stranger", other_voice, TEXTS[0])
    assert findings_about([*clean[1:], stranger], "stranger") == {"speaker"}


@pytest.mark.parametrize(("gain", "how"), [(12.0, "softer"), (-12.0, "louder")])
def test_a_clip_of_another_loudness_is_found(gain, how, clean):
    moved = replace(clean[2], row={**clean[2].row, "gain": gain})
    report = judge([*clean[:2], moved, *clean[3:]], is_aligned=False)
    (found,) = [found for found in report.findings if found.clip]
    assert (found.kind, found.clip) == ("loudness", "clip2")
    assert found.message == f"The recording is 12 dB {how} than the others."


def test_the_clipped_share_of_the_original_counts(clean):
    loud = replace(clean[0], row={**clean[0].row, "clipped": 0.03})
    report = judge([loud, *clean[1:]], is_aligned=False)
    (found,) = [found for found in report.findings if found.clip]
    assert (found.kind, found.severity) == ("clipping", "drop")
    assert "3.00 % of the samples" in found.message
    assert report.dropped == ("clip0",)


@pytest.mark.parametrize(("seconds", "severity"), [(0.3, "warn"), (0.8, "info"), (20, "info")])
def test_short_and_long_clips_are_found(seconds, severity, clean):
    odd = replace(clean[0], row={**clean[0].row, "seconds": float(seconds)})
    report = judge([odd, *clean[1:]], is_aligned=False)
    assert [(f.kind, f.severity) for f in report.findings if f.clip] == [("length", severity)]


def test_the_same_audio_is_found_and_another_take_is_not(clean, clean_audio, synthesizer):
    moved = np.concatenate([np.zeros(500), 0.5 * clean_audio[0]])
    take = synthesizer.speak(TEXTS[1], Delivery(seed=77)).audio
    sounds = dict(zip([f"clip{n}" for n in range(len(clean))], clean_audio, strict=True))
    sounds |= {"copy": moved, "take": take}
    clips = [*clean, clip_of("copy", moved, "Other."), clip_of("take", take, TEXTS[1])]
    (found,) = duplicates(clips, lambda clip: sounds[clip.id])
    assert (found.clip, found.kind, found.severity) == ("copy", "duplicate", "drop")
    assert (
        found.message == "This clip is the same recording as clip0. The texts differ: check both."
    )
    assert same_audio(clean_audio[1], take) < 0.7


def test_a_text_that_is_read_often_is_found(clean):
    same = [replace(clip, row={**clip.row, "text": "Yes,  it IS."}) for clip in clean[:4]]
    report = judge([*same, *clean[4:]], is_aligned=False)
    assert [(f.clip, f.kind, f.value) for f in report.findings if f.clip] == [
        ("clip0", "repeated", 4.0)
    ]


def test_a_fault_of_most_clips_drops_none(clean_audio):
    clips = [clip_of(f"c{n}", low_pass(a, 4000), TEXTS[n]) for n, a in enumerate(clean_audio)]
    report = judge(clips, is_aligned=False)
    assert report.dropped == ()
    whole = [found for found in report.findings if found.clip is None and found.kind != "amount"]
    assert [(found.kind, found.value) for found in whole] == [("bandwidth", 8.0)]
    assert whole[0].message.startswith("8 of 8 clips have this fault: band limit.")


PHRASE = "ðə bˈɜɹdz flˈu ˌOvəɹ ðə kwˈIət hˈɑɹbəɹ."


def aligned(clip, phones=PHRASE, frames=None, cost=1.0):
    """A clip with a made-up alignment: frames of each phone, silences at both ends."""
    lengths = [0 if s in " ˈˌ." else 7 for s in phones] if frames is None else frames
    ends = np.cumsum([10, *lengths, 10]) * 256
    row = {"g2p": "espeak", "phones": phones, "ends": ends.tolist()}
    return replace(clip, aligned={**row, "cost": cost, "free_cost": 1.0, "spread": 0.2})


@pytest.fixture
def matching(clean):
    """Clips with alignments that fit, whose silences are quiet."""
    return [aligned(with_silences(clip), cost=1 + 0.01 * n) for n, clip in enumerate(clean)]


def with_silences(clip):
    mel = clip.measures.mel.copy()
    mel[:10] = mel[-10:] = -11
    return replace(clip, measures=replace(clip.measures, mel=mel))


def fits(clips):
    return {(f.clip, f.kind, f.severity) for f in judge(clips).findings if f.clip}


def test_clips_that_fit_their_texts_have_no_findings(matching):
    assert fits(matching) == set()


def test_another_text_is_found_by_its_cost(matching):
    wrong = aligned(matching[0], cost=1.8)
    assert fits([wrong, *matching[1:]]) == {("clip0", "transcript", "drop")}
    assert fits([wrong]) == {("clip0", "transcript", "drop")}  # also where there is no other


@pytest.mark.parametrize(
    ("text", "around"),
    [
        ("The birds flew over the harbour.", "over the harbour."),  # of fewer words than the phones
        ("The birds flew over the quiet harbour.", "the quiet harbour."),
    ],
)
@pytest.mark.parametrize(("gain", "severity"), [(8.0, "warn"), (40.0, "drop")])
def test_a_word_that_does_not_match_is_found_and_quoted(text, around, gain, severity, matching):
    start = PHRASE.index("kwˈIət")
    odd = aligned(replace(matching[1], row={**matching[1].row, "text": text}))
    odd.aligned.update(word_gain=gain, word=[start, start + 6])
    report = judge([matching[0], odd, *matching[2:]])
    (found,) = [found for found in report.findings if found.clip]
    assert (found.clip, found.kind, found.severity) == ("clip1", "transcript", severity)
    assert found.message == f"The recording does not match the text around “{around}”."


def test_a_word_that_is_hardly_worse_than_any_sound_is_no_finding(matching):
    odd = aligned(matching[1])
    odd.aligned.update(word_gain=4.0, word=[0, 2])
    assert fits([matching[0], odd, *matching[2:]]) == set()


def test_speech_outside_the_text_is_found(matching):
    gap = PHRASE.index(" ", 6)
    frames = [40 if place == gap else 0 if s in " ˈˌ." else 7 for place, s in enumerate(PHRASE)]
    extra = aligned(matching[2], frames=frames)
    assert fits([*matching[:2], extra, *matching[3:]]) == {("clip2", "transcript", "warn")}


@pytest.mark.parametrize(("frames", "how"), [(5, "40 % faster"), (10, "30 % slower")])
def test_another_rate_is_found(frames, how, matching):
    odd = aligned(matching[3], frames=[0 if s in " ˈˌ." else frames for s in PHRASE])
    report = judge([*matching[:3], odd, *matching[4:]])
    (found,) = [found for found in report.findings if found.clip]
    assert (found.clip, found.kind, found.severity) == ("clip3", "rate", "info")
    assert found.message == f"The speech is {how} than in the other clips."


def test_clips_without_alignment_or_text_are_found(matching):
    silent = replace(matching[0], row={**matching[0].row, "text": None}, aligned=None)
    odd = replace(matching[1], aligned=None)
    report = judge([silent, odd, *matching[2:]])
    found = {f.clip: f.message for f in report.findings if f.kind == "unaligned"}
    assert found == {
        "clip0": "The clip has no transcript.",
        "clip1": "The sound is too short or too long for its transcript.",
    }


def test_texts_that_do_not_match_at_all_are_one_finding(matching):
    foreign = [aligned(clip, cost=1.9) for clip in matching[:5]]
    (found,) = [f for f in judge([*foreign, *matching[5:]]).findings if f.kind == "language"]
    assert (found.clip, found.severity, found.value) == (None, "drop", 0.62)
    assert "5 of 8 clips" in found.message


def test_missing_phones_come_with_sentences_that_have_them(matching):
    report = judge(matching)
    (found,) = [found for found in report.findings if found.kind == "phones"]
    assert "ʒ (measure)" in found.message
    added = set().union(*map(phones_of, report.coverage.sentences))
    assert {*report.coverage.missing} <= added


def test_the_sentences_have_every_phone_and_suffice():
    coverage = phone_coverage([])
    assert coverage.missing == tuple(PHONES)
    counts = dict.fromkeys(PHONES, 0)
    for sentence in SENTENCES:
        for phone, count in phones_of(sentence).items():
            counts[phone] += count
    assert min(counts.values()) >= RARE
    assert phone_coverage(["".join(PHONES) * RARE]).sentences == ()


def test_measures_of_signals():
    time = np.arange(RATE) / RATE
    sine = np.sin(2 * np.pi * 150 * time) * np.exp(-3 * time)
    assert flat_tops(sine.clip(-0.3, 0.3)) > 100 > 20 > flat_tops(sine)
    measures = measure_clip(sine.astype(np.float32))
    assert np.exp(measures.log_f0[1]) == pytest.approx(150, rel=0.03)
    noise = np.random.default_rng(0).normal(0, 0.01, 2 * RATE)
    time = np.arange(2 * RATE) / RATE
    assert steady_tones(noise)[1] == 0
    hum, others = steady_tones(
        noise + np.sin(2 * np.pi * 60 * time) + np.sin(2 * np.pi * 777 * time)
    )
    assert hum > 10
    assert others == 1


@pytest.fixture
def work(tmp_path, clean, clean_audio):
    (tmp_path / "clips").mkdir()
    for clip, audio in zip(clean, clean_audio, strict=True):
        soundfile.write(tmp_path / clip.row["audio"], audio, RATE)
    write_rows(tmp_path, [clip.row for clip in clean])
    return tmp_path


def write_rows(work, rows):
    (work / "recordings.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_a_check_writes_json_and_a_page(work):
    report = check(work, encoder=False)
    written = json.loads((work / "check.json").read_text("utf-8"))
    assert written == json.loads(json.dumps(report.to_json()))
    assert list(written) == [
        *("version", "totals", "expectation", "findings", "coverage", "dropped", "clips")
    ]
    assert list(written["findings"][0]) == [
        *("clip", "kind", "severity", "message", "remedy", "value")
    ]
    assert list(written["clips"][0]) == [
        *("id", "audio", "text", "seconds", "gain", "snr", "decay", "bandwidth", "hum", "flat"),
        *("f0", "rate", "cost", "free_cost", "spread", "word_gain"),
    ]
    assert written["totals"]["clips"] == len(TEXTS)
    assert 150 < written["totals"]["f0"] < 250
    page = (work / "check.html").read_text("utf-8")
    assert 'src="clips/clip0.flac"' in page
    assert not re.search(r'(src|href)="(https?:)?//', page)


def test_a_clip_that_cannot_be_read_is_a_finding(work):
    (work / "clips/clip4.flac").write_bytes(b"not a sound")
    (work / "clips/clip5.flac").unlink()
    report = check(work, encoder=False)
    assert kinds(report, "clip4") == kinds(report, "clip5") == {"unreadable"}
    assert report.dropped == ("clip4", "clip5")


def test_faulty_work_folders_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no such file: .*recordings\.jsonl"):
        check(tmp_path)
    (tmp_path / "recordings.jsonl").write_text('{"id": 1}\n')
    with pytest.raises(ValueError, match=r"line 1 of .*: expected a clip with id, audio"):
        check(tmp_path)
    (tmp_path / "recordings.jsonl").write_text("")
    with pytest.raises(ValueError, match="no recordings in"):
        check(tmp_path)


def test_the_page_escapes_what_comes_from_files():
    odd = '<script>alert("&")</script>'
    found = Finding(
        clip=odd, kind="noise", severity="warn", message=odd, remedy=odd, value=float("nan")
    )
    clip = {"id": odd, "audio": f"clips/{odd}.flac", "text": odd, "seconds": 1.0}
    totals = {"clips": 1, "clips_kept": 1, "minutes": 0.1, "minutes_kept": 0.1}
    report = CheckReport(
        findings=(found,),
        totals={**totals, "transcribed": 1, "aligned": 0},
        coverage=None,
        expectation=odd,
        clips=(clip,),
    )
    page = report_page(report)
    assert odd not in page
    assert 'alert("' not in page
    assert "clips/%3Cscript%3E" in page


def test_expectations_grow_with_the_minutes():
    said = [expectation(minutes) for minutes in (0.1, 2, 5, 12, 60)]
    assert len(set(said)) == 5
    assert set(KINDS) >= {*SOUNDS, "speaker", "transcript", "rate", "duplicate", "language"}
