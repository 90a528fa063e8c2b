import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from tts.training.pronunciation import tagger, tagging
from tts.training.pronunciation.tagging import SpacyToken, merge

from tests.growth import grows_like_its_length
from tts.text.pronounce import part_of_speech
from tts.text.pronounce.part_of_speech import tag_words

ROOT = Path(__file__).parents[4]
SHIPPED = ROOT / "tts/text/pronounce" / part_of_speech.WEIGHTS
LARGEST = 800_000  # bytes
FEW_WRONG = 2  # of the sentences below, for no tagger is always right

TAGGED = [
    ("They *record* songs at home .", "VBP"),
    ("She broke the *record* again .", "NN"),
    ("I have *read* it twice .", "VBN"),
    ("We want to *read* it .", "VB"),
    ("He wants to *lead* the band .", "VB"),
    ("The old *lead* pipes were replaced .", "NN"),
    ("A *live* concert was on the radio .", "JJ"),
    ("We *live* near the river .", "VBP"),
    ("Please *close* the door .", "VB"),
    ("The shop is *close* to the station .", "JJ"),
    ("He *wound* the clock yesterday .", "VBD"),
    ("The *wound* on his arm was deep .", "NN"),
    ("Do not *desert* your friends .", "VB"),
    ("Nothing grows in the *desert* .", "NN"),
    ("They will *present* the prize tonight .", "VB"),
    ("The *present* was wrapped in paper .", "NN"),
    ("You may *object* to the plan .", "VB"),
    ("A strange *object* fell from the sky .", "NN"),
    ("It will *increase* the cost .", "VB"),
    ("There was an *increase* in sales .", "NN"),
    ("The farmers *produce* milk and butter .", "VBP"),
    ("He could not *use* the phone .", "VB"),
    ("It is of no *use* to anyone .", "NN"),
    ("Her *house* has seven windows .", "NN"),
    ("Two *doves* sat on the roof .", "NNS"),
    ("The wind *dropped* at noon .", "VBD"),
    ("She was *running* along the beach .", "VBG"),
    ("He *runs* a small bakery .", "VBZ"),
    ("My brother lives in *Paris* .", "NNP"),
    ("*Margaret* wrote a long letter .", "NNP"),
    ("This is the *tallest* tree here .", "JJS"),
    ("Your soup is *better* than mine .", "JJR"),
    ("They walked *slowly* up the hill .", "RB"),
    ("I saw *twelve* swans .", "CD"),
    ("You *should* eat more fruit .", "MD"),
    ("*Who* broke this window ?", "WP"),
    ("*Where* are my keys ?", "WRB"),
    ("Bread *and* cheese , please .", "CC"),
    ("He sat *under* the table .", "IN"),
    ("*The* kettle is hot .", "DT"),
    ("That is *their* garden .", "PRP$"),
    ("*There* is a fox in the yard .", "EX"),
    ("He gave *up* smoking .", "RP"),
    ("*Nora's* bicycle was stolen .", "NNP"),
    ("She saw them , *but* said nothing .", "CC"),
]


def marked(sentence):
    """The words of a sentence, and the place of the one in stars."""
    words = sentence.split()
    place = next(place for place, word in enumerate(words) if word[0] == "*")
    return [word.strip("*") for word in words], place


def found(sentence):
    words, place = marked(sentence)
    return tag_words(words)[place]


def test_tags_words_by_what_is_around_them():
    wrong = [(line, found(line)) for line, wanted in TAGGED if found(line) != wanted]
    assert len(wrong) <= FEW_WRONG, wrong


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["Hello"],
        ["?"],
        ["don't", "John's", "'tis", "o'clock", "7", "B2B"],
        ["Zzyx", "grumbled", ",", "then", "blorfed", ":", "why", "?", "!", ";", "."],
        ["twelve", "year", "old"],
        ["It", "is", "said", "."] * 100,
    ],
)
def test_gives_each_token_one_tag(words):
    tags = tag_words(words)
    assert len(tags) == len(words)
    assert set(tags) <= set(part_of_speech.default_tagger().tags)


def test_marks_have_tags_of_their_own():
    assert tag_words(["Wait", ",", "John", ";", "why", "?"])[1::2] == [",", ":", "."]


def test_a_sentence_is_tagged_alike_whatever_came_before():
    words = marked(TAGGED[0][0])[0]
    before = tag_words(words)
    tag_words(["Blorf"] * 50)
    assert part_of_speech.load_tagger(SHIPPED.read_bytes()).tag(words) == before == tag_words(words)


def test_a_word_without_end_is_known_by_its_ends():
    assert tag_words(["She", "was", "a" * 4000 + "ing", "loudly", "."])[2] == "VBG"


def test_time_grows_with_the_words():
    def act(text):
        tag_words(text.split())

    assert grows_like_its_length(act, "they record many songs ", length=20_000)


def test_time_grows_with_the_letters():
    def act(text):
        for place in range(50):
            tag_words([f"{text}{place}"])

    assert grows_like_its_length(act, "ab'", length=20_000)


def test_is_small_and_needs_neither_torch_nor_pickle():
    code = "import sys; from tts.text.pronounce.part_of_speech import tag_words"
    code += "; tag_words(['Go', '.'])"
    code += "; print([name for name in ('torch', 'spacy') if name in sys.modules])"
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert said.stdout.strip() == "[]"
    assert SHIPPED.stat().st_size < LARGEST


