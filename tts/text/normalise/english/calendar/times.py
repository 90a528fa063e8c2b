"""Rewrites of times of day and durations, and of Bible verses, which look like times."""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.english.words.abbreviation_data import MONTH_ABBREVIATIONS, MONTH_NAMES
from tts.text.normalise.english.words.abbreviations import DAYS, NAME_AFTER, full_stop
from tts.text.normalise.rule import any_of, preceded_by, rewrite, set_apart

HOUR = r"(?P<hour>[01]?[0-9]|2[0-4]):(?P<minute>[0-5][0-9])"
# Words with a capital that may follow p.m. within a sentence.
WHERE_OR_WHEN = re.compile(
    r"\s+(?:[ECMP][SD]?T|GMT|UTC|BST|CES?T|IST|AEST|[A-Z][a-z]+ (?:[Tt]ime|Standard|Daylight)|"
    r"Eastern|Pacific|Central|Mountain|Zulu|"
    rf"{any_of([*MONTH_NAMES, *MONTH_ABBREVIATIONS, *DAYS, *DAYS.values()])})"
    r"\b"
)
WITHIN = re.compile(
    r"""(?:(?:^|[.?!]\s+)["'(]*(?:At|By|Around|About|Before|After|Until|From|Since|Between) """
    r"(?:\w+ )?|\b(?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er|[Oo]ur|[Mm]y|[Tt]heir|this|that|every|each) )"
    r"[0-9:.]+$"
)
BOOKS = (
    "Genesis Exodus Leviticus Deuteronomy Joshua Judges Ruth Samuel Kings Chronicles Ezra Nehemiah "
    "Esther Job Psalm Psalms Proverbs Ecclesiastes Isaiah Jeremiah Lamentations Ezekiel Daniel "
    "Hosea Joel Amos Jonah Micah Habakkuk Zephaniah Zechariah Malachi Matthew Mark Luke John Acts "
    "Romans Corinthians Galatians Ephesians Philippians Colossians Thessalonians Timothy Titus "
    "Philemon Hebrews James Peter Jude Revelation"
)
SHORT_BOOKS = {"Gen": "Genesis", "Ex": "Exodus", "Deut": "Deuteronomy", "Ps": "Psalm"}
SHORT_BOOKS |= {"Prov": "Proverbs", "Isa": "Isaiah", "Jer": "Jeremiah", "Matt": "Matthew"}
SHORT_BOOKS |= {"Rom": "Romans", "Cor": "Corinthians", "Gal": "Galatians", "Eph": "Ephesians"}
SHORT_BOOKS |= {"Phil": "Philippians", "Heb": "Hebrews", "Rev": "Revelation"}
PARTS = {"1": "First", "2": "Second", "3": "Third", "I": "First", "II": "Second", "III": "Third"}
PARTED = "Samuel|Kings|Chronicles|Corinthians|Cor|Thessalonians|Timothy|Peter|John"


# Before these, hours, minutes and seconds are a time that something takes.
LASTING = re.compile(
    r"\b(?:(?:(?:takes?|took|taken|lasts?|lasted|for|lasting|runs|runtime|duration|elapsed|"
    r"[Tt]ime|record|marathon|clocked|video|film|recording|length)(?:,| of|:| is| was| in| at)?)|"
    r"(?:ran|run|won|finish(?:ed)?|complet(?:ed|e|ing)|did|done|marathon|record|race|it|miles|km|[0-9]+[kK]m?|"
    r"kilometers|home|"
    r"[a-z]+ed) (?:it |(?:the|a|his|her) [a-z]+ )?in)"
    r"(?: (?:an?|the|about|only|just|exactly|over|under|almost|nearly|[a-z]+ time of))* $"
)


LASTING_AFTER = re.compile(r" (?:finish|marathon|race|run|ride|video|film|recording|mark|effort)\b")


@rewrite(
    r"(?:(?<= [AP] M)|(?<=\b[AP]M))\.? ?(?P<zone>(?i:[ecmpab]\.?[sd]\.?t|g\.?m\.?t|u\.?t\.?c))\b"
    r"\.?(?!\w)",
    needs="[AP] ?M[ .A-Za-z]",
)
def spell_zones(match: re.Match[str]) -> str:
    """A time zone after A M or P M is spelt: p.m. e.s.t. is P M E S T."""
    letters = " ".join(match["zone"].replace(".", "").upper())
    return f" {letters}{full_stop(match)}"


