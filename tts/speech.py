"""`Speech`: samples with the times of their phones and words."""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import TypeVar

import numpy as np
from jaxtyping import Float

from tts.audio import pcm16, wav_header, write_audio
from tts.best_of.choice import Choice
from tts.delivery import Delivery as Delivery
from tts.deprecation import renamed_fields, renamed_members
from tts.error_messages import short_repr
from tts.synthetic_tag import synthetic_comment
from tts.text.normalise.spans import Span

MAX_PLAYER_SECONDS = 600.0  # in a notebook: 38 MB of text at 24 kHz


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone or a pause and when it is heard.

    Args:
        symbol: its phoneme symbol; a space or a punctuation mark for a pause.
        start: start in seconds from the start of the whole speech.
        end: end in seconds, the start of the next phone.

    Example:
        >>> phone = speech.phones[0]
        >>> phone.symbol, phone.start < phone.end
        ('h', True)
    """

    symbol: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A spoken word and when it is heard.

    A number or an abbreviation may be several words, which then have the same span.

    Args:
        text: the word as it is spoken, such as `twenty`.
        span: start and stop of the characters in the original text that it stands for.
        start: start in seconds from the start of the whole speech.
        end: end in seconds.

    Example:
        >>> word = speech.words[0]
        >>> word.text, word.span, word.start < word.end
        ('Hello', (0, 5), True)
    """

    text: str
    span: Span
    start: float
    end: float


Timed = TypeVar("Timed", Phone, TimedWord)


@renamed_members(later="shifted")
@renamed_fields(line="utterance")
@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Speech:
    """The sound of a text, or a piece of it from a stream. A notebook shows it as a player.

    Args:
        audio: samples, float32 of shape (samples,), from -1 to 1, one channel.
        sample_rate: samples per second, in Hz.
        phones: phones and pauses in order, with their times.
        words: words in order, with their times and their place in the text.
        delivery: what it was made with.
        utterance: number of the utterance (from 0) that a piece of a stream belongs to.
        voices: the voices and blends that speak in it, in order; none in silence. They differ from
            the delivery's where the text names others.
        choices: of `Delivery.best_of`, one for each utterance of which several candidates were
            made; in a stream, with the first piece of the utterance.

    Example:
        >>> speech = synthesizer.speak("Hello there.")
        >>> speech.save("hello.wav")
        >>> f"{speech.seconds:.1f} s, seed {speech.seed}, {len(speech.words)} words"
        '0.8 s, seed 0, 2 words'
    """

    audio: Float[np.ndarray, " samples"]
    sample_rate: int
    phones: tuple[Phone, ...]
    words: tuple[TimedWord, ...] = ()
    delivery: Delivery
    utterance: int = 0
    voices: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()

    @property
    def seconds(self) -> float:
        """Length of the sound in seconds."""
        return len(self.audio) / self.sample_rate

    @property
    def seed(self) -> int:
        """The seed it was made with."""
        return self.delivery.seed

    @property
    def steps(self) -> int:
        """The number of steps it was made in."""
        return self.delivery.steps

    def __repr__(self) -> str:
        words = " ".join(word.text for word in self.words)
        return (
            f"<Speech of {self.seconds:.2f} s at {self.sample_rate} Hz, "
            f"voice {short_repr(self.delivery.voice)}: {short_repr(words)}>"
        )

    def _repr_html_(self) -> str:
        """A player for notebooks; what is longer than ten minutes is only described."""
        if self.seconds > MAX_PLAYER_SECONDS:
            return f"<p>{escape(repr(self))}; save it to play it</p>"
        comment = synthetic_comment(*self.voices or (self.delivery.voice,))
        header = wav_header(self.sample_rate, 2 * len(self.audio), comment)
        data = header + pcm16(self.audio).tobytes()
        source = f"data:audio/wav;base64,{b64encode(data).decode()}"
        return f'<audio controls title="{escape(repr(self))}" src="{source}"></audio>'

    def save(self, path: Path | str) -> None:
        """Write the sound to a file: 16 bits, one channel, whole or not at all.

        The file has a comment that says that it is synthetic speech, and by which voice.

        Args:
            path: a file name that ends in `.wav`, `.flac`, `.ogg`, `.opus` or `.mp3`; the ending
                chooses the format. A file of that name is replaced.

        Raises:
            ValueError: the ending is none of these.
            OSError: the file cannot be written; the message says why.
        """
        voices = self.voices or (self.delivery.voice,)
        write_audio(path, self.audio, self.sample_rate, *voices)

    def shifted(self, seconds: float) -> "Speech":
        """The same speech with times that are later by so many seconds."""
        phones, words = _later(self.phones, seconds), _later(self.words, seconds)
        return replace(self, phones=phones, words=words)

    @classmethod
    def join(cls, pieces: Iterable["Speech"]) -> "Speech":
        """One speech from the pieces of a stream, in order.

        Args:
            pieces: at least one. Delivery and utterance are those of the first.

        Returns:
            A speech with all samples, phones, words, voices and choices.

        Raises:
            ValueError: there is no piece.

        Example:
            >>> whole = Speech.join(synthesizer.stream("Hello there."))
            >>> len(whole.audio) == len(synthesizer.speak("Hello there.").audio)
            True
        """
        pieces = list(pieces)
        if not pieces:
            raise ValueError("pieces must have at least one Speech")
        return cls(
            audio=np.concatenate([piece.audio for piece in pieces]),
            sample_rate=pieces[0].sample_rate,
            phones=tuple(phone for piece in pieces for phone in piece.phones),
            words=tuple(word for piece in pieces for word in piece.words),
            delivery=pieces[0].delivery,
            utterance=pieces[0].utterance,
            voices=tuple(dict.fromkeys(voice for piece in pieces for voice in piece.voices)),
            choices=tuple(choice for piece in pieces for choice in piece.choices),
        )


def _later(timed: tuple[Timed, ...], seconds: float) -> tuple[Timed, ...]:
    return tuple(replace(one, start=one.start + seconds, end=one.end + seconds) for one in timed)
