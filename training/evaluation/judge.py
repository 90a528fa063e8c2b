"""SpeechJudge: word errors, opinion scores and similarity of a spoken line."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path

from tts.audio import write_audio
from tts.config import MelConfig
from tts.metrics import OPINIONS, Metrics, audible, to_judge_audio, whisper_transcriber

from ..data.manifest import read_audio
from .config import Evaluation
from .results import ResultRow
from .similarity import Similarity, Voices
from .speaker_encoder import Embedding, SpeakerEncoder, load_speaker_encoder
from .systems import SpeechSystem
from .texts import EvaluationText, read_recorded

SAMPLE_RATE = MelConfig().sample_rate
CLIPS_A_VOICE = 12  # recordings that a voice is known by; chosen by hand
BLEND = re.compile(r"blend\d+")  # a voice of a corpus that is a mixture of others


@dataclass(frozen=True, kw_only=True)
class SpeechJudge:
    """All judges of speech.

    Args:
        judges: transcription and estimators of opinion scores.
        encoder: speaker encoder; None leaves similarity out.
        similarity: embeddings of the recordings of the voices.
        audio: folder to keep the judged audio in; None keeps none.
    """

    judges: Metrics
    encoder: SpeakerEncoder | None
    similarity: Similarity
    audio: Path | None = None

    def judge(self, system: SpeechSystem, line: EvaluationText) -> ResultRow:
        """Judge a line as spoken by a system; audio is rounded to 16 bits at 16 kHz first."""
        audio = system.speak(line)
        if self.audio:
            path = self.audio / system.name / line.voice / f"{line.id}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_audio(path, audio, SAMPLE_RATE)
        heard = to_judge_audio(audio, SAMPLE_RATE)
        alike = {}
        if self.encoder and audible(heard):
            alike = self.similarity.score(self.encoder.embed(heard), line)
        about = {"kind": line.kind, "system": system.name, "voice": line.voice, "id": line.id}
        seconds = len(audio) / SAMPLE_RATE
        return {**about, "seconds": seconds, **self.judges.score(heard, line.text), **alike}


def build_judge(evaluation: Evaluation, audio: Path | None) -> SpeechJudge:
    """Load the judges that an evaluation needs."""
    encoder = load_speaker_encoder() if evaluation.corpus else None
    recorded: Voices = {}
    if encoder and evaluation.corpus:
        recorded = embed(encoder, read_recorded(evaluation.corpus, evaluation.voices))
    return SpeechJudge(
        judges=judges(evaluation.whisper, evaluation.threads, mos=evaluation.mos),
        encoder=encoder,
        similarity=Similarity(recorded),
        audio=audio,
    )


def judges(folder: Path | None, threads: int, *, mos: bool) -> Metrics:
    """Whisper from a folder, if one is given, and with `mos` the estimators of opinion scores."""
    return Metrics(
        transcribe=whisper_transcriber(folder, threads) if folder else None,
        mos_predictors={name: make() for name, make in OPINIONS.items()} if mos else {},
    )


def everyone(corpus: Path, voices: tuple[str, ...]) -> Voices:
    """Embeddings of the held-out recordings of voices, and of some clips of every other voice.

    Blends of two voices are left out, since they are not distinct from these.
    """
    encoder = load_speaker_encoder()
    every = read_recorded(corpus, name="many")
    alone = (line for line in every if not BLEND.fullmatch(line.voice))
    others = sorted(alone, key=lambda line: line.voice)
    some = [
        line
        for _, clips in groupby(others, key=lambda line: line.voice)
        for line in islice(clips, CLIPS_A_VOICE)
    ]
    return embed(encoder, [*read_recorded(corpus, voices), *some])


def embed(encoder: SpeakerEncoder, lines: Iterable[EvaluationText]) -> Voices:
    """Embeddings of recordings, by voice and by the ids of their sentences."""
    found: dict[str, dict[str, Embedding]] = {}
    for line in lines:
        assert line.recording is not None
        heard = to_judge_audio(read_audio(line.recording, SAMPLE_RATE), SAMPLE_RATE)
        found.setdefault(line.voice, {})[line.id] = encoder.embed(heard)
    return found
