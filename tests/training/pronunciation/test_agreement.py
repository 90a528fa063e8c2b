from tts.training.pronunciation.agreement import Agreement, agreement, words_of


def test_counts_words_that_are_equal_and_equal_but_for_stress():
    counts = Agreement()
    counts.add("a text", ["hi", "sˈɔ", "jˌu"], ["hi", "sˈi", "ju"])
    counts.add("another", ["ɪnðə"], ["ɪn", "ðə"])
    assert (counts.words, counts.equal, counts.but_for_stress) == (5, 1, 1)
    assert counts.differences["sˈɔ", "sˈi"] == 1
    assert counts.differences["ɪnðə", "ɪn ðə"] == 1
    assert next(counts.report(0)) == "5 words, 20.00 % equal, 40.00 % up to secondary stress"


def test_misakis_symbols_are_folded():
    assert words_of("ɐ “bˈʌɾəʔ”, nˈO!") == ["ə", "bˈʌTət", "nˈO"]


def test_compares_a_table_of_texts(tmp_path, capsys):
    rows = ["1\tv\ts\tI saw a cat.\tˌI sˈɔ ɐ kˈæt.", "2\tv\ts\tNo dogs.\tnˈO kˈæts."]
    (tmp_path / "texts.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    agreement(tmp_path / "texts.tsv")
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "6 words, 83.33 % equal, 83.33 % up to secondary stress"
    assert shown[1] == "1\tours dˈɔɡz\treader kˈæts\tNo dogs."
