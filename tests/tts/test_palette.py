import re
from pathlib import Path

import pytest

from tts.cli.voice_page import STYLE
from tts.palette import PALETTE, page_style

ROOT = Path(__file__).parents[2]
OWN = {
    path.name: path.read_text("utf-8")
    for path in ROOT.glob("*/**/static/*.css")
    if "demo" not in path.parts  # Gradio's theme names its colours itself
}
RULES = {**OWN, "voices": STYLE}
DEFINED = re.compile(r"(--[\w-]+):")


def values(scheme):
    light, dark = PALETTE.read_text("utf-8").split("@media (prefers-color-scheme: dark)")
    return set(DEFINED.findall(dark if scheme == "dark" else light))


def test_each_colour_has_a_value_for_dark_mode():
    assert values("light") - values("dark") == {"--sans", "--mono"}
    assert values("dark") < values("light")


@pytest.mark.parametrize("name", sorted(RULES))
def test_pages_take_their_colours_from_the_palette(name):
    rules = RULES[name]
    used = set(re.findall(r"var\((--[\w-]+)\)", rules))
    assert used, "a page without them has another look"
    assert used <= values("light")
    assert DEFINED.findall(rules) == []
    assert re.findall(r":[^;{}]*#[0-9a-f]{3,8}\b", rules) == []
    assert page_style(rules).endswith(rules)
