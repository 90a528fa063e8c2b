import random
import re
import sys

import pytest

from tts.text.normalise.languages import LANGUAGES, rewrites_of
from tts.text.normalise.normalise import SpannedText, TextOptions, normalise
from tts.text.normalise.rule import set_apart, space_apart

WRITTEN = """
Mr. St. Dr. No. A. I. U.S. p.m. etc. Apr vs The cat x 5 0 07 1999 1990s 1,000 3rd 4:45 1/2 ½ ² $
€ . , ... - -- — – ' " ( ) ! ? : ; / × ° °C % & @ # < > = * _ é ﬁ 日 № 👍
"""
PIECES = [*WRITTEN.split(), "\u0301", "\u200d", "\ud800", "\0"]
PIECES += [" ", " ", "  ", "\n", "\n\n", "\t", "\r\n"]


@pytest.fixture(scope="module")
def readings():
    """Texts and how they are read: made of what the rewrites look for, and of anything else."""
    chance = random.Random(1)
    texts = []
    for _ in range(3000):
        pieces = chance.choices(PIECES, k=chance.randint(0, 14))
        pieces += [chr(chance.randrange(sys.maxunicode + 1)) for _ in range(chance.randint(0, 3))]
        texts.append("".join(chance.sample(pieces, len(pieces))))
    return [(text, normalise(text)) for text in texts]


def test_saying_it_twice_changes_nothing(readings):
    for text, spoken in readings:
        assert normalise(spoken.text).text == spoken.text, text


def test_lands_in_the_alphabet_whatever_the_character():
    rare = random.Random(0).sample(range(0x20000, sys.maxunicode + 1), 5000)
    characters = [*map(chr, range(0x20000)), *map(chr, rare)]
    for start in range(0, len(characters), 256):
        text = "".join(characters[start : start + 256])
        assert set(normalise(text).text) <= set(LANGUAGES["en-us"].alphabet)


def test_words_and_marks_are_tidy(readings):
    tidy = re.compile(r"|[A-Za-z][A-Za-z'-]*(?:[.,;:?!]? [A-Za-z][A-Za-z'-]*)*[.,;:?!]?")
    for text, spoken in readings:
        assert tidy.fullmatch(spoken.text), text


def test_spans_lie_in_the_text_and_never_go_back(readings):
    for text, spoken in readings:
        assert len(spoken.spans) == len(spoken.text)
        starts, ends = [0, *(start for start, _ in spoken.spans)], [end for _, end in spoken.spans]
        assert all(0 <= start < end <= len(text) for start, end in spoken.spans)
        assert starts == sorted(starts)
        assert ends == sorted(ends)


def test_letters_that_stay_come_from_themselves():
    text = "On May 3, Dr. Ames (of the U.S.) paid $5 to Zoë, who'd won... Then she left at 4:45."
    spoken = normalise(text)
    for word in re.findall(r"\S+", "On May Ames of the paid to who'd won Then she left at"):
        place = re.search(rf"\b{word}\b", spoken.text).start()
        said = spoken[place : place + len(word)]
        assert "".join(text[start:end] for start, end in said.spans) == word


def test_what_is_rewritten_comes_from_what_was_written():
    text = "It cost $3.50, or 4% of Dr. Lee's."
    spoken = normalise(text)
    for written, words in [
        ("$3.50", "three dollars and fifty cents"),
        ("4%", "four percent"),
        ("Dr.", "Doctor"),
    ]:
        place = spoken.text.index(words)
        spans = spoken[place : place + len(words)].spans
        assert text[spans[0][0] : spans[-1][1]] == written


def test_plain_text_stays_as_it_is():
    text = "Well, I don't know; do you? A twelve-year-old might: she's clever! Ask her."
    assert normalise(text) == SpannedText.verbatim(text)


def test_substitution_keeps_what_both_share():
    spoken = SpannedText.verbatim("ab12cd").substitute(re.compile("b12c"), lambda match: "bxyzc")
    assert spoken.text == "abxyzcd"
    assert spoken.spans == ((0, 1), (1, 2), (2, 4), (2, 4), (2, 4), (4, 5), (5, 6))


def test_a_text_stands_for_itself_unless_it_knows_what_it_stands_for():
    spoken = SpannedText("five", ((2, 4),) * 4)
    assert SpannedText.of(spoken) is spoken
    assert SpannedText.of("abc") == SpannedText("abc", ((0, 1), (1, 2), (2, 3)))


@pytest.mark.parametrize(
    ("text", "span", "letters", "signs"),
    [("a5b", (1, 2), " x ", " x "), ("155", (1, 2), "x", " x "), ("5", (0, 1), "x", "x")],
)
def test_words_stand_apart_from_what_touches_them(text, span, letters, signs):
    assert space_apart("x", text, span, str.isalpha) == letters
    assert space_apart("x", text, span) == signs
    assert set_apart(re.compile(".").match(text, *span), "x") == letters


