"""Which phones recordings have, and sentences to record for those that are rare."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tts.text.frontend import prepare_utterances
from tts.text.pronounce.conventions import ESPEAK

RARE = 8  # occurrences; fewer do not show how a voice says a phone. Chosen by hand
MAX_SENTENCES = 12

# Phonetically rich sentences, written for this project. Together they have every phone below at
# least 5 times (a test counts them).
SENTENCES = (
    "The boy enjoyed the noise of coins in his pocket.",
    "A treasure of unusual beige leather lay in the garage.",
    "She usually measures her pleasure by leisure, not by vision.",
    "Thirty-three thin thieves thought through the thick of the month.",
    "They breathe this southern weather, though father would rather bathe.",
    "Joy chose a huge orange jar of fudge for the judge.",
    "Which watch did the charming teacher choose each March?",
    "Young Hugh used a few yellow onions in the beef stew.",
    "The long song he sang brought spring to the evening.",
    "Our loud crowd found an hour to shout about the house.",
    "Good cooks would put sugar in a full wooden bowl and look.",
    "Avoid the oily soil, Roy, and point the toy at the oyster.",
    "Vivid waves of velvet moved over the very heavy valley.",
    "Zebras and bees buzz lazily as the breeze rises.",
    "The early bird heard the nurse work hard on her first word.",
    "Fresh fish and chips should be on every British ship.",
    "Pat put a better butter bottle beside the little kettle.",
    "A cottage garden got a gigantic gate of green and gray.",
    "No one knows why the old road goes so far below the snow.",
    "I like bright lights in the night sky, but my eyes are tired.",
    "Eight great planes may take the mail away on a rainy day.",
    "The tall author saw a small dog walk across the lawn.",
    "Father's calm palm is on the far park, and the car is ours.",
    "Bring your young uncle something sunny to munch for lunch.",
    "We see three green trees between the beach and the sea.",
    "Two blue moons grew in June; who knew the truth too soon?",
    "Men said ten red hens fed themselves best in the west.",
    "That black cat sat and ran back after a fat rat.",
    "It is in this big city that the children still live.",
    "Who wants more? Four horses, or your northern store?",
    "Did the decision cause confusion, or an illusion of division?",
    "There where the bears share pears, beware of the stairs.",
)

# Phones of American English in our symbols (`tts.text.pronounce`), as the page shows them with a
# word that has each.
PHONES: Mapping[str, str] = {
    "p": "pen", "b": "boy", "t": "ten", "d": "day", "k": "cat", "ɡ": "go",
    "ʧ": "cheese", "ʤ": "joy", "f": "fish", "v": "very", "θ": "thin", "ð": "this",
    "s": "see", "z": "zoo", "ʃ": "she", "ʒ": "measure", "h": "house", "m": "man",
    "n": "no", "ŋ": "sing", "l": "light", "ɹ": "red", "w": "we", "j": "yes",
    "i": "see", "ɪ": "sit", "ɛ": "bed", "æ": "cat", "ɑ": "father", "ɔ": "law",
    "ʊ": "good", "u": "food", "ʌ": "cup", "ə": "about", "ɜ": "bird",
    "A": "day", "I": "my", "O": "go", "W": "house", "Y": "boy",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How often recordings have each phone.

    Args:
        counts: of each of `PHONES`.
        missing: phones that occur nowhere.
        rare: phones that occur fewer than `RARE` times.
        sentences: sentences to record, those that help most first.
    """

    counts: Mapping[str, int]
    missing: tuple[str, ...]
    rare: tuple[str, ...]
    sentences: tuple[str, ...]


def phone_coverage(transcriptions: Iterable[str], convention: str = ESPEAK) -> Coverage:
    """Count phones, and choose sentences so that none is rare.

    Args:
        transcriptions: phonemes of the clips.
        convention: phoneme convention, for the sentences.
    """
    found = Counter(symbol for phones in transcriptions for symbol in phones)
    counts = {phone: found[phone] for phone in PHONES}
    return Coverage(
        counts=counts,
        missing=tuple(phone for phone, count in counts.items() if not count),
        rare=tuple(phone for phone, count in counts.items() if 0 < count < RARE),
        sentences=_chosen(counts, convention) if min(counts.values()) < RARE else (),
    )


def _chosen(counts: Mapping[str, int], convention: str) -> tuple[str, ...]:
    """Sentences, one after the other the one that adds most phones that are still rare."""
    have, chosen = dict(counts), list[str]()
    left = {sentence: phones_of(sentence, convention) for sentence in SENTENCES}

    def gain(sentence: str) -> int:
        return sum(min(n, RARE - have[p]) for p, n in left[sentence].items() if have[p] < RARE)

    while left and len(chosen) < MAX_SENTENCES:
        best = max(left, key=gain)
        if not gain(best):
            break
        for phone, count in left.pop(best).items():
            have[phone] += count
        chosen.append(best)
    return tuple(chosen)


def phones_of(text: str, convention: str = ESPEAK) -> Counter[str]:
    """How often a text has each of `PHONES`."""
    utterances = prepare_utterances(text, convention=convention)
    return Counter(s for each in utterances for s in each.phonemes if s in PHONES)


def described(phones: Sequence[str]) -> str:
    """Phones with their words: `ʒ (measure), Y (boy)`."""
    return ", ".join(f"{phone} ({PHONES[phone]})" for phone in phones)
