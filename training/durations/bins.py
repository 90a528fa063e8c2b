"""Bins of durations: of single frames at first, then spaced by their logarithm."""

from dataclasses import dataclass
from functools import cached_property

import torch
from jaxtyping import Float, Int
from torch import Tensor

from tts.validation import check_types

MAX_FRAMES = 1000  # of a symbol; far above any speech


@dataclass(frozen=True, kw_only=True)
class DurationBins:
    """Bins of durations in frames.

    Each bin is as wide as `ratio` says, and at least one frame. The last one has no upper end.

    Args:
        ratio: of the first frames of neighbouring bins, from 1.01 to 2. With 1.1, durations up to
            10 frames (0.11 s) have a bin each. Chosen by hand; not tuned.
        longest: the first frame of the last bin is at most this, from 2 to 1,000. Of the phones of
            `heart`, 1 in 1,000 is longer than 45 frames.

    Raises:
        ValueError: a value is of the wrong type or out of range.

    Example:
        >>> bins = DurationBins(ratio=1.5, longest=12)
        >>> bins.first
        (1, 2, 3, 5, 8, 12)
        >>> bins.index(torch.tensor([1, 4, 30])).tolist()
        [0, 2, 5]
    """

    ratio: float = 1.1
    longest: int = 60

    def __post_init__(self) -> None:
        check_types(self)
        if not 1.01 <= self.ratio <= 2:
            raise ValueError(f"ratio must be from 1.01 to 2, got {self.ratio}")
        if not 2 <= self.longest <= MAX_FRAMES:
            raise ValueError(f"longest must be from 2 to {MAX_FRAMES}, got {self.longest}")

    def __len__(self) -> int:
        return len(self.first)

    @cached_property
    def first(self) -> tuple[int, ...]:
        """The shortest duration of each bin, in frames."""
        found = [1]
        while (following := max(found[-1] + 1, int(found[-1] * self.ratio + 0.5))) <= self.longest:
            found.append(following)
        return tuple(found)

    @property
    def edges(self) -> Float[Tensor, " inner"]:
        """The inner edges, as natural logarithms of frames, half a frame below each first one."""
        return (torch.tensor(self.first[1:], dtype=torch.float64) - 0.5).log()

    @property
    def centers(self) -> Float[Tensor, " bins"]:
        """The natural logarithm of the geometric mean of each bin's shortest and longest duration.

        The last bin counts as wide as `ratio` says.
        """
        first = torch.tensor(self.first, dtype=torch.float64)
        end = max(self.first[-1] + 1, int(self.first[-1] * self.ratio + 0.5))
        last = torch.cat([first[1:], first.new_tensor([end])]) - 1
        return (first.log() + last.log()) / 2

    def index(self, frames: Int[Tensor, "..."]) -> Int[Tensor, "..."]:
        """The bin of each duration in frames; 0 frames are in the first one."""
        first = torch.tensor(self.first, device=frames.device)
        return (torch.searchsorted(first, frames.contiguous(), right=True) - 1).clamp(min=0)

    def index_of_log(self, log_length: Float[Tensor, "..."]) -> Int[Tensor, "..."]:
        """The bin of each log length, which need not be of whole frames."""
        return torch.searchsorted(self.edges.to(log_length), log_length.contiguous(), right=True)
