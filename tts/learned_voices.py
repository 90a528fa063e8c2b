"""The learned voices of a synthesizer: files that are read when they are first used."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from tts import DISTRIBUTION
from tts.checkpoint import read_config, shipped_checkpoint
from tts.error_messages import explain_os_error, naming_read_errors, short_repr
from tts.model_family import weights_hash
from tts.model_files import ModelFiles as ModelFiles
from tts.model_files import UnfitVoiceError
from tts.runtime.base import Runtime, WeightDifferences
from tts.runtime_cache import RuntimeCache
from tts.voice_files import (
    PARTS,
    SUFFIX,
    VoiceCard,
    VoiceFile,
    check_fits,
    read_card,
    read_voice,
)
from tts.voices import VoiceInfo, blend_parts

VoicePaths = Sequence[Path | str] | Mapping[str, Path | str]
Shares = Mapping[str, float]  # of voices in a blend, by name; their sum is 1


class VoiceFileError(ValueError):
    """The file of a voice that is offered cannot be used any more.

    Args:
        name: of the voice.
        reason: one sentence, with the path of the file.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.name, self.reason = name, reason

    def __reduce__(self) -> tuple[type["VoiceFileError"], tuple[str, str]]:
        return type(self), (self.name, self.reason)


@dataclass(frozen=True, eq=False)
class LearnedVoice:
    """A voice file whose weights are read when they are first used. Threads may share it.

    Args:
        name: for `Delivery(voice=...)`.
        path: of the file.
        card: about the voice.
        models: that it is used with.
    """

    name: str
    path: Path
    card: VoiceCard
    models: ModelFiles

    @property
    def info(self) -> VoiceInfo:
        """The voice and its measurements, as those of the model's own voices are listed."""
        card = self.card
        return VoiceInfo(
            name=self.name,
            sex=card.sex,
            accent=card.accent,
            word_errors=card.word_errors,
            distillmos=card.distillmos,
            similarity=card.similarity,
            lines=card.lines,
        )

    @cached_property
    def hash(self) -> str:
        """SHA-256 of what the voice sounds like: of the tensors of its file."""
        return weights_hash(self.path)

    @cached_property
    def file(self) -> VoiceFile:
        """The content of the file.

        Raises:
            VoiceFileError: it cannot be read, is damaged, was replaced, or does not fit the models.
        """
        try:
            return self._read()
        except OSError as error:
            raise VoiceFileError(self.name, explain_os_error(error)) from error
        except ValueError as error:
            raise VoiceFileError(self.name, str(error)) from error

    def _read(self) -> VoiceFile:
        voice = read_voice(self.path)
        if voice.card != self.card:
            raise ValueError(f"{self.path} was replaced after it was loaded; load it again")
        self.models.check(self.path, voice.card)
        check_fits(voice, self.models.configs, self.path)
        return voice


@dataclass(frozen=True, slots=True)
class LeftOutVoice:
    """A voice file of a folder that is not offered, and why."""

    path: Path
    reason: str


class ResolvedVoice(NamedTuple):
    """What an utterance needs of a voice or blend.

    Args:
        runtime: with its weights.
        vector: of the voice.
        pitch_deviation: standard deviation of its log-F0.
    """

    runtime: Runtime
    vector: Float[np.ndarray, " voice"]
    pitch_deviation: float