@rewrite(
    r"(?:(?<=[0-9])|(?<=\w) )(?P<dotted>[AaPp])\.[Mm]\.|(?<=[0-9]) ?(?P<bare>[AaPp])\.?[Mm]\b",
    needs="[0-9] ?[AaPp]|[AaPp][.][Mm]",
)
def say_halves_of_days(match: re.Match[str]) -> str:
    """a.m. is A M, and pm is P M."""
    return f" {(match['dotted'] or match['bare']).upper()} M{_stop(match)}"


def _stop(match: re.Match[str]) -> str:
    """A full stop if a sentence begins after p.m.; none in 7 p.m. Monday."""
    text, start, end = match.string, match.start(), match.end()
    if WITHIN.search(text, max(0, start - 30), start):
        return ""
    begins = NAME_AFTER.match(text, end) and not WHERE_OR_WHEN.match(text, end)
    return "." if match["dotted"] and begins else full_stop(match)


@rewrite(
    preceded_by(":[0-5][0-9]", " [AP] M") + r" ?[-–] ?(?=[0-9]{1,2}(?::[0-5][0-9]| [AP] M))|"
    r"(?<=[0-9]) ?[-–] ?(?=[0-9]{1,2}(?::[0-5][0-9])? [AP] M\b)",
    needs="[-–]",
)
def say_hours(match: re.Match[str]) -> str:
    """A dash between times is to: 9:00-10:30."""
    return " to "


@rewrite(r"\b(?:UTC|GMT)[-−](?=[0-9])", needs="[TU][MT][TC][-−]")
def say_offsets(match: re.Match[str]) -> str:
    """UTC-5 is U T C minus five."""
    return f"{match.group()[:3]} minus "


@rewrite(
    rf"(?:(?<![\w.,-])(?P<part>[1-3]|I{{1,3}}) (?=(?:{PARTED})\b))?"
    rf"\b(?P<book>{any_of([*BOOKS.split(), *SHORT_BOOKS])})\.? "
    r"(?P<chapter>[0-9]{1,3}):(?P<verse>[0-9]{1,3})"
    r"(?:[-–](?P<last>[0-9]{1,3}))?(?![\w:])",
    needs="[0-9]:[0-9]",
)
def say_verses(match: re.Match[str]) -> str:
    """A Bible verse is read as two numbers: John 3:16 is John three sixteen."""
    last = f" to {numbers.cardinal(match['last'])}" if match["last"] else ""
    chapter, verse = numbers.cardinal(match["chapter"]), numbers.cardinal(match["verse"])
    part = f"{PARTS[match['part']]} " if match["part"] else ""
    return f"{part}{SHORT_BOOKS.get(match['book'], match['book'])} {chapter} {verse}{last}"


@rewrite(
    r"(?<![\w:.,])(?P<hour>0?[0-9]|1[0-2])\.(?P<minute>[0-5][0-9])(?= [AP] M\b)|"
    r"(?<![\w:.,])(?P<military>[01][0-9]|2[0-3])(?P<sharp>[0-5][0-9]) (?:hours|hrs)\b",
    needs=r"[0-9] (?:[AP] M|h)",
)
def say_other_times(match: re.Match[str]) -> str:
    """10.30 pm is ten thirty P M, and 0830 hours is oh eight thirty hours."""
    if match["hour"]:
        return numbers.clock(int(match["hour"]), int(match["minute"]))
    hour, minute = match["military"], match["sharp"]
    past = numbers.minutes(int(minute)) if int(minute) else "hundred"
    return f"{numbers.minutes(int(hour))} {past} hours"


@rewrite(
    r"(?<![\w:.,])(?P<minutes>[0-9]{1,2}):(?P<seconds>[0-5][0-9]\.[0-9]{1,3})(?![\w:]|[.,][0-9])",
    needs=r":[0-5][0-9]\.[0-9]",
)
def say_laps(match: re.Match[str]) -> str:
    """1:23.456 is one minute twenty-three point four five six seconds."""
    minutes, seconds = match["minutes"].lstrip("0") or "0", match["seconds"].lstrip("0")
    long = f"{numbers.cardinal(minutes)} minute{'' if minutes == '1' else 's'} "
    return f"{long if minutes != '0' else ''}{numbers.decimal(seconds)} seconds"


