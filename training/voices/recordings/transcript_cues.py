"""Cues of subtitles as the texts of parts of a recording."""

import html
import re
from collections.abc import Iterable, Sequence

from tts.text.files.subtitles import DASH, SubtitleCue

from .sound_files import require

CUE_TIME = re.compile(r"<[\d:.]+>")  # of karaoke, in WebVTT
SENTENCE_END = re.compile(r"[.!?\u2026][\"'\u201d\u2019)\]]*$")
# Cues are joined to sentences, since speech goes on across a cut within one; chosen by hand.
MAX_CUE_GAP, MAX_JOINED_SECONDS = 0.5, 12.0  # s
CUE_MARGIN = 0.15  # s, around a cue, as far as the cues beside it leave room; chosen by hand


def read_cues(text: str, suffix: str) -> list[SubtitleCue]:
    """Read the cues of `.srt` or `.vtt` that have words, without tags and names of sounds."""
    pysubs2 = require("pysubs2")
    try:
        events = pysubs2.SSAFile.from_string(text, format_=suffix[1:])
    except Exception:  # a damaged file can raise anything
        return []
    cues = []
    for event in sorted(events, key=lambda event: event.start):
        lines = (DASH.sub("", line.strip()) for line in event.plaintext.splitlines())
        words = html.unescape(CUE_TIME.sub("", " ".join(lines)))
        cue = SubtitleCue(event.start / 1000, event.end / 1000, words)
        speech = " ".join(cue.speech.split())
        if cue.end > cue.start and any(map(str.isalnum, speech)):
            cues.append(SubtitleCue(cue.start, cue.end, speech))
    return cues


def join_cues(cues: Iterable[SubtitleCue]) -> list[SubtitleCue]:
    """Join cues that are close until a sentence ends, and add a margin where there is room.

    Example:
        >>> join_cues([SubtitleCue(1, 2, "I was"), SubtitleCue(2, 3, "here.")])
        [SubtitleCue(start=0.85, end=3.15, text='I was here.')]
    """
    joined: list[SubtitleCue] = []
    for cue in cues:
        before = joined[-1] if joined else None
        if (
            before
            and not SENTENCE_END.search(before.text)
            and cue.start - before.end <= MAX_CUE_GAP
            and cue.end - before.start <= MAX_JOINED_SECONDS
        ):
            end = max(before.end, cue.end)
            joined[-1] = SubtitleCue(before.start, end, f"{before.text} {cue.text}")
        else:
            joined.append(cue)
    return [_with_margin(joined, at) for at in range(len(joined))]


def _with_margin(cues: Sequence[SubtitleCue], at: int) -> SubtitleCue:
    cue = cues[at]
    room_before = (cue.start - cues[at - 1].end) / 2 if at else cue.start
    room_after = (cues[at + 1].start - cue.end) / 2 if at + 1 < len(cues) else CUE_MARGIN
    before, after = (max(0.0, min(CUE_MARGIN, room)) for room in (room_before, room_after))
    return SubtitleCue(round(cue.start - before, 3), round(cue.end + after, 3), cue.text)
