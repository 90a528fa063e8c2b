"""Forced alignment of a new voice's recordings by the acoustic model.

Writes `aligned.jsonl`, a manifest (`training.data.manifest`) whose rows also have `cost`,
`free_cost`, `spread`, `worst`, `word_gain` and `word`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from rich.console import Console

from tts.acoustic.model import AcousticModel
from tts.checkpoint import shipped_checkpoint
from tts.text.frontend import prepare_utterances
from tts.text.pronounce.symbols import END, START
from tts.torch_checkpoint import load_checkpoint
from tts.vocoder.mel import log_mel

from ...data.manifest import read_audio
from ...data.recordings import spread
from ...data.statistics import Statistics
from ..check.words import WordGain, worst_word
from .adaptation import Adaptation, AlignedClip, adapt, find_path, path_costs, state_costs
from .segment import is_long, segment
from .start import choose_start
from .states import symbol_states
from .work import AlignmentWork, aligned_in_parts

ADAPTATION_CLIPS = 40  # that the voice's differences are measured on; more change little
START_CLIPS = 8  # on which vectors are compared
TYPICAL_SECONDS = (1.5, 12.0)  # clips to measure on; chosen by hand
SINGLE_SHRINKAGE = 0.3  # of the covariance from one clip, better than 0.1 on voices of the corpus
WORST_FRAMES = 25  # 0.27 s, about a word
HELD_OUT_SHARE, MIN_HELD_OUT, MAX_HELD_OUT = 0.08, 4, 40  # of clips
RECORDINGS, ALIGNED = "recordings.jsonl", "aligned.jsonl"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipAlignment:
    """The alignment of a clip.

    Args:
        durations: frames of each symbol, from `START` to `END`; they sum to the clip's.
        cost: of the path, a frame.
        free_cost: cost a frame of the nearest of all states, without the text.
        spread: standard deviation of the logarithm of phones' lengths over the expected ones.
        worst: the highest mean over `WORST_FRAMES` frames of their cost above the nearest of all
            states.
        word: the word whose removal or replacement lowers the cost most; None without words. It
            tells of a single wrong word.
    """

    durations: Int[np.ndarray, " text"]
    cost: float
    free_cost: float
    spread: float
    worst: float
    word: WordGain | None


@dataclass(frozen=True, kw_only=True)
class AlignmentReport:
    """What became of recordings.

    Args:
        clips: number of aligned clips.
        seconds: their length.
        left_out: id of each clip that was not aligned, and why.
        start: what the vector is, such as `heart` or `mean of high voices`.
        vector: the voice vector that aligned best.
        cost: median cost a frame.
    """

    clips: int
    seconds: float
    left_out: Mapping[str, str]
    start: str
    vector: Float[np.ndarray, " voice"]
    cost: float


def align(
    model: AcousticModel,
    mel: Float[np.ndarray, "frames mels"],
    symbols: str,
    voice: Float[np.ndarray, " voice"],
    adaptation: Adaptation | None = None,
) -> ClipAlignment:
    """Find where each symbol of a clip begins and ends.

    The path with the least cost is found by dynamic programming. A frame x in a state whose
    expected mel is m costs `|P (x - m - o)|^2 / 2`. The states are three to a symbol, from the mean
    head of the model; o is the mean residual of the voice in each band, one in speech and one in
    silence; and P makes residuals independent with a variance of `COST_SCALE`. A phone of d frames
    adds `(log(d / l) / 0.35)^2 / 2`, where l is the predicted length at the voice's pace. A space
    or punctuation is a silence or is left out, by the predicted probability of a pause.

    Args:
        model: the acoustic model, in `eval` mode.
        mel: log-mel of the clip (`tts.vocoder.mel`), with the level of `read_audio`.
        symbols: phonemes between `START` and `END`.
        voice: a row of `model.voices.weight`, or a mean of rows. Not used with `adaptation`.
        adaptation: of the model to the voice, from `adapt`; measured on the clip itself if None.

    Returns:
        Durations and costs.

    Raises:
        ValueError: no path covers the clip: it has more phones than frames, or more than
            `MAX_PHONE_FRAMES` times fewer.

    Example:
        >>> found = align(model, mel, START + phonemes + END, vector)  # doctest: +SKIP
        >>> ends = found.durations.cumsum() * 256  # doctest: +SKIP
    """
    x = normalised(model, mel)
    if adaptation is None:
        adaptation = adapt(model, [(x, symbols)], voice, shrinkage=SINGLE_SHRINKAGE)
    states = symbol_states(model, symbols, adaptation.voice)
    path = find_path(x, states, adaptation)
    if path is None:
        raise ValueError(f"{len(x)} frames of sound do not match {len(symbols)} symbols of text")
    ratios = AlignedClip(mel=x, states=states, path=path).length_ratios()
    free = state_costs(x, adaptation.codebook, adaptation).min(axis=1)
    excess = path_costs(x, states, path.durations, adaptation) - free
    width = min(WORST_FRAMES, len(x))
    return ClipAlignment(
        durations=path.durations,
        cost=path.cost / len(x),
        free_cost=float(free.mean()),
        spread=float(ratios.std()) if len(ratios) else 0.0,
        worst=float(np.convolve(excess, np.full(width, 1 / width), "valid").max()),
        word=worst_word(x, states, path.durations, free, adaptation),
    )


def normalised(
    model: AcousticModel, mel: Float[np.ndarray, "frames mels"]
) -> Float[np.ndarray, "frames mels"]:
    """A log-mel, normalised as the model's are."""
    normal = Statistics.of(model).normal_mel(torch.from_numpy(mel)[None])
    return normal[0].numpy().astype(np.float64)


