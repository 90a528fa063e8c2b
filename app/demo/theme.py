"""The colours, fonts, style sheet and script of the page, for light and dark mode."""

from pathlib import Path

import gradio as gr
from gradio.themes import Color

from .player.panel import HEAD as PLAYER_HEAD

DESK_HEAD = '<script type="module" src="player/static/desk.js"></script>'
STATIC = Path(__file__).parent / "static"
FALLBACKS = ("ui-sans-serif", "system-ui", "sans-serif")

TEAL = Color(
    name="teal",
    c50="#eef7f5",
    c100="#d6ebe7",
    c200="#aed8d0",
    c300="#7fc0b5",
    c400="#4fa497",
    c500="#2c8a7c",
    c600="#1d6f64",
    c700="#1a5951",
    c800="#194843",
    c900="#173c38",
    c950="#0a2421",
)
STONE = Color(
    name="stone",
    c50="#faf8f4",
    c100="#f3f0ea",
    c200="#e6e1d8",
    c300="#d1cabe",
    c400="#a39c90",
    c500="#77726a",
    c600="#57544e",
    c700="#36393c",
    c800="#1f262b",
    c900="#161c21",
    c950="#10161a",
)


def theme() -> gr.themes.Base:
    """The theme; nothing is fetched from other sites."""
    # Gradio's semi-bold face of this font lacks most letters
    fonts = gr.themes.LocalFont("IBM Plex Sans", weights=(400, 700)), *FALLBACKS
    return gr.themes.Base(
        primary_hue=TEAL, secondary_hue=TEAL, neutral_hue=STONE, font=fonts, radius_size="lg"
    ).set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        block_background_fill="white",
        block_background_fill_dark="*neutral_900",
        block_border_width="1px",
        block_border_color="*neutral_200",
        block_border_color_dark="*neutral_800",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
        block_label_border_width="0px",
        block_shadow="none",
        input_background_fill="white",
        input_background_fill_dark="*neutral_900",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_600",
        button_primary_background_fill_hover_dark="*primary_700",
        button_primary_text_color="white",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_400",
        block_label_text_color="*neutral_600",
        block_title_text_color="*neutral_600",
        block_title_text_color_dark="*neutral_400",
        block_label_text_color_dark="*neutral_400",
    )


def head() -> str:
    """The style sheets and the scripts for the page's head, since Gradio rewrites its own CSS."""
    style, script = ((STATIC / name).read_text("utf-8") for name in ("demo.css", "demo.js"))
    return f"<style>{style}</style><script>{script}</script>{PLAYER_HEAD}{DESK_HEAD}"
