"""What is read aloud to be judged: benchmark texts, and sentences with a recording."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tts.validation import parse_json

from ..data.manifest import check_recording, read_manifest

RECORDED = "recorded"


@dataclass(frozen=True, kw_only=True, slots=True)
class EvaluationText:
    """A text for a voice to speak; `recording` is how the voice itself spoke it, if it did."""

    id: str
    kind: str
    text: str
    voice: str
    recording: Path | None = None


def read_lines(texts: Path, corpus: Path | None, voices: Sequence[str]) -> list[EvaluationText]:
    """Each text for each voice, and the held-out recordings of a corpus, if there is one."""
    found = list(_read_texts(texts, voices))
    return found + (list(read_recorded(corpus, voices)) if corpus else [])


def _read_texts(path: Path, voices: Sequence[str]) -> Iterator[EvaluationText]:
    if not path.is_file():
        raise FileNotFoundError(
            f"expected texts at {path}, found none; benchmarks/texts.jsonl has ours"
        )
    with path.open("rb") as lines:
        rows = [_row(line, f"line {number} of {path}") for number, line in enumerate(lines, 1)]
    if not rows:
        raise ValueError(f"expected texts in {path}, found none; benchmarks/texts.jsonl has ours")
    for voice in voices:
        for row in rows:
            yield replace(row, voice=voice)


def _row(line: bytes, place: str) -> EvaluationText:
    """A text, for no voice yet, of a line of JSON, which may say more."""
    advice = "benchmarks/texts.jsonl has ours"
    try:
        found = parse_json(line)
    except ValueError as error:
        raise ValueError(f"{error} in {place}; {advice}") from error
    match found:
        case {"id": str(id), "kind": str(kind), "text": str(text)} if id and text:
            return EvaluationText(id=id, kind=kind, text=text, voice="")
    raise ValueError(f"expected id, kind and text in {place}, each a text; {advice}")


def read_recorded(
    corpus: Path, voices: Sequence[str] | None = None, *, name: str = "val"
) -> Iterator[EvaluationText]:
    """The clips of one manifest of a corpus, of these voices or of all."""
    for clip in read_manifest(corpus / f"{name}.jsonl"):
        if voices is None or clip.voice in voices:
            check_recording(clip.id, clip.audio, corpus / f"{name}.jsonl")
            yield EvaluationText(
                id=clip.id, kind=RECORDED, text=clip.text, voice=clip.voice, recording=clip.audio
            )


def choose(
    lines: Sequence[EvaluationText], kinds: Sequence[str], limit: int | None
) -> list[EvaluationText]:
    """The first lines of each kind and voice, those of one kind together."""
    groups = {(kind, line.voice): list[EvaluationText]() for kind in kinds for line in lines}
    for line in lines:
        if line.kind in kinds:
            groups[line.kind, line.voice].append(line)
    return [line for group in groups.values() for line in group[:limit]]
