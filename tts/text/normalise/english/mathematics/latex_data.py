"""The words for the commands of LaTeX, listed by hand."""

from tts.text.normalise.english.mathematics.symbols import GREEK_LETTERS

# Commands that are one word or several, with nothing to read after them.
WORDS = {
    "times": "times",
    "cdot": "times",
    "ast": "times",
    "div": "divided by",
    "pm": "plus or minus",
    "mp": "minus or plus",
    "leq": "is at most",
    "le": "is at most",
    "geq": "is at least",
    "ge": "is at least",
    "lt": "is less than",
    "gt": "is greater than",
    "ll": "is much less than",
    "gg": "is much greater than",
    "neq": "is not equal to",
    "ne": "is not equal to",
    "approx": "is about",
    "equiv": "is identical to",
    "cong": "is congruent to",
    "sim": "is similar to",
    "simeq": "is about",
    "propto": "is proportional to",
    "to": "to",
    "rightarrow": "to",
    "longrightarrow": "to",
    "mapsto": "maps to",
    "leftarrow": "from",
    "gets": "from",
    "Rightarrow": "implies",
    "implies": "implies",
    "Leftrightarrow": "if and only if",
    "iff": "if and only if",
    "in": "in",
    "ni": "contains",
    "notin": "not in",
    "subset": "is a subset of",
    "subseteq": "is a subset of",
    "supset": "is a superset of",
    "supseteq": "is a superset of",
    "cup": "union",
    "cap": "intersection",
    "setminus": "without",
    "emptyset": "the empty set",
    "varnothing": "the empty set",
    "infty": "infinity",
    "partial": "partial",
    "nabla": "del",
    "forall": "for all",
    "exists": "there is",
    "neg": "not",
    "lnot": "not",
    "land": "and",
    "wedge": "and",
    "lor": "or",
    "vee": "or",
    "oplus": "plus",
    "otimes": "times",
    "circ": "after",
    "perp": "is perpendicular to",
    "parallel": "is parallel to",
    "mid": "given",
    "angle": "angle",
    "degree": "degrees",
    "prime": "prime",
    "hbar": "h bar",
    "ell": "l",
    "ldots": "dot dot dot",
    "cdots": "dot dot dot",
    "dots": "dot dot dot",
    "vdots": "dot dot dot",
    "LaTeX": "LaTeX",
    "TeX": "TeX",
    "%": "percent",
    "&": "and",
    "$": "dollars",
    "#": "number",
    "_": "",
    "{": ",",
    "}": ",",
    "|": ",",
    "quad": ",",
    "qquad": ",",
    "\\": ",",
}
GREEK = {name: name for name in GREEK_LETTERS.values()}
WORDS |= GREEK | {name.capitalize(): name for name in GREEK}
WORDS |= {f"var{name}": name for name in GREEK}

FUNCTIONS = {
    "sin": "sine",
    "cos": "cosine",
    "tan": "tangent",
    "cot": "cotangent",
    "sec": "secant",
    "csc": "cosecant",
    "arcsin": "arc sine",
    "arccos": "arc cosine",
    "arctan": "arc tangent",
    "sinh": "hyperbolic sine",
    "cosh": "hyperbolic cosine",
    "tanh": "hyperbolic tangent",
    "log": "log",
    "ln": "natural log",
    "lg": "log",
    "exp": "exponential",
    "det": "determinant",
    "dim": "dimension",
    "ker": "kernel",
    "gcd": "G C D",
    "deg": "degree",
    "arg": "argument",
    "Pr": "probability",
}
# Those that have bounds: their name, the word before the lower bound, and the word after them.
BOUNDED = {
    "sum": ("the sum", "from", "of"),
    "prod": ("the product", "from", "of"),
    "int": ("the integral", "from", "of"),
    "iint": ("the double integral", "over", "of"),
    "oint": ("the contour integral", "over", "of"),
    "bigcup": ("the union", "over", "of"),
    "bigcap": ("the intersection", "over", "of"),
    "lim": ("the limit", "as", "of"),
    "limsup": ("the upper limit", "as", "of"),
    "liminf": ("the lower limit", "as", "of"),
    "max": ("the maximum", "over", "of"),
    "min": ("the minimum", "over", "of"),
    "sup": ("the supremum", "over", "of"),
    "inf": ("the infimum", "over", "of"),
    "argmax": ("the arg max", "over", "of"),
    "argmin": ("the arg min", "over", "of"),
}
ACCENTS = {
    "hat": "hat",
    "widehat": "hat",
    "bar": "bar",
    "overline": "bar",
    "tilde": "tilde",
    "widetilde": "tilde",
    "dot": "dot",
    "ddot": "double dot",
    "vec": "",
}
ROOTS = {"": "square", "2": "square", "3": "cube", "4": "fourth"}
FRACTIONS = ("frac", "dfrac", "tfrac", "cfrac")
CHOICES = ("binom", "dbinom", "tbinom")
# Commands whose argument is read as it is.
READ_THROUGH = """
mathbb mathcal mathrm mathbf mathit mathsf mathfrak mathscr boldsymbol bm operatorname underline
overbrace underbrace boxed displaystyle textstyle
"""
FONTS = frozenset(READ_THROUGH.split())
# Commands whose argument is a text.
TEXT_COMMANDS = """
text textbf textit textrm texttt textsc textsf emph mbox section subsection chapter title paragraph
footnote underline caption
"""
TEXTS = TEXT_COMMANDS.split()
# Commands that only change how a formula looks.
LAYOUT = "left right big Big bigg Bigg bigl bigr limits nolimits , ; : ! / -"
SILENT = frozenset(LAYOUT.split())
COMMANDS = frozenset(
    [*WORDS, *FUNCTIONS, *BOUNDED, *ACCENTS, *FRACTIONS, *CHOICES, *FONTS, *TEXTS, *SILENT, "sqrt"]
)