def align_recordings(
    work: Path,
    voice: str,
    *,
    checkpoint: Path | None = None,
    voices: Sequence[str] | None = None,
    workers: int = 2,
) -> AlignmentReport:
    """Align the recordings of a work folder; a run that was stopped goes on where it was.

    Args:
        work: folder with `recordings.jsonl` and the clips; `aligned.jsonl` is written there.
        voice: name of the new voice, for the rows.
        checkpoint: of the acoustic model; the shipped one by default.
        voices: voices whose vectors may be the start; all of the model by default.
        workers: processes.

    Returns:
        How many clips were aligned, which were not, and the vector that fits the voice.

    Raises:
        FileNotFoundError: there are no recordings.
        ValueError: none can be aligned.
    """
    checkpoint = checkpoint or shipped_checkpoint("acoustic")
    recordings = read_recording_rows(work / RECORDINGS)
    key = _key(work / RECORDINGS, checkpoint, voice, voices)
    job = AlignmentWork(work, key)
    rows = _clips(job, recordings, checkpoint, voices)
    if (start := job.read_start()) is None:
        start = _start(load_checkpoint(checkpoint, AcousticModel), work, rows, voices)
        job.write_start(*start)
    name, adaptation = start
    aligner = ClipAligner(work=work, voice=voice, checkpoint=checkpoint, adaptation=adaptation)
    found = aligned_in_parts(job, rows, aligner, workers, Console(stderr=True))
    done = [row for row in found if "ends" in row]
    if not done:
        raise ValueError(f"no clip of {work} can be aligned; check the transcripts")
    job.finish(work / ALIGNED, done)
    seconds = {row["id"]: row["seconds"] for row in rows}
    return AlignmentReport(
        clips=len(done),
        seconds=sum(seconds[row["id"]] for row in done),
        left_out={row["id"]: row["reason"] for row in found if "reason" in row},
        start=name,
        vector=adaptation.voice.astype(np.float32),
        cost=float(np.median([row["cost"] for row in done])),
    )


def _clips(
    job: AlignmentWork,
    rows: Sequence[dict[str, Any]],
    checkpoint: Path,
    voices: Sequence[str] | None,
) -> list[dict[str, Any]]:
    """The rows of short recordings, and those that long ones were cut into."""
    short = [row for row in rows if not is_long(row)]
    if len(short) == len(rows):
        return short
    if (cut := job.read_segments()) is None:
        model = load_checkpoint(checkpoint, AcousticModel)
        cut = []
        for row in filter(is_long, rows):
            try:
                cut += segment(job.folder, row, model, voices)
            except ValueError as error:
                cut.append({**row, "reason": str(error)})
        job.write_segments(cut)
    return [*short, *cut]


def read_recording_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of `recordings.jsonl`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it has no rows.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no such file: {path}; run `tts voice learn` on the recordings")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    if not rows:
        raise ValueError(f"no recordings in {path}")
    return rows


