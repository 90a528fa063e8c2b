"""The report on word times: of speech and of recordings, compared with those of aligners."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
from rich.progress import track

from tts.audio import Audio
from tts.captions.timing import Alignment
from tts.config import MelConfig
from tts.delivery import Delivery
from tts.files import write_text_file
from tts.metrics import to_judge_audio
from tts.speech import TimedWord
from tts.synthesis import Synthesizer
from tts.text.frontend import Utterance
from tts.text.normalise.normalise import normalise
from tts.text.pronounce.words import align_words

from ...data.manifest import Clip, read_audio, read_manifest
from ..results import ResultRow
from .aligners import Aligner
from .table import RECORDINGS, matched, page, summarise

Timed = tuple[Audio, tuple[TimedWord, ...]]
RATE = MelConfig().sample_rate


def write_report(
    synthesizer: Synthesizer, aligners: Mapping[str, Aligner], manifest: Path, out: Path
) -> str:
    """Align every sentence, synthesised and recorded, and write `results.json` and `table.md`.

    Args:
        synthesizer: the voices.
        aligners: aligners by name.
        manifest: manifest with phones and ends.
        out: folder to write.

    Returns:
        The table in Markdown.
    """
    sources: Mapping[str, Callable[[Clip], Timed]] = {
        "speech": partial(spoken, synthesizer),
        RECORDINGS: recorded,
    }
    rows: list[ResultRow] = []
    for clip in track(list(read_manifest(manifest)), "listening"):
        for source, tell in sources.items():
            audio, ours = tell(clip)
            about = {"source": source, "voice": clip.voice, "id": clip.id, "words": len(ours)}
            for aligner, align in aligners.items():
                heard = align(to_judge_audio(audio, RATE), [word.text for word in ours])
                rows.append({"aligner": aligner, **about, "matched": matched(ours, heard)})
    summary = summarise(rows)
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"summary": summary, "lines": rows}, ensure_ascii=False)
    write_text_file(out / "results.json", text + "\n")
    write_text_file(out / "table.md", page(summary))
    return page(summary)


def spoken(synthesizer: Synthesizer, clip: Clip) -> Timed:
    """A clip's text synthesised in its voice, with the times of its words."""
    speech = synthesizer.speak(clip.text, Delivery(voice=clip.voice))
    return speech.audio, speech.words


def recorded(clip: Clip) -> Timed:
    """A recording, with the times of its words from the phones and ends of the manifest."""
    text = normalise(clip.text)
    line = Utterance(text, clip.phones, 0.0, words=align_words(text, clip.phones))
    clock = Alignment(line, np.diff(clip.ends, prepend=0).tolist(), 1 / RATE)
    return read_audio(clip.audio, RATE), clock.words(0, clip.ends[-1])
