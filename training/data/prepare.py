"""Compute features of a corpus: mels, and duration, F0 and level of each symbol."""

import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from multiprocessing import Pool
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from jaxtyping import Float, Int
from rich.progress import track

from tts.config import MelConfig
from tts.text.pronounce.symbols import END, START
from tts.vocoder.mel import log_mel

from .features import ClipFeatures, write_features
from .manifest import Clip, check_folder, check_recording, lead, read_audio, read_manifest, trimmed

FindPitch = Callable[[np.ndarray, int, MelConfig], np.ndarray]  # as `log_pitch`


def prepare_sets(corpus: Path, features: Path, names: Sequence[str], *, workers: int = 2) -> None:
    """Compute and write the features of sets; all manifests are read before any recording.

    Args:
        corpus: folder of the manifests.
        features: folder to write, with a folder for each set.
        names: names of the sets, those of the manifests without `.jsonl`.
        workers: processes.

    Raises:
        FileNotFoundError: the corpus, a manifest or a recording is missing.
        ValueError: there are no names, or a manifest or a recording is faulty.
    """
    if not names:
        raise ValueError("no sets; name at least one with --sets")
    check_folder(corpus)
    sets = {name: _aligned(corpus / f"{name}.jsonl") for name in names}
    for name, clips in sets.items():
        _write(clips, features / name, workers)


def prepare(manifests: Iterable[Path], folder: Path, *, workers: int = 2) -> None:
    """Write `mels.npy` (all frames, half precision) and `clips.jsonl`, a line for each clip."""
    _write([clip for manifest in manifests for clip in _aligned(manifest)], folder, workers)


def _aligned(manifest: Path) -> list[Clip]:
    clips = list(read_manifest(manifest))
    for clip in clips:
        check_recording(clip.id, clip.audio, manifest)
    return clips


def _write(clips: Sequence[Clip], folder: Path, workers: int) -> None:
    with Pool(workers) as pool:
        pairs = track(pool.imap(_extract, clips, 8), "features", total=len(clips))
        mels, features = zip(*pairs, strict=True)
    write_features(folder, features, np.concatenate(mels))


def _extract(clip: Clip) -> tuple[Float[np.ndarray, "frames mels"], ClipFeatures]:
    torch.set_num_threads(1)
    return extract(clip, MelConfig())


def extract(
    clip: Clip, config: MelConfig, find_pitch: FindPitch | None = None
) -> tuple[Float[np.ndarray, "frames mels"], ClipFeatures]:
    """The log-mel, in half precision, and the features of a trimmed clip.

    Args:
        clip: with its path.
        config: of the mel.
        find_pitch: F0 of audio; `log_pitch` by default, `predicted_log_pitch` needs no pyworld.

    Raises:
        ValueError: the recording cannot be read, or the clip does not end where its `ends` say.
    """
    whole = read_audio(clip.audio, config.sample_rate)
    if abs(len(whole) - clip.ends[-1]) > config.hop:
        raise ValueError(
            f"clip {clip.id} ends at {clip.ends[-1]} in its manifest, but {clip.audio} has "
            f"{len(whole)} samples; align it again, in samples of the recording"
        )
    audio = trimmed(whole, clip.ends, config.hop)
    start = lead(clip.ends, config.hop)
    frames = len(audio) // config.hop
    ends = np.minimum(np.round((np.array(clip.ends) - start) / config.hop), frames).astype(int)
    ends[-1] = frames
    durations = np.diff(ends, prepend=0)
    mel = log_mel(torch.from_numpy(audio)[None], config)[0].numpy().astype(np.float16)
    features = ClipFeatures(
        id=clip.id,
        voice=clip.voice,
        text=clip.text,
        convention=clip.convention,
        symbols=START + clip.phones + END,
        durations=tuple(durations.tolist()),
        pitch=_mean_by_symbol((find_pitch or log_pitch)(audio, frames, config), durations),
        level=_mean_by_symbol(_level(audio, frames, config), durations),
    )
    return mel, features


def log_pitch(
    audio: Float[np.ndarray, " samples"], frames: int, config: MelConfig
) -> Float[np.ndarray, " frames"]:
    """Natural logarithm of F0 in Hz for each frame, by pyworld, 60 to 500 Hz; NaN if unvoiced."""
    pyworld = _pyworld()
    samples, period = audio.astype(np.float64), 1000 * config.hop / config.sample_rate
    rough, times = pyworld.dio(
        samples, config.sample_rate, f0_floor=60.0, f0_ceil=500.0, frame_period=period
    )
    pitch = pyworld.stonemask(samples, rough, times, config.sample_rate)[:frames]
    return np.log(np.where(pitch > 0, pitch, np.nan))


@cache
def _pyworld() -> ModuleType:
    """The module pyworld; imported late, since training from features does without it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its import of pkg_resources is deprecated
        import pyworld
    return pyworld


def _level(
    audio: Float[np.ndarray, " samples"], frames: int, config: MelConfig
) -> Float[np.ndarray, " frames"]:
    """The level of each frame in dB of full scale."""
    power = np.square(audio[: frames * config.hop].reshape(frames, config.hop)).mean(axis=1)
    return 10 * np.log10(power + 1e-10)


def _mean_by_symbol(
    values: Float[np.ndarray, " frames"], durations: Int[np.ndarray, " text"]
) -> tuple[float, ...]:
    """The mean of each symbol over its finite frames, interpolated for symbols without any."""
    parts = np.split(values, np.cumsum(durations)[:-1])
    means = np.array([np.nanmean(p) if np.isfinite(p).any() else np.nan for p in parts])
    known = np.isfinite(means)
    if not known.any():
        return tuple(np.full(len(means), 5.0).tolist())
    places = np.arange(len(means))
    return tuple(np.interp(places, places[known], means[known]).round(4).tolist())
