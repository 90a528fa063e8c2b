"""A script: any text as lines to be spoken, each with its phonemes, its tones and its silence.

A text is plain, or has tags (`tts.text.markup.tags`), or is a document in SSML
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
MAX_UTTERANCE_PHONEMES = (
    1500  # phonemes of a line: what attends to all of them takes their square in memory
)


@dataclass(frozen=True, slots=True)
class Utterance:
    """What is said at once: its phonemes, the tone of each, its words, and seconds of silence
    after it, `exact` if they were asked for. A line without phonemes is a silence."""

    spoken: SpannedText
    phonemes: str
    pause: float
    prosody: tuple[Prosody, ...] = ()
    words: tuple[Word, ...] = ()
    exact: bool = False


def prepare_utterances(
    text: str,
    reading: TextOptions = DEFAULT_TEXT_OPTIONS,
    lexicon: Lexicon | None = None,
    convention: str = MISAKI,
) -> Iterator[Utterance]:
    """The lines of a text, each made when it is asked for, in the phonemes of a convention.

    Wrong markup is refused before that.
    """
    page = "" if is_ssml(text) else unify_line_ends(text)
    said = partial(phonemise_words, lexicon=lexicon, convention=convention)
    return _lines(split_sections(text, reading), page, said)


def _lines(parts: Iterable[Section], page: str, said: Transcribe) -> Iterator[Utterance]:
    """Each sentence, with the silence that was asked for after it, or else the usual one."""
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
            f"expected at most {MAX_UTTERANCE_PHONEMES} phonemes in a sentence, "
            f"not {len(phonemes)}; cut it in two"
        )
    return Utterance(part, phonemes, pause, _tones(phonemes, words, section.prosody), words, exact)


def _tones(
    said: str, words: Sequence[Word], tones: Sequence[tuple[int, Prosody]]
) -> tuple[Prosody, ...]:
    """For each symbol the tone of the word that it is of, or that it follows."""
    stops = [*(word.start for word in words[1:]), len(said)]
    made: list[Prosody] = []
    for word, stop in zip(words, stops, strict=False):
        place = bisect_right(tones, word.span[0], key=itemgetter(0)) - 1
        made += [tones[place][1]] * (stop - len(made))
    return tuple(made) or (NEUTRAL,) * len(said)
