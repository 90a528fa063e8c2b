"""How an American reads."""

import re

from tts.text import layout, pauses
from tts.text.characters import (
    drop_invisible,
    drop_ornaments,
    raise_superscripts,
    report_long_words,
    report_unknown,
    say_signs,
    unfold,
)
from tts.text.english import (
    abbreviations,
    acronyms,
    codes,
    counts,
    dates,
    interjections,
    maths,
    measures,
    models,
    money,
    places,
    romans,
    signs,
    times,
    years,
)
from tts.text.links import Addresses, address_rewrites
from tts.text.pictures import emoji_rewrite
from tts.text.reading import Reading
from tts.text.rewrite import Rewrite, rewrite

SIGNS = "".join(signs.SIGNS) + "".join(signs.GREEK_LETTERS)
ADDRESSES = Addresses(
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
    },
)


@rewrite(r"(?<=[A-Za-z])\.(?=[a-z]{2})", needs=r"[A-Za-z]\.[a-z]")
def say_dots(match: re.Match[str]) -> str:
    """A full stop between small letters is a dot."""
    return " dot "


def rewrites(reading: Reading, letters: str) -> tuple[Rewrite, ...]:
    """All that stands between a text and its words, in order."""
    return (
        emoji_rewrite(reading),
        raise_superscripts,
        unfold(letters, SIGNS),
        drop_invisible(letters + SIGNS + "—–"),
        report_long_words(letters),
        codes.spell_secrets,
        codes.name_keys,
        *layout.REWRITES,
        pauses.drop_rows,
        *address_rewrites(ADDRESSES, reading),
        models.spell_networks,
        *dates.date_rewrites(reading.day_first),
        *times.REWRITES,
        *abbreviations.REWRITES,
        *places.REWRITES,
        abbreviations.spell_initials,
        abbreviations.expand_slashes,
        maths.say_scores,
        maths.say_slashes,
        *codes.REWRITES,
        *models.REWRITES,
        *acronyms.BEFORE_NUMBERS,
        *romans.REWRITES,
        counts.say_pairs,
        years.say_decades,
        years.say_short_years,
        maths.say_fractions,
        maths.say_about,
        *money.REWRITES,
        *measures.REWRITES,
        *maths.REWRITES,
        counts.say_ratios,
        models.read_codes,
        counts.say_ranges,
        counts.say_spans,
        counts.say_ordinals,
        counts.say_magnitudes,
        years.say_years,
        *interjections.REWRITES,
        *acronyms.REWRITES,
        counts.say_number_signs,
        say_dots,
        say_signs(signs.SIGNS),
        counts.part_numbers,
        counts.say_numbers,
        drop_ornaments(letters),
        report_unknown(letters),
        *pauses.rewrites(letters),
    )
