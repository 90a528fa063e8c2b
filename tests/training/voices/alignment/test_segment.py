"""A long recording is cut into clips whose texts it says."""

import json

import numpy as np
import pytest
import soundfile
from tts.training.voices.alignment.segment import Phrase, joined, segment

from tests.training.voices.alignment.test_align import (
    HOP,
    OTHER,
    RATE,
    TEXT,
    shipped,
    spoken,
    work_folder,
)

UNSAID = "The committee will meet on Thursday to discuss the budget for next year."
FOREIGN = "Nobody had expected such heavy snow so early in the autumn."


@pytest.mark.command
def test_what_is_not_in_the_script_or_not_said_is_left_out(tmp_path):
    said = [spoken(text)[0] for text in (TEXT, FOREIGN, OTHER)]
    work = work_folder(tmp_path / "w", [(np.concatenate(said), f"{TEXT} {UNSAID} {OTHER}")])
    row = json.loads((work / "recordings.jsonl").read_text())
    clips = segment(work, row, shipped(), ["heart"])
    assert [clip["text"] for clip in clips] == [TEXT, OTHER]
    lengths = np.cumsum([len(audio) / RATE for audio in said])
    assert clips[0]["stop"] <= lengths[0] + 0.3
    assert clips[1]["start"] >= lengths[1] - 0.3
    for clip in clips:
        audio, rate = soundfile.read(work / clip["audio"])
        assert rate == RATE
        assert abs(clip["stop"] - clip["start"] - len(audio) / rate) < 0.002


def phrase(start, seconds, *, final=True, place=0, number=0):
    stop = start + int(seconds * RATE / HOP)
    return Phrase(
        text="a", start=start, stop=stop, final=final, place=place, number=number, excess=0.0
    )


def test_clips_are_whole_sentences_where_they_can_be():
    short = [phrase(place * 300, 2.5, place=place) for place in range(4)]
    assert [len(clip) for clip in joined(short)] == [2, 2]
    parts = [phrase(place * 700, 7, final=place == 1, number=place) for place in range(2)]
    assert [len(clip) for clip in joined(parts)] == [1, 1]
    missing = [phrase(0, 2.5), phrase(300, 2.5, place=2)]
    assert [len(clip) for clip in joined(missing)] == [1, 1]
    assert not list(joined([phrase(0, 1)]))
    assert not list(joined([phrase(0, 13)]))
