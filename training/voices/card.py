"""The voice file of a training, with its measurements, and the page to listen to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from tts.acoustic.model import AcousticModel
from tts.audio import Audio
from tts.checkpoint import read_metadata
from tts.cli.voice_page import SENTENCES, Column, spoken, write_page
from tts.config import MelConfig
from tts.delivery import Delivery
from tts.metrics import Metrics, to_judge_audio
from tts.model_family import family_of, weights_hash
from tts.synthesis import Synthesizer, load
from tts.voice_files import VoiceCard, write_voice

from ..data.manifest import Clip, read_audio
from ..evaluation.judge import judges
from ..evaluation.speaker_encoder import Embedding, load_speaker_encoder, mean_direction
from .train import HELD_OUT, TRAIN, VoiceTraining, aligned_clips, voice_of

Sound = Float[np.ndarray, " _"]  # several of them have different lengths
LISTEN, UNMEASURED = "listen.html", "unmeasured.voice"


def write_card(
    training: VoiceTraining,
    tuned: AcousticModel,
    out: Path,
    about: Mapping[str, str | None],
    whisper: Path | None = None,
) -> str:
    """Measure a trained voice, and write its file and its page.

    Args:
        training: names the models, the voice and the work folder.
        tuned: the trained model.
        out: the voice file.
        about: fields of the card: `consent`, `licence`, `sex`, `accent`.
        whisper: folder of a faster-whisper model; without it, word errors are not counted.

    Returns:
        A line about the file.

    Raises:
        OSError: a file cannot be written.
    """
    clips = aligned_clips(training)
    card = new_card(training, clips[TRAIN], about)
    voice = voice_of(tuned, training, card)
    draft = training.work / UNMEASURED
    write_voice(voice, draft)
    synthesizer = load(
        training.acoustic, training.vocoder, voices=(draft,), precision="float32", threads=2
    )
    speech = [synthesizer.speak(text, Delivery(voice=training.name)).audio for text in SENTENCES]
    rate = MelConfig().sample_rate
    recorded = [(clip.text, read_audio(clip.audio, rate)) for clip in clips[HELD_OUT]]
    found = measure(speech, SENTENCES, [audio for _, audio in recorded], whisper)
    write_voice(replace(voice, card=replace(card, **found)), out)
    write_listening_page(training, synthesizer, recorded, found)
    draft.unlink()
    size = out.stat().st_size / 1e6
    figures = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in found.items())
    return f"{out}: {size:.1f} MB, {figures or 'not measured: install the extra evaluate'}"


def new_card(
    training: VoiceTraining, clips: Sequence[Clip], about: Mapping[str, str | None]
) -> VoiceCard:
    """The card of a voice that was trained on clips, without measurements."""
    seconds = sum(clip.ends[-1] for clip in clips) / MelConfig().sample_rate
    hashes = weights_hash(training.acoustic_path), weights_hash(training.vocoder_path)
    return VoiceCard(
        name=training.name,
        family=family_of(read_metadata(training.acoustic_path), hashes[0]),
        acoustic_hash=hashes[0],
        vocoder_hash=hashes[1],
        minutes=round(seconds / 60, 1),
        sex=about.get("sex"),
        accent=about.get("accent"),
        licence=about.get("licence"),
        consent=about.get("consent"),
    )


def measure(
    speech: Sequence[Sound],
    texts: Sequence[str],
    recordings: Sequence[Sound],
    whisper: Path | None = None,
) -> dict[str, Any]:
    """The measurements of a card that the installed packages allow.

    Args:
        speech: of the voice, at 24 kHz.
        texts: what it says.
        recordings: of the speaker, at 24 kHz.
        whisper: folder of a faster-whisper model; without it, word errors are not counted.

    Returns:
        Fields of `VoiceCard`: `word_errors`, `distillmos`, `similarity` and `self_similarity`, with
        `lines`, the number of texts.
    """
    found: dict[str, Any] = {}
    rate = MelConfig().sample_rate
    heard = [to_judge_audio(audio, rate) for audio in speech]
    if whisper or find_spec("distillmos"):
        found |= _scores(_judges(whisper), heard, texts)
    if find_spec("resemblyzer") and recordings:
        own = [to_judge_audio(audio, rate) for audio in recordings]
        found |= similarities(load_speaker_encoder().embed, heard, own)
    return found | ({"lines": len(texts)} if found else {})


def _judges(whisper: Path | None) -> Metrics:
    found = judges(whisper, 2, mos=False)
    if find_spec("distillmos"):
        from tts.metrics import distillmos

        found = replace(found, mos_predictors={"distillmos": distillmos()})
    return found


def _scores(metrics: Metrics, heard: Sequence[Sound], texts: Sequence[str]) -> dict[str, float]:
    rows = [metrics.score(audio, text) for audio, text in zip(heard, texts, strict=True)]
    found = dict[str, float]()
    if "words" in rows[0]:
        words, errors = (sum(row[name] for row in rows) for name in ("words", "word_errors"))
        found["word_errors"] = round(100 * errors / words, 1)
    if scores := [row["distillmos"] for row in rows if "distillmos" in row]:
        found["distillmos"] = round(float(np.mean(scores)), 2)
    return found


def similarities(
    embed: Callable[[Audio], Embedding], speech: Sequence[Sound], recordings: Sequence[Sound]
) -> dict[str, float]:
    """Mean cosine of speech to the recordings' mean embedding, and of each recording to the rest's.

    Args:
        embed: gives the speaker embedding of audio, a unit vector.
        speech: at 16 kHz.
        recordings: at 16 kHz, at least two for `self_similarity`.
    """
    own = np.stack([embed(audio) for audio in recordings])
    mean = mean_direction(list(own))
    found = {"similarity": float(np.mean([embed(audio) @ mean for audio in speech]))}
    if len(own) > 1:
        rest = own.sum(axis=0) - own
        cosines = (rest * own).sum(axis=1) / np.linalg.norm(rest, axis=1)
        found["self_similarity"] = float(cosines.mean())
    return {name: round(value, 3) for name, value in found.items()}


def write_listening_page(
    training: VoiceTraining,
    synthesizer: Synthesizer,
    recorded: Sequence[tuple[str, Sound]],
    facts: Mapping[str, Any],
) -> None:
    """A page of held-out recordings beside the voice, which did not learn from them."""
    texts = [text for text, _ in recorded[: len(SENTENCES)]]
    columns = [
        Column("recording", [audio for _, audio in recorded[: len(SENTENCES)]]),
        *(spoken(synthesizer, voice, texts) for voice in (training.name, synthesizer.voices[0])),
    ]
    shown = {name.replace("_", " "): f"{value:g}" for name, value in facts.items()}
    path = training.work / LISTEN
    write_page(path, training.name, texts, columns, synthesizer.sample_rate, shown)
