"""Learned voices of a synthesizer of tiny models, without checkpoints and voice files."""

from dataclasses import replace
from pathlib import Path

from tests.tts.voices import card, voice_file
from tts.checkpoint import shipped_checkpoint
from tts.learned_voices import LearnedVoice, LearnedVoices, ModelFiles

FOLDER = Path("/secret/voices")
ANNA = {
    "sex": "female",
    "minutes": 12.5,
    "licence": "CC0-1.0",
    "consent": "Anna said yes.",
    "word_errors": 3.1,
    "lines": 40,
}


def with_learned_voices(synthesizer):
    """The synthesizer with the voices anna, whose card is full, and bea, whose card is empty."""
    models = ModelFiles(shipped_checkpoint("acoustic"), shipped_checkpoint("vocoder"))
    cards = card("anna", **ANNA), card("bea")
    files = [
        voice_file(synthesizer.runtime.config, seed, card=each) for seed, each in enumerate(cards)
    ]
    voices = []
    for file in files:
        name = file.card.name
        voices.append(LearnedVoice(name, FOLDER / f"{name}.voice", file.card, models))
        voices[-1].__dict__["file"] = file  # as it is once it is read
    return replace(synthesizer, learned_voices=LearnedVoices(voices))
