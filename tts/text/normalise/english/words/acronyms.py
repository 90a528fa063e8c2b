"""Rewrites of capitals: acronyms read as letters or as words, and emphasis in capitals.

All word lists are written by hand. Whether other capitals can be pronounced as a word is decided
by patterns of English spelling (onsets, vowels and codas), also written by hand.
"""

import re

from tts.text.normalise.roman import read_roman
from tts.text.normalise.rule import preceded_by, rewrite

WORD_ACRONYMS = """
ACORN AIDS ANSI APEC ARMY ASBO ASCAP ASCII ASEAN ASIC AWACS AWOL BAFTA BASIC BIOS BIPOC BOGO BRICS
CAD CAM CAPTCHA CENTCOM CERN COBOL COP COVID CRISPR CRUD DARPA DEFCON DEFRA DOS DRAM EEPROM EFTA
EGOT EPCOT EPROM ESPRIT EULA EURIBOR EUROPOL FARC FEMA FIAT FICA FIFA FIFO FINRA FLOTUS FODMAP FOIA
FOMO FTSE GATT GIF GMAT GUI GULAG HIIT HIPAA HODL HUAC HUD HUMINT HVAC IATA IBAN ICANN ICAO IELTS
IKEA IMAP IMAX INTELSAT INTERPOL ISIL ISIS IUPAC JAXA JSON LAN LARP LASER LASIK LEED LIBOR LIDAR
LIFO LIGO LISTSERV LOL LSAT MADD MASH MCAT MENSA MERCOSUR MERS MIDI MIPS MOOC MOSFET NAFTA NAND NASA
NASCAR NASDAQ NATO NAVY NEET NICAR NICU NIMBY NIST NOAA NORAD NSAID NVIDIA OLED OPAC OPEC OSHA PETA
PFAS PIN POSIX POTUS QWERTY RADAR RAID RAM RISC ROFL ROM SAAB SALT SARS SCADA SCOTUS SCSI SCUBA SETI
SIDS SIGINT SIM SNAP SONAR SPAC SQUID SRAM START STEM SWAT TASER TED TEFL TESOL TIFF TOEFL UEFA UKIP
UNCTAD UNESCO UNICEF UNIDO UNRWA USAID VAT VRAM VTOL WAN WASM WASP WIMP WIPO WYSIWYG YAML YIMBY YOLO
ZIP
"""
SAID_AS_WORDS = frozenset(WORD_ACRONYMS.split())
LETTERS_OF = {
    "OK": "OK",
    "MSS": "manuscripts",
    "JPEG": "J peg",
    "MPEG": "M peg",
    "WWI": "World War One",
    "WWII": "World War Two",
}
SHORT = """
AM AN AS AT BE BY DO GO HE HI IF IN IS IT ME MY NO OF OH ON OR SO TO UP US WE ACT ADD AGE AGO AIR
ALL AND ANY ARE ARM ART ASK ATE BAD BAG BAR BED BEG BET BIG BIT BOX BOY BUS BUT BUY CAN CAR CAT CRY
CUT DAD DAY DID DIE DOG DRY DUE EAR EAT EGG END EYE FAR FEW FIT FIX FLY FOR FUN GET GOD GOT GUN GUY
HAD HAS HAT HER HEY HIM HIS HIT HOT HOW HUH ICE ILL ITS JOB KEY KID LAW LAY LEG LET LIE LOT LOW MAD
MAN MAP MAY MEN MOM NEW NOR NOT NOW OFF OIL OLD ONE OUR OUT OWN PAY PUT RAN RED RUN SAD SAW SAY SEA
SEE SET SHE SIT SIX SON SUN TAX TEN THE TOO TOP TRY TWO USE WAR WAS WAY WHO WHY WIN WON YES YET YOU
UH UM AH OW AW EW WOW HA HO HMM SHH UGH AWW EWW MEH NAH OOF ARGH PSST PFFT PFF BRR GRR ZZZ OOH AHH
OHH YAY BOO GAH BAH EEK ICK YUM YUP YEP HEH HEE WOO TSK DUH
"""
SHORT_WORDS = frozenset(SHORT.split())
# These are acronyms as well as words; the words around them decide.
AMBIGUOUS = ("US", "IT", "WHO", "ACT")
BESIDE = r"(?P<other>[A-Z]{2,})s?"
BEFORE_LISTED = re.compile(rf"\b{BESIDE},? (?:(?:and|or) )?$")
AFTER_LISTED = re.compile(rf"(?:, (?:(?:and|or) )?| (?:and|or) ){BESIDE}\b(?!')")
LETTERS_BEHIND = re.compile("(?P<word>[A-Z]{4,})(?P<letters>[B-DF-HJ-NP-RTV-XZ])")
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
    "SAT",
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
# Hardly any acronym is this long, begins like a word and has its vowels this close together.
LONG_WORD = re.compile(
    f"(?=.{{7}}|(?=.{{5}})(?!.*[^AEIOUY]{{4}}(?:.?$|[^AEIOUY]))){ONSET}?{VOWELS}[A-Z]+"
)
# In a text all in capitals, three letters of this pattern are a word, with these exceptions.
SHOUTED_WORD = re.compile(
    "(?!GOP|MIT|VIP|RIP|DIY|DOD|DOL|LAX|POW|COD|SAP)[BCDFGHJKLMNPRSTVWYZ][AEIOU][BDGKLMNPRTXWY]"
)
AIRED = re.compile(" (?:radio|station|band|dial|stereo|(?:and|or) FM)")
STARTS = re.compile(r"(?:^|[.?!]\s+)[\"'(]*$")


