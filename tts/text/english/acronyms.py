"""Rewrites of capitals: acronyms said as letters or as words, and shouting."""

import re

from tts.text.rewrite import after, rewrite
from tts.text.romans import read_roman

WORDS = """
NASA NATO UNESCO UNICEF FEMA FIFA NAFTA OPEC OSHA SWAT SCUBA LASER RADAR SONAR AIDS SARS COVID
RAM ROM PIN SIM GIF ASCII YOLO COBOL BASIC DARPA HIPAA STEM VAT IKEA IMAX NIMBY POTUS
SCOTUS FLOTUS SAT GUI DOS LAN WAN BIOS CAPTCHA JSON YAML NASDAQ MENSA INTERPOL EUROPOL FINRA
TASER GULAG DEFCON NORAD SALT START ACORN ASEAN MERCOSUR CERN ESPRIT LIDAR MIDI RAID SAAB FIAT
BIPOC FOMO LOL PETA MASH NAVY ARMY CAD CAM COP FARC GATT GMAT LSAT MCAT HUD ICANN
INTELSAT ISIS NIST OPAC SCADA SQUID TED WASP ZIP NOAA AWOL EPCOT FICA NICAR SNAP USAID OLED
BRICS
"""
SAID_AS_WORDS = frozenset(WORDS.split())
LETTERS_OF = {
    "OK": "OK",
    "MSS": "manuscripts",
    "JPEG": "J peg",
    "MPEG": "M peg",
    "WWI": "World War One",
    "WWII": "World War Two",
}
SHORT = """
AM AN AS AT BE BY DO GO HE HI IF IN IS IT ME MY NO OF OH ON OR SO TO UP US WE ACT ADD AGE AGO
AIR ALL AND ANY ARE ARM ART ASK ATE BAD BAG BAR BED BEG BET BIG BIT BOX BOY BUS BUT BUY CAN CAR
CAT CRY CUT DAD DAY DID DIE DOG DRY DUE EAR EAT EGG END EYE FAR FEW FIT FIX FLY FOR FUN GET GOD
GOT GUN GUY HAD HAS HAT HER HEY HIM HIS HIT HOT HOW HUH ICE ILL ITS JOB KEY KID LAW LAY LEG LET
LIE LOT LOW MAD MAN MAP MAY MEN MOM NEW NOR NOT NOW OFF OIL OLD ONE OUR OUT OWN PAY PUT RAN RED
RUN SAD SAW SAY SEA SEE SET SHE SIT SIX SON SUN TAX TEN THE TOO TOP TRY TWO USE WAR WAS WAY WHO
WHY WIN WON YES YET YOU UH UM AH OW AW EW WOW HA HO HMM SHH
"""
SHORT_WORDS = frozenset(SHORT.split())
BEFORE_LETTERS = re.compile(r"\b(?:the|an|our|their|your|his|her|in|of|for|from|to) $")
STAFF = re.compile(
    " (?:department|support|staff|team|manager|specialist|system|security|infrastructure|industry|"
    "guy|consultant|company|professional|job|equipment|project|service|sector|skills|dollar|army|citizen)"
)
CAPITALS = r"(?<![\w'.])(?P<word>[A-Z]{2,})(?P<plural>s|'s|'d|'ed|'[A-Z]{1,2})?(?![\w])"
SHOUTED = re.compile(r"[A-Z]+(?:'[A-Z]+)?")
SHOUT = (
    r"(?<![\w'.&-])(?<!\b[A-Z] )(?:(?:[A-Z]{2,}|[AI])(?:'[A-Z]+)?[,;:!?]* +(?:[\"'-]+)?){2,}"
    r"(?:[A-Z]{2,}(?:'[A-Z]+)?|[AI])(?![\w'])"
    r"|(?<![\w'.&-])(?:[A-Z]{2,})(?:'[A-Z]+)?[,;:!?]* +[A-Z]{2,}(?:'[A-Z]+)?(?=[!?]|\.?$|\. )"
)
SPELT = (
    "ACLU",
    "UCLA",
    "USDA",
    "USAF",
    "AARP",
    "ASAP",
    "IEEE",
    "UCSF",
    "NAACP",
    "USMCA",
    "OSCE",
    "IMHO",
    "AFAIK",
    "NYSE",
    "YMCA",
)
DRAWN = re.compile(r"(\w)\1\1")
ONSET = (
    "(?:[BCDFGHJKLMNPRSTVWXYZ]|[BCFGKPS]L|[BCDFGKPTW]R|[CGPSTW]H|SC[HR]?|S[KMNPQTW]|SP[LR]|STR|"
    "[CPST]HR|TW|DW|QU|[GK]N|PS)"
)
VOWELS = "(?:A[IUYW]?|E[AEIUWY]?|I[AEOU]?|O[AEIOUWY]?|U[AEIOY]?|Y|EAU|IEW|UOU|IOU|EOU)"
MIDDLE = (
    "(?:[BCDFGHJKLMNPRSTVWXYZ]{1,2}|[CN]?QU|[BCDFGKLMNPRST]{1,2}[BCDFGHKLMNPRSTVW][HLRW]|GHT|"
    "[NR]ST)"
)
CODA = (
    "(?:[BCDFGHKLMNPRSTVWXYZ]|[CLNRFPX]T[HS]?|[CSTG]H|CK|FF|SS|LL|TT|ZZ|DD|GG|L[DFKMPSV]|M[BPS]|MPT|"
    "N[DGKSXC]|NGS|NGTH|NTS|N[CT]H|R[BCDFGKLMNPSTV]|R[CT]H|RLD|RST|RTS|S[KMPT]|STS|GHTS?|LFTH|THM|TCH|[BCDFGKPTW]S|"
    "W[NLK]|PTH|BT|GN|L[LT]S|NDS|RDS|CKS|RKS|NKS|MPS|DDS|GGS|PPS)"
)
PRONOUNCED = re.compile(f"{ONSET}?{VOWELS}(?:{MIDDLE}{VOWELS})*{CODA}?")
# hardly any acronym is so long, begins so, and has its vowels so near one another unless longer
LONG_WORD = re.compile(
    f"(?=.{{7}}|(?=.{{5}})(?!.*[^AEIOUY]{{4}}(?:.?$|[^AEIOUY]))){ONSET}?{VOWELS}[A-Z]+"
)
# among shouted words, three letters are a word, unless they are one of these
SHOUTED_WORD = re.compile(
    "(?!GOP|MIT|VIP|RIP|DIY|DOD|DOL|LAX|POW|COD|SAP)[BCDFGHJKLMNPRSTVWYZ][AEIOU][BDGKLMNPRTXWY]"
)
AIRED = re.compile(" (?:radio|station|band|dial|stereo|(?:and|or) FM)")
STARTS = re.compile(r"(?:^|[.?!]\s+)[\"'(]*$")


