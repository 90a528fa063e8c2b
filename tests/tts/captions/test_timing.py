import itertools
from dataclasses import astuple

import pytest

from tts.captions.timing import Alignment
from tts.delivery import Delivery
from tts.text.frontend import prepare_utterances

TEXT = "Dr. Lee paid $5, in the end. [pause:500ms] [pace:0.5]He[/pace] said [[wˈʌn]]; she left!"


@pytest.fixture
def clock():
    """Each symbol lasts as many frames as its place says, of a tenth of a second."""
    (line,) = prepare_utterances("Hello, there.")
    return Alignment(line, range(len(line.phonemes) + 2), 0.1)


def test_a_word_lasts_as_long_as_its_own_symbols(clock):
    assert clock.line.phonemes == "həlˈO, ðˈɛɹ."
    hello, there = clock.words(0, 1000)
    assert (hello.text, hello.span) == ("Hello", (0, 5))
    assert (hello.start, hello.end) == pytest.approx((0, 1.5))
    assert (there.start, there.end) == pytest.approx((2.8, 6.6))


def test_phones_last_as_long_as_they_do_and_ends_are_not_phones(clock):
    phones = clock.phones(0, 1000)
    assert "".join(phone.symbol for phone in phones) == clock.line.phonemes
    assert [phone.end - phone.start for phone in phones] == pytest.approx(
        [0.1 * place for place in range(1, len(phones) + 1)]
    )


@pytest.mark.parametrize("cut", [1, 14, 15, 16, 28, 29, 66, 78])
def test_each_is_in_the_stretch_it_begins_in(clock, cut):
    for timed in (clock.words, clock.phones):
        assert timed(0, cut) + timed(cut, 1000) == timed(0, 1000)
        assert all(one.start < 0.1 * cut - 0.01 for one in timed(0, cut))


def test_words_are_in_order_and_within_the_sound(tiny_synthesizer):
    speech = tiny_synthesizer.speak(TEXT)
    written = " ".join(TEXT[slice(*word.span)] for word in speech.words)
    assert written == "Dr. Lee paid $5 $5 in the end He said [[wˈʌn]] she left"
    assert all(word.start < word.end for word in speech.words)
    assert all(a.end <= b.start + 1e-9 for a, b in itertools.pairwise(speech.words))
    assert speech.words[-1].end <= speech.seconds
    end, he = speech.words[7:9]
    assert he.start - end.end >= 0.5


def test_words_begin_and_end_with_phones_of_theirs(tiny_synthesizer):
    speech = tiny_synthesizer.speak(TEXT)
    starts, ends = ({getattr(phone, at) for phone in speech.phones} for at in ("start", "end"))
    for word in speech.words:
        assert min(abs(word.start - start) for start in starts) < 1e-9
        assert min(abs(word.end - end) for end in ends) < 1e-9


def test_words_come_with_the_piece_in_which_they_begin(tiny_synthesizer):
    spoken, streamed = 0.0, []
    for piece in tiny_synthesizer.stream(TEXT, Delivery(pace=0.5)):
        end = spoken + piece.seconds
        assert all(spoken - 1e-9 <= word.start < end for word in piece.words)
        spoken, streamed = end, [*streamed, *piece.words]
    whole = tiny_synthesizer.speak(TEXT, Delivery(pace=0.5)).words
    assert [astuple(word) for word in streamed] == [astuple(word) for word in whole]