def choose_held_out(rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Ids of clips to hold out: about 8 %, from 4 to 40, all takes of a text or none.

    Texts are taken in the order of their hashes, so the choice stays as clips are added or left
    out.
    """
    by_text: dict[str, list[str]] = {}
    for row in rows:
        by_text.setdefault(" ".join(row["text"].lower().split()), []).append(row["id"])
    wanted = min(max(round(HELD_OUT_SHARE * len(rows)), MIN_HELD_OUT), MAX_HELD_OUT)
    chosen = set[str]()
    for text in sorted(by_text, key=lambda text: sha256(text.encode()).digest()):
        if len(chosen) < wanted and len(chosen) + len(by_text[text]) <= MAX_HELD_OUT:
            chosen.update(by_text[text])
    return chosen


def phonemes_of(text: str, convention: str) -> str:
    """The phonemes of a transcript: those of its utterances, with spaces between them.

    Raises:
        ValueError: it has none, or its markup is wrong.
    """
    utterances = prepare_utterances(text, convention=convention)
    if phonemes := " ".join(each.phonemes for each in utterances if each.phonemes):
        return phonemes
    raise ValueError("the transcript has no words")


@dataclass
class ClipAligner:
    """Aligns clips of recordings; the model is loaded when the first is.

    Args:
        work: the work folder.
        voice: name of the voice.
        checkpoint: of the acoustic model.
        adaptation: to the voice.
    """

    work: Path
    voice: str
    checkpoint: Path
    adaptation: Adaptation
    model: AcousticModel | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "model": None}

    def __call__(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The row of a clip in `aligned.jsonl`, or its id and a reason."""
        if "reason" in row:  # a long recording that was not cut
            return {"id": row["id"], "reason": row["reason"]}
        if self.model is None:
            torch.set_num_threads(1)
            self.model = load_checkpoint(self.checkpoint, AcousticModel)
        try:
            return self._row(self.model, row)
        except ValueError as error:
            return {"id": row["id"], "reason": str(error)}

    def _row(self, model: AcousticModel, row: Mapping[str, Any]) -> dict[str, Any]:
        audio, phones = clip_of(self.work, row, model)
        mel = log_mel(torch.from_numpy(audio)[None], model.config.mel)[0].numpy()
        found = align(model, mel, START + phones + END, self.adaptation.voice, self.adaptation)
        ends = found.durations.cumsum() * model.config.mel.hop
        ends[-1] = len(audio)
        return {
            "id": row["id"],
            "voice": self.voice,
            "text": row["text"],
            "audio": row["audio"],
            "g2p": model.config.convention,
            "phones": phones,
            "ends": ends.tolist(),
            "cost": round(found.cost, 4),
            "free_cost": round(found.free_cost, 4),
            "spread": round(found.spread, 4),
            "worst": round(found.worst, 4),
            **(word_fields(found.word) if found.word else {}),
        }


def word_fields(word: WordGain) -> dict[str, Any]:
    """Fields of a row: the gain of the word that fits worst, and its place in `phones`."""
    # START is no symbol of `phones`
    return {"word_gain": round(word.gain, 2), "word": [word.start - 1, word.stop - 1]}


def clip_of(
    work: Path, row: Mapping[str, Any], model: AcousticModel
) -> tuple[Float[np.ndarray, " samples"], str]:
    """The audio and the phonemes of a recording.

    Raises:
        ValueError: it cannot be read, or has no transcript.
    """
    if not row.get("text") or "reason" in row:
        raise ValueError("no transcript")
    phones = phonemes_of(row["text"], model.config.convention)
    return read_audio(work / row["audio"], model.config.mel.sample_rate), phones


def _start(
    model: AcousticModel,
    work: Path,
    rows: Sequence[Mapping[str, Any]],
    voices: Sequence[str] | None,
) -> tuple[str, Adaptation]:
    """The nearest vector, and the voice's differences from the model, by some of the clips."""
    low, high = TYPICAL_SECONDS
    typical = [row for row in rows if low <= row["seconds"] <= high] or list(rows)
    clips = list(_usable(model, work, spread(typical, ADAPTATION_CLIPS)))
    if not clips:
        raise ValueError(f"no clip of {work} has a transcript and sound that can be read")
    name, vector = choose_start(model, spread(clips, START_CLIPS), voices)
    return name, adapt(model, clips, vector)


def _usable(
    model: AcousticModel, work: Path, rows: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Float[np.ndarray, "_ mels"], str]]:
    for row in rows:
        try:
            audio, phones = clip_of(work, row, model)
        except ValueError:
            continue  # it is reported when its turn comes
        mel = log_mel(torch.from_numpy(audio)[None], model.config.mel)[0].numpy()
        yield normalised(model, mel), START + phones + END


def _key(recordings: Path, checkpoint: Path, voice: str, voices: Sequence[str] | None) -> str:
    """What an alignment depends on, as a hash; clips count by their sizes."""
    clips = [
        (recordings.parent / row["audio"]).stat().st_size
        for row in read_recording_rows(recordings)
        if (recordings.parent / row["audio"]).is_file()
    ]
    options = json.dumps([voice, voices, clips]).encode()
    parts = [recordings.read_bytes(), checkpoint.read_bytes(), options]
    return sha256(b"".join(sha256(part).digest() for part in parts)).hexdigest()
