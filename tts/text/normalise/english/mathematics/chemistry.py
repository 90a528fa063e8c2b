"""Rewrites of chemical formulas, which are read letter by letter, and of ions."""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.rule import rewrite, set_apart

# The symbols of elements in everyday formulas, listed by hand.
METALS = (
    "Li|Na|K|Rb|Cs|Be|Mg|Ca|Sr|Ba|Al|Ga|In|Sn|Pb|Bi|Ti|V|Cr|Mn|Fe|Co|Ni|Cu|Zn|Ag|Cd|W|Pt|Au|Hg|U"
)
OTHERS = "H|B|C|N|O|F|Si|P|S|Cl|Ge|As|Se|Br|I|Te"
ELEMENT = f"(?:{METALS}|{OTHERS})"
# Names and abbreviations that look like formulas.
LOOKALIKES = "HeLa InSe CoP CoS CoC InC VoIP PoC CoO PbS CoB InCo InI"
NAMES = frozenset(LOOKALIKES.split())
IONS = "Na|K|Li|Ag|NH4|Mg|Ca|Ba|Fe|Cu|Zn|Al|Pb|Ni|Co|Mn|H3O|OH|Cl|Br|NO3|HCO3|SO4|CO3|PO4|MnO4"
PART = re.compile("[A-Za-z]|[0-9]+")


@rewrite(
    rf"(?<![\w.@#-])(?P<ion>(?:{IONS}))(?:\^?(?P<charge>[2-4])?(?P<sign>[+\-\N{{MINUS SIGN}}]))"
    r"(?![\w+(-])",
    needs=r"[A-Za-z0-9][+\-\N{MINUS SIGN}]",
)
def read_ions(match: re.Match[str]) -> str:
    """An ion is read with its charge: Ca2+ is C A two plus."""
    charge = f"{numbers.cardinal(match['charge'])} " if match["charge"] else ""
    sign = "plus" if match["sign"] == "+" else "minus"
    return set_apart(match, f"{spell_formula(match['ion'])} {charge}{sign}")


@rewrite(
    rf"(?<![\w.@#'-])(?P<formula>{ELEMENT}"
    rf"(?:[0-9]{{0,2}}(?:{ELEMENT}|\((?:{ELEMENT}[0-9]{{0,2}}){{1,4}}\))){{1,12}}[0-9]{{0,2}})"
    r"(?![\w'-])",
    needs="[A-Z][a-z]?[A-Z0-9(]",
)
def spell_formulas(match: re.Match[str]) -> str:
    """A chemical formula is read letter by letter: NaCl is N A C L."""
    formula = match["formula"]
    letters = formula.strip("0123456789")
    # formulas in capitals, without a number, are read as other capitals are
    mixed = not letters.isupper() or (any(map(str.isdigit, formula)) and len(letters) > 1)
    if not mixed or formula in NAMES or (formula.isalpha() and not SALT.fullmatch(formula)):
        return match.group()
    return set_apart(match, spell_formula(formula))


# Formulas without a number: a metal or several, and what is bound to it.
SALT = re.compile(
    rf"(?:{METALS})+(?:OH|H|O|S|Se|Te|F|Cl|Br|I|N|P|As|CN|ClO|SCN|H?CO|NO)|"
    "H(?:Cl|Br|OCl|ClO)|SiC|SiO|BrCl|ICl|IBr|BrF|ClF|[CN]OCl"
)


def spell_formula(formula: str) -> str:
    """The letters of a formula one by one, and its numbers in words."""
    parts = PART.findall(formula)
    return " ".join(numbers.cardinal(one) if one.isdigit() else one.upper() for one in parts)


REWRITES = (read_ions, spell_formulas)
