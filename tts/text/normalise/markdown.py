"""Rewrites of page layout: line breaks, lists, Markdown and HTML."""

import html
import re

from tts.text.normalise.rule import rewrite

SHORT_LINE = 60  # characters; a longer line probably wraps within a sentence; chosen by hand


@rewrite(
    r"(?<!\s)\s*\n\s*(?P<item>(?:[-*+]|[0-9]{1,3}[.)]) (?:\[[ xX]\] )?)?|\A\s*\n\s*", needs="\n"
)
def break_lines(match: re.Match[str]) -> str:
    """A blank line ends a sentence; so does a short line before a capital or a list item."""
    text, start, end = match.string, match.start(), match.end()
    if start == 0 or end == len(text):
        return " "
    item = (match["item"] or "").partition("[")[0].strip("-*+ ")
    short = start - text.rfind("\n", 0, start) < SHORT_LINE
    new = text[end].isupper() and short and text[start - 1] not in ",;:-"
    ends = match.group().count("\n") > 1 or match["item"] or new
    return f". {item} " if ends and text[start - 1] not in ".?!" else f" {item} "


@rewrite(r"(?m)^ {0,3}(?:```|~~~)[^\n]*$", needs="```|~~~")
def drop_fences(match: re.Match[str]) -> str:
    """The fences around code, such as ```, are not read."""
    return ""


@rewrite(
    r"!?\[(?P<words>[^\[\]\n]*)\]\((?:[^()\s]|\([^()\s]*\))+(?: \"[^\"\n]*\")?\)|"
    r"`(?P<shown>[^`<>]+?)\s<[^`<>]+>`__?",
    needs=r"\]\(|>`_",
)
def keep_link_words(match: re.Match[str]) -> str:
    """Only the words of a Markdown link or picture are read: [this](a.com) is this."""
    return match["words"] or match["shown"] or ""


@rewrite(
    r"(?m)^ {0,3}(?:#{1,6} |(?:> ?)+)|\A\s*[-*+] (?:\[[ xX]\] )?(?=\S)|[ \t]+#+[ \t]*$",
    needs=r"[#>*+-] |#$|>",
)
def drop_line_marks(match: re.Match[str]) -> str:
    """The mark of a heading, a quotation or a list item is not read: ## One is one."""
    return ""


@rewrite(r"(?m)^\s*\|?(?:\s*:?-{2,}:?\s*\|)+(?:\s*:?-{2,}:?)?\s*$|^\s*\||\|\s*$", needs=r"\|")
def drop_table_frames(match: re.Match[str]) -> str:
    """The frame of a table, such as | and ---, is not read."""
    return ""


@rewrite(
    r"(?<![\w*])(?P<mark>\*\*\*|\*\*|\*|~~)(?=\S)(?P<words>[^*~\n]*?\S)(?P=mark)(?!\w)",
    needs=r"\*|~~",
)
def drop_stars(match: re.Match[str]) -> str:
    """Markdown stars and tildes around words are not read: **so** is so."""
    return match["words"]


@rewrite(r"(?<!\w)(?P<mark>__|_)(?=\S)(?P<words>[^_\n]*?\S)(?P=mark)(?!\w)", needs="_")
def drop_underscores(match: re.Match[str]) -> str:
    """Markdown underscores around words are not read: _so_ is so."""
    return match["words"]


@rewrite(
    r"</?(?P<name>[A-Za-z][A-Za-z0-9]*)(?:\s+(?:[A-Za-z-]+\s*)?|\s[^<>=]*=[^<>]*)?/?>|"
    r"<!--(?:(?!<!--).)*?-->",
    needs="<",
)
def drop_tags(match: re.Match[str]) -> str:
    """HTML tags are not read, and tags such as <p> and <br> end a line."""
    new = (match["name"] or "").lower() in ("br", "p", "div", "li", "tr", "h1", "h2", "h3")
    return "\n" if new else ""


@rewrite(r"&(?:[A-Za-z]{2,8}|#[0-9]{1,6}|#[xX][0-9A-Fa-f]{1,5});", needs="&")
def name_entities(match: re.Match[str]) -> str:
    """An HTML entity is read as its character: &amp; is &."""
    return html.unescape(match.group())


REWRITES = (
    drop_fences,
    drop_tags,
    name_entities,
    keep_link_words,
    drop_table_frames,
    drop_line_marks,
    drop_stars,
    drop_underscores,
    break_lines,
)
