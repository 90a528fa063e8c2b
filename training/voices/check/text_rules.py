"""Rules about clips and their transcripts, by alignment; and about the rate of speech.

The thresholds were chosen on faults planted into synthetic voices (`heart`; that of words on
`michael` and `many` too), 2026-11-29;
`benchmarks/voice_check.py` measures them on human voices.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from tts.acoustic.durations import PAUSE_SYMBOLS
from tts.text.pronounce.symbols import STRESS

from .findings import CheckedClip, Finding, robust_scores
from .measures import MEL, RATE, frame_levels_of_mel

UNCOUNTED = frozenset(PAUSE_SYMBOLS + STRESS)
SEPARATORS = f"[{re.escape(PAUSE_SYMBOLS)}]"  # of words
MIN_CLIPS = 8  # fewer have no usual cost; then absolute limits hold alone
# The cost of the alignment over the cost without the text: of swapped texts 1.6 and more, of right
# ones up to 1.15 (1.45 in noise at 20 dB).
OTHER_TEXT = 1.5
EXCESS_FLOOR, EXCESS_SCORE = 0.03, 4.5  # least deviation of that ratio, and robust scores
SUSPECT_SCORE = 1.5  # of a clip that also has speech outside its text
UNEXPLAINED_SECONDS, MUCH_UNEXPLAINED = 0.1, 0.22  # of speech in a silence
SPEECH_RANGE = 25.0  # dB below the loudest frames
# The gain of a word (`training.voices.words`): of clean clips of synthetic voices up to 4.6, with
# an inserted word 4.5 and more, mostly above 30. Clips above SURE_GAIN are dropped.
WORD_GAIN, SURE_GAIN = 5.0, 30.0
RATE_FLOOR, RATE_SCORE, RATE_CHANGE = 0.05, 2.5, 0.17  # of natural logarithms of the rate
USUAL_FRAMES, PRIOR_PHONES = 7.0, 3  # of a phone that occurs fewer times than this
LANGUAGE_SHARE = 0.5  # of the clips; more cannot all have faulty transcripts
MIN_LANGUAGE_CLIPS = 4


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a clip fits its text.

    Args:
        ratio: cost of the alignment over the cost without the text.
        gain: how much less the alignment costs without the word that fits worst.
        unexplained: seconds of speech in silences.
        rate: natural logarithm of the rate over the usual one.
    """

    ratio: float
    gain: float
    unexplained: float
    rate: float


def unaligned(clips: Sequence[CheckedClip]) -> Iterator[Finding]:
    """Clips that have a transcript, but no alignment; and clips without transcript."""
    for clip in clips:
        if clip.aligned is None and clip.measures is not None:
            text = bool((clip.row.get("text") or "").strip())
            yield Finding(
                clip=clip.id,
                kind="unaligned",
                severity="drop",
                message="The sound is too short or too long for its transcript."
                if text
                else "The clip has no transcript.",
                remedy="Correct the transcript." if text else "Add one, or use --whisper.",
            )


def transcript(clips: Sequence[CheckedClip], disturbed: Collection[str] = ()) -> Iterator[Finding]:
    """Clips whose transcript is of another sentence, or has a word too many or too few.

    Args:
        clips: all clips.
        disturbed: ids of clips with faults that raise the cost of an alignment; in these only
            another sentence is found.
    """
    known, fits = _fits(clips)
    ratios = np.array([fit.ratio for fit in fits])
    excess = robust_scores(ratios, EXCESS_FLOOR)
    several = len(known) >= MIN_CLIPS
    for clip, fit, score in zip(known, fits, excess, strict=True):
        other = fit.ratio > OTHER_TEXT and (bool(score > EXCESS_SCORE) or not several)
        if not other and clip.id in disturbed:
            continue
        suspect = bool(score > SUSPECT_SCORE) or not several
        extra = fit.unexplained > (UNEXPLAINED_SECONDS if suspect else MUCH_UNEXPLAINED)
        word = fit.gain > WORD_GAIN
        if other or extra or word or (several and score > EXCESS_SCORE):
            yield Finding(
                clip=clip.id,
                kind="transcript",
                severity="drop" if other or fit.gain > SURE_GAIN else "warn",
                message=_mismatch(clip, other, extra, fit),
                remedy="Listen, and correct the text; or remove the clip.",
                value=round(fit.ratio, 3),
            )


def _mismatch(clip: CheckedClip, other: bool, extra: bool, fit: Fit) -> str:
    if other:
        return "The recording does not have this text."
    if fit.gain > WORD_GAIN:
        return f"The recording does not match the text around “{_around(clip)}”."
    if extra:
        return f"{fit.unexplained:.1f} s of speech are not in the text."
    return "Parts of the recording do not match the text."


def _around(clip: CheckedClip) -> str:
    """The word that fits worst and its neighbours, as they are written.

    The phones of a text have no places in it. Where they make as many words as the text has, the
    words are counted; otherwise their place is about the same share of both.
    """
    assert clip.aligned is not None
    phones, (start, stop) = str(clip.aligned["phones"]), clip.aligned["word"]
    words = str(clip.aligned.get("text") or clip.row["text"]).split()
    spoken = [len(word) for word in re.split(SEPARATORS, phones[:start]) if word]
    if len(words) == len([word for word in re.split(SEPARATORS, phones) if word]):
        place = len(spoken)
    else:
        ends = np.cumsum([len(word) + 1 for word in words])
        place = int(np.searchsorted(ends, ends[-1] * (start + stop) / 2 / len(phones)))
    return " ".join(words[max(0, place - 1) : place + 2])


