"""The check of recordings before a voice is learnt from them: what is wrong, and what to do.

Writes `check.json` and `check.html` into the work folder. Recordings that are aligned are checked
against their transcripts; of others, the sound alone is checked.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from tts.files import write_text_file
from tts.text.pronounce.conventions import ESPEAK
from tts.validation import parse_json

from ...data.manifest import read_rows
from ..alignment.work import with_segments
from .coverage import Coverage, described, phone_coverage
from .findings import KINDS, SEVERITIES, CheckedClip, Finding
from .measures import RATE, measure_clip, read_clip
from .report import PAGE, report_page
from .sound_rules import SOUND_RULES, has_speech
from .speaker_rules import duplicates, other_speaker, repeated_texts
from .text_rules import language, rate, speech_rates, transcript, unaligned

RECORDINGS, ALIGNED, RESULTS = "recordings.jsonl", "aligned.jsonl", "check.json"
VERSION = 1  # of the format of check.json

# What to expect of a voice by minutes of good speech: from the voices that were measured at 2, 10
# and 30 minutes (docs/guides/new-voices.md).
EXPECTATIONS: tuple[tuple[float, str], ...] = (
    (1.5, "Too little for a voice; record at least 2 minutes, better 10."),
    (4.0, "Enough for a voice that is recognised; 10 minutes come closer to the speaker."),
    (8.0, "Enough for a good voice; a few more minutes may bring it closer to the speaker."),
    (20.0, "Enough for a good voice."),
    (float("inf"), "More than enough: 30 minutes were measured to be as good as 10."),
)
# If more than this share of clips have one of these faults, none is dropped for it alone: what is
# left would be too little, and a voice learnt from the rest would differ.
COMMON_SHARE = 0.5
COMMON_KINDS = {"noise", "hum", "clipping", "reverberation", "bandwidth", "music", "length"}


@dataclass(frozen=True, kw_only=True)
class CheckReport:
    """The result of a check.

    Args:
        findings: worst first.
        totals: figures of all clips by name, such as `minutes`, `clips`, `snr`.
        coverage: how often each phone occurs; None where no clip has a transcript.
        expectation: what quality to expect, a sentence.
        clips: figures of each clip.
    """

    findings: tuple[Finding, ...]
    totals: Mapping[str, float | int | None]
    coverage: Coverage | None
    expectation: str
    clips: tuple[Mapping[str, Any], ...]

    @property
    def dropped(self) -> tuple[str, ...]:
        """Ids of the clips to leave out, sorted."""
        found = {one.clip for one in self.findings if one.severity == "drop" and one.clip}
        return tuple(sorted(found))

    def to_json(self) -> dict[str, Any]:
        """The content of `check.json`."""
        return {
            "version": VERSION,
            "totals": dict(self.totals),
            "expectation": self.expectation,
            "findings": [asdict(found) for found in self.findings],
            "coverage": self.coverage and asdict(self.coverage),
            "dropped": list(self.dropped),
            "clips": [dict(clip) for clip in self.clips],
        }


def check(work: Path, *, encoder: bool | None = None) -> CheckReport:
    """Check the recordings of a work folder, and write `check.json` and `check.html` there.

    Args:
        work: folder with `recordings.jsonl` and `clips/`, and `aligned.jsonl` if it was aligned.
        encoder: whether to compare speakers by a neural encoder (the packages resemblyzer, torch
            and librosa); by default where it is installed. Without it, by mean spectra and F0.

    Returns:
        Findings, worst first, and figures.

    Raises:
        FileNotFoundError: there are no recordings.
        ValueError: a file of the work folder is damaged.
        OSError: the results cannot be written.

    Example:
        >>> report = check(Path("anna-voice"))  # doctest: +SKIP
        >>> report.dropped  # doctest: +SKIP
        ('012', '047')
    """
    rows = with_segments(_recordings(work / RECORDINGS), work)
    aligned = _aligned(work / ALIGNED)
    clips, unreadable = _measured(
        work, rows, aligned, has_encoder() if encoder is None else encoder
    )
    read = lambda clip: read_clip(work / str(clip.row["audio"]))  # noqa: E731
    report = judge(clips, lambda: duplicates(clips, read), tuple(unreadable), bool(aligned))
    content = json.dumps(report.to_json(), ensure_ascii=False, indent=1)
    write_text_file(work / RESULTS, content + "\n")
    write_text_file(work / PAGE, report_page(report))
    return report


def read_dropped(work: Path) -> tuple[str, ...]:
    """Ids of the clips that the check of a work folder drops; none if it was not checked.

    Raises:
        ValueError: `check.json` is damaged.
    """
    path = work / RESULTS
    if not path.is_file():
        return ()
    try:
        return tuple(map(str, parse_json(path.read_bytes())["dropped"]))
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"cannot read {path}: damaged; run `tts voice check` again") from error


def judge(
    clips: Sequence[CheckedClip],
    same: Any = tuple,
    unreadable: tuple[Finding, ...] = (),
    is_aligned: bool = True,
) -> CheckReport:
    """The report on measured clips.

    Args:
        clips: all clips that can be read.
        same: gives the findings about the same audio.
        unreadable: findings about clips that cannot be read.
        is_aligned: whether the recordings were aligned; otherwise transcripts are not checked.
    """
    found = list(unreadable)
    for rule in (*SOUND_RULES, repeated_texts):
        found += rule(clips)
    found += same()
    # of a clip that is bad in another way, timbre and cost say nothing of speaker and text
    disturbed = {str(one.clip) for one in found if one.kind in DISTURBING}
    found += other_speaker([clip for clip in clips if clip.id not in disturbed])
    if is_aligned:
        disturbed = {str(one.clip) for one in found if one.kind in DISTURBING}
        silent = {one.clip for one in found if one.kind == "silence"}
        spoken = [clip for clip in clips if clip.id not in silent]
        for each in (unaligned, language):
            found += each(spoken)
        wrong = list(transcript(spoken, disturbed))
        found += wrong
        found += rate(spoken, disturbed | {str(one.clip) for one in wrong})
    found = _with_common(found, len(clips))
    dropped = {one.clip for one in found if one.severity == "drop"}
    kept = [clip for clip in clips if clip.id not in dropped]
    totals = _totals(clips, kept)
    coverage = _coverage(kept) if is_aligned else None
    found += [*_phone_findings(coverage), *_amount(totals)]
    found.sort(key=_rank)
    return CheckReport(
        findings=tuple(found),
        totals=totals,
        coverage=coverage,
        expectation=expectation(float(totals["minutes_kept"] or 0)),
        clips=tuple(map(_figures, clips)),
    )


DISTURBING = {
    "silence", "noise", "music", "reverberation", "bandwidth", "clipping", "hum", "speaker",
}  # fmt: skip


def expectation(minutes: float) -> str:
    """What quality to expect of so many minutes of good speech."""
    return next(text for limit, text in EXPECTATIONS if minutes < limit)


def has_encoder() -> bool:
    """Whether the packages of the speaker encoder are installed."""
    return all(find_spec(name) for name in ("resemblyzer", "torch", "librosa"))


def _recordings(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        raise FileNotFoundError(f"no such file: {path}; run tts voice learn first")
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            rows.append({**row, "id": str(row["id"]), "seconds": float(row["seconds"])})
            _ = row["audio"]
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(
                f"line {number} of {path}: expected a clip with id, audio and seconds"
            ) from error
    if not rows:
        raise ValueError(f"no recordings in {path}")
    return rows


def _aligned(path: Path) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in read_rows(path)} if path.is_file() else {}


def _measured(
    work: Path,
    rows: Sequence[Mapping[str, Any]],
    aligned: Mapping[str, Mapping[str, Any]],
    encoder: bool,
) -> tuple[list[CheckedClip], list[Finding]]:
    embed = _embedder() if encoder else None
    clips, unreadable = [], []
    for row in rows:
        try:
            audio = read_clip(work / str(row["audio"]))
        except ValueError as error:
            unreadable.append(
                Finding(
                    clip=row["id"],
                    kind="unreadable",
                    severity="drop",
                    message=f"The clip cannot be read: {error}.",
                    remedy="Delete the work folder and start again from the recordings.",
                )
            )
            continue
        measures = measure_clip(audio)
        spoken = embed is not None and measures is not None and has_speech(measures)
        clips.append(
            CheckedClip(
                row=row,
                aligned=aligned.get(row["id"]),
                measures=measures,
                embedding=embed(audio) if embed is not None and spoken else None,
            )
        )
    return clips, unreadable


def _embedder() -> Any:
    """The speaker encoder, for clips at 24 kHz."""
    import librosa

    from tts.metrics import METRICS_SAMPLE_RATE

    from ...evaluation.speaker_encoder import load_speaker_encoder

    encoder = load_speaker_encoder()
    return lambda audio: encoder.embed(
        librosa.resample(audio, orig_sr=RATE, target_sr=METRICS_SAMPLE_RATE)
    )


def _with_common(found: Sequence[Finding], clips: int) -> list[Finding]:
    """Findings, with one for all clips in place of drops where most have the same fault."""
    counts = Counter(one.kind for one in found if one.clip is not None)
    common = {k for k in COMMON_KINDS if clips > 1 and counts[k] > COMMON_SHARE * clips}
    kept = [
        Finding(**{**asdict(one), "severity": "warn"})
        if one.kind in common and one.severity == "drop"
        else one
        for one in found
    ]
    for kind in sorted(common):
        example = next(one for one in found if one.kind == kind)
        kept.append(
            Finding(
                clip=None,
                kind=kind,
                severity="warn",
                message=f"{counts[kind]} of {clips} clips have this fault: {KINDS[kind].lower()}. "
                "The voice will sound like that.",
                remedy=example.remedy,
                value=float(counts[kind]),
            )
        )
    return kept


def _rank(found: Finding) -> tuple[int, bool, int, float, str]:
    """Worst first: by severity, those of all clips, by kind, by value."""
    return (
        SEVERITIES.index(found.severity),
        found.clip is not None,
        list(KINDS).index(found.kind),
        -abs(found.value or 0.0),
        found.clip or "",
    )


def _totals(
    clips: Sequence[CheckedClip], kept: Sequence[CheckedClip]
) -> dict[str, float | int | None]:
    spoken = [clip.measures for clip in kept if clip.measures and has_speech(clip.measures)]
    rates = speech_rates(kept)
    f0 = [np.exp(one.log_f0) for one in spoken if np.isfinite(one.log_f0[1])]
    return {
        "clips": len(clips),
        "clips_kept": len(kept),
        "minutes": round(sum(clip.row["seconds"] for clip in clips) / 60, 2),
        "minutes_kept": round(sum(clip.row["seconds"] for clip in kept) / 60, 2),
        "transcribed": sum(bool(clip.row.get("text")) for clip in clips),
        "aligned": sum(clip.aligned is not None for clip in clips),
        "phones_per_second": _median(rates, 1),
        "f0_low": _median([one[0] for one in f0], 0),
        "f0": _median([one[1] for one in f0], 0),
        "f0_high": _median([one[2] for one in f0], 0),
        "gain": _median([float(clip.row.get("gain") or 0) for clip in kept], 1),
        "snr": _median([one.snr for one in spoken], 1),
        "bandwidth": _median([one.bandwidth for one in spoken], 0),
    }


def _median(values: Sequence[float], digits: int) -> float | None:
    known = [value for value in values if np.isfinite(value)]
    return round(float(np.median(known)), digits) if known else None


def _coverage(clips: Sequence[CheckedClip]) -> Coverage | None:
    aligned = [clip.aligned for clip in clips if clip.aligned]
    if not aligned:
        return None
    convention = str(aligned[0].get("g2p") or ESPEAK)
    return phone_coverage((row["phones"] for row in aligned), convention)


def _phone_findings(coverage: Coverage | None) -> Iterator[Finding]:
    if coverage and coverage.missing:
        yield Finding(
            clip=None,
            kind="phones",
            severity="warn",
            message=f"These phones occur nowhere: {described(coverage.missing)}.",
            remedy="Record the sentences below.",
            value=float(len(coverage.missing)),
        )


def _amount(totals: Mapping[str, float | int | None]) -> Iterator[Finding]:
    minutes = float(totals["minutes_kept"] or 0)
    if minutes < EXPECTATIONS[0][0]:
        yield Finding(
            clip=None,
            kind="amount",
            severity="warn",
            message=f"There are only {60 * minutes:.0f} s of usable speech.",
            remedy=EXPECTATIONS[0][1],
            value=minutes,
        )


def _figures(clip: CheckedClip) -> dict[str, Any]:
    """The figures of a clip in `check.json`; those that are not known are null."""
    row, measures, aligned = clip.row, clip.measures, clip.aligned or {}
    known: dict[str, Any] = {
        "snr": measures and measures.snr,
        "decay": measures and measures.decay,
        "bandwidth": measures and measures.bandwidth,
        "hum": measures and measures.hum,
        "flat": measures and measures.flat,
        "f0": measures and float(np.exp(measures.log_f0[1])),
        "rate": speech_rates([clip])[0],
        "cost": aligned.get("cost"),
        "free_cost": aligned.get("free_cost"),
        "spread": aligned.get("spread"),
        "word_gain": aligned.get("word_gain"),
    }
    return {
        "id": clip.id,
        "audio": row["audio"],
        "text": row.get("text"),
        "seconds": round(row["seconds"], 3),
        "gain": row.get("gain"),
        **{name: _rounded(value) for name, value in known.items()},
    }


def _rounded(value: float | None) -> float | None:
    return round(float(value), 3) if value is not None and np.isfinite(value) else None
