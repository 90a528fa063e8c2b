"""Phonemes as integers. The inventory travels in the checkpoint: its order is part of a model."""

from dataclasses import dataclass

PUNCTUATION = ".,;:?!"
STRESS = "ˈˌ"
VOICELESS = "pftkhsʃʧθ"
VOICED = "AIOTWYbdijlmnuvwzæðŋɑɔəɛɜɡɪɹʊʌʒʤᵊᵻ"
PHONES = "".join(sorted(VOICELESS + VOICED))
INVENTORY = " " + PUNCTUATION + STRESS + PHONES
# A model may put these around an utterance, for the silence at either end.
START, END = "^", "$"


@dataclass(frozen=True, kw_only=True, slots=True)
class PhonemeTokenizer:
    """A one-to-one map between the symbols of an inventory and 1, 2, 3...; 0 is padding."""

    inventory: str

    def __post_init__(self) -> None:
        repeated = sorted({one for one in self.inventory if self.inventory.count(one) > 1})
        if repeated or not self.inventory:
            raise ValueError(
                f"an inventory must name each of its symbols once, not {self.inventory!r}; "
                "add what is missing, take out what is repeated"
            )

    def encode(self, phonemes: str) -> list[int]:
        """One token a symbol: its place in the inventory, counted from 1."""
        unknown = sorted(set(phonemes) - set(self.inventory))
        if unknown:
            raise ValueError(
                f"phonemes must be among {self.inventory!r}, not {''.join(unknown)!r}; "
                "make them with tts.text.pronounce.phonemes"
            )
        return [self.inventory.index(symbol) + 1 for symbol in phonemes]
