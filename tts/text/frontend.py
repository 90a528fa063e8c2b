"""A script: any text as lines to be spoken, each with its phonemes, its tones and its silence.

A text is plain, or has tags (`tts.text.markup.tags`), or is a document in SSML
(`tts.text.markup.ssml`).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter

from tts.text.markup import ssml
from tts.text.markup.tags import PLAIN, Pause, Tone
from tts.text.normalise.normalise import AMERICAN
from tts.text.normalise.spans import Spoken
from tts.text.options import Reading
from tts.text.pronounce.conventions import MISAKI
from tts.text.pronounce.lexicon import Lexicon
from tts.text.pronounce.phonemes import Word, transcribe
from tts.text.sections import Section, sections
from tts.text.sentences import page_of, pause_between, sayable

Transcribe = partial[tuple[str, tuple[Word, ...]]]  # for one lexicon and one convention
MOST = 1500  # phonemes of a line: what attends to all of them takes their square in memory


@dataclass(frozen=True, slots=True)
class Line:
    """What is said at once: its phonemes, the tone of each, its words, and seconds of silence
    after it, `exact` if they were asked for. A line without phonemes is a silence."""

    spoken: Spoken
    phonemes: str
    pause: float
    tones: tuple[Tone, ...] = ()
    words: tuple[Word, ...] = ()
    exact: bool = False


def script(
    text: str,
    reading: Reading = AMERICAN,
    lexicon: Lexicon | None = None,
    convention: str = MISAKI,
) -> Iterator[Line]:
    """The lines of a text, each made when it is asked for, in the phonemes of a convention.

    Wrong markup is refused before that.
    """
    page = "" if ssml.SPEAK.match(text) else page_of(text)
    said = partial(transcribe, lexicon=lexicon, convention=convention)
    return _lines(sections(text, reading), page, said)


def _lines(parts: Iterable[Section], page: str, said: Transcribe) -> Iterator[Line]:
    """Each sentence, with the silence that was asked for after it, or else the usual one."""
    last: tuple[Section, Spoken] | None = None
    asked: list[Pause] = []
    for section in parts:
        for part in sayable(section.spoken, page):
            exact = [pause.seconds for pause in asked if pause.exact]
            if last:
                usual = pause_between(last[1], part, page)
                least = max([usual, *(pause.seconds for pause in asked)])
                pause = sum(exact) if exact else least
                yield _line(*last, said, pause, exact=bool(exact))
            elif exact:
                yield Line(part[:0], "", sum(exact), exact=True)
            last, asked = (section, part), []
        asked += [section.pause] if section.pause else []
    if last:
        pause = sum(pause.seconds for pause in asked if pause.exact)
        yield _line(*last, said, pause, exact=True)


def _line(section: Section, part: Spoken, said: Transcribe, pause: float, *, exact: bool) -> Line:
    phonemes, words = said(part, given=section.given)
    if len(phonemes) > MOST:
        raise ValueError(
            f"expected at most {MOST} phonemes in a sentence, not {len(phonemes)}; cut it in two"
        )
    return Line(part, phonemes, pause, _tones(phonemes, words, section.tones), words, exact)


def _tones(said: str, words: Sequence[Word], tones: Sequence[tuple[int, Tone]]) -> tuple[Tone, ...]:
    """For each symbol the tone of the word that it is of, or that it follows."""
    stops = [*(word.start for word in words[1:]), len(said)]
    made: list[Tone] = []
    for word, stop in zip(words, stops, strict=False):
        place = bisect_right(tones, word.span[0], key=itemgetter(0)) - 1
        made += [tones[place][1]] * (stop - len(made))
    return tuple(made) or (PLAIN,) * len(said)