class LearnedVoices:
    """Learned voices by name, and the runtimes adapted to those that were used last.

    Threads may share it.

    Args:
        voices: with different names.
        left_out: files that are not offered.
    """

    def __init__(
        self, voices: Iterable[LearnedVoice] = (), left_out: Iterable[LeftOutVoice] = ()
    ) -> None:
        self._voices = {voice.name: voice for voice in voices}
        self.left_out = tuple(left_out)
        self._runtimes = RuntimeCache()

    def __contains__(self, name: str) -> bool:
        return name in self._voices

    def __getitem__(self, name: str) -> LearnedVoice:
        return self._voices[name]

    def __iter__(self) -> Iterator[LearnedVoice]:
        return iter(self._voices.values())

    def __len__(self) -> int:
        return len(self._voices)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._voices)

    def used_in(self, voice: str) -> tuple[LearnedVoice, ...]:
        """The learned voices of a voice or blend, in its order."""
        if voice in self:
            return (self[voice],)
        named = dict.fromkeys(name for name, _ in blend_parts(voice))
        return tuple(self[name] for name in named if name in self)

    def check_left_out(self, voice: str) -> None:
        """Check that no file of a folder that has the name of a voice is left out.

        Args:
            voice: a name or blend.

        Raises:
            ValueError: the reason for which one is.
        """
        if not self.left_out or voice in self:
            return
        reasons = {one.path.stem: one.reason for one in self.left_out}
        for name, _ in blend_parts(voice):
            if name in reasons and name not in self:
                raise ValueError(reasons[name])

    def resolve(self, runtime: Runtime, shares: Shares) -> ResolvedVoice:
        """The vector, the pitch deviation and the runtime of a voice or blend.

        Args:
            runtime: of the models.
            shares: of voices of the model and of learned voices.

        Raises:
            VoiceFileError: a file cannot be read, is damaged, or does not fit the models.
        """
        names, statistics = runtime.config.voices, runtime.statistics
        used = self.shares_used(shares)
        vector = add_up(shares, names, statistics.voices, used, "vector")
        deviation = add_up(shares, names, statistics.pitch, used, "pitch")[1]
        if any(voice.file.acoustic or voice.file.vocoder for _, voice in used):
            runtime = self._runtimes.get_or_make(
                _key(runtime, shares),
                runtime,
                lambda base: base.adapted(sum_differences(used), vector),
            )
        return ResolvedVoice(runtime, vector, float(deviation))

    def made(self, runtime: Runtime, shares: Shares) -> Runtime | None:
        """The runtime that `resolve` gives, if it is made; the same one, as long as it is kept."""
        if not any(name in self for name in shares):
            return runtime
        return self._runtimes.get(_key(runtime, shares))

    def shares_used(self, shares: Shares) -> list[tuple[np.float32, LearnedVoice]]:
        """The learned voices of a blend and their shares, in single precision."""
        return [
            (np.float32(share), self[name])
            for name, share in shares.items()
            if share and name in self
        ]


def _key(runtime: Runtime, shares: Shares) -> object:
    return (id(runtime), *sorted((name, share) for name, share in shares.items() if share))


def add_up(
    shares: Shares,
    names: Sequence[str],
    rows: np.ndarray,
    used: Sequence[tuple[np.float32, LearnedVoice]],
    field: str,
) -> np.ndarray:
    """The sum of shares times values, over voices of a model and learned ones.

    Args:
        shares: by name.
        names: of the model's voices.
        rows: the value of each of them.
        used: learned voices and their shares.
        field: of their files that has the value.
    """
    total = np.array([shares.get(name, 0.0) for name in names], np.float32) @ rows
    for share, voice in used:
        total = total + share * np.asarray(getattr(voice.file, field), np.float32)
    return np.asarray(total)


def sum_differences(used: Sequence[tuple[np.float32, LearnedVoice]]) -> WeightDifferences:
    """The sum of shares times differences of learned voices, in single precision."""
    parts: dict[str, dict[str, np.ndarray]] = {part: {} for part in PARTS}
    for share, voice in used:
        for part, total in parts.items():
            for name, difference in getattr(voice.file, part).items():
                scaled = share * difference
                total[name] = total[name] + scaled if name in total else scaled
    return WeightDifferences(**parts)


