import subprocess
import sys
from itertools import pairwise

import pytest
from tts.training.pronunciation.dictionary import dictionary as make
from tts.training.pronunciation.dictionary import table

from tts.text.pronounce import dictionary
from tts.text.pronounce.dictionary import DEFAULT, PAUSE, VOWEL, coarse_tag, look_up
from tts.text.pronounce.symbols import INVENTORY

GOLD = {"cat": "kˈæt", "Oslo": "ˈɑzlO", "row": {"DEFAULT": "ɹˈO", "VERB": "ɹˈW", "None": "ɹˈu"}}
SILVER = {"cat": "kˈɑt", "matter": "mˈæɾɐʔ", "IT": {"DEFAULT": "ɪt", "NOUN": None}}


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(dictionary, "_table", lambda: table(GOLD, SILVER))
    look_up.cache_clear()
    yield
    look_up.cache_clear()


def test_finds_every_word_of_its_table_and_no_other(small):
    assert look_up("cat").phones == {DEFAULT: "kˈæt"}
    assert look_up("matter").phones == {DEFAULT: "mˈæTət"}
    for word in ("", "ca", "cats", "zebra", "A", "\n", "\t", "cat\tkˈæt", "é", "x" * 5000):
        assert look_up(word) is None, word


@pytest.mark.parametrize(
    ("word", "found"),
    [("Cat", True), ("CAT", False), ("oslo", True), ("OSLO", False), ("IT", True), ("It", False)],
)
def test_finds_words_at_the_start_of_a_sentence_and_names_in_small_letters(small, word, found):
    assert bool(look_up(word)) is found


def test_a_checked_entry_wins_and_says_so(small):
    assert look_up("cat").certain
    assert not look_up("matter").certain


@pytest.mark.parametrize(
    ("tag", "conditions", "wanted"),
    [
        ("VBD", (), ("VERB", "ɹˈW")),
        ("NN", (), (DEFAULT, "ɹˈO")),
        ("VB", (PAUSE,), (PAUSE, "ɹˈu")),
        ("VB", (VOWEL,), ("VERB", "ɹˈW")),
        ("", (), (DEFAULT, "ɹˈO")),
    ],
)
def test_a_condition_decides_before_the_part_of_speech(small, tag, conditions, wanted):
    assert look_up("row").choose(tag, *conditions) == wanted


def test_parts_of_speech_have_several_tags():
    assert [coarse_tag(tag) for tag in ("VBZ", "NNPS", "RBR", "JJ", "DT")] == [
        "VERB",
        "NOUN",
        "ADV",
        "ADJ",
        "DT",
    ]


def test_the_shipped_table_is_sorted_and_in_the_inventory():
    lines = dictionary._table().decode().splitlines()
    assert len(lines) > 150_000
    words = [line.partition("\t")[0].encode() for line in lines]
    assert all(one < other for one, other in pairwise(words))
    for line in lines:
        word, _, _ = line.partition("\t")
        entry = look_up(word)
        assert DEFAULT in entry.phones
        assert set("".join(entry.phones.values())) <= set(INVENTORY), word


def test_a_symbol_that_no_voice_knows_is_refused():
    with pytest.raises(ValueError, match=r"inventory, got \['a', 'x'\] in 'kˈax'"):
        table({"cat": "kˈax"}, {})


def test_the_table_is_made_by_a_command(tmp_path, capsys):
    for name, lexicon in (("gold", GOLD), ("silver", SILVER)):
        written = str(lexicon).replace("'", '"').replace("None", "null").replace('"null"', '"None"')
        (tmp_path / f"us_{name}.json").write_text(written, encoding="utf-8")
    make(tmp_path, out=tmp_path / "dictionary.tsv.gz")
    assert capsys.readouterr().out.startswith("17 words")
    assert (tmp_path / "dictionary.tsv.gz").stat().st_size < 1000


def test_it_needs_neither_torch_nor_misaki():
    code = (
        "import sys; from tts.text.pronounce.phonemes import phonemise_words\n"
        "phonemise_words('the Xanadux')\n"
        "print({'torch', 'misaki', 'spacy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
