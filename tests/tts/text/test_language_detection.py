from collections import defaultdict
from pathlib import Path

import pytest

from tests.growth import grows_like_its_length
from tts.text.language_detection import LANGUAGES, detect_language

DATA = Path(__file__).parents[2] / "data" / "languages.tsv"
SENTENCES = defaultdict(list)
for row in DATA.read_text(encoding="utf-8").splitlines():
    name, sentence = row.split("\t")
    SENTENCES[name].append(sentence)


@pytest.mark.parametrize("language", LANGUAGES)
def test_recognises_sentences_of_a_language(language):
    sentences = SENTENCES[language]
    found = [detect_language(sentence) for sentence in sentences]
    assert len(sentences) >= 20
    assert found.count(language) >= 0.95 * len(sentences)


@pytest.mark.parametrize("language", LANGUAGES)
def test_recognises_a_page_in_capitals_and_in_small_letters(language):
    page = " ".join(SENTENCES[language])
    assert detect_language(page) == language
    assert detect_language(page.upper()) == language
    assert detect_language(page.lower()) == language


@pytest.mark.parametrize("sentence", SENTENCES["English"])
def test_foreign_names_and_titles_leave_a_sentence_english(sentence):
    assert detect_language(sentence) is None


def test_english_with_a_foreign_sentence_is_english():
    english = "She went back to the house, and what he had said was on her mind. "
    assert detect_language(3 * english + SENTENCES["French"][0]) is None


@pytest.mark.parametrize("text", ["", "Bonjour", "La la la!", "1 2 3 4", "C D E F G", "Да да да"])
def test_too_little_is_no_language(text):
    assert detect_language(text) is None


def test_markup_and_links_tell_nothing():
    text = "[pace:0.9]Hello there[/pace], see https://exemple.fr/le/la/les/dans/est and [[lə la]]."
    assert detect_language(text) is None


@pytest.mark.parametrize("piece", ["de La ", "[", "<", "a'", "L de de ", "://"])
def test_time_grows_with_the_length(piece):
    assert grows_like_its_length(detect_language, piece)
