"""A text is read in its encoding, and what is none is refused."""

import pytest

from tts.text.files.plain import STRAY, decode_text

WRITTEN = "“It’s the café,” she said — for £5."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_text_with_its_mark_or_in_utf_8_has_no_note(encoding):
    found = decode_text(WRITTEN.encode(encoding), "a.txt")
    assert (found.text, found.note) == (WRITTEN, "")


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-32-be"])
def test_the_mark_says_the_order_of_bytes(encoding):
    assert decode_text(f"\ufeff{WRITTEN}".encode(encoding), "a.txt").text == WRITTEN


@pytest.mark.parametrize(
    "written",
    [WRITTEN, "CAFÉ”" + " “Yes”" * 20, "naïve", "1 €", "Äpfel, Öl, Übung, Größe", "", "é"],
)
def test_windows_1252_is_read_with_a_note(written):
    found = decode_text(written.encode("cp1252"), "a.txt")
    assert found.text == written
    noted = "a.txt is not UTF-8; it is read as Windows-1252" if not written.isascii() else ""
    assert found.note == noted


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("Добрый день".encode("cp1251"), "neither UTF-8 nor Windows-1252 .byte 0xc4.; save it as"),
        ("你好，世界，再见".encode("gbk"), "not UTF-8"),
        ("こんにちは世界".encode("shift-jis"), "not UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x01\x02", "neither UTF-8 nor Windows-1252"),
        ("One.".encode("utf-16-le"), "not UTF-8 .zero bytes."),
        ("One.".encode("utf-16")[:-1], "not UTF-16, as its byte order mark says .byte 8."),
        ("Été, où, là".encode() + b"\xe9", "not UTF-8 .byte 0xe9 at 15."),
        (b"\xef\xbb\xbf\xe9", "not UTF-8 .byte 0xe9"),
    ],
)
def test_another_encoding_is_refused(data, message):
    with pytest.raises(ValueError, match=f"^cannot read a.txt: {message}"):
        decode_text(data, "a.txt")


def test_a_stray_byte_can_be_kept():
    found = decode_text("Où là\n".encode() + b"\xe9\n", "a.txt", keep_stray_bytes=True)
    assert [line for line in found.text.split("\n") if STRAY.search(line)] == ["\udce9"]
