"""The phoneme inventory, and its encoding as integers.

The symbols are those of misaki: IPA, with one character for each diphthong, affricate and flap. A
checkpoint stores the inventory of its model, whose order decides the tokens.
"""

from dataclasses import dataclass

PUNCTUATION = ".,;:?!"
STRESS = "ˈˌ"
VOICELESS = "pftkhsʃʧθ"
VOICED = "AIOTWYbdijlmnuvwzæðŋɑɔəɛɜɡɪɹʊʌʒʤᵊᵻ"
PHONES = "".join(sorted(VOICELESS + VOICED))
INVENTORY = " " + PUNCTUATION + STRESS + PHONES
# Optional symbols for the silence at the start and the end of an utterance.
START, END = "^", "$"


@dataclass(frozen=True, kw_only=True, slots=True)
class PhonemeTokenizer:
    """A mapping of phonemes to tokens: the symbols of an inventory are 1, 2, 3 and so on.

    Token 0 is padding.

    Args:
        inventory: the symbols in order, each once.

    Raises:
        ValueError: the inventory is empty, or repeats a symbol.

    Example:
        >>> PhonemeTokenizer(inventory="abc").encode("cab")
        [3, 1, 2]
    """

    inventory: str

    def __post_init__(self) -> None:
        repeated = sorted({one for one in self.inventory if self.inventory.count(one) > 1})
        if repeated or not self.inventory:
            raise ValueError(
                f"an inventory must have each symbol once, got {self.inventory!r}; "
                "add a symbol, or remove repeated ones"
            )

    def encode(self, phonemes: str) -> list[int]:
        """The tokens of phonemes, one for each symbol.

        Raises:
            ValueError: a symbol is not in the inventory.
        """
        unknown = sorted(set(phonemes) - set(self.inventory))
        if unknown:
            raise ValueError(
                f"phonemes must be among {self.inventory!r}, got {''.join(unknown)!r}; "
                "make them with tts.text.pronounce.phonemes"
            )
        return [self.inventory.index(symbol) + 1 for symbol in phonemes]