def find_voices(
    models: ModelFiles, voices: VoicePaths = (), voice_dir: Path | str | None = None
) -> LearnedVoices:
    """The learned voices that a synthesizer offers; only their metadata is read.

    Voices that are given come first, then those that are shipped beside the models, and those of
    the folder. Where two have the same name, the first is offered.

    Args:
        models: that the voices are used with.
        voices: paths of voice files; or their paths by the names that deliveries use.
        voice_dir: a folder of voice files; by default `user_voice_dir()`, if it exists.

    Raises:
        FileNotFoundError: a file of `voices`, or the folder, is not there.
        ValueError: a file of `voices` is damaged, does not fit the models, or has the name of
            another voice. Files of folders are left out instead.
    """
    taken = set(read_config(models.acoustic, "acoustic").voices)
    found: dict[str, LearnedVoice] = {}
    for name, path in _named(voices):
        voice = _learned(path, name, models)
        if voice.name in taken or voice.name in found:
            raise ValueError(
                f"cannot use {path}: there is another voice {voice.name!r}; give it another name"
            )
        found[voice.name] = voice
    given = {voice.path.resolve() for voice in found.values()}
    left_out = []
    for path, shipped in _in_folders(voice_dir):
        if path.resolve() in given:
            continue
        try:
            voice = _learned(path, None, models, trusted=shipped and models.shipped)
            if voice.name in taken | set(found):
                raise ValueError(f"cannot use {path}: there is another voice {voice.name!r}")
            found[voice.name] = voice
        except UnfitVoiceError as error:
            if not shipped:  # those are for the shipped models alone
                left_out.append(LeftOutVoice(path, str(error)))
        except (OSError, ValueError) as error:
            reason = explain_os_error(error) if isinstance(error, OSError) else str(error)
            left_out.append(LeftOutVoice(path, reason))
    return LearnedVoices(found.values(), left_out)


def file_origin(path: Path) -> dict[str, str | int]:
    """The path of a voice file, its size and the hash of its weights."""
    return {"file": str(path), "bytes": path.stat().st_size, "hash": weights_hash(path)}


def user_voice_dir() -> Path:
    """The folder of the user's data whose voices are offered; it need not exist."""
    from platformdirs import user_data_path

    return user_data_path(DISTRIBUTION, appauthor=False) / "voices"


def _named(voices: VoicePaths) -> Iterator[tuple[str | None, Path]]:
    """Paths and the names they are given under; without one, that of the card is used."""
    if isinstance(voices, str | os.PathLike):
        raise ValueError(f"voices must be a list of paths, got {short_repr(voices)}")
    named: Collection[tuple[str | None, Path | str]] = (
        voices.items() if isinstance(voices, Mapping) else [(None, path) for path in voices]
    )
    for name, path in named:
        if not isinstance(path, str | os.PathLike):
            raise ValueError(f"voices must be a list of paths, got {short_repr(path)}")
        yield name, Path(path)


def _in_folders(voice_dir: Path | str | None) -> Iterator[tuple[Path, bool]]:
    """Voice files beside the shipped models, then those of a folder; and which are shipped."""
    for path in sorted(shipped_checkpoint("acoustic").parent.glob(f"*{SUFFIX}")):
        yield path, True
    if voice_dir is not None and not isinstance(voice_dir, str | os.PathLike):
        raise ValueError(f"voice_dir must be a path, got {short_repr(voice_dir)}")
    folder = user_voice_dir() if voice_dir is None else Path(voice_dir)
    if voice_dir is None and not os.access(folder, os.R_OK | os.X_OK):
        return  # it need not be there, and must not stop speech
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{'not a folder' if folder.exists() else 'no such folder'}: {folder}"
        )
    with naming_read_errors(folder):
        paths = sorted(path for path in folder.iterdir() if path.suffix == SUFFIX)
    for path in paths:
        yield path, False


def _learned(
    path: Path, name: str | None, models: ModelFiles, *, trusted: bool = False
) -> LearnedVoice:
    """A voice by its metadata; one that is trusted to fit is compared when it is first used."""
    card = read_card(path)
    if not trusted:
        models.check(path, card)
    return LearnedVoice(card.name if name is None else name, path, card, models)
