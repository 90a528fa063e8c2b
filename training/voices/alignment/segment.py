"""Long recordings with a script: aligned in windows, cut at pauses into clips."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float

from tts.acoustic.durations import PAUSE_SYMBOLS
from tts.acoustic.model import AcousticModel
from tts.config import MelConfig
from tts.files import atomic_write
from tts.vocoder.mel import log_mel

from ...data.manifest import read_audio
from .adaptation import Adaptation, adapt, unadapted, with_codebook
from .start import EVERY, candidates, choose_start
from .states import is_silence, symbol_states
from .windows import SaidSentence, ScriptMatcher, Sentence, read_script

LONG_SECONDS = 20.0  # recordings above it are cut
MIN_SECONDS, MAX_SECONDS = 2.0, 12.0  # of clips
ENOUGH_SECONDS = 4.0  # a clip ends with the next sentence after them
MIN_PAUSE_FRAMES = 12  # (128 ms) a pause to cut at; chosen by hand
MARGIN_FRAMES = 20  # (213 ms) of silence kept before and after speech
# Of sentences of two human readers, right texts cost .14 to .33 a frame above the nearest of all
# states and wrong texts .45 to 1.2, with measured residuals; without them, 1.1 to 2.8 and 2.8 to 5.
FOREIGN_COST, FIRST_FOREIGN_COST = 0.38, 2.6
MAX_EXCESS = 0.36  # of a phrase; it has no costs of lengths and pauses
MEASURED_SENTENCES, COMPARED_SENTENCES = 24, 8  # for the adaptation, and for the start
MAX_GAP_FRAMES = 140  # (1.5 s) of silence within a clip; chosen by hand
CHUNK_FRAMES, CONTEXT_FRAMES = 5000, 4  # of mels, so that a long recording needs little memory


@dataclass(frozen=True, kw_only=True, slots=True)
class Phrase:
    """A part of a sentence between pauses.

    Args:
        text: as in the script.
        start: frame at which it begins to sound.
        stop: frame at which its sound ends.
        final: whether the sentence ends with it.
        place: number of its sentence.
        number: of the phrase in its sentence.
        excess: mean cost of its frames above the nearest of all states.
    """

    text: str
    start: int
    stop: int
    final: bool
    place: int
    number: int
    excess: float


def segment(
    work: Path, row: Mapping[str, Any], model: AcousticModel, voices: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    """Cut a long recording into clips of 2 to 12 seconds, by its script.

    What is said and not in the script, or in the script and not said, is left out.

    Args:
        work: the work folder; `clips/ID-0001.flac` and so on are written.
        row: of the recording, in `recordings.jsonl`.
        model: the acoustic model.
        voices: voices whose vectors may be the start; all by default.

    Returns:
        Rows of the clips, as in `recordings.jsonl`.

    Raises:
        ValueError: the recording or the script cannot be read, or they do not match.
    """
    import soundfile  # a library of sound, which training from features does without

    config = model.config.mel
    script = read_script(row["text"], model.config.convention)
    audio = read_audio(work / row["audio"], config.sample_rate)
    mel = long_mel(audio, model)
    adaptation = _adapted(model, mel, script, voices)
    said = list(ScriptMatcher(model, mel, script, adaptation, FOREIGN_COST).said())
    every = [phrase for one in said for phrase in phrases_of(row["text"], script, one)]
    phrases = [phrase for phrase in every if phrase.excess <= MAX_EXCESS]
    if not phrases:
        raise ValueError("the sound does not match the script")
    pieces = list(joined(phrases))
    samples, _ = soundfile.read(work / row["audio"], dtype="float32")
    return [
        _write(work, row, samples, piece, number, config)
        for number, piece in enumerate(pieces, start=1)
    ]


def long_mel(
    audio: Float[np.ndarray, " samples"], model: AcousticModel
) -> Float[np.ndarray, "frames mels"]:
    """The normalised mel of a recording of any length, in single precision."""
    config, frames = model.config.mel, len(audio) // model.config.mel.hop
    parts = []
    for first in range(0, frames, CHUNK_FRAMES):
        before = min(CONTEXT_FRAMES, first)
        last = min(first + CHUNK_FRAMES, frames)
        stretch = audio[(first - before) * config.hop : (last + CONTEXT_FRAMES) * config.hop]
        mel = log_mel(torch.from_numpy(stretch)[None], config)[0, before : before + last - first]
        parts.append(((mel - model.mel_mean) / model.mel_deviation).numpy())
    return np.concatenate(parts)


def _adapted(
    model: AcousticModel,
    mel: Float[np.ndarray, "frames mels"],
    script: Sequence[Sentence],
    voices: Sequence[str] | None,
) -> Adaptation:
    """The voice's differences from the model, on the first sentences that are found."""
    first = _first_guess(model, mel, script, candidates(model, voices)[EVERY])
    found = ScriptMatcher(model, mel, script, first, FIRST_FOREIGN_COST).said()
    some = list(islice((one for one in found if one.durations.any()), MEASURED_SENTENCES))
    clips = [
        (
            mel[one.start : one.start + int(one.durations.sum())].astype(np.float64),
            script[one.place].symbols,
        )
        for one in some
    ]
    if not clips:
        raise ValueError("the sound does not match the script")
    _, vector = choose_start(model, clips[:COMPARED_SENTENCES], voices)
    return adapt(model, clips, vector)


