"""Rules that compare clips with each other: another speaker, the same audio, the same text."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from jaxtyping import Float

from .findings import CheckedClip, Finding, robust_scores
from .measures import MEL, Audio, ClipMeasures, same_audio
from .sound_rules import has_speech

MIN_CLIPS = 6  # fewer have no usual timbre
# Timbre: 12 cepstral coefficients of the mean log-mel of a clip's active frames, less the mean of
# the frame's phone over all clips. The distance is the root mean square of robust scores.
CEPSTRA = 12
PHONE_PRIOR = 10.0  # frames of the mean of all phones, for phones that are rare
CEPSTRUM_FLOOR = 0.05  # least deviation of a coefficient
# Chosen on heart, michael and kathleen, 2026-11-29: other speakers have distances above 2.2 (some
# 1.9), and the clips of one speaker below 2.1 (one of 2.7).
FAR, RATHER_FAR = 2.6, 1.9
FEW = 4.0  # limits grow by this over the number of clips, whose deviations are then uncertain
OTHER_F0 = 0.22  # of the natural logarithm, 3.8 semitones
F0_FLOOR, F0_SCORE = 0.05, 3.0  # least deviation of log F0, and scores of another speaker
# Cosines of embeddings (training.evaluation.speaker_encoder) to the median of all: of the clips of
# a speaker above 0.81, of another 0.44 to 0.82 (three voices and four others, 2026-11-29).
EMBEDDING_FLOOR, EMBEDDING_SCORE, EMBEDDING_FAR = 0.02, 4.0, 0.8
SAME_OUTLINE, SAME_AUDIO = 0.6, 0.8  # products of coarse spectrograms, and of samples
MAX_TAKES = 3  # of one text

Read = Callable[[CheckedClip], Audio]


def other_speaker(clips: Sequence[CheckedClip]) -> Iterator[Finding]:
    """Clips whose timbre and F0 are not those of the others."""
    known = [clip for clip in clips if clip.measures is not None and has_speech(clip.measures)]
    if len(known) < MIN_CLIPS:
        return
    for clip, distance, other in zip(known, *_distances(known), strict=True):
        if other:
            yield Finding(
                clip=clip.id,
                kind="speaker",
                severity="warn",
                message="The voice does not sound like that of the other clips.",
                remedy="Remove the clip if another person speaks, or the microphone is another.",
                value=round(float(distance), 2),
            )


def _distances(
    clips: Sequence[CheckedClip],
) -> tuple[Float[np.ndarray, " clips"], np.ndarray]:
    """A distance of each clip from the others, and whether it is that of another speaker."""
    if all(clip.embedding is not None for clip in clips):
        vectors = np.array([clip.embedding for clip in clips])
        middle = np.median(vectors, axis=0)
        cosine = vectors @ middle / np.linalg.norm(middle)
        score = -robust_scores(cosine, EMBEDDING_FLOOR)
        return 1 - cosine, (score > EMBEDDING_SCORE) & (cosine < EMBEDDING_FAR)
    timbre = timbre_distances(clips)
    f0 = np.array([clip.measures.log_f0[1] for clip in clips if clip.measures])
    apart = np.abs(f0 - np.nanmedian(f0)) > OTHER_F0
    apart &= np.abs(robust_scores(f0, F0_FLOOR)) > F0_SCORE
    wider = 1 + FEW / len(clips)
    return timbre, (timbre > FAR * wider) | (timbre > RATHER_FAR * wider) & apart


def timbre_distances(clips: Sequence[CheckedClip]) -> Float[np.ndarray, " clips"]:
    """How far the timbre of each clip is from the median of all, in robust deviations."""
    frames = [_active_frames(clip) for clip in clips]
    means = _phone_means(frames)
    residuals = np.array(
        [
            (mel - np.array([means[phone] for phone in phones])).mean(axis=0)
            for mel, phones in frames
        ]
    )
    bands = (np.arange(MEL.bands) + 0.5) / MEL.bands
    transform = np.cos(np.pi * np.outer(np.arange(1, CEPSTRA + 1), bands)) * np.sqrt(2 / MEL.bands)
    cepstra = residuals @ transform.T
    scores = np.array([robust_scores(one, CEPSTRUM_FLOOR) for one in cepstra.T])
    return np.sqrt(np.square(scores).mean(axis=0))


Frames = tuple[Float[np.ndarray, "_ mels"], list[str]]


def _active_frames(clip: CheckedClip) -> Frames:
    """The active frames of a clip, and the phone of each; a space where it is not aligned."""
    measures: ClipMeasures = clip.measures  # type: ignore[assignment]  # checked by the caller
    phones = np.full(len(measures.mel), " ", dtype=object)
    if clip.aligned:
        ends = np.round(np.array(clip.aligned["ends"]) / MEL.hop).astype(int)
        for phone, start, stop in zip(clip.aligned["phones"], ends, ends[1:], strict=False):
            phones[start:stop] = phone
    return measures.mel[measures.loud], phones[measures.loud].tolist()


def _phone_means(frames: Sequence[Frames]) -> dict[str, Float[np.ndarray, " mels"]]:
    """The mean log-mel of each phone; rare phones are drawn to the mean of all."""
    sums: dict[str, Float[np.ndarray, " mels"]] = {}
    counts: dict[str, int] = defaultdict(int)
    for mel, phones in frames:
        names = np.array(phones)
        for phone in set(phones):
            chosen = mel[names == phone]
            sums[phone] = sums.get(phone, 0) + chosen.sum(axis=0, dtype=np.float64)
            counts[phone] += len(chosen)
    every = np.sum(list(sums.values()), axis=0) / sum(counts.values())
    return {
        phone: (total + PHONE_PRIOR * every) / (counts[phone] + PHONE_PRIOR)
        for phone, total in sums.items()
    }


def duplicates(clips: Sequence[CheckedClip], read: Read) -> Iterator[Finding]:
    """Clips with the audio of an earlier one; outlines find them, samples confirm them.

    Args:
        clips: all clips.
        read: reads the audio of one.
    """
    known = [clip for clip in clips if clip.measures is not None and has_speech(clip.measures)]
    if not known:
        return
    outlines = np.array([clip.measures.outline for clip in known if clip.measures])
    found: dict[int, int] = {}
    for first, second in np.argwhere(np.triu(outlines @ outlines.T > SAME_OUTLINE, k=1)).tolist():
        if second not in found and first not in found:
            likeness = same_audio(read(known[first]), read(known[second]))
            if likeness > SAME_AUDIO:
                found[second] = first
                yield _duplicate(known[second], known[first], likeness)


def _duplicate(clip: CheckedClip, first: CheckedClip, likeness: float) -> Finding:
    same = _words(clip.row.get("text") or "") == _words(first.row.get("text") or "")
    other = "" if same else " The texts differ: check both."
    return Finding(
        clip=clip.id,
        kind="duplicate",
        severity="drop",
        message=f"This clip is the same recording as {first.id}.{other}",
        remedy="Remove one of the two.",
        value=round(likeness, 3),
    )


def repeated_texts(clips: Sequence[CheckedClip]) -> Iterator[Finding]:
    """Texts that are read more than three times."""
    takes: dict[str, list[str]] = defaultdict(list)
    for clip in clips:
        if words := _words(clip.row.get("text") or ""):
            takes[words].append(clip.id)
    for ids in takes.values():
        if len(ids) > MAX_TAKES:
            yield Finding(
                clip=ids[0],
                kind="repeated",
                severity="info",
                message=f"This text occurs {len(ids)} times: {', '.join(ids[1:4])} and so on.",
                remedy="Read other texts; more takes of one teach little.",
                value=float(len(ids)),
            )


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
