"""The report on voices: each one's figures, and a checkpoint that offers those that speak well."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import torch
from rich.progress import track

from tts.checkpoint import add_metadata
from tts.delivery import Delivery
from tts.files import write_json_file
from tts.metrics import whisper_weights
from tts.synthesis import Synthesizer, load
from tts.vocoder import pretrained
from tts.voices import VoiceInfo

from ...data.manifest import read_rows
from ...release.fingerprint import fingerprint
from ..judge import BLEND, CLIPS_A_VOICE, SpeechJudge, embed, judges
from ..results import LEDGER, ResultRow, ResultStore
from ..similarity import Similarity
from ..speaker_encoder import load_speaker_encoder as load_encoder
from ..summary import summarise
from ..systems import students
from ..table import tables
from ..texts import RECORDED, EvaluationText, choose, read_lines

LEAST_DISTILLMOS, MOST_WORD_ERRORS = 3.6, 8.0
KIND, STEPS = "sentence", 1
# voices of Kokoro, whose own names begin with af_ and am_
SEXES = {
    "female": "alloy aoede bella heart jessica kore nicole nova river sarah sky",
    "male": "adam echo eric fenrir liam michael onyx puck santa",
}
ACCENT = "US"


@dataclass(frozen=True, kw_only=True, slots=True)
class Measurement:
    """Which checkpoint's voices are measured, by whom, and on how many sentences each.

    `whisper` is a folder; `sets` are manifests of `corpus` with recordings of the voices.
    """

    checkpoint: Path
    vocoder: Path
    whisper: Path
    corpus: Path
    texts: Path
    sets: tuple[str, ...] = ("heart", "michael", "many")
    lines: int = 40
    threads: int = 2

    @property
    def subject(self) -> ResultRow:
        """All that a single figure depends on."""
        return {
            "acoustic": fingerprint(self.checkpoint),
            "vocoder": fingerprint(*pretrained.vocoder_files(self.vocoder)),
            "texts": fingerprint(self.texts),
            "whisper": fingerprint(whisper_weights(self.whisper)),
            "corpus": {name: fingerprint(self.corpus / f"{name}.jsonl") for name in self.sets},
        }


def write_report(measurement: Measurement, out: Path) -> str:
    """Measure what is not measured yet; write `voices.json` and the checkpoint, give the table."""
    target = out / measurement.checkpoint.name
    if target.resolve() == measurement.checkpoint.resolve():
        raise ValueError(f"{target} would be written over; give another folder than its own")
    torch.set_num_threads(measurement.threads)
    synthesizer = load(measurement.checkpoint, measurement.vocoder)
    names = [name for name in synthesizer.acoustic.config.voices if not BLEND.fullmatch(name)]
    clips = read_clips(measurement.corpus, measurement.sets, names)
    about = {name: describe(name, clips[name]) for name in names}
    ledger = ResultStore(out / LEDGER, measurement.subject)
    panel = cache(partial(build_judge, measurement, clips))
    rows = judgements(measurement, synthesizer, names, panel, ledger)
    summary = summarise(rows, "")
    offered = [info(row, about[row["voice"]]) for row in summary if speaks_well(row)]
    results = {
        "subject": measurement.subject,
        "limits": {"distillmos": LEAST_DISTILLMOS, "word_errors": MOST_WORD_ERRORS},
        "offered": [asdict(voice) for voice in offered],
        "summary": summary,
        "bounds": similarity_bounds(names, panel, ledger),
        "lines": rows,
    }
    write_json_file(out / "voices.json", results)
    if not offered:
        raise ValueError(f"no voice of {measurement.checkpoint} speaks well; see {out}/voices.json")
    entry = json.dumps(results["offered"], ensure_ascii=False)
    add_metadata(measurement.checkpoint, target, {"voices": entry})
    left_out = sorted(set(names) - {voice.name for voice in offered})
    return "\n".join(
        [*tables({**results, "reference": ""}), f"Not offered: {', '.join(left_out) or 'none'}."]
    )


def read_clips(
    corpus: Path, sets: Sequence[str], names: Sequence[str]
) -> dict[str, list[ResultRow]]:
    """Some rows of each voice's recordings; the path of their `audio` is whole."""
    found: dict[str, list[ResultRow]] = {name: [] for name in names}
    for row in (row for name in sets for row in read_rows(corpus / f"{name}.jsonl")):
        clips = found.get(row["voice"])
        if clips is not None and len(clips) < CLIPS_A_VOICE:
            clips.append({**row, "audio": corpus / row["audio"]})
    if lacking := [name for name, clips in found.items() if not clips]:
        raise ValueError(
            f"{corpus} has no recordings of {', '.join(lacking)} in {', '.join(sets)}; "
            "name sets that have"
        )
    return found


