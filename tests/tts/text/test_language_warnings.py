import pytest

from tts.text.language_warnings import explain_no_words, find_unspeakable, language_warnings


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        ("Привет", {"Cyrillic": "Привет"}),
        ("He said да to me.", {"Cyrillic": "да"}),
        ("你好", {"Chinese": "你好"}),
        ("ありがとう 東京", {"Hiragana": "ありがとう", "Chinese": "東京"}),
        ("مرحبا", {"Arabic": "مرحبا"}),
        ("שלום עולם", {"Hebrew": "שלוםע"}),
        ("안녕", {"Hangul": "안녕"}),
        ("Γειά σου", {"Greek": "Γειάσου"}),
        ("[pace:0.8]Да[/pace]", {"Cyrillic": "Да"}),
        ("<speak>Hello <emphasis>мир</emphasis></speak>", {"Cyrillic": "мир"}),
        ("One line.\n" * 3000 + "И ещё.", {"Cyrillic": "Иещё"}),
        ("The sum of α and π is ∑, at 5 µm.", {}),
        ("Łódź, naïve, Dvořák, Việt Nam, ﬁne, Ⅻ, x², ５", {}),
        ("[[ˈɹɛd]] and [x](/ˈæ/)", {}),
        ("😊 ... ♪", {}),
        ("", {}),
    ],
)
def test_names_the_letters_that_are_left_out(text, scripts):
    found = find_unspeakable(text)
    assert {name: "".join(letters) for name, letters in found.items()} == scripts


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ("It was late.", []),
        ("He said да.", ["Cyrillic letters (д, а) are left out"]),
        ("Ich weiß nicht, was das ist.", ["the text seems to be German"]),
        (
            "Je ne sais pas ce que 東京 veut dire.",
            ["Chinese letters (東, 京) are left out", "the text seems to be French"],
        ),
    ],
)
def test_warns_of_what_is_not_english(text, warnings):
    found = language_warnings(text)
    assert [one.partition(";")[0] for one in found] == warnings
    assert all("English (US)" in one for one in found)


def test_a_text_without_words_names_its_letters():
    error = explain_no_words("Доброе утро")
    assert "Cyrillic letters (Д, о, б, р, е and 2 more) cannot be read" in error
    assert "write them in Latin letters" in error
    assert explain_no_words("...") == "no words to speak in '...'"