def test_a_token_has_the_tag_of_its_weightiest_piece():
    pieces = [
        SpacyToken(0, "John", "NNP"),
        SpacyToken(4, "'s", "POS"),
        SpacyToken(7, "twelve", "CD"),
        SpacyToken(13, "-", "HYPH"),
        SpacyToken(14, "year", "NN"),
        SpacyToken(19, "do", "VBP"),
        SpacyToken(21, "n't", "RB"),
        SpacyToken(24, "!", "."),
    ]
    words, tags = merge("John's twelve-year don't!", pieces)
    assert words == ["John's", "twelve", "year", "don't", "!"]
    assert tags == ["NNP", "CD", "NN", "RB", "."]


def test_reads_tables_and_lines_sentence_by_sentence(tmp_path):
    (tmp_path / "rows.tsv").write_text("a7\tvoice\tkind\tGo. Stay.\tphones\n", "utf-8")
    (tmp_path / "bow.tsv").write_text('"homograph"\t"sentence"\n"bow"\t"He bowed."\n', "utf-8")
    (tmp_path / "plain.txt").write_text("At 7.\nGo on.\n", "utf-8")
    paths = [tmp_path / name for name in ("rows.tsv", "bow.tsv", "plain.txt")]
    rows = [
        (one.id, one.source, one.text) for path in paths for one in tagging.read_sentences(path)
    ]
    assert rows == [
        ("a7:0", "texts", "Go."),
        ("a7:1", "texts", "Stay."),
        ("bow:0:0", "homographs", "He bowed."),
        ("plain:0:0", "lines", "At seven."),
        ("plain:1:0", "lines", "Go on."),
    ]


def test_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(ValueError, match="tagging needs spacy; install it with"):
        tagging.tagging([], tmp_path, tmp_path / "tagged.jsonl")
    with pytest.raises(ValueError, match="either --out"):
        tagger.tagger([tmp_path])


class Spacy:
    """What we call of spaCy: its words are parted by spaces, and each has its length for a tag."""

    def load(self, model, enable):
        assert enable == ["tok2vec", "tagger"]
        return self

    def pipe(self, pairs, as_tuples, batch_size):
        for text, context in pairs:
            found = re.finditer(r"\S+|(?<= ) ", text)
            yield (
                [Token(one.start(), one.group(), f"T{len(one.group())}") for one in found],
                context,
            )


class Token(NamedTuple):
    idx: int
    text: str
    tag_: str

    @property
    def is_space(self):
        return self.text.isspace()


def test_writes_what_spacy_says(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "spacy", Spacy())
    texts, out = tmp_path / "texts.txt", tmp_path / "tagged.jsonl"
    texts.write_text("A well-known man.\nYes?\n", "utf-8")
    tagging.tagging([texts], tmp_path, out)
    first, second = map(json.loads, out.read_text("utf-8").splitlines())
    assert first["words"] == ["A", "well", "known", "man", "."]
    assert first["tags"] == ["T1", "T10", "T10", "T4", "T4"]
    assert second == {
        "id": "texts:1:0",
        "source": "lines",
        "words": ["Yes", "?"],
        "tags": ["T4"] * 2,
    }


@pytest.mark.command
@pytest.mark.parametrize(
    ("module", "flags", "said"),
    [
        ("tagger", [], "error: give either --out or --check"),
        (
            "tagging",
            ["--spacy", "none", "--out", "none/tagged.jsonl"],
            "error: tagging needs spacy; install",
        ),
    ],
)
def test_commands_say_in_a_sentence_what_is_wrong(module, flags, said):
    command = [sys.executable, "-m", f"tts.training.pronunciation.{module}", "texts.txt", *flags]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1


def toy_rows():
    """Words that end in `o` are verbs after `we`, and nouns after `the`."""
    for number in range(200):
        word = f"{'bcdfg'[number % 5]}{'lmnpr'[number // 5 % 5]}o"
        first, wanted = (("we", "VBP"), ("the", "NN"))[number // 25 % 2]
        words, tags = [first, word, "."], ["PRP" if first == "we" else "DT", wanted, "."]
        yield {"id": f"toy:{number}:0", "source": "toys", "words": words, "tags": tags}


@pytest.fixture
def tagged(tmp_path):
    path = tmp_path / "tagged.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in toy_rows()), "utf-8")
    return path


def test_learns_what_it_is_shown_and_always_the_same(tagged, tmp_path, capsys):
    first, second = tmp_path / "first.npz", tmp_path / "second.npz"
    for out in (first, second):
        tagger.tagger([tagged], out, epochs=60)
    assert first.read_bytes() == second.read_bytes()
    assert "toys: 100.00% of 60 tokens, 100.00% of words" in capsys.readouterr().out
    network = part_of_speech.load_tagger(first.read_bytes())
    assert network.tag(["the", "zuo", "."]) == ["DT", "NN", "."]
    assert network.tag(["we", "zuo", "."]) == ["PRP", "VBP", "."]


def test_judges_what_is_shipped_by_what_is_held_out(tagged, capsys):
    tagger.tagger([tagged], check=True)
    assert "toys: " in capsys.readouterr().out
