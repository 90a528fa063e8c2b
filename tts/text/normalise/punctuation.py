"""Rewrites of marks: what is a pause, what is silent, and the tidy words that are left."""

import re

from tts.text.normalise.rule import Rewrite, rewrite

LOUDER_FIRST = "?!.;:,"


@rewrite(r"([-=+#/\\<>&@%|^$~_*])(?:\s?\1){2,}", needs=r"[-=+#/\\<>&@%|^$~_*]")
def drop_rows(match: re.Match[str]) -> str:
    """A row of one sign is an ornament, and a pause."""
    return ", "


@rewrite(
    r"""(?:\.\.+|\.(?: \.){2,})(?P<ends>$|(?= *["']?(?!I\b)[A-ZÄÖÜÁÉÍÓÚÑ]))?""", needs=r"\. ?\."
)
def pause_at_ellipses(match: re.Match[str]) -> str:
    """An ellipsis is a comma, or a full stop before a capital."""
    return "," if match["ends"] is None else "."


@rewrite(r"\.(?=,)")
def drop_stop_before_comma(match: re.Match[str]) -> str:
    """A full stop before a comma is silent."""
    return ""


@rewrite(r"[()\[\]{}—–]|--+| -+(?= )|\|", needs=r"[-()\[\]{}—–|]")
def pause_at_dashes(match: re.Match[str]) -> str:
    """Brackets, dashes and the bars of a table are commas."""
    return ", "


@rewrite(r'"+', needs='"')
def drop_quotes(match: re.Match[str]) -> str:
    """Quotation marks are silent."""
    return " "


def drop_signs(letters: str) -> Rewrite:
    """The rewrite that silences what is no letter of a language and no mark of its sentences."""
    letter = f"A-Za-z{letters}"

    @rewrite(
        rf"[^{letter}'\- .,;:?!]|(?<![{letter}])['-]|['-](?![{letter}])",
        needs=rf"[^{letter} .,;:?!]",
    )
    def drop_signs(match: re.Match[str]) -> str:
        """Apostrophes and hyphens outside of words, and signs without a name, are silent."""
        return " "

    return drop_signs


@rewrite(r"  +")
def join_spaces(match: re.Match[str]) -> str:
    """Words are one space apart."""
    return " "


@rewrite(r" ?[.,;:?!][ .,;:?!]*", needs=r"[.,;:?!] ?[.,;:?!]| [.,;:?!]|^[.,;:?!]|[.,;:?!]\S")
def join_marks(match: re.Match[str]) -> str:
    """Of adjacent marks the loudest is heard, and none before the first word."""
    if match.start() == 0:
        return " "
    return min(match.group().replace(" ", ""), key=LOUDER_FIRST.index) + " "


@rewrite(r"\A +| +\Z")
def trim(match: re.Match[str]) -> str:
    """Spaces at either end are silent."""
    return ""


def rewrites(letters: str) -> tuple[Rewrite, ...]:
    """The rewrites that leave words and pauses alone, for a language with these letters."""
    return (
        pause_at_ellipses,
        drop_stop_before_comma,
        pause_at_dashes,
        drop_quotes,
        drop_signs(letters),
        join_spaces,
        join_marks,
        trim,
    )
