"""RecordingDataset: batches for the vocoder, crops of recordings with their mels."""

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float16, Int
from torch import Generator, Tensor
from torchaudio.functional import resample

from tts.config import MelConfig
from tts.vocoder.mel import log_mel

from .prepare import log_pitch
from .recordings import Recording

QUIETEST, LOUDEST = -12.0, 3.0  # dB, the range of random gains; chosen by hand
# Resampling ratios, before to after; the first is none. High voices were copied worst, so most are
# faster, up to 1.6 times (docs/log, 2026-11-27). The ratios themselves are chosen by hand.
SPEEDS = ((1, 1), (8, 5), (4, 3), (6, 5), (10, 9), (8, 9))
# frames around a crop whose F0 is estimated; 0.01 % of frames then differ in voicing from the whole
PITCH_CONTEXT = 16
BLOCK = 512  # clips that are read and joined at once
FASTEST = max(before / after for before, after in SPEEDS)


@dataclass(frozen=True, kw_only=True)
class RecordingBatch:
    """Crops of recordings for the vocoder.

    Args:
        ids: ids of the clips.
        audio: target waveforms at the rate of the mel configuration, with random gains.
        mel: log-mels, the vocoder's input.
        log2_f0: base-2 logarithm of F0 in Hz, by pyworld; NaN where unvoiced.
    """

    ids: Sequence[str]
    audio: Float[Tensor, "batch samples"]
    mel: Float[Tensor, "batch frames mels"]
    log2_f0: Float[Tensor, "batch frames"]


