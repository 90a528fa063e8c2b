"""The report on forced alignment: of voices that the model did not hear, or that it did."""

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import numpy as np
from jaxtyping import Float
from rich.progress import track

from tts.acoustic.model import AcousticModel
from tts.config import MelConfig
from tts.files import write_text_file
from tts.metrics import to_judge_audio
from tts.text.normalise.normalise import normalise
from tts.text.pronounce.phonemes import Word
from tts.text.pronounce.symbols import END, START, STRESS
from tts.text.pronounce.words import align_words

from ...data.features import ClipFeatures, read_features, read_mels
from ...data.manifest import Clip, read_audio, read_manifest, trimmed
from ...data.recordings import spread
from ...voices.alignment.adaptation import Adaptation, adapt
from ...voices.alignment.align import START_CLIPS, align, normalised, phonemes_of
from ...voices.alignment.start import choose_start
from ...voices.alignment.states import is_silence
from ..results import ResultRow
from ..table import markdown
from ..word_times.aligners import Aligner, aligners
from .faults import FAULTS, area_under_roc, wrong_transcripts

MEL = MelConfig()
FRAME_MS = 1000 * MEL.hop / MEL.sample_rate
LIMITS = (20, 50)  # milliseconds
NEVER = 1e3  # the cost of a text that has no path
Item = tuple[ClipFeatures, Float[np.ndarray, "_ mels"]]


def write_report(  # noqa: PLR0913 - the parameters of the command
    model: AcousticModel,
    features: Path,
    voices: Sequence[str],
    manifest: Path | None,
    out: Path,
    clips: int,
) -> str:
    """Align the clips of voices, and write `results.json` and `table.md`; returns the table.

    Raises:
        FileNotFoundError: there are no features.
        ValueError: a voice has no clips.
    """
    others = [name for name in model.config.voices if name not in voices]
    sphinx = aligners(None, 1, sphinx=True)["PocketSphinx"] if manifest else None
    recordings = {clip.id: clip for clip in read_manifest(manifest)} if manifest else {}
    rows: list[ResultRow] = []
    for voice in voices:
        items = clips_of(features, voice, clips)
        texts = [(normalised(model, mel), clip.symbols) for clip, mel in items]
        start, vector = choose_start(model, spread(texts, START_CLIPS), others)
        voice_row: ResultRow = {"voice": voice, "start": start, "clips": len(items)}
        adaptation = adapt(model, texts, vector)
        voice_row |= _starts(model, items, adaptation, sphinx, recordings)
        rows.append(voice_row | {"roc": faults(model, items, adaptation)})
    out.mkdir(parents=True, exist_ok=True)
    write_text_file(out / "results.json", json.dumps(rows, ensure_ascii=False) + "\n")
    write_text_file(out / "table.md", page(rows))
    return page(rows)


def clips_of(features: Path, voice: str, limit: int) -> list[Item]:
    """Clips of a voice with their mels, spread evenly.

    Raises:
        ValueError: there are none.
    """
    every, mels = list(read_features(features)), read_mels(features)
    frames = [sum(clip.durations) for clip in every]
    parts = np.split(mels, np.cumsum(frames)[:-1])
    pairs = zip(every, parts, strict=True)
    found = [(clip, mel.astype(np.float32)) for clip, mel in pairs if clip.voice == voice]
    if not found:
        raise ValueError(f"no clips of {voice} in {features}")
    return spread(found, limit)


def _starts(
    model: AcousticModel,
    items: Sequence[Item],
    adaptation: Adaptation,
    sphinx: Aligner | None,
    recordings: dict[str, Clip],
) -> ResultRow:
    """Errors in milliseconds of phones, words, and words by PocketSphinx; seconds a clip."""
    phones, words, theirs = list[np.ndarray](), list[np.ndarray](), list[np.ndarray]()
    seconds = 0.0
    for clip, mel in track(items, "aligning"):
        begun = time.process_time()
        found = align(model, mel, clip.symbols, adaptation.voice, adaptation)
        seconds += time.process_time() - begun
        ours, truth = starts(found.durations), starts(np.array(clip.durations))
        sound = ~is_silence(clip.symbols) & [symbol not in STRESS for symbol in clip.symbols]
        phones.append((ours - truth)[sound])
        said = _words(clip)
        indices = [1 + word.start for word in said]
        heard = list(_heard(sphinx, recordings.get(clip.id), [word.text for word in said]))
        if said and (heard or not sphinx):
            words.append((ours - truth)[indices])
            theirs.append(np.array(heard) - truth[indices] if heard else truth[:0])
    return {
        "seconds": seconds / len(items),
        "phones": errors(np.concatenate(phones)),
        "words": errors(np.concatenate(words)) if words else None,
        "sphinx": errors(np.concatenate(theirs)) if sphinx and theirs else None,
    }


