"""The report on voices: figures of each, and a checkpoint that offers the good ones."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import torch
from rich.progress import track

from tts.delivery import Delivery
from tts.files import write_json_file
from tts.metrics import whisper_weights
from tts.synthesis import Synthesizer, load
from tts.torch_checkpoint import add_metadata
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

LEAST_DISTILLMOS, MOST_WORD_ERRORS = 3.6, 8.0  # of an offered voice, errors in %; chosen by hand
KIND, STEPS = "sentence", 1
# voices of Kokoro, which names them with the prefixes af_ and am_
SEXES = {
    "female": "alloy aoede bella heart jessica kore nicole nova river sarah sky",
    "male": "adam echo eric fenrir liam michael onyx puck santa",
}
ACCENT = "US"


@dataclass(frozen=True, kw_only=True, slots=True)
class Measurement:
    """The options of a measurement of voices.

    Args:
        checkpoint: the acoustic model.
        vocoder: checkpoint or folder of the vocoder.
        whisper: folder of a faster-whisper model.
        corpus: folder of manifests.
        texts: texts to read, JSON lines.
        sets: names of the sets with recordings of the voices.
        lines: sentences for each voice.
        threads: CPU threads.
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
        """All that a single judgement depends on."""
        return {
            "acoustic": fingerprint(self.checkpoint),
            "vocoder": fingerprint(*pretrained.vocoder_files(self.vocoder)),
            "texts": fingerprint(self.texts),
            "whisper": fingerprint(whisper_weights(self.whisper)),
            "corpus": {name: fingerprint(self.corpus / f"{name}.jsonl") for name in self.sets},
        }


def write_report(measurement: Measurement, out: Path) -> str:
    """Measure voices, and write `voices.json` and a checkpoint that offers the good ones.

    Args:
        measurement: the options.
        out: folder to write; judgements in its ledger are not made again.

    Returns:
        The table in Markdown.

    Raises:
        ValueError: the checkpoint would be overwritten, a voice has no recordings or an unknown
            sex, or no voice is good enough.
    """
    target = out / measurement.checkpoint.name
    if target.resolve() == measurement.checkpoint.resolve():
        raise ValueError(f"cannot write {target}: it is the model itself; give another --out")
    torch.set_num_threads(measurement.threads)
    synthesizer = load(measurement.checkpoint, measurement.vocoder, runtime="torch")
    names = [name for name in synthesizer.runtime.config.voices if not BLEND.fullmatch(name)]
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
        raise ValueError(
            f"no voice of {measurement.checkpoint} is good enough; see {out}/voices.json"
        )
    entry = json.dumps(results["offered"], ensure_ascii=False)
    add_metadata(measurement.checkpoint, target, {"voices": entry})
    left_out = sorted(set(names) - {voice.name for voice in offered})
    return "\n".join(
        [*tables({**results, "reference": ""}), f"Not offered: {', '.join(left_out) or 'none'}."]
    )


def read_clips(
    corpus: Path, sets: Sequence[str], names: Sequence[str]
) -> dict[str, list[ResultRow]]:
    """Rows of some recordings of each voice, with their `audio` joined to the corpus."""
    found: dict[str, list[ResultRow]] = {name: [] for name in names}
    for row in (row for name in sets for row in read_rows(corpus / f"{name}.jsonl")):
        clips = found.get(row["voice"])
        if clips is not None and len(clips) < CLIPS_A_VOICE:
            clips.append({**row, "audio": corpus / row["audio"]})
    if lacking := [name for name, clips in found.items() if not clips]:
        raise ValueError(
            f"no recordings of {', '.join(lacking)} in {', '.join(sets)} of {corpus}; "
            "name other sets"
        )
    return found


def describe(name: str, clips: Sequence[ResultRow]) -> dict[str, str]:
    """A voice's sex and accent: those of its rows, or else those known by its name."""
    known = next((sex for sex, names in SEXES.items() if name in names.split()), None)
    sex = clips[0].get("sex", known)
    if sex not in SEXES:
        raise ValueError(
            f"sex of voice {name} must be one of {', '.join(SEXES)}; got {sex!r}; add it to the "
            "rows of its recordings"
        )
    return {"sex": sex, "accent": clips[0].get("accent", ACCENT)}


def build_judge(measurement: Measurement, clips: Mapping[str, Sequence[ResultRow]]) -> SpeechJudge:
    """Load the judges of a measurement."""
    encoder = load_encoder()
    return SpeechJudge(
        judges=judges(measurement.whisper, measurement.threads, mos=True),
        encoder=encoder,
        similarity=Similarity(embed(encoder, recorded_lines(clips))),
    )


def recorded_lines(clips: Mapping[str, Sequence[ResultRow]]) -> list[EvaluationText]:
    """Rows of recordings as lines."""
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
    """Judge the first sentences by each voice, in one step."""
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
    """For each voice, similarities of its recordings to themselves and to the nearest voice."""
    if len(names) < 2:
        return []

    def find() -> ResultRow:
        similarity: Similarity = panel().similarity
        return {"rows": [{"of": name, **asdict(similarity.bounds(name))} for name in names]}

    return list(ledger.get_or_compute("bounds", find)["rows"])


def speaks_well(figures: Mapping[str, Any]) -> bool:
    """Whether a voice's figures are good enough to offer it."""
    if "distillmos" not in figures:  # all of its speech was silent
        return False
    heard = 100 * figures["wer"]["value"] <= MOST_WORD_ERRORS
    return bool(heard and figures["distillmos"]["value"] >= LEAST_DISTILLMOS)


def info(figures: Mapping[str, Any], about: Mapping[str, str]) -> VoiceInfo:
    """A voice's figures as they are stored in its checkpoint."""
    return VoiceInfo(
        name=figures["voice"],
        sex=about["sex"],
        accent=about["accent"],
        word_errors=round(100 * figures["wer"]["value"], 1),
        distillmos=round(figures["distillmos"]["value"], 2),
        similarity=round(figures["similarity"]["value"], 2),
        lines=figures["lines"],
    )
