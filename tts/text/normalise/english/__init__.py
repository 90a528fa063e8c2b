"""The rewrites of American English, in order."""

import re

from tts.text.normalise import markdown, punctuation
from tts.text.normalise.emoji import emoji_rewrite
from tts.text.normalise.english.calendar import dates, times, years
from tts.text.normalise.english.codes import (
    addresses,
    identifiers,
    model_numbers,
    source_code,
)
from tts.text.normalise.english.mathematics import (
    chemistry,
    comparisons,
    latex,
    maths,
    symbols,
)
from tts.text.normalise.english.numerals import (
    games,
    grouped_numbers,
    numbers_in_context,
    plurals,
    romans,
    sports,
)
from tts.text.normalise.english.quantities import (
    dimensions,
    measures,
    money,
    photography,
)
from tts.text.normalise.english.typesetting import (
    broken_lines,
    citations,
    notes,
    phonetics,
    typography,
)
from tts.text.normalise.english.words import (
    abbreviations,
    acronyms,
    chat,
    interjections,
)
from tts.text.normalise.rule import Rewrite, rewrite
from tts.text.normalise.unicode import (
    drop_invisible,
    drop_ornaments,
    raise_superscripts,
    report_long_words,
    report_unknown,
    say_signs,
    unfold,
)
from tts.text.normalise.urls import UrlReader, url_rewrites
from tts.text.options import TextOptions

SIGNS = "".join(symbols.SYMBOL_NAMES) + "".join(symbols.GREEK_LETTERS)
URL_READER = UrlReader(
    link="link",
    signs={
        ".": "dot",
        "/": "slash",
        "\\": "backslash",
        "-": "dash",
        "_": "underscore",
        "@": "at",
        "?": "question mark",
        "=": "equals",
        "&": "and",
        "#": "hash",
        "%": "percent",
        ":": "colon",
        "~": "tilde",
        "+": "plus",
        "!": "exclamation mark",
        "*": "star",
        "$": "dollar",
    },
)


@rewrite(r"(?<=[A-Za-z])\.(?=[a-z]{2})", needs=r"[A-Za-z]\.[a-z]")
def say_dots(match: re.Match[str]) -> str:
    """A full stop within a word is read as dot: os.walk is os dot walk."""
    return " dot "


def rewrites(reading: TextOptions, letters: str) -> tuple[Rewrite, ...]:
    """All rewrites of American English, in the order in which they are applied.

    The order matters: specific patterns, such as dates, come before general ones, such as numbers.

    Args:
        reading: the text options.
        letters: the language's letters beyond A to Z.
    """
    return (
        *broken_lines.REWRITES,
        *phonetics.REWRITES,
        *latex.REWRITES,
        *notes.REWRITES,
        *comparisons.REWRITES,
        *source_code.FIRST,
        *games.REWRITES,
        *typography.REWRITES,
        emoji_rewrite(reading),
        raise_superscripts,
        grouped_numbers.join_thin_thousands,
        unfold(letters, SIGNS),
        drop_invisible(letters + SIGNS + "—–"),
        report_long_words(letters),
        identifiers.spell_secrets,
        identifiers.name_keys,
        romans.count_headings,
        acronyms.lower_ordinals,
        chat.expand_sounds,
        *markdown.REWRITES,
        punctuation.drop_rows,
        *url_rewrites(URL_READER, reading),
        *source_code.NAMES,
        *chemistry.REWRITES,
        *dimensions.REWRITES,
        model_numbers.spell_networks,
        numbers_in_context.pause_before_numbers,
        *grouped_numbers.REWRITES,
        *dates.date_rewrites(reading.day_first),
        *times.REWRITES,
        addresses.name_roads,
        *citations.REWRITES,
        *abbreviations.REWRITES,
        *addresses.REWRITES,
        abbreviations.spell_initials,
        abbreviations.spell_middle_initials,
        abbreviations.expand_slashes,
        *photography.REWRITES,
        sports.say_wickets,
        maths.say_scores,
        maths.say_slashes,
        *identifiers.REWRITES,
        *model_numbers.REWRITES,
        *acronyms.BEFORE_NUMBERS,
        *romans.REWRITES,
        numbers_in_context.say_pairs,
        years.say_decades,
        years.say_ancient_years,
        years.say_short_years,
        *plurals.REWRITES,
        maths.say_fractions,
        maths.say_about,
        *money.REWRITES,
        maths.name_functions,
        maths.say_number_powers,
        *measures.REWRITES,
        *maths.REWRITES,
        numbers_in_context.say_ratios,
        model_numbers.read_codes,
        numbers_in_context.say_ranges,
        numbers_in_context.say_spans,
        numbers_in_context.say_ordinals,
        numbers_in_context.say_magnitudes,
        years.say_years,
        *interjections.REWRITES,
        *chat.REWRITES,
        *acronyms.REWRITES,
        numbers_in_context.say_number_signs,
        say_dots,
        say_signs(symbols.SYMBOL_NAMES),
        numbers_in_context.part_numbers,
        numbers_in_context.say_numbers,
        drop_ornaments(letters),
        report_unknown(letters),
        *punctuation.rewrites(letters),
    )