@rewrite(SHOUT, needs=r"[A-Z] +[A-Z]|[A-Z][,;:!?-]+ +[A-Z]")
def calm_shouting(match: re.Match[str]) -> str:
    """Two or more words in capitals are shouting, and read as if in small letters."""
    words = SHOUTED.findall(match.group())
    said = sum(_is_word(word) or bool(SHOUTED_WORD.fullmatch(word)) for word in words) * 2
    if said <= len(words) or max(map(len, words)) == 1:
        return match.group()
    starts = STARTS.search(match.string, max(0, match.start() - 6), match.start())
    calm = SHOUTED.sub(lambda word: _calm(word.group()), match.group())
    calm = calm[0].upper() + calm[1:] if starts else calm
    return re.sub(r"[!?] +[a-z]", lambda start: start.group().upper(), calm)


def _calm(word: str) -> str:
    if word in SAID_AS_WORDS or word == "I" or word.startswith("I'"):
        return word if word in SAID_AS_WORDS else "I" + word[1:].lower()
    return word.lower() if _is_word(word) or SHOUTED_WORD.fullmatch(word) else word


@rewrite(CAPITALS, needs="[A-Z]{2}")
def spell_acronyms(match: re.Match[str]) -> str:
    """An acronym is said by its letters, unless it is known, or long enough, to be a word."""
    word, plural = match["word"], match["plural"] or ""
    if word in SAID_AS_WORDS:
        return word + plural.lower()
    if plural.isupper() and plural != "'S":
        return _emphasised(match)
    if word in ("US", "IT", "WHO"):
        text = match.string
        named = BEFORE_LETTERS.search(text, max(0, match.start() - 7), match.start())
        if not (named or STAFF.match(text, match.end())) and (
            word != "US" or not match.string[match.end() :].strip(" .,!?")
        ):
            return _emphasised(match)
    elif word == "AM" and AIRED.match(match.string, match.end()):
        return "A M"
    elif word not in LETTERS_OF and _is_word(word):
        return _emphasised(match)
    plural = "'s" if plural in ("s", "'s", "'S") else plural.lower()
    return LETTERS_OF.get(word, " ".join(word)) + plural


