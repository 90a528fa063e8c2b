"""Rewrites of citations: rules and reporters of American law, equations and figures."""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.roman import read_roman
from tts.text.normalise.rule import any_of, rewrite

PROCEDURES = {
    "Civ": "Civil Procedure",
    "Crim": "Criminal Procedure",
    "App": "Appellate Procedure",
    "Bankr": "Bankruptcy Procedure",
    "Evid": "Evidence",
}
PHRASES = {
    "Fed. Reg.": "Federal Register",
    "Fed. Cir.": "Federal Circuit",
    "D.C. Cir.": "D C Circuit",
    "S. Ct.": "Supreme Court",
    "S.Ct.": "Supreme Court",
    "Sup. Ct.": "Supreme Court",
    "Ct. App.": "Court of Appeals",
    "Rev. Stat.": "Revised Statutes",
    "L. Rev.": "Law Review",
    "et seq.": "and following",
}
EDITIONS = {"2d": "second", "3d": "third"}
NAMED = {
    "Eq": "Equation",
    "Eqs": "Equations",
    "Fig": "Figure",
    "Figs": "Figures",
    "Sec": "Section",
    "Secs": "Sections",
    "Tab": "Table",
    "Ref": "Reference",
    "Refs": "References",
}
NAMES = any_of({form for name in NAMED for form in (name, name.lower())})
FULL = any_of({form for name in NAMED.values() for form in (name, name.lower())})
NUMBER = r"\((?:[A-Z]\.?)?[0-9]{1,3}(?:\.[0-9]{1,3})?[a-z]?\)"
PART = r"\((?:[a-z]{1,4}|[A-Z]|[0-9]{1,3})\)"


@rewrite(
    rf"\b(?:(?P<short>{NAMES})\.|(?P<full>{FULL})) ?(?P<first>{NUMBER})"
    rf"(?:(?P<joint>,? (?:and|to|or) |[-–]|, )(?P<last>{NUMBER}))?",
    needs=r"[a-z.] ?\(",
)
def name_equations(match: re.Match[str]) -> str:
    """A number in brackets after a word such as equation has none: Eq. (4) is Equation 4."""
    name = match["full"] or NAMED[match["short"].capitalize()]
    if match["short"] and match["short"].islower():
        name = name.lower()
    last = (match["joint"] + match["last"].strip("()")) if match["last"] else ""
    return f"{name} {match['first'].strip('()')}{last}"


@rewrite(
    rf"\bFed\. ?R\. ?(?P<kind>{any_of(PROCEDURES)})\.(?: ?P\.)? ?(?=[0-9])",
    needs=r"\bFed\.",
)
def name_rules(match: re.Match[str]) -> str:
    """The federal rules of a court are said in full: Fed. R. Evid. is Federal Rule of Evidence."""
    return f"Federal Rule of {PROCEDURES[match['kind']]} "


@rewrite(
    rf"(?<!\w)(?P<phrase>{any_of(PHRASES)})|(?<=[0-9][snrt][tdh] )Cir\.|\b(?P<circuit>[23]d) Cir\.|"
    r"(?P<reporter>\bF\. ?(?P<supplement>Supp\. ?)?|\b[A-Z]\.(?:[A-Z]\.)?|\bL\. ?Ed\. ?)"
    rf"(?P<edition>{any_of(EDITIONS)})(?= [0-9])",
    needs=r"\bCir\.|[.] ?[23]d |\bCt\.|\bReg\.|\bRev\.|et seq",
)
def name_reporters(match: re.Match[str]) -> str:
    """Courts and reporters of law are said in full: 5 F.3d 10 (9th Cir.) is the Ninth Circuit."""
    if match["phrase"]:
        return PHRASES[match["phrase"]]
    if not match["edition"]:
        return (
            f"{EDITIONS[match['circuit']].capitalize()} Circuit" if match["circuit"] else "Circuit"
        )
    letters = " ".join(re.findall("[A-Z](?![a-z])", match["reporter"]))
    name = "Lawyers' Edition" if "Ed" in match["reporter"] else letters
    supplement = " Supplement" if match["supplement"] else ""
    return f"{name}{supplement} {EDITIONS[match['edition']]}"


@rewrite(
    r"(?P<before>§§? ?|\b(?:(?:[Ff]ig(?:ure)?|[Tt]able|[Rr]ule|[Ss]ection|[Aa]rticle|[Cc]lause|"
    r"[Pp]aragraph)s?|Title|U\.S\.C\.|C\.F\.R\.|Procedure|Evidence)\.? )?"
    rf"(?<![\w.(-])(?P<number>[0-9]{{1,5}}(?:\.[0-9]{{1,3}})?[a-z]?)(?P<parts>(?:{PART}){{1,6}})"
    r"(?![\w(])",
    needs=r"[0-9a-z]\(",
)
def read_subsections(match: re.Match[str]) -> str:
    """The parts of a section of law follow its number: 12(b)(6) is 12 b 6."""
    parts = match["parts"].strip("()").split(")(")
    if parts == ["s"] or (len(parts) == 1 and not match["before"]):
        return match.group()
    said = [_part(part, first=place == 0) for place, part in enumerate(parts)]
    return " ".join(((match["before"] or "") + match["number"], *said))


def _part(part: str, first: bool) -> str:
    """A part as it is said: a small Roman numeral that is not the first as a number."""
    if part.islower() and read_roman(part) and (len(part) > 1 or (part == "i" and not first)):
        return numbers.cardinal(str(read_roman(part)))
    return "A" if part == "a" else part


REWRITES = (name_equations, name_rules, name_reporters, read_subsections)
