import pytest

from tests.phonemes import phonemise
from tts.text.pronounce.ipa import parse_ipa, with_s, write_ipa


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("fəˈnɛtɪk", "fənˈɛtɪk"),
        ("/fəˈnɛtɪk/", "fənˈɛtɪk"),
        ("[ˈstɹɛŋθs]", "stɹˈɛŋθs"),
        ("ʃɪˈvɔːn", "ʃɪvˈɔn"),
        ("ʃɪvˈɔːn", "ʃɪvˈɔn"),
        ("d͡ʒɔːɹd͡ʒ", "ʤˈɔɹʤ"),
        ("dʒɔrdʒ", "ʤˈɔɹʤ"),
        ("ˈɡoʊ", "ɡˈO"),
        ("ˈgəʊ", "ɡˈO"),
        ("ˈwɔːt̬ɚ", "wˈɔTəɹ"),
        ("ˈwɔːɾər", "wˈɔTəɹ"),
        ("ˈbʌtn̩", "bˈʌtᵊn"),
        ("ˈbɒt.l̩", "bˈɑtᵊl"),
        ("ˈæp.əl", "ˈæpᵊl"),
        ("əˈlɔŋ", "əlˈɔŋ"),
        ("ˈnɝs", "nˈɜɹs"),
        ("ˈfɑː(r)", "fˈɑɹ"),
        ("lɔx", "lˈɔk"),
        ("ˈn̪ʰajʉ", "nˈɑju"),
        ("nuː ˈjɔːrk", "nu jˈɔɹk"),
        ("'sev(ə)n", "sˈAvən"),
        ("kæt", "kˈæt"),
        ("ðə", "ðə"),
        ("ˌɪn", "ˌɪn"),
    ],
)
def test_reads_what_people_write(written, wanted):
    assert parse_ipa(written) == wanted
    assert parse_ipa(wanted) == wanted


def test_reads_what_the_voices_are_told():
    for phones in phonemise("Eight judges enjoy a bottle of other water, and no churches.").split():
        said = phones.strip(",.")
        assert parse_ipa(said) in (said, said.replace("əl", "ᵊl"), "ˈænd", "ˈʌv")


def test_what_is_written_in_ipa_is_read_as_it_was():
    text = "Eight judges enjoy a bottle of other water, and no churches out by the sea."
    for phones in phonemise(text).split():
        said = phones.strip(",.")
        written = write_ipa(said)
        assert not set(written) & set("AIOWYTʤʧ")
        assert parse_ipa(written) == parse_ipa(said)


@pytest.mark.parametrize("written", ["ˈkyt", "漢", "k,æt", "fɪ!"])
def test_names_what_is_no_phone(written):
    with pytest.raises(ValueError, match=r"^no such phone: .$"):
        parse_ipa(written)


@pytest.mark.parametrize("written", ["", "ˈ", "/ /", "ː"])
def test_wants_a_phone(written):
    with pytest.raises(ValueError, match=r"^no phones in '.*'; write at least one$"):
        parse_ipa(written)


@pytest.mark.parametrize(
    ("phones", "more"), [("kˈæt", "s"), ("dˈɔɡ", "z"), ("bˈʌs", "ᵻz"), ("sˈO", "z")]
)
def test_plurals_end_as_they_are_heard(phones, more):
    assert with_s(phones) == phones + more