def _first_guess(
    model: AcousticModel,
    mel: Float[np.ndarray, "frames mels"],
    script: Sequence[Sentence],
    voice: Float[np.ndarray, " voice"],
) -> Adaptation:
    """Offsets of bands before anything is aligned: the mean of loud and of quiet frames."""
    states = [symbol_states(model, one.symbols, voice) for one in script[:MEASURED_SENTENCES]]
    levels = mel.mean(axis=1)
    loud = levels > (np.quantile(levels, 0.95) + np.quantile(levels, 0.05)) / 2
    silent = np.concatenate([is_silence(each.symbols) for each in states])
    means = np.concatenate([each.means.mean(axis=1) for each in states])
    guess = replace(
        unadapted(voice, mel.shape[1]),
        speech=(mel[loud].mean(axis=0) - means[~silent].mean(axis=0)).astype(np.float64),
        silence=(mel[~loud].mean(axis=0) - means[silent].mean(axis=0)).astype(np.float64),
    )
    return with_codebook(guess, states)


def phrases_of(text: str, script: Sequence[Sentence], said: SaidSentence) -> Iterator[Phrase]:
    """The phrases of a sentence: parts between pauses that are long enough to cut at."""
    utterance = script[said.place].utterance
    ends = said.start + said.durations.cumsum()
    begins = ends - said.durations
    first = number = 0
    for place, word in enumerate(utterance.words):
        last = place + 1 == len(utterance.words)
        pause = _pause_after(utterance.phonemes, word.stop, said)
        if not last and pause < MIN_PAUSE_FRAMES:
            continue
        start = utterance.words[first].span[0]
        stop = utterance.spoken.spans[-1][1] if last else utterance.words[place + 1].span[0]
        # phonemes begin after `START`
        sound = begins[utterance.words[first].start + 1], ends[word.stop]
        yield Phrase(
            text=" ".join(text[start:stop].split()),
            start=int(sound[0]),
            stop=int(sound[1]),
            final=last,
            place=said.place,
            number=number,
            excess=float(said.excess[sound[0] - said.start : sound[1] - said.start].mean()),
        )
        first, number = place + 1, number + 1


def _pause_after(phonemes: str, stop: int, said: SaidSentence) -> int:
    """Frames of silence from the end of a word to the next."""
    frames = 0
    for symbol, duration in zip(phonemes[stop:], said.durations[stop + 1 :], strict=False):
        if symbol not in PAUSE_SYMBOLS:
            break
        frames += int(duration)
    return frames


def joined(phrases: Sequence[Phrase]) -> Iterator[list[Phrase]]:
    """Neighbouring phrases as clips of at most `MAX_SECONDS`, at best whole sentences."""
    clip: list[Phrase] = []
    for phrase in phrases:
        if clip and (
            not _follows(clip[-1], phrase)
            or _seconds([*clip, phrase]) > MAX_SECONDS
            or (clip[-1].final and _seconds(clip) >= ENOUGH_SECONDS)
        ):
            yield from _usable(clip)
            clip = []
        clip.append(phrase)
    yield from _usable(clip)


def _follows(before: Phrase, after: Phrase) -> bool:
    """Whether nothing was left out between two phrases."""
    if after.start - before.stop > MAX_GAP_FRAMES:
        return False
    if before.final:
        return after.place == before.place + 1 and after.number == 0
    return after.place == before.place and after.number == before.number + 1


def _usable(clip: list[Phrase]) -> Iterator[list[Phrase]]:
    if clip and MIN_SECONDS <= _seconds(clip) <= MAX_SECONDS:
        yield clip


def _seconds(clip: Sequence[Phrase]) -> float:
    config = MelConfig()
    frames = clip[-1].stop - clip[0].start + 2 * MARGIN_FRAMES
    return frames * config.hop / config.sample_rate


def _write(  # noqa: PLR0913 - what a row is made of
    work: Path,
    row: Mapping[str, Any],
    samples: Float[np.ndarray, " samples"],
    piece: Sequence[Phrase],
    number: int,
    config: MelConfig,
) -> dict[str, Any]:
    """Write a clip, and make its row."""
    import soundfile

    first = max(0, piece[0].start - MARGIN_FRAMES) * config.hop
    last = min(len(samples), (piece[-1].stop + MARGIN_FRAMES) * config.hop)
    id = f"{row['id']}-{number:04d}"
    audio = f"clips/{id}.flac"
    with atomic_write(work / audio) as partial, partial.open("wb") as file:
        soundfile.write(file, samples[first:last], config.sample_rate, "PCM_16", format="FLAC")
    begin = row.get("start") or 0.0
    return {
        **row,
        "id": id,
        "audio": audio,
        "text": " ".join(phrase.text for phrase in piece),
        "seconds": round((last - first) / config.sample_rate, 3),
        "start": round(begin + first / config.sample_rate, 3),
        "stop": round(begin + last / config.sample_rate, 3),
    }


def is_long(row: Mapping[str, Any]) -> bool:
    """Whether a recording is cut before it is aligned."""
    return bool(row.get("text")) and row["seconds"] > LONG_SECONDS
