"""Checks of a text and of voices before a model is loaded."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from tts.captions.dubbing import dubbed_text
from tts.cli.casts import apply_cast
from tts.cli.voices import FILE_SUFFIX
from tts.delivery import Delivery
from tts.error_messages import quoted
from tts.learned_voices import LearnedVoices, ModelFiles, VoicePaths, find_voices
from tts.text.cast import Cast
from tts.text.files.argument import TextSource
from tts.text.frontend import prepare_utterances
from tts.text.language_warnings import explain_no_words
from tts.text.markup.near_misses import near_misses
from tts.text.markup.parse import parse_markup
from tts.text.markup.voices import named_voices
from tts.voices import blend_parts, parse_voice_blend

LATIN = re.compile(r"[A-Za-z0-9]")


@dataclass(frozen=True)
class VoiceNames:
    """The voices of models and files, by their metadata alone.

    Args:
        model: all of the acoustic model.
        offered: those that it offers.
        learned: from files.
        convention: of the phonemes of the model.
    """

    model: tuple[str, ...]
    offered: tuple[str, ...]
    learned: LearnedVoices
    convention: str

    @classmethod
    def of(
        cls, models: ModelFiles, files: VoicePaths = (), voice_dir: Path | None = None
    ) -> "VoiceNames":
        """The voices that `load` would offer with these arguments; it raises the same errors."""
        from tts.checkpoint import read_config, read_offered_voices

        config = read_config(models.acoustic, "acoustic")
        offered = tuple(voice.name for voice in read_offered_voices(models.acoustic))
        learned = find_voices(models, files, voice_dir)
        return cls(config.voices, offered or config.voices, learned, config.convention)

    def check(self, voice: str) -> None:
        """Check that a voice or blend is known.

        Raises:
            ValueError: it is not; the message names a file of that name beside it.
        """
        self.learned.check_left_out(voice)
        known = (*self.model, *self.learned.names)
        try:
            parse_voice_blend(voice, known, (*self.offered, *self.learned.names))
        except ValueError as error:
            for name, _ in blend_parts(voice):
                file = f"{name}{FILE_SUFFIX}"
                if name not in known and Path(file).is_file():
                    raise ValueError(f"{error}; for the file {file} use --voice {file}") from error
            raise

    def check_cast(self, cast: Cast) -> None:
        """Check the voices of a cast (ValueError)."""
        for name, voice in cast.voices.items():
            try:
                self.check(voice)
            except ValueError as error:
                raise ValueError(f"{quoted(name)} in the cast: {error}") from error


def installed_models(acoustic: Path | None, vocoder: str | Path | None) -> ModelFiles:
    """The models that options name, or else the installed ones."""
    from tts.checkpoint import shipped_checkpoint

    return ModelFiles(
        acoustic or shipped_checkpoint("acoustic"), vocoder or shipped_checkpoint("vocoder")
    )


def prepare_source(
    source: TextSource, delivery: Delivery, voices: VoiceNames, cast: Cast | None = None
) -> TextSource:
    """Check that a text can be spoken, with its voices, and note what looks like a tag.

    Args:
        source: the text.
        delivery: how it is spoken.
        voices: those that are known.
        cast: the voices of names in a script.

    Returns:
        The text with further notes; with a cast, with its tags.

    Raises:
        ValueError: the text has no words, its markup is wrong, or a voice is unknown.
    """
    voices.check(delivery.voice)
    if cast:
        voices.check_cast(cast)
        source = apply_cast(cast, source)
    for text in source.texts:
        _check_markup(text, delivery, voices)
        # to read all cues of a film would take seconds, and those with Latin letters have words
        if not (source.cues and LATIN.search(text)):
            _check_words(text, delivery, voices)
    missed = near_misses(dubbed_text(source.cues) or source.text)
    return replace(source, notes=(*source.notes, *missed))


def _check_markup(text: str, delivery: Delivery, voices: VoiceNames) -> None:
    parse_markup(text, delivery.reading)
    for voice in named_voices(text, delivery.reading):
        voices.check(voice)


def _check_words(text: str, delivery: Delivery, voices: VoiceNames) -> None:
    lines = prepare_utterances(text, delivery.reading, delivery.lexicon, voices.convention)
    if not any(line.phonemes for line in lines):
        raise ValueError(explain_no_words(text, delivery.reading))