def _emphasised(match: re.Match[str]) -> str:
    starts = STARTS.search(match.string, max(0, match.start() - 6), match.start())
    word = (match["word"] + (match["plural"] or "")).lower()
    return word.capitalize() if starts else word


def _is_word(word: str) -> bool:
    """Whether capitals read as a word: what can be pronounced, or is short and known to be one."""
    if word in SAID_AS_WORDS or word in SHORT_WORDS or word in ("A", "I") or "'" in word:
        return True
    if len(word) < 4 or (read_roman(word) and len(word) < 5):
        return word in SHORT_WORDS
    drawn = bool(DRAWN.search(word)) and len(set(word)) > 1
    if word in SPELT:
        return False
    return drawn or bool(PRONOUNCED.fullmatch(word) or LONG_WORD.fullmatch(word))


@rewrite(
    r"\b(?:[A-Za-z]+[a-z](?=[A-Z]{2,}\b)|[A-Z]{2,}(?=[A-Z][a-z]{2,}))",
    needs=r"[a-z][A-Z]|[A-Z]{3}[a-z]",
)
def split_capitals(match: re.Match[str]) -> str:
    """Capitals that begin or end a word stand apart: MySQL is My SQL."""
    return match.group() + " "


@rewrite(r"\bPh\.? ?D\b\.?|\bPhDs?\b|\b(?P<one>[A-Z]{1,3})&(?P<other>[A-Z]{1,3})\b", needs="Ph|&")
def spell_degrees(match: re.Match[str]) -> str:
    """A PhD is a P H D, and AT&T A T and T."""
    if match["one"]:
        return f"{' '.join(match['one'])} and {' '.join(match['other'])}"
    return "P H D's" if match.group().endswith("s") else "P H D"


@rewrite(r"\b(?P<note>[A-G])#(?!\w)|(?<!\w)(?P<dot>\.)NET\b", needs=r"#|\.NET")
def say_sharps(match: re.Match[str]) -> str:
    """C# is C sharp, and .NET dot net."""
    return "dot net" if match["dot"] else f"{match['note']} sharp"


@rewrite(
    after(r"\b[Aa] ", r"\b[Aa]n ", "got ", "of ", "grade ", "rade: ", "type ", r"\bor ")
    + r"(?P<grade>[A-DF])-(?=[ .,;:!?)]|$)(?! (?:and|or) [A-Z]-[a-z])",
    needs="[A-F]-",
)
def say_grades(match: re.Match[str]) -> str:
    """A grade of B- is B minus."""
    return f"{match['grade']} minus"


BEFORE_NUMBERS = (say_sharps, spell_degrees, say_grades)
REWRITES = (calm_shouting, split_capitals, spell_acronyms)