@rewrite(
    r"(?<![\w:.,-])(?P<hours>[0-9]{1,3}):(?P<minutes>[0-5][0-9]):(?P<seconds>[0-5][0-9])"
    r"(?P<part>\.[0-9]{1,3})?(?![\w:]|[.,][0-9]| [AP] M\b)",
    needs=":[0-5][0-9]:",
)
def say_lasting_times(match: re.Match[str]) -> str:
    """A marathon in 3:05:27 takes three hours five minutes twenty-seven seconds."""
    text, start = match.string, match.start()
    lasting = LASTING.search(text, max(0, start - 40), start) or LASTING_AFTER.match(
        text, match.end()
    )
    if not lasting and match["hours"] != "0" and int(match["hours"]) < 25:
        return match.group()
    names = {"hours": "hour", "minutes": "minute", "seconds": "second"}
    counts = {part: str(int(match[part])) for part in names}
    counts["seconds"] += match["part"] or ""
    said = (
        f"{numbers.decimal(count)} {names[part]}{'' if count == '1' else 's'}"
        for part, count in counts.items()
        if count != "0"
    )
    return set_apart(match, " ".join(said) or match.group())


@rewrite(
    r"(?<![\w:.,-])(?P<minutes>2[5-9]|[3-9][0-9]|1[0-9]{2}):(?P<seconds>[0-5][0-9])(?![\w:]|[.,][0-9])",
    needs="[0-9]{2}:[0-5][0-9]",
)
def say_lasting_minutes(match: re.Match[str]) -> str:
    """A race in 45:12 takes forty-five twelve, which is no ratio."""
    if not LASTING.search(match.string, max(0, match.start() - 40), match.start()):
        return match.group()
    return numbers.clock(int(match["minutes"]), int(match["seconds"]))


@rewrite(
    rf"(?<![\w:.]){HOUR}(?::(?P<second>[0-5][0-9])(?:\.(?P<part>[0-9]+))?)?(?P<zulu>Z)?(?![\w:])"
    rf"(?P<half> [AP] M\b| (?:noon|midnight|sharp|hours|hrs|o'clock)\b)?",
    needs=":[0-5]",
)
def say_times(match: re.Match[str]) -> str:
    """4:45 is four forty-five, 4:00 is four o'clock, and 14:00 is fourteen hundred hours."""
    hour, minute, half = int(match["hour"]), int(match["minute"]), match["half"] or ""
    zone = " Zulu" if match["zulu"] else ""
    if minute == 0 and not match["second"] and half in ("", " hours", " hrs"):
        hundred = hour > 12 or half
        words = numbers.clock(hour, 0) + (" hundred hours" if hundred else " o'clock")
        return set_apart(match, words + zone)
    words = numbers.clock(hour, minute)
    if match["second"]:
        second = str(int(match["second"])) + (f".{match['part']}" if match["part"] else "")
        if second != "0":
            words += f" and {numbers.decimal(second)} second{'' if second == '1' else 's'}"
    return set_apart(match, words + zone + half)


@rewrite(
    r"(?<![\w.,])(?P<hours>[0-9]{1,3}) ?h(?:rs?)? ?(?P<past>[0-5]?[0-9]) ?m(?:ins?)?\b"
    r"(?: ?(?P<end>[0-5]?[0-9]) ?s(?:ecs?)?\b)?|"
    r"(?<![\w.,°])(?P<minutes>[0-9]{1,3})(?: ?m(?:ins?)? ?|')(?P<seconds>[0-5]?[0-9])"
    r"(?: ?s(?:ecs?)?\b|\")",
    needs=r"[0-9] ?[hm'][a-z]* ?[0-9]",
)
def say_durations(match: re.Match[str]) -> str:
    """1h 20m is one hour twenty minutes, and 2m30s is two minutes thirty seconds."""
    if match["seconds"] and match.group().endswith('"') and int(match["seconds"]) < 12:
        return match.group()  # feet and inches
    names = {"hours": "hour", "past": "minute", "end": "second"}
    names |= {"minutes": "minute", "seconds": "second"}
    said = (
        f"{numbers.cardinal(match[part])} {name}{'' if match[part] == '1' else 's'}"
        for part, name in names.items()
        if match[part]
    )
    return set_apart(match, " ".join(said))


REWRITES = (
    say_durations,
    say_offsets,
    say_halves_of_days,
    spell_zones,
    say_hours,
    say_verses,
    say_laps,
    say_lasting_times,
    say_lasting_minutes,
    say_other_times,
    say_times,
)
