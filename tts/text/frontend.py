"""The front end: a text becomes utterances with phonemes, prosody, words and pauses.

The text is plain, or has tags (`tts.text.markup.tags`), or is an SSML document
(`tts.text.markup.ssml`).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter

from tts.text.markup.ssml import is_ssml
from tts.text.markup.tags import NEUTRAL, Pause, Prosody
from tts.text.normalise.normalise import DEFAULT_TEXT_OPTIONS
from tts.text.normalise.spans import SpannedText
from tts.text.options import TextOptions
from tts.text.pronounce.conventions import MISAKI
from tts.text.pronounce.lexicon import Lexicon
from tts.text.pronounce.phonemes import Word, phonemise_words
from tts.text.sections import Section, split_sections
from tts.text.sentences import pause_between, split_speakable, unify_line_ends

Transcribe = partial[tuple[str, tuple[Word, ...]]]  # for one lexicon and one convention
# Attention over an utterance takes memory that grows with the square of its phonemes. The limit was
# chosen by hand.
MAX_UTTERANCE_PHONEMES = 1500


@dataclass(frozen=True, slots=True)
class Utterance:
    """A sentence, or a part of a long one, that is synthesised at once.

    Args:
        spoken: its normalised text.
        phonemes: its phonemes; empty for silence alone.
        pause: silence after it, in seconds.
        prosody: the prosody of each phoneme.
        words: its words, with their slices of the phonemes.
        exact: whether the pause was given by markup, and is kept exactly.
        voice: the voice that the markup names; empty for that of the delivery.
    """

    spoken: SpannedText
    phonemes: str
    pause: float
    prosody: tuple[Prosody, ...] = ()
    words: tuple[Word, ...] = ()
    exact: bool = False
    voice: str = ""


def prepare_utterances(
    text: str,
    reading: TextOptions = DEFAULT_TEXT_OPTIONS,
    lexicon: Lexicon | None = None,
    convention: str = MISAKI,
) -> Iterator[Utterance]:
    """Prepare a text for synthesis.

    Args:
        text: plain text, text with tags, or an SSML document.
        reading: the language, the order of dates, and how to read links and emoji.
        lexicon: the user's pronunciations, which come before the dictionary.
        convention: the phoneme convention of the voice, one of `tts.text.pronounce.conventions`.

    Returns:
        An iterator over the utterances in order, each prepared when it is requested.

    Raises:
        ValueError: the markup is wrong (raised at once), or a sentence has more than 1500 phonemes
            (raised by the iterator).

    Example:
        >>> [one.phonemes for one in prepare_utterances("Hello. It is 5 pm.")]
        ['həlˈO.', 'ˌɪt ɪz fˈIv pˌiˈɛm.']
    """
    page = "" if is_ssml(text) else unify_line_ends(text)
    said = partial(phonemise_words, lexicon=lexicon, convention=convention)
    return _lines(split_sections(text, reading), page, said)


def _lines(parts: Iterable[Section], page: str, said: Transcribe) -> Iterator[Utterance]:
    """The utterances of sections, with the pauses of the markup, or else the usual ones."""
    last: tuple[Section, SpannedText] | None = None
    asked: list[Pause] = []
    for section in parts:
        for part in split_speakable(section.spoken, page):
            exact = [pause.seconds for pause in asked if pause.exact]
            if last:
                usual = pause_between(last[1], part, page)
                least = max([usual, *(pause.seconds for pause in asked)])
                pause = sum(exact) if exact else least
                yield _line(*last, said, pause, exact=bool(exact))
            elif exact:
                yield Utterance(part[:0], "", sum(exact), exact=True)
            last, asked = (section, part), []
        asked += [section.pause] if section.pause else []
    if last:
        pause = sum(pause.seconds for pause in asked if pause.exact)
        yield _line(*last, said, pause, exact=True)


def _line(
    section: Section, part: SpannedText, said: Transcribe, pause: float, *, exact: bool
) -> Utterance:
    phonemes, words = said(part, phone_overrides=section.phone_overrides)
    if len(phonemes) > MAX_UTTERANCE_PHONEMES:
        raise ValueError(
            f"a sentence must have at most {MAX_UTTERANCE_PHONEMES} phonemes, "
            f"got {len(phonemes)}; split it"
        )
    tones = _tones(phonemes, words, section.prosody)
    return Utterance(part, phonemes, pause, tones, words, exact, section.voice)


def _tones(
    said: str, words: Sequence[Word], tones: Sequence[tuple[int, Prosody]]
) -> tuple[Prosody, ...]:
    """The prosody of each phoneme: that of its word, or of the word before it."""
    stops = [*(word.start for word in words[1:]), len(said)]
    made: list[Prosody] = []
    for word, stop in zip(words, stops, strict=False):
        place = bisect_right(tones, word.span[0], key=itemgetter(0)) - 1
        made += [tones[place][1]] * (stop - len(made))
    return tuple(made) or (NEUTRAL,) * len(said)