def test_a_rewrite_that_finds_nothing_gives_back_what_it_got():
    spoken = normalise("nothing to do here")
    assert all(rewrite(spoken) == spoken for rewrite in rewrites_of(TextOptions()))


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        # characters
        ("café naïve Zürich", "cafe naive Zurich"),
        ("ﬁne ｆｕｌｌ Œuvre straße", "fine full Oeuvre strasse"),
        ("“Quoted,” she said.", "Quoted, she said."),
        ("don’t ‘do’ it, dogs' o'clock", "don't do it, dogs o'clock"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
        ("日本 and 👍", "and"),
        ("٣ cats", "three cats"),
        ("...", ""),
        ("", ""),
        # pauses
        ("one—two – three -- four - five", "one, two, three, four, five"),
        ("a well-known, forward- looking man", "a well-known, forward looking man"),
        ("one (two) three [four].", "one, two, three, four."),
        ("(See above.) Then go.", "See above. Then go."),
        ("Well... I know… nothing", "Well, I know, nothing"),
        ("He waited... Then he left...", "He waited. Then he left."),
        ("He waited...\n\nThen he left", "He waited. Then he left"),
        ("What?! No!!! Hm , yes ;no", "What? No! Hm, yes; no"),
        ("Hill et al., and more", "Hill and others, and more"),
        ("end.Next example.com", "end. Next example dot com"),
        ("one ===== two ***three***", "one, two three"),
        # lines
        ("One\n\ntwo", "One. two"),
        ("A Title\nThe text", "A Title. The text"),
        ("all in a\nwrapped line,\nAnna", "all in a wrapped line, Anna"),
        ("Buy:\n- milk\n- two eggs", "Buy. milk. two eggs"),
        # signs
        ("R&D + 5% = x @ y", "R and D plus five percent equals x at y"),
        (
            "-5°C, 90° or 2×3÷4±1",
            "minus five degrees Celsius, ninety degrees or two times three "
            "divided by four plus or minus one",
        ),
        ("5 > 3, 2 < 4", "five greater than three, two less than four"),
        ("#5 and #tag", "number five and tag"),
        # abbreviations
        ("Mr. and Mrs. Hill met Dr Ames", "Mister and Mrs Hill met Doctor Ames"),
        ("He saw the Dr. Then he left.", "He saw the Doctor. Then he left."),
        ("We had tea etc. Then he came.", "We had tea et cetera. Then he came."),
        ("tea, etc., and cake", "tea, et cetera, and cake"),
        ("cats, e.g. lions, i.e. big ones", "cats, for example lions, that is big ones"),
        ("No. 5 vs. no. 6, approx. 7", "Number five versus number six, approximately seven"),
        ("He said no. Then", "He said no. Then"),
        ("12 Baker St. in St. Louis", "twelve Baker Street in Saint Louis"),
        ("Sunset Dr. is near Main St. The end", "Sunset Drive is near Main Street. The end"),
        ("Bob Ray, Jr., of Acme Inc.", "Bob Ray, Junior, of Acme Incorporated."),
        ("in Jan. or on Feb. 3", "in January or on February third"),
        ("H. G. Wells and J.R.R. Tolkien", "H G Wells and J R R Tolkien"),
        ("the U.S. Army, U.S.A", "the U S Army, U S A"),
        ("in the U.S. The end", "in the U S. The end"),
        ("you and I. Mary too", "you and I. Mary too"),
        ("NASA and the FBI", "NASA and the F B I"),
        # times and dates
        ("at 4:45 PM", "at four forty-five P M"),
        ("at 10:05 or 4:00 or 14:00", "at ten oh five or four o'clock or fourteen hundred hours"),
        ("5pm, 6 a.m. He left", "five P M, six A M. He left"),
        ("April 3, 2024", "April third, twenty twenty-four"),
        ("May 21st", "May twenty-first"),
        ("1999, 1908, 2005", "nineteen ninety-nine, nineteen oh eight, two thousand five"),
        ("the 1990s and '80s", "the nineteen nineties and eighties"),
        ("1990–1995", "nineteen ninety to nineteen ninety-five"),
        # money
        (
            "$3.50, not $1,234.56",
            "three dollars and fifty cents, not one thousand two hundred "
            "thirty-four dollars and fifty-six cents",
        ),
        ("$1, £0.50, €20, ¥500", "one dollar, fifty pence, twenty euros, five hundred yen"),
        ("$5.2M, €3 billion", "five point two million dollars, three billion euros"),
        ("-$7 and 20€", "minus seven dollars and twenty euros"),
        # numbers
        ("1,908 people", "one thousand nine hundred eight people"),
        ("3.14 and .5", "three point one four and point five"),
        ("3rd, 22nd", "third, twenty-second"),
        ("-5, 3-2", "minus five, three two"),
        ("1/2, 3/4, 2½", "one half, three quarters, two and one half"),
        ("221B v3 COVID-19", "two twenty-one B v three COVID nineteen"),
        ("a 5-year-old", "a five-year-old"),
        ("agent 007", "agent zero zero seven"),
        ("It ended. 20 came.", "It ended. Twenty came."),
    ],
)
def test_reads_aloud(written, spoken):
    assert normalise(written).text == spoken
