"""python benchmarks/voice_check.py: what the check of recordings finds of planted faults.

In each trial, one fault is planted into a few of many clips of a voice; the check sees them among
the clean rest. A fault is found if its clip has a finding of the expected kind. A false alarm is a
finding (`drop` or `warn`) about a clip without a fault; a finding of another kind about a spoilt
clip counts as a side effect.
"""

import json
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import soundfile
import typer
from planting import FAULTS, Fault, active_rms
from tts.training.data.manifest import LEVEL, active_level
from tts.training.voices.alignment.align import ClipAligner, align_recordings
from tts.training.voices.alignment.work import AlignmentWork
from tts.training.voices.check.check import check, judge
from tts.training.voices.check.findings import CheckedClip, Finding
from tts.training.voices.check.measures import RATE, bandwidth, measure_clip
from tts.training.voices.check.speaker_rules import duplicates

from tts.checkpoint import shipped_checkpoint
from tts.files import write_json_file

RESULTS = Path(__file__).parent / "results" / "voice-check.json"
SECONDS = (1.5, 12.0)  # of clips
EDGE = RATE // 4  # samples kept of the silence at both ends
SEED = 19

Audio = np.ndarray
Row = dict[str, Any]


def main(  # noqa: PLR0913 - every parameter is a flag
    corpus: Annotated[Path, typer.Argument(help="Folder of manifests (.jsonl) and recordings.")],
    sets: Annotated[str, typer.Option(help="Sets, one voice each, separated by commas.")],
    others: Annotated[
        str, typer.Option(help="Sets of other speakers, separated by commas.")
    ] = "many",
    clips: Annotated[int, typer.Option(min=8, help="Clips of each voice.")] = 60,
    planted: Annotated[int, typer.Option(min=1, help="Of them, clips with a fault.")] = 6,
    pattern: Annotated[str, typer.Option(help="Start of the ids of clips, such as LJ001.")] = "",
    out: Annotated[Path, typer.Option(help="File of results.")] = RESULTS,
) -> None:
    """Measure recall and precision of the check of recordings on planted faults.

    Needs a corpus, the extra `train` and the shipped models. Writes the counts to --out and prints
    a table.

    \b
    Example:
      python benchmarks/voice_check.py corpus --sets kathleen,lj
    """
    results = {}
    for name in sets.split(","):
        results[name] = measure_set(corpus, name, others.split(","), (clips, planted), pattern)
        typer.echo(table(name, results[name]))
        known = json.loads(out.read_text("utf-8")) if out.is_file() else {}
        write_json_file(out, {**known, name: results[name]})