class RecordingDataset:
    """Recordings in memory, from which random crops at random gains are drawn.

    They are kept in half precision: 173 MB an hour at 24 kHz.

    Args:
        clips: the recordings, at least one.
        config: mel configuration.
        f0: F0 by the ids of clips, as `tts.training.data.f0` reads it; pyworld estimates that of
            other clips, crop by crop.

    Raises:
        ValueError: there are no clips, or one cannot be read.
    """

    def __init__(
        self,
        clips: Sequence[Recording],
        config: MelConfig,
        f0: Mapping[str, Float[np.ndarray, " frames"]] | None = None,
    ) -> None:
        if not clips:
            raise ValueError("no recordings; check the manifests")
        self.config, self.clips = config, clips
        audio, sizes = _read(clips, config)
        self.lengths = sizes // config.hop
        self.begins = sizes.cumsum(0) - sizes
        self.audio = audio
        self.one_step_mels: dict[int, Tensor] = {}
        self.f0 = f0 or {}

    def to(self, device: torch.device) -> "RecordingDataset":
        """Move the recordings to a device."""
        for name, value in vars(self).items():
            if isinstance(value, Tensor):
                setattr(self, name, value.to(device))
        return self

    def set_one_step_mels(self, mels: Mapping[str, Float[Tensor, "frames mels"]]) -> None:
        """Set one-step mels of some clips, aligned with them frame by frame.

        Args:
            mels: log-mels by the ids of clips.

        Raises:
            ValueError: none is of one of these clips, or one has another number of frames.
        """
        for index, clip in enumerate(self.clips):
            if clip.id in mels:
                if len(mels[clip.id]) != self.lengths[index]:
                    raise ValueError(f"clip {clip.id} and its features differ; prepare them again")
                self.one_step_mels[index] = mels[clip.id]
        if not self.one_step_mels:
            raise ValueError("no recording has features of its own id; prepare its set again")

    def batch(
        self,
        size: int,
        frames: int,
        generator: Generator,
        *,
        one_step_share: float = 0.0,
        perturbed: float = 0.0,
    ) -> RecordingBatch:
        """Draw random crops; they may overhang a clip by half their length, where they are silent.

        Args:
            size: number of crops.
            frames: length of each in frames.
            generator: source of randomness, on the device of the recordings.
            one_step_share: share of crops whose mels are one-step mels, 0 to 1.
            perturbed: share of the other crops whose speed and pitch are changed, 0 to 1.
        """
        device = self.audio.device
        given = torch.rand(size, generator=generator, device=device) < one_step_share
        picked = self._draw(size, generator)
        if one_step_share:
            picked = torch.where(
                given, self._draw(size, generator, list(self.one_step_mels)), picked
            )
        places = torch.rand(size, generator=generator, device=device) * self.lengths[picked]
        starts = (places - frames / 2).round().long()
        other = torch.rand(size, generator=generator, device=device) < perturbed
        near = self.config.n_fft // (2 * self.config.hop)
        audio = self._crop(picked, starts - near, math.ceil(FASTEST * (frames + 2 * near)))
        speeds = torch.randint(1, len(SPEEDS), (size,), generator=generator, device=device)
        speeds = torch.where(other & ~given, speeds, 0)
        audio = _perturb(audio, speeds)[:, : (frames + 2 * near) * self.config.hop]
        audio = audio * torch.where(given, 1.0, self._gains(size, generator))[:, None]
        mel = log_mel(audio, self.config)[:, near : near + frames]
        rows = zip(given.tolist(), picked.tolist(), starts.tolist(), strict=True)
        for row, (one_step, clip, start) in enumerate(rows):
            if one_step:
                self._give(mel[row], clip, start)
        inner = slice(near * self.config.hop, (near + frames) * self.config.hop)
        octave = self._octaves(picked, starts, speeds, frames)
        ids = [self.clips[i].id for i in picked.tolist()]
        return RecordingBatch(ids=ids, audio=audio[:, inner], mel=mel, log2_f0=octave)

    def at(
        self, picked: Int[Tensor, " batch"], starts: Int[Tensor, " batch"], frames: int
    ) -> tuple[Float[Tensor, "batch samples"], Float[Tensor, "batch frames"]]:
        """Audio and F0 (as in `RecordingBatch`) of clips, each from its start frame on."""
        audio = self._crop(picked, starts, frames)
        return audio, self._octaves(picked, starts, torch.zeros_like(picked), frames)

    def _draw(
        self, size: int, generator: Generator, among: Sequence[int] | None = None
    ) -> Int[Tensor, " batch"]:
        """Draw clips in proportion to their length, from all or from some."""
        weights = self.lengths.float()
        if among is not None:
            places = torch.tensor(among, device=weights.device)
            weights = torch.zeros_like(weights).index_copy(0, places, weights[places])
        return torch.multinomial(weights, size, replacement=True, generator=generator)

    def _gains(self, size: int, generator: Generator) -> Float[Tensor, " batch"]:
        """Random gain factors between `QUIETEST` and `LOUDEST`."""
        decibels = torch.rand(size, generator=generator, device=generator.device)
        return 10 ** ((QUIETEST + (LOUDEST - QUIETEST) * decibels) / 20)

    def _crop(self, picked: Tensor, starts: Tensor, frames: int) -> Float[Tensor, "batch samples"]:
        """Samples of each clip from its start, in frames; zero beyond its ends."""
        hop = self.config.hop
        within = torch.arange(frames * hop, device=starts.device)
        samples = starts[:, None] * hop + within
        inside = (samples >= 0) & (samples < self.lengths[picked, None] * hop)
        places = (self.begins[picked, None] + samples).clamp(0, len(self.audio) - 1)
        return self.audio[places].float() * inside

    def _octaves(
        self, picked: Tensor, starts: Tensor, speeds: Tensor, frames: int
    ) -> Float[Tensor, "batch frames"]:
        """F0 of crops at their speeds."""
        near = self.config.n_fft // (2 * self.config.hop)
        crops = (x.tolist() for x in (picked, starts, speeds, self.lengths[picked]))
        rows = []
        for clip, start, speed, length in zip(*crops, strict=True):
            before, after = SPEEDS[speed]
            places = start - near + (near + torch.arange(frames)) * before / after
            first, last = int(places[0].floor()), int(places[-1].ceil())
            own, within = self._octave(clip, first, last + 1 - first), places - first
            between = torch.lerp(own[within.long()], own[within.ceil().long()], within % 1)
            inside = (places >= 0) & (places <= length - 1)
            rows.append(torch.where(inside, between + math.log2(before / after), torch.nan))
        return torch.stack(rows).to(self.audio.device)

    def _octave(self, clip: int, start: int, frames: int) -> Float[Tensor, " frames"]:
        """F0 of some frames of a clip; if unknown, estimated with `PITCH_CONTEXT` frames around."""
        if (known := self.f0.get(self.clips[clip].id)) is not None:
            places = np.arange(start, start + frames).clip(0, len(known) - 1)
            return torch.from_numpy(known[places])
        device, around = self.audio.device, frames + 2 * PITCH_CONTEXT
        begin = torch.tensor([start - PITCH_CONTEXT], device=device)
        audio = self._crop(torch.tensor([clip], device=device), begin, around)[0].cpu().numpy()
        pitch = log_pitch(audio, around, self.config)[PITCH_CONTEXT : PITCH_CONTEXT + frames]
        return torch.from_numpy(pitch / math.log(2)).float()

    def _give(self, mel: Float[Tensor, "frames mels"], clip: int, start: int) -> None:
        """Replace the mel of a crop by the clip's one-step mel."""
        made = self.one_step_mels[clip]
        first, last = max(start, 0), min(start + len(mel), len(made))
        mel[first - start : last - start] = made[first:last].to(mel)


def _read(
    clips: Sequence[Recording], config: MelConfig
) -> tuple[Float16[Tensor, " samples"], Int[Tensor, " clips"]]:
    """The samples of all clips, joined, and the number of samples of each.

    Blocks are so large that their memory is returned to the system once they are copied.
    """
    sizes: list[int] = []
    blocks: list[Float16[np.ndarray, " samples"]] = []
    with ThreadPoolExecutor(2) as pool:
        for first in range(0, len(clips), BLOCK):
            some = clips[first : first + BLOCK]
            parts = list(
                pool.map(lambda clip: clip.load_trimmed_audio(config).astype(np.float16), some)
            )
            sizes += map(len, parts)
            blocks.append(np.concatenate(parts))
    audio, end = np.empty(sum(sizes), np.float16), sum(sizes)
    while blocks:
        block = blocks.pop()
        audio[end - len(block) : end] = block
        end -= len(block)
    return torch.from_numpy(audio), torch.tensor(sizes)


def _perturb(
    audio: Float[Tensor, "batch samples"], speeds: Int[Tensor, " batch"]
) -> Float[Tensor, "batch samples"]:
    """Resample each crop by one of the `SPEEDS` (Ko et al., Interspeech 2015)."""
    played = torch.zeros_like(audio)
    for index in set(speeds.tolist()):
        rows = speeds == index
        sound = resample(audio[rows], *SPEEDS[index])[:, : audio.shape[1]]
        played[rows, : sound.shape[1]] = sound
    return played
