"""The files of an acoustic model and a vocoder, and which voices belong to them."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tts.checkpoint import read_config, shipped_checkpoint
from tts.config import ModelConfig, VocoderConfig
from tts.model_family import model_family, weights_hash
from tts.vocoder.pretrained import is_pretrained
from tts.voice_files import VoiceCard, changes_vocoder

SHOWN_DIGITS = 12  # of a hash in a message


class UnfitVoiceError(ValueError):
    """A voice that belongs to other models."""


@dataclass(frozen=True)
class ModelFiles:
    """The files of two models, and what learned voices are compared with.

    Args:
        acoustic: path of the acoustic model.
        vocoder: path of the vocoder, or of a public one, or its name on Hugging Face.
    """

    acoustic: Path
    vocoder: Path | str

    @cached_property
    def family(self) -> str:
        return model_family(self.acoustic)

    @cached_property
    def vocoder_hash(self) -> str:
        """SHA-256 of the vocoder's weights; a public vocoder has none that is compared."""
        return "" if is_pretrained(self.vocoder) else weights_hash(Path(self.vocoder))

    @property
    def configs(self) -> dict[str, ModelConfig | VocoderConfig]:
        """By the names of `PARTS`; a public vocoder, which no voice changes, has none here."""
        configs = {"acoustic": read_config(self.acoustic, "acoustic")}
        if not is_pretrained(self.vocoder):
            configs["vocoder"] = read_config(Path(self.vocoder), "vocoder")
        return configs

    @property
    def shipped(self) -> bool:
        return (self.acoustic, Path(self.vocoder)) == (
            shipped_checkpoint("acoustic"),
            shipped_checkpoint("vocoder"),
        )

    def check(self, path: Path, card: VoiceCard) -> None:
        """Check that a voice belongs to these models.

        Raises:
            UnfitVoiceError: it is of another family, or changes the weights of another vocoder.
        """
        if card.family != self.family:
            raise UnfitVoiceError(
                f"cannot use {path}: it belongs to the family {card.family!r}, and the acoustic "
                f"model to {self.family!r}; use the acoustic model it was learned with"
            )
        if changes_vocoder(path) and card.vocoder_hash != self.vocoder_hash:
            hashes = card.vocoder_hash[:SHOWN_DIGITS], self.vocoder_hash[:SHOWN_DIGITS]
            raise UnfitVoiceError(
                f"cannot use {path}: it changes the vocoder {hashes[0]!r}, got "
                f"{hashes[1] or 'a public one'!r}; use the vocoder it was learned with"
            )