def measure_set(
    corpus: Path, name: str, others: Sequence[str], size: tuple[int, int], pattern: str
) -> Row:
    """The counts of one voice: of each fault, and of the clean clips."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), name)
        chosen = list(choose(corpus, name, size[0], pattern))
        for row in chosen:
            bench.add(row["id"], read(corpus / row["audio"]), row["text"])
        bench.write()
        align_recordings(bench.work, name, workers=1)
        began = time.process_time()
        report = check(bench.work, encoder=False)
        seconds = time.process_time() - began
        clean = [bench.checked(row) for row in bench.rows]
        rows = [row for other in others for row in choose(corpus, other, size[1], "")]
        strangers = [(read(corpus / row["audio"]), row["text"]) for row in rows]
        faults = {fault: bench.trial(FAULTS[fault], clean, size[1], strangers) for fault in FAULTS}
    return {
        "clips": len(chosen),
        "planted": size[1],
        "seconds_per_minute": seconds / sum(row["seconds"] for row in bench.rows) * 60,
        "clean": counted(one for one in report.findings if one.severity != "info"),
        "faults": faults,
    }


class Bench:
    """Clips of one voice in a work folder, and copies of them with faults."""

    def __init__(self, work: Path, voice: str) -> None:
        self.work, self.voice, self.rows = work, voice, list[Row]()
        self.aligner: ClipAligner | None = None
        (work / "clips").mkdir()

    def add(self, id: str, audio: Audio, text: str) -> None:
        self.rows.append(self.row(id, audio, text))

    def row(self, id: str, audio: Audio, text: str) -> Row:
        """Write a clip, levelled, and give its row."""
        level, path = active_level(audio), f"clips/{id}.flac"
        scaled = audio * min(LEVEL / level, 0.99 / np.abs(audio).max())
        soundfile.write(self.work / path, scaled, RATE, subtype="PCM_16")
        return {
            "id": id,
            "audio": path,
            "text": text,
            "seconds": len(audio) / RATE,
            "clipped": 0.0,
            "bandwidth": bandwidth(scaled),
            "gain": 20 * np.log10(LEVEL / level),
        }

    def write(self) -> None:
        lines = "".join(json.dumps(row) + "\n" for row in self.rows)
        (self.work / "recordings.jsonl").write_text(lines, "utf-8")

    def checked(self, row: Row) -> CheckedClip:
        """A clip, measured and aligned as the clean ones are."""
        if self.aligner is None:
            key = str(np.load(self.work / "alignment.npz")["key"])
            start = AlignmentWork(self.work, key).read_start()
            assert start
            self.aligner = ClipAligner(
                work=self.work,
                voice=self.voice,
                checkpoint=shipped_checkpoint("acoustic"),
                adaptation=start[1],
            )
        aligned = self.aligner(row)
        return CheckedClip(
            row=row,
            aligned=aligned if "ends" in aligned else None,
            measures=measure_clip(self.read(row)),
        )

    def read(self, row: Mapping[str, Any]) -> Audio:
        return soundfile.read(self.work / row["audio"], dtype="float32")[0]

    def trial(
        self,
        fault: Fault,
        clean: Sequence[CheckedClip],
        count: int,
        strangers: Sequence[tuple[Audio, str]],
    ) -> Row:
        """Plant a fault into some clips, and count what is found."""
        chance = np.random.default_rng(SEED)
        places = chance.permutation(len(clean))[:count].tolist()
        clips = list(clean)
        for number, place in enumerate(places):
            other = clean[(place + 7) % len(clean)]
            row = self.planted(fault, clean[place], other, strangers[number], chance)
            clips[place] = self.checked(row)
        report = judge(clips, lambda: duplicates(clips, lambda clip: self.read(clip.row)))
        ids = {clips[place].id for place in places}
        twins = (
            {clean[(place + 7) % len(clean)].id for place in places}
            if fault.source == "copy"
            else set()
        )
        return score(fault, report.findings, ids, twins)

    def planted(
        self,
        fault: Fault,
        clip: CheckedClip,
        other: CheckedClip,
        stranger: tuple[Audio, str],
        chance: np.random.Generator,
    ) -> Row:
        audio, text = self.read(clip.row), clip.row["text"]
        if fault.source == "copy":
            audio, text = self.read(other.row), other.row["text"]
        if fault.source == "speaker":
            audio, text = stranger
        if fault.sound:
            audio = trimmed(fault.sound(audio, chance))
        if fault.text:
            text = fault.text(text, other.row["text"], chance)
        row = {**self.row(f"planted-{clip.id}", audio, text), "gain": clip.row["gain"]}
        if fault.row:
            fault.row(row)
        return row


def choose(corpus: Path, name: str, count: int, pattern: str) -> Iterator[Row]:
    """Rows of a manifest with different texts, at random."""
    lines = (corpus / f"{name}.jsonl").read_text("utf-8").splitlines()
    rows = {row["text"]: row for row in map(json.loads, lines) if row["id"].startswith(pattern)}
    usable = [row for row in rows.values() if SECONDS[0] < row["seconds"] < SECONDS[1]]
    places = np.random.default_rng(SEED).permutation(len(usable))[:count]
    yield from (usable[place] for place in sorted(places.tolist()))


def read(path: Path) -> Audio:
    """A recording at 24 kHz, trimmed."""
    audio, rate = soundfile.read(path, dtype="float32")
    assert rate == RATE, f"{path} is at {rate} Hz"
    return trimmed(audio)


def trimmed(audio: Audio) -> Audio:
    """A clip with at most 0.25 s of silence at both ends."""
    power = np.square(audio[: len(audio) // 240 * 240].reshape(-1, 240)).mean(axis=1)
    active = np.flatnonzero(power > active_rms(audio) ** 2 * 1e-3) * 240
    return audio[max(0, active[0] - EDGE) : active[-1] + EDGE]


def score(fault: Fault, findings: Sequence[Finding], ids: set[str], twins: set[str]) -> Row:
    """How many planted faults were found, and what else was."""
    about = [one for one in findings if one.clip is not None]
    hits = {one.clip for one in about if one.kind == fault.kind and one.clip in ids | twins}
    wrong = [one for one in about if one.clip not in ids | twins]
    return {
        "kind": fault.kind,
        "planted": len(ids),
        "found": len(hits),
        "false": len({one.clip for one in wrong if one.kind == fault.kind}),
        "side_effects": counted(one for one in about if one.clip in ids and one.kind != fault.kind),
        "false_alarms": counted(one for one in wrong if one.severity != "info"),
    }


def counted(findings: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in findings:
        if one.clip is not None:
            counts[one.kind] = counts.get(one.kind, 0) + 1
    return counts


def table(name: str, result: Row) -> str:
    lines = [
        f"\n{name}: {result['clips']} clips, {result['planted']} with the fault; "
        f"{result['seconds_per_minute']:.2f} s of CPU a minute; of clean clips found: "
        + (", ".join(f"{kind} {n}" for kind, n in result["clean"].items()) or "nothing"),
        "",
        "| planted | kind | recall | precision | other kinds of the same clips |",
        "|---|---|---|---|---|",
    ]
    for fault, row in result["faults"].items():
        found, false = row["found"], row["false"]
        precision = f"{found / (found + false):.2f}" if found + false else "-"
        recall = f"{found / row['planted']:.2f}"
        side = ", ".join(f"{kind} {n}" for kind, n in row["side_effects"].items())
        lines.append(f"| {fault} | {row['kind']} | {recall} | {precision} | {side} |")
    return "\n".join(lines)


if __name__ == "__main__":
    typer.run(main)
