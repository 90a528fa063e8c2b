"""Rewrites of punctuation: which marks become pauses, which are dropped, and clean-up of spaces."""

import re

from tts.text.normalise.rule import Rewrite, rewrite

LOUDER_FIRST = "?!.;:,"  # the mark that is kept of several, by priority


@rewrite(r"([-=+#/\\<>&@%|^$~_*])(?:\s?\1){2,}", needs=r"[-=+#/\\<>&@%|^$~_*]")
def drop_rows(match: re.Match[str]) -> str:
    """Three or more of the same sign are a pause: === is a comma."""
    return ", "


@rewrite(
    r"""(?:\.\.+|\.(?: \.){2,})(?P<ends>$|(?= *["']?(?!I\b)[A-ZÄÖÜÁÉÍÓÚÑ]))?""", needs=r"\. ?\."
)
def pause_at_ellipses(match: re.Match[str]) -> str:
    """An ellipsis is a comma, or a full stop before a capital letter."""
    return "," if match["ends"] is None else "."


@rewrite(r"""(?<=\w)\.(?=["')\]]+ [a-z]|["']+ ?[—–])""", needs=r"""\.["')\]]""")
def pause_at_quoted_stops(match: re.Match[str]) -> str:
    """A full stop within quotation marks, with the sentence going on, is a comma."""
    return ","


@rewrite(r"\.(?=,)")
def drop_stop_before_comma(match: re.Match[str]) -> str:
    """A full stop before a comma is dropped."""
    return ""


@rewrite(r"[()\[\]{}—–]|--+| -+(?= )|\|", needs=r"[-()\[\]{}—–|]")
def pause_at_dashes(match: re.Match[str]) -> str:
    """Brackets, dashes and the bars of a table are commas."""
    return ", "


@rewrite(r'"+', needs='"')
def drop_quotes(match: re.Match[str]) -> str:
    """Quotation marks are dropped."""
    return " "


def drop_signs(letters: str) -> Rewrite:
    """The rewrite that drops what is neither a letter of the language nor punctuation."""
    letter = f"A-Za-z{letters}"

    @rewrite(
        rf"[^{letter}'\- .,;:?!]|(?<![{letter}])['-]|['-](?![{letter}])",
        needs=rf"[^{letter} .,;:?!]",
    )
    def drop_signs(match: re.Match[str]) -> str:
        """Apostrophes and hyphens outside words, and signs without a name, are dropped."""
        return " "

    return drop_signs


@rewrite(r"  +")
def join_spaces(match: re.Match[str]) -> str:
    """Several spaces become one."""
    return " "


@rewrite(r" ?[.,;:?!][ .,;:?!]*", needs=r"[.,;:?!] ?[.,;:?!]| [.,;:?!]|^[.,;:?!]|[.,;:?!]\S")
def join_marks(match: re.Match[str]) -> str:
    """Of adjacent marks the strongest is kept: ?, is a question mark."""
    if match.start() == 0:
        return " "
    return min(match.group().replace(" ", ""), key=LOUDER_FIRST.index) + " "


@rewrite(r"\A +| +\Z")
def trim(match: re.Match[str]) -> str:
    """Spaces at the start and the end are dropped."""
    return ""


def rewrites(letters: str) -> tuple[Rewrite, ...]:
    """The rewrites that leave only words and pauses, for a language with these letters."""
    return (
        pause_at_quoted_stops,
        pause_at_ellipses,
        drop_stop_before_comma,
        pause_at_dashes,
        drop_quotes,
        drop_signs(letters),
        join_spaces,
        join_marks,
        trim,
    )