def rate(clips: Sequence[CheckedClip], disturbed: Collection[str] = ()) -> Iterator[Finding]:
    """Clips that are spoken much faster or slower than the others.

    Args:
        clips: all clips.
        disturbed: ids of clips whose phones have other lengths for another reason.
    """
    known, fits = _fits(clips)
    if len(known) < MIN_CLIPS:
        return
    usual = float(np.median([fit.rate for fit in fits]))
    scores = robust_scores([fit.rate for fit in fits], RATE_FLOOR)
    for clip, fit, score in zip(known, fits, scores, strict=True):
        change = fit.rate - usual
        if clip.id not in disturbed and abs(score) > RATE_SCORE and abs(change) > RATE_CHANGE:
            percent = 100 * abs(np.expm1(change))
            yield Finding(
                clip=clip.id,
                kind="rate",
                severity="info",
                message=f"The speech is {percent:.0f} % {'faster' if score > 0 else 'slower'} "
                "than in the other clips.",
                remedy="Read at the same rate throughout.",
                value=round(change, 3),
            )


def language(clips: Sequence[CheckedClip]) -> Iterator[Finding]:
    """All clips, where most do not match their texts."""
    texts = [clip for clip in clips if clip.row.get("text") and clip.measures is not None]
    if len(texts) < MIN_LANGUAGE_CLIPS:
        return
    bad = [clip for clip in texts if clip.aligned is None or _ratio(clip.aligned) > OTHER_TEXT]
    if len(bad) > LANGUAGE_SHARE * len(texts):
        yield Finding(
            clip=None,
            kind="language",
            severity="drop",
            message=f"The texts of {len(bad)} of {len(texts)} clips do not match the recordings.",
            remedy="Check that the files are paired rightly, and that the language is English.",
            value=round(len(bad) / len(texts), 2),
        )


def _ratio(aligned: Mapping[str, object]) -> float:
    """The cost of an alignment over the cost without the text; 1 where they are not known."""
    cost, free = aligned.get("cost"), aligned.get("free_cost")
    known = isinstance(cost, int | float) and isinstance(free, int | float) and free > 0
    return float(cost) / float(free) if known else 1.0  # type: ignore[arg-type]


def _fits(clips: Sequence[CheckedClip]) -> tuple[list[CheckedClip], list[Fit]]:
    known = [clip for clip in clips if clip.aligned is not None and clip.measures is not None]
    usual = _usual_frames(known)
    return known, [_fit(clip, usual) for clip in known]


def _fit(clip: CheckedClip, usual: Mapping[str, float]) -> Fit:
    assert clip.aligned is not None
    phones, frames = _phone_frames(clip.aligned)
    expected = sum(usual.get(phone, USUAL_FRAMES) for phone in phones)
    return Fit(
        ratio=_ratio(clip.aligned),
        gain=float(clip.aligned.get("word_gain", 0.0)),
        unexplained=_unexplained(clip),
        rate=float(np.log(expected / frames.sum())) if len(frames) else 0.0,
    )


def _unexplained(clip: CheckedClip) -> float:
    """Seconds of loud frames in the silences of an alignment, but for two frames at their edges."""
    assert clip.aligned is not None
    assert clip.measures is not None
    level = frame_levels_of_mel(clip.measures.mel)
    loud = level > np.quantile(level, 0.95) - SPEECH_RANGE
    ends = np.round(np.array([0, *clip.aligned["ends"]]) / MEL.hop).astype(int)
    symbols = " " + clip.aligned["phones"] + " "
    silences = zip(symbols, ends, ends[1:], strict=False)
    found = sum(
        int(loud[start + 2 : stop - 2].sum())
        for symbol, start, stop in silences
        if symbol in PAUSE_SYMBOLS and stop - start > 4
    )
    return found * MEL.hop / RATE


def _usual_frames(clips: Sequence[CheckedClip]) -> dict[str, float]:
    """The median length of each phone in frames; of rare ones, that of all phones."""
    lengths: dict[str, list[float]] = defaultdict(list)
    for clip in clips:
        assert clip.aligned is not None
        for phone, frames in zip(*_phone_frames(clip.aligned), strict=True):
            lengths[phone].append(frames)
    return {p: float(np.median(v)) for p, v in lengths.items() if len(v) >= PRIOR_PHONES}


def _phone_frames(
    aligned: Mapping[str, object],
) -> tuple[list[str], Float[np.ndarray, " phones"]]:
    """The phones of an alignment, without silences and stress, and their frames, at least one."""
    phones = str(aligned["phones"])
    ends = np.asarray(aligned["ends"], np.float64) / MEL.hop
    frames = np.maximum(np.diff(ends)[: len(phones)], 1.0)
    places = [place for place, phone in enumerate(phones) if phone not in UNCOUNTED]
    return [phones[place] for place in places], frames[places]


def speech_rates(clips: Sequence[CheckedClip]) -> list[float]:
    """Phones a second of each clip, without its silences; NaN for clips without alignment."""
    rates = []
    for clip in clips:
        frames = _phone_frames(clip.aligned)[1] if clip.aligned is not None else np.zeros(0)
        seconds = frames.sum() * MEL.hop / RATE
        rates.append(float(len(frames) / seconds) if seconds else float("nan"))
    return rates
