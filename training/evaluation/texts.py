"""The texts of an evaluation: benchmark texts, and sentences that have a recording."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tts.validation import parse_json

from ..data.manifest import check_recording, read_manifest

RECORDED = "recorded"
TEXTS = Path("benchmarks/texts.jsonl")  # the benchmark's, in a source tree


@dataclass(frozen=True, kw_only=True, slots=True)
class EvaluationText:
    """A text and the voice that speaks it, with the voice's own recording of it, if any."""

    id: str
    kind: str
    text: str
    voice: str
    recording: Path | None = None


def read_lines(texts: Path, corpus: Path | None, voices: Sequence[str]) -> list[EvaluationText]:
    """Each text for each voice, and the recorded sentences of `val` if a corpus is given."""
    found = list(_read_texts(texts, voices))
    return found + (list(read_recorded(corpus, voices)) if corpus else [])


def check_texts(path: Path) -> None:
    """Refuse a file of texts that is missing; the default is missing outside a source tree.

    Raises:
        FileNotFoundError: it is missing.
    """
    if not path.is_file():
        remedy = "; run this command in the source tree, or give --texts" if path == TEXTS else ""
        raise FileNotFoundError(f"no such file: {path}{remedy}")


def _read_texts(path: Path, voices: Sequence[str]) -> Iterator[EvaluationText]:
    check_texts(path)
    with path.open("rb") as lines:
        rows = [_row(line, f"line {number} of {path}") for number, line in enumerate(lines, 1)]
    if not rows:
        raise ValueError(f"no texts in {path}; the benchmark's are benchmarks/texts.jsonl")
    for voice in voices:
        for row in rows:
            yield replace(row, voice=voice)


def _row(line: bytes, place: str) -> EvaluationText:
    """A text, without a voice, from a line of JSON; other fields are ignored."""
    advice = "benchmarks/texts.jsonl is an example"
    try:
        found = parse_json(line)
    except ValueError as error:
        raise ValueError(f"{place}: {error}; {advice}") from error
    match found:
        case {"id": str(id), "kind": str(kind), "text": str(text)} if id and text:
            return EvaluationText(id=id, kind=kind, text=text, voice="")
    raise ValueError(f"{place}: id, kind and text must be given, each a text; {advice}")


def read_recorded(
    corpus: Path, voices: Sequence[str] | None = None, *, name: str = "val"
) -> Iterator[EvaluationText]:
    """The clips of a set of a corpus, of these voices or of all if None."""
    for clip in read_manifest(corpus / f"{name}.jsonl"):
        if voices is None or clip.voice in voices:
            check_recording(clip.id, clip.audio, corpus / f"{name}.jsonl")
            yield EvaluationText(
                id=clip.id, kind=RECORDED, text=clip.text, voice=clip.voice, recording=clip.audio
            )


def choose(
    lines: Sequence[EvaluationText], kinds: Sequence[str], limit: int | None
) -> list[EvaluationText]:
    """The first `limit` lines of each kind and voice, or all of them, sorted by kind."""
    groups = {(kind, line.voice): list[EvaluationText]() for kind in kinds for line in lines}
    for line in lines:
        if line.kind in kinds:
            groups[line.kind, line.voice].append(line)
    return [line for group in groups.values() for line in group[:limit]]
