"""What is read aloud to be judged: benchmark texts, and sentences with a recording."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.corpora import read_manifest

RECORDED = "recorded"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A text for a voice to speak; `recording` is how the voice itself spoke it, if it did."""

    id: str
    kind: str
    text: str
    voice: str
    recording: Path | None = None


def read_lines(texts: Path, corpus: Path | None, voices: Sequence[str]) -> list[Line]:
    """Each text for each voice, and the held-out recordings of a corpus, if there is one."""
    found = list(_read_texts(texts, voices))
    return found + (list(read_recorded(corpus, voices)) if corpus else [])


def _read_texts(path: Path, voices: Sequence[str]) -> Iterator[Line]:
    if not path.is_file():
        raise FileNotFoundError(
            f"expected texts at {path}, found none; benchmarks/texts.jsonl has ours"
        )
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    for voice in voices:
        for row in rows:
            yield Line(id=row["id"], kind=row["kind"], text=row["text"], voice=voice)


def read_recorded(
    corpus: Path, voices: Sequence[str] | None = None, *, name: str = "val"
) -> Iterator[Line]:
    """The clips of one manifest of a corpus, of these voices or of all."""
    for clip in read_manifest(corpus / f"{name}.jsonl"):
        if voices is None or clip.voice in voices:
            yield Line(
                id=clip.id, kind=RECORDED, text=clip.text, voice=clip.voice, recording=clip.audio
            )


def choose(lines: Sequence[Line], kinds: Sequence[str], limit: int | None) -> list[Line]:
    """The first lines of each kind and voice, those of one kind together."""
    groups = {(kind, line.voice): list[Line]() for kind in kinds for line in lines}
    for line in lines:
        if line.kind in kinds:
            groups[line.kind, line.voice].append(line)
    return [line for group in groups.values() for line in group[:limit]]
