import re

from tts.app.demo.theme import STONE, TEAL

from tts.palette import PALETTE


def test_the_page_has_the_colours_of_all_pages():
    schemes = PALETTE.read_text("utf-8").split("@media (prefers-color-scheme: dark)")
    light, dark = (dict(re.findall(r"--(\w+): (#\w+)", scheme)) for scheme in schemes)
    assert (light["page"], light["edge"], light["pale"]) == (STONE.c50, STONE.c200, STONE.c600)
    assert (light["ink"], dark["page"], dark["sheet"]) == (STONE.c800, STONE.c950, STONE.c900)
    assert (light["accent"], light["hover"]) == (TEAL.c600, TEAL.c700)
    assert (dark["accent"], dark["hover"]) == (TEAL.c300, TEAL.c200)
