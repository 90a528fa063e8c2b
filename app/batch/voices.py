"""Voices that the rows of an input name, also by the paths of voice files."""

from pathlib import Path

from tts.error_messages import explain_os_error
from tts.learned_voices import LearnedVoices, ModelFiles, find_voices

from ..voices import name_voice


class RowVoices:
    """The learned voices of a batch; voice files that rows name are added to them.

    Args:
        learned: voices from files, beside those that rows name.
        models: that voice files belong to; None if rows cannot name files.
        folder: that the paths in rows are relative to.

    Attributes:
        files: the voice files that were added.
    """

    def __init__(self, learned: LearnedVoices, models: ModelFiles | None, folder: Path) -> None:
        self.learned, self.files = learned, list[Path]()
        self._models, self._folder = models, folder
        self._names: dict[str, str] = {}

    def name(self, voice: str) -> str:
        """A voice or blend with names in the place of the paths of voice files.

        Raises:
            ValueError: a file is not there, is damaged, belongs to other models, or has the name
                of another voice.
        """
        if self._models is None:
            return voice
        if voice not in self._names:
            try:
                named = name_voice(voice, self._folder)
                for path in named.files:
                    self._add(path, self._models)
            except OSError as error:
                raise ValueError(explain_os_error(error)) from error
            self._names[voice] = named.name
        return self._names[voice]

    def _add(self, path: Path, models: ModelFiles) -> None:
        """Offer the voice of a file, unless it is offered."""
        voice = next(iter(find_voices(models, [path])))
        if voice.name not in self.learned:
            self.learned = LearnedVoices([*self.learned, voice], self.learned.left_out)
            self.files.append(path)
        elif self.learned[voice.name].hash != voice.hash:
            other = self.learned[voice.name].path
            raise ValueError(
                f"cannot use {path}: {other} has the name {voice.name!r}, too; give it another name"
            )
