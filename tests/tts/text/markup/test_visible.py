import pytest

from tts.text.markup.visible import HIDDEN, mask_markup


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Plain <b>text</b> & [more].", "Plain <b>text</b> & [more]."),
        ("One.[pause:1s]Two.", "One. Two."),
        ("[pitch:+2]Higher[/pitch], lower.", "Higher, lower."),
        ("A [cat](/kˈʌt/).", "A cat."),
        ("A [link](/about/) or [[wˈɜɹd]].", "A [link](/about/) or [[wˈɜɹd]]."),
        ("<speak>I <emphasis>do</emphasis>, you &amp; I</speak>", "I do, you & I"),
        ('<speak><s>One</s><s>Two</s><break time="1s"/>three</speak>', "One Two three"),
        ('<speak>The <sub alias="web">WWW</sub>.</speak>', "The WWW."),
    ],
)
def test_markup_is_hidden_and_nothing_moves(text, wanted):
    shown = mask_markup(text)
    assert len(shown) == len(text)
    assert " ".join(shown.replace(HIDDEN, "").split()) == wanted
    for place, character in enumerate(shown):
        assert character in (HIDDEN, " ", text[place], "&")