def describe(name: str, clips: Sequence[ResultRow]) -> dict[str, str]:
    """A voice's sex and accent, as its recordings say or as is known of its name."""
    known = next((sex for sex, names in SEXES.items() if name in names.split()), None)
    sex = clips[0].get("sex", known)
    if sex not in SEXES:
        raise ValueError(
            f"whether {name} is female or male is not known; give its rows in the corpus a `sex`"
        )
    return {"sex": sex, "accent": clips[0].get("accent", ACCENT)}


def build_judge(measurement: Measurement, clips: Mapping[str, Sequence[ResultRow]]) -> SpeechJudge:
    """Whoever hears words, judges sound, and knows the voices by their recordings."""
    encoder = load_encoder()
    return SpeechJudge(
        judges=judges(measurement.whisper, measurement.threads, mos=True),
        encoder=encoder,
        similarity=Similarity(embed(encoder, recorded_lines(clips))),
    )


def recorded_lines(clips: Mapping[str, Sequence[ResultRow]]) -> list[EvaluationText]:
    """The same clips, as lines with their recordings."""
    return [
        EvaluationText(
            id=row["id"], kind=RECORDED, text=row["text"], voice=name, recording=row["audio"]
        )
        for name, rows in clips.items()
        for row in rows
    ]


def judgements(
    measurement: Measurement,
    synthesizer: Synthesizer,
    names: Sequence[str],
    panel: Callable[[], SpeechJudge],
    ledger: ResultStore,
) -> list[ResultRow]:
    """The first sentences by each voice, in one step."""
    (system,) = students(synthesizer, (STEPS,), Delivery())
    lines = choose(read_lines(measurement.texts, None, names), (KIND,), measurement.lines)

    def judge(line: EvaluationText) -> ResultRow:
        return panel().judge(system, line)

    return [
        ledger.get_or_compute(f"{line.voice}/{line.id}", partial(judge, line))
        for line in track(lines, "judging")
    ]


def similarity_bounds(
    names: Sequence[str], panel: Callable[[], SpeechJudge], ledger: ResultStore
) -> list[ResultRow]:
    """For each voice, how near its recordings are to one another and to the nearest other's."""
    if len(names) < 2:
        return []

    def find() -> ResultRow:
        similarity: Similarity = panel().similarity
        return {"rows": [{"of": name, **asdict(similarity.bounds(name))} for name in names]}

    return list(ledger.get_or_compute("bounds", find)["rows"])


def speaks_well(figures: Mapping[str, Any]) -> bool:
    """Whether a voice's figures are good enough to offer it."""
    if "distillmos" not in figures:  # nothing of it could be heard
        return False
    heard = 100 * figures["wer"]["value"] <= MOST_WORD_ERRORS
    return bool(heard and figures["distillmos"]["value"] >= LEAST_DISTILLMOS)


def info(figures: Mapping[str, Any], about: Mapping[str, str]) -> VoiceInfo:
    """A voice's figures as its checkpoint carries them."""
    return VoiceInfo(
        name=figures["voice"],
        sex=about["sex"],
        accent=about["accent"],
        word_errors=round(100 * figures["wer"]["value"], 1),
        distillmos=round(figures["distillmos"]["value"], 2),
        similarity=round(figures["similarity"]["value"], 2),
        lines=figures["lines"],
    )