def _words(clip: ClipFeatures) -> Sequence[Word]:
    try:
        return align_words(normalise(clip.text), clip.symbols[1:-1])
    except ValueError:  # the phonemes were made from a text that was normalised otherwise
        return ()


def _heard(sphinx: Aligner | None, clip: Clip | None, words: Sequence[str]) -> Iterator[float]:
    """Starts of words by PocketSphinx, in milliseconds of the trimmed recording."""
    if sphinx and clip:
        audio = trimmed(read_audio(clip.audio, MEL.sample_rate), clip.ends, MEL.hop)
        for word in sphinx(to_judge_audio(audio, MEL.sample_rate), words):
            yield 1000 * word.start


def starts(durations: np.ndarray) -> Float[np.ndarray, " text"]:
    """The start of each symbol in milliseconds."""
    return np.asarray((durations.cumsum() - durations) * FRAME_MS)


def errors(differences: np.ndarray) -> ResultRow:
    """Figures of differences in milliseconds; those within a limit are shares."""
    size = np.abs(differences)
    # times are whole frames; a margin, so that rounding decides nothing
    within = {str(limit): float((size < limit + 1e-6).mean()) for limit in LIMITS}
    return {
        "count": len(differences),
        "median": float(np.median(size)),
        "bias": float(np.mean(differences)),
        "within": within,
    }


def faults(model: AcousticModel, items: Sequence[Item], adaptation: Adaptation) -> ResultRow:
    """For each fault, the area under ROC of cost less free cost, and of the worst stretch."""
    random = Random(0)
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in ("right", *FAULTS)}
    for place, (clip, mel) in enumerate(track(items, "wrong transcripts")):
        other = items[(place + 1) % len(items)][0].text
        made = {"right": clip.text, **wrong_transcripts(clip.text, other, random)}
        for name, text in made.items():
            figures[name].append(_figures(model, mel, text, adaptation))
    return {
        name: [
            area_under_roc([pair[k] for pair in figures["right"]], [pair[k] for pair in found])
            for k in range(2)
        ]
        for name, found in figures.items()
        if name != "right"
    }


def _figures(
    model: AcousticModel, mel: Float[np.ndarray, "frames mels"], text: str, adaptation: Adaptation
) -> tuple[float, float]:
    try:
        symbols = START + phonemes_of(text, model.config.convention) + END
        found = align(model, mel, symbols, adaptation.voice, adaptation)
    except ValueError:
        return NEVER, NEVER
    return found.cost - found.free_cost, found.worst


def page(rows: Sequence[ResultRow]) -> str:
    """The tables: errors of starts, and areas under ROC."""
    heads = ["voice", "start", "of", "count", "median, ms", "bias, ms"]
    heads += [f"within {limit} ms %" for limit in LIMITS]
    body = [
        [row["voice"], row["start"], kind, str(found["count"]), f"{found['median']:.0f}"]
        + [f"{found['bias']:+.1f}"]
        + [f"{100 * found['within'][str(limit)]:.1f}" for limit in LIMITS]
        for row in rows
        for kind in ("phones", "words", "sphinx")
        if (found := row[kind])
    ]
    costs = [
        [row["voice"], *(" / ".join(f"{area:.2f}" for area in row["roc"][name]) for name in FAULTS)]
        for row in rows
    ]
    seconds = np.mean([row["seconds"] for row in rows])
    return (
        f"{markdown(heads, body)}\n\nArea under ROC, of cost less free cost / of the worst quarter "
        f"second:\n\n{markdown(['voice', *FAULTS], costs)}\n\n{seconds:.3f} s of CPU a clip.\n"
    )