@rewrite(r"(?<![\w.])[0-9][0-9,]*(?:ST|ND|RD|TH)(?!\w|-[0-9])", needs="[0-9](?:ST|ND|RD|TH)")
def lower_ordinals(match: re.Match[str]) -> str:
    """The ending of an ordinal number in capitals is as in small letters: 20TH is 20th."""
    return match.group().lower()


@rewrite(SHOUT, needs=r"[A-Z] +[A-Z]|[A-Z][,;:!?-]+ +[A-Z]")
def calm_shouting(match: re.Match[str]) -> str:
    """Several ordinary words in capitals are read as in small letters: STOP THAT is stop that."""
    words = SHOUTED.findall(match.group())
    said = [word for word in words if is_word(word) or SHOUTED_WORD.fullmatch(word)]
    if len(said) * 2 <= len(words) or not any(_is_ordinary(word) for word in said):
        return match.group()
    starts = STARTS.search(match.string, max(0, match.start() - 6), match.start())
    calm = SHOUTED.sub(lambda word: _calm(word.group()), match.group())
    calm = calm[0].upper() + calm[1:] if starts else calm
    return re.sub(r"[!?] +[a-z]", lambda start: start.group().upper(), calm)


def _is_ordinary(word: str) -> bool:
    """Whether a word in capitals is an ordinary word: not an acronym and not a letter."""
    return len(word) > 1 and word not in SAID_AS_WORDS and word not in AMBIGUOUS


def _calm(word: str) -> str:
    if word in SAID_AS_WORDS or word == "I" or word.startswith("I'"):
        return word if word in SAID_AS_WORDS else "I" + word[1:].lower()
    return word.lower() if is_word(word) or SHOUTED_WORD.fullmatch(word) else word


@rewrite(CAPITALS, needs="[A-Z]{2}")
def spell_acronyms(match: re.Match[str]) -> str:
    """An acronym is spelt unless it can be read as a word: FBI is F B I, and NASA is a word."""
    word, plural = match["word"], match["plural"] or ""
    if word in SAID_AS_WORDS:
        return word + plural.lower()
    if plural.isupper() and plural != "'S":
        return _emphasised(match)
    behind = LETTERS_BEHIND.fullmatch(word)
    if behind and behind["word"] in SAID_AS_WORDS:
        return f"{behind['word']} {behind['letters']}{plural}"
    if word in AMBIGUOUS:
        if not _is_spelt(match):
            return _emphasised(match)
    elif word == "AM" and AIRED.match(match.string, match.end()):
        return "A M"
    elif word not in LETTERS_OF and is_word(word):
        return _emphasised(match)
    plural = "'s" if plural in ("s", "'s", "'S") else plural.lower()
    return LETTERS_OF.get(word, " ".join(word)) + plural


def _is_spelt(match: re.Match[str]) -> bool:
    """Whether an ambiguous word is an acronym here, by the words around it."""
    word, text, start, stop = match["word"], match.string, match.start(), match.end()
    before = BEFORE_LISTED.search(text, max(0, start - 20), start)
    after = AFTER_LISTED.match(text, stop)
    if any(_is_acronym(other["other"]) for other in (before, after) if other):
        return True
    if word == "ACT":
        return False
    named = BEFORE_LETTERS.search(text, max(0, start - 7), start) or STAFF.match(text, stop)
    return bool(named or (word == "US" and text[stop:].strip(" .,!?")))


def _is_acronym(word: str) -> bool:
    """Whether capitals are an acronym, read as a word or spelt, rather than an ordinary word."""
    known = word in SAID_AS_WORDS or word in SPELT
    return known or not (is_word(word) or SHOUTED_WORD.fullmatch(word))


def _emphasised(match: re.Match[str]) -> str:
    starts = STARTS.search(match.string, max(0, match.start() - 6), match.start())
    word = (match["word"] + (match["plural"] or "")).lower()
    return word.capitalize() if starts else word


def is_word(word: str) -> bool:
    """Whether capitals are read as a word: they can be pronounced, or are a known short word."""
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
    """Capitals at the start or end of a word are separated: MySQL is My SQL."""
    return match.group() + " "


@rewrite(r"\bPh\.? ?D\b\.?|\bPhDs?\b|\b(?P<one>[A-Z]{1,3})&(?P<other>[A-Z]{1,3})\b", needs="Ph|&")
def spell_degrees(match: re.Match[str]) -> str:
    """A degree and names with & are spelt: PhD is P H D, and AT&T is A T and T."""
    if match["one"]:
        return f"{' '.join(match['one'])} and {' '.join(match['other'])}"
    return "P H D's" if match.group().endswith("s") else "P H D"


@rewrite(r"\b(?P<note>[A-G])#(?!\w)|(?<!\w)(?P<dot>\.)NET\b", needs=r"#|\.NET")
def say_sharps(match: re.Match[str]) -> str:
    """C# is C sharp, and .NET is dot net."""
    return "dot net" if match["dot"] else f"{match['note']} sharp"


@rewrite(
    preceded_by(r"\b[Aa] ", r"\b[Aa]n ", "got ", "of ", "grade ", "rade: ", "type ", r"\bor ")
    + r"(?P<grade>[A-DF])-(?=[ .,;:!?)]|$)(?! (?:and|or) [A-Z]-[a-z])",
    needs="[A-F]-",
)
def say_grades(match: re.Match[str]) -> str:
    """A grade of B- is B minus."""
    return f"{match['grade']} minus"


@rewrite(r"(?<=\b[Ss]traight )As\b", needs="traight As")
def say_straight_grades(match: re.Match[str]) -> str:
    """In straight As, the word As is the plural of the letter A."""
    return "A's"


BEFORE_NUMBERS = (say_sharps, spell_degrees, say_grades, say_straight_grades)
REWRITES = (calm_shouting, split_capitals, spell_acronyms)
