"""HTML of a text: words that can be highlighted, and how they are read, with changes marked."""

import re
from collections.abc import Iterable, Sequence
from html import escape

from tts.best_of.choice import Choice
from tts.cli.explain import ExplainedSpan, is_changed
from tts.speech import Speech
from tts.text.markup.visible import HIDDEN, mask_markup
from tts.text.pronounce.ipa import write_ipa
from tts.text.pronounce.symbols import STRESS

from ..choices import choices_json

TOKEN = re.compile(r"\S+")
MAX_CHOICES = 200  # that are listed; chosen by hand
IPA_NOTE = (
    f"The sounds of the words in the International Phonetic Alphabet. {STRESS[0]} stands before a "
    f"stressed vowel, {STRESS[1]} before one with weaker stress."
)


def sheet(text: str) -> str:
    """The visible text, each word in a span with its character offsets in the input."""
    shown, parts, kept = mask_markup(text), [], 0
    for token in TOKEN.finditer(shown):
        start, end = token.span()
        word = escape(token.group().replace(HIDDEN, ""))
        parts.append(escape(shown[kept:start]))
        parts.append(f'<span data-from="{start}" data-to="{end}">{word}</span>' if word else "")
        kept = end
    return f'<div class="sheet">{"".join(parts)}</div>'


def word_times(speeches: Iterable[Speech]) -> str:
    """A line for each word: sentence, span in the text, start and end in seconds."""
    return "".join(
        f"{speech.utterance} {word.span[0]} {word.span[1]} {word.start:.3f} {word.end:.3f}\n"
        for speech in speeches
        for word in speech.words
    )


def choices_html(choices: Sequence[Choice]) -> str:
    """A line on the choices between candidates; of several sentences, it unfolds to all of them."""
    if not choices:
        return ""
    said = [
        f"Sentence {choice['utterance'] + 1}: {escape(choice['why'])}."
        for choice in choices_json(choices)
    ]
    if len(said) == 1:
        return f"<p class='told choice'>{said[0]}</p>"
    others = sum(choice.chosen > 0 for choice in choices)
    line = f"Of {len(said)} sentences, {others} kept another candidate than the first."
    listed = "".join(f"<li>{one}</li>" for one in said[:MAX_CHOICES])
    return f"<details class='told choice'><summary>{line}</summary><ul>{listed}</ul></details>"


def readings(rows: Sequence[ExplainedSpan]) -> str:
    """The spoken words, their phonemes, and a table of the words that are read differently."""
    changed = [row for row in rows if is_changed(row)]
    said = "".join(_said(row, row in changed) for row in rows)
    sounds = " ".join(_marked(_ipa(row), row in changed) for row in rows if row.phonemes)
    return (
        f'<div class="reading"><h3>Spoken words</h3><p>{said}</p><h3>Phonemes</h3>'
        f'<p class="note">{IPA_NOTE}</p><p class="ipa">{sounds}</p>{_table(changed)}</div>'
    )


def _ipa(row: ExplainedSpan) -> str:
    """The phonemes in IPA; a line is never broken within a word."""
    return " ".join(f"<span>{escape(word)}</span>" for word in write_ipa(row.phonemes).split())


def _said(row: ExplainedSpan, changed: bool) -> str:
    return _marked(escape(row.spoken), changed, escape(row.written.strip(), quote=True))


def _marked(shown: str, changed: bool, title: str = "") -> str:
    if not changed or not shown.strip():
        return shown
    return f'<mark title="{title}">{shown}</mark>' if title else f"<mark>{shown}</mark>"


def _table(changed: Sequence[ExplainedSpan]) -> str:
    if not changed:
        return "<p><em>Every word is read as it is written.</em></p>"
    body = "".join(
        f"<tr><td>{escape(row.written.strip())}</td><td>{escape(row.spoken.strip()) or '—'}</td>"
        f'<td class="ipa">{_ipa(row)}</td><td>{escape(_why(row))}</td></tr>'
        for row in changed
    )
    head = "".join(
        f'<th scope="col">{name}</th>' for name in ("Written", "Spoken", "Phonemes", "Rule")
    )
    return (
        f"<h3>Changed words</h3><div class='wide'><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _why(row: ExplainedSpan) -> str:
    return ", ".join(rule.replace("_", " ") for rule in row.rules)
