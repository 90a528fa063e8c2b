"""The colours and fonts that all pages share: of the server, reports, checks and comparisons.

A page refers to them as `var(--ink)`; `palette.css` has their values for light and dark mode.
"""

from pathlib import Path

PALETTE = Path(__file__).with_name("palette.css")


def page_style(rules: str) -> str:
    """The style of a page that is one file.

    Args:
        rules: of the page itself, in CSS.

    Returns:
        The shared colours and fonts, and these rules.

    Example:
        >>> "--ink" in page_style("p { color: var(--ink); }")
        True
    """
    return PALETTE.read_text("utf-8") + rules
