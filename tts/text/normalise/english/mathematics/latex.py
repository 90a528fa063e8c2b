"""Rewrites of LaTeX: a formula between dollars or brackets, or bare commands, becomes words."""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.english.mathematics.latex_data import (
    ACCENTS,
    BOUNDED,
    CHOICES,
    COMMANDS,
    FONTS,
    FRACTIONS,
    FUNCTIONS,
    ROOTS,
    SILENT,
    TEXTS,
    WORDS,
)
from tts.text.normalise.rule import any_of, rewrite

MAX_DEPTH = 30  # terms within terms; what lies deeper is not read, chosen by hand
TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)|[0-9]+(?:[.,][0-9]+)*|[A-Za-z]+|[^\s]|\s+")
OPERATORS = {
    "+": "plus",
    "-": "minus",
    "\N{MINUS SIGN}": "minus",
    "=": "equals",
    "<": "is less than",
    ">": "is greater than",
    "*": "times",
    "/": "over",
    "!": "factorial",
    "'": "prime",
    "|": ",",
    "&": "",
    "~": "",
    "(": "",
    "[": ",",
    "]": ",",
    ")": ",",
}
# Letters that are usually functions.
FUNCTION_LETTERS = "f g h F G H P E O p theta omega gamma phi psi zeta sigma"
APPLIED = frozenset(FUNCTION_LETTERS.split())
SINGLE = re.compile(r"[A-Za-z]+(?: prime)*|[0-9.]+|minus [A-Za-z0-9]+")
INTEGER = re.compile(r"[+-]?[0-9]+")
# A sum of money or a name of a shell has neither a sign of LaTeX nor letters alone.
MARKED = re.compile(r"\\[A-Za-z{%]|[_^{}]|[A-Za-z0-9)|] ?[=<>] ?[A-Za-z0-9(\\-]")
LETTERS_ALONE = re.compile(
    r"(?=[^A-Za-z]*[A-Za-z])(?:[A-Za-z](?![A-Za-z]{2})|[0-9.]|[-+*/()|!,' ])+"
)
DIGITS = re.compile(r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?")
NUMBER_ALONE = re.compile(
    rf"{DIGITS.pattern}(?:[-+*/]{DIGITS.pattern})?|[\[(]-?{DIGITS.pattern}, -?{DIGITS.pattern}[\])]"
)
PROSE = re.compile(r"(?<![\\A-Za-z{])[A-Za-z]{3,} ")

FORMULA = (
    r"(?<![\\\w$])\$\$(?P<displayed>[^$]{1,1000})\$\$|"
    r"(?<![\\\w$])\$(?=[^\s$])(?!\{\w+\})(?P<inline>(?:[^$\n\\]|\\[^\n]|\n(?!\s*\n)){1,300}?)"
    r"(?<!\s)\$(?!\$|(?!(?:st|nd|rd|th)\b)\w)(?:-?(?P<ordinal>th)\b)?|"
    r"\\begin\{(?P<name>(?:equation|align|gather|displaymath|math)\*?)\}"
    r"(?P<environment>[^$]{1,1000}?)"
    r"\\end\{(?P=name)\}|\\\[(?P<block>(?:(?!\\[\[\]]).){1,1000})\\\]|\\\((?P<bracketed>(?:(?!\\[()]).){1,300})\\\)"
)
# Bare commands with what a formula has around them: single letters, numbers, signs and braces.
ATOM = (
    r"(?:[0-9]+(?:\.[0-9]+)?|[a-zA-Z](?![A-Za-z])|d[a-z](?![A-Za-z])|[{}^_=+*/()\[\]<>|!]|"
    r"-(?![A-Za-z]{2}))"
)
BARE = (
    rf"(?<![\w:\\./])\\(?:{any_of(word for word in COMMANDS if word.isalpha())})(?![A-Za-z\\])"
    rf"(?:\s?(?:\\(?:[A-Za-z]+|[,;:!{{}}|])|{ATOM})|,(?=\s?\\))*"
)


@rewrite(FORMULA, needs=r"\$|\\[\[(b]")
def read_formulas(match: re.Match[str]) -> str:
    """A formula of LaTeX is read in words: $x^2$ is x squared."""
    shown = match["displayed"] or match["environment"]
    written = shown or match["inline"] or match["block"] or match["bracketed"]
    if not shown and not _is_formula(written):
        return match.group()
    return f" {read_formula(written)}{match['ordinal'] or ''} "


def _is_formula(written: str) -> bool:
    """Whether what stands between the signs of a formula is no money, no shell and no prose."""
    if MARKED.search(written):
        return not PROSE.search(TEXT.sub("", written))
    written = written.strip()
    return bool(LETTERS_ALONE.fullmatch(written) or NUMBER_ALONE.fullmatch(written))


@rewrite(BARE, needs=r"\\[A-Za-z]")
def read_commands(match: re.Match[str]) -> str:
    r"""Bare commands of LaTeX are read in words: \frac{a}{b} is a over b."""
    return f" {read_formula(match.group())} "


TEXT = re.compile(rf"\\(?:{any_of(TEXTS)})\*?\{{(?P<words>[^{{}}]*)\}}")


@rewrite(
    r"\\(?:cite[a-z]?|label|ref|eqref|pageref|includegraphics)(?:\[[^\[\]]*\])?\{[^{}]*\}|"
    r"\\(?:begin|end)\{(?!equation|align|gather|displaymath|math)[a-z]+\*?\}|\\item\b|"
    r"(?<=[A-Za-z.])~(?=[A-Za-z0-9\\])",
    needs=r"\\[a-z]|~",
)
def drop_layout(match: re.Match[str]) -> str:
    r"""Commands of LaTeX for the layout, and its spaces that do not break a line, are not read."""
    return "\n" if match.group() == r"\item" else " "


@rewrite(TEXT, needs=r"\\[a-z]")
def read_texts(match: re.Match[str]) -> str:
    r"""Of a command of LaTeX for a text only the text is read: \emph{this} is this."""
    return match["words"]


def read_formula(written: str) -> str:
    """A formula of LaTeX in words."""
    tokens = TOKEN.findall(TEXT.sub(r" \g<words> ", written))
    said = " ".join(Formula(tokens).items().split()).replace(" ,", ",")
    return DIGITS.sub(lambda number: numbers.decimal(number.group()), said)


class Formula:
    """The tokens of a formula, which are read from the first to the last.

    Args:
        tokens: commands, numbers, letters, signs and spaces.
    """

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.place, self.depth = tokens, 0, 0

    def items(self, end: str = "") -> str:
        """The words up to an end token, or to the last token."""
        said: list[str] = []
        while self.place < len(self.tokens):
            token = self._take()
            if token == end:
                break
            said.append(self._item(token, said))
        return " ".join(said)

    def _take(self) -> str:
        self.place += 1
        return self.tokens[self.place - 1]

    def _next(self) -> str:
        while self.place < len(self.tokens) and self.tokens[self.place].isspace():
            self.place += 1
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def _group(self) -> str:
        """The words of an argument: what is in braces, or the next token."""
        token = self._next()
        if not token or token == "}":
            return ""
        self.place += 1
        if token == "{":
            return self.items("}").strip()
        if token.isdigit() and len(token) > 1:  # an argument without braces is one digit
            self.tokens[self.place - 1 : self.place] = token[0], token[1:]
            token = token[0]
        return self._item(token, []).strip()

    def _item(self, token: str, before: list[str]) -> str:
        if self.depth >= MAX_DEPTH:
            return token if token.isalnum() else ""
        self.depth += 1
        said = self._term(token, before)
        self.depth -= 1
        return said

    def _term(self, token: str, before: list[str]) -> str:
        if token.startswith("\\"):
            return self._command(token[1:])
        if token == "^":
            return self._power()
        if token == "_":
            return self._index(before)
        if token == "{":
            return self.items("}")
        if token == "(":
            return self._bracket(before)
        if token.isalpha() and token.isascii():
            return _letters(token)
        return OPERATORS.get(token, token.replace("}", "").strip())

    def _command(self, name: str) -> str:
        if name in FRACTIONS:
            return _over(self._group(), self._group())
        if name in CHOICES:
            return f"{self._group()} choose {self._group()}"
        if name == "sqrt":
            return self._root()
        if name in BOUNDED:
            return self._bounds(*BOUNDED[name])
        if name in ACCENTS:
            return f"{self._group()} {ACCENTS[name]}".strip() + " "
        if name in FUNCTIONS:
            return FUNCTIONS[name] + (" of" if self._next() == "(" else "")
        if name in ("begin", "end"):
            self._group()
            return ","
        return "" if name in FONTS or name in SILENT else WORDS.get(name, _named(name))

    def _root(self) -> str:
        degree = ""
        if self._next() == "[":
            self.place += 1
            degree = self.items("]").strip()
        name = ROOTS.get(degree) or (numbers.ordinal(degree) if degree.isdigit() else f"{degree}th")
        inner = self._group()
        return f"the {name} root of {inner}" + ("" if SINGLE.fullmatch(inner) else ",")

    def _bounds(self, name: str, start: str, after: str) -> str:
        said, bound = [name], ""
        while (sign := self._next()) in ("_", "^", "\\limits") and sign:
            self.place += 1
            if sign == "\\limits":
                continue
            bound = self._group()
            bound = bound.replace(" to ", " approaches ") if start == "as" else bound
            low = "over" if start == "from" and not self._is_upper(bound) else start
            said.append(f"{low if sign == '_' else 'to'} {bound}")
        return " ".join([*said, after])

    def _is_upper(self, low: str) -> bool:
        """Whether an upper bound follows a lower bound."""
        return self._next() == "^" or "equals" in low

    def _power(self) -> str:
        if self._next() in ("*", "+"):
            return "star" if self._take() == "*" else "plus"
        exponent = self._group()
        plain = exponent.replace("minus ", "-").replace(" ", "")
        if INTEGER.fullmatch(plain):
            return numbers.power(plain)
        if exponent in ("after", "degrees"):
            return "degrees"
        if re.fullmatch("prime(?: prime)*", exponent):
            return exponent
        if exponent == "T" or exponent == "top":
            return "transpose"
        return f"to the {exponent}" + ("" if SINGLE.fullmatch(exponent) else ",")

    def _index(self, before: list[str]) -> str:
        index = self._group()
        if before and before[-1].strip() in ("log", "natural log"):
            return f"base {index} of"
        return index if index.isdigit() else f"sub {index}"

    def _bracket(self, before: list[str]) -> str:
        """A bracket after a function is its argument, and after a term it is a factor."""
        inner = self.items(")").strip()
        last = next((said.strip() for said in reversed(before) if said.strip()), "")
        comma = "" if SINGLE.fullmatch(inner) else ","
        if last in APPLIED or last == "prime":
            return f"of {inner}{comma}"
        factor = SINGLE.fullmatch(last) and last not in OPERATORS.values()
        return f"times {inner}{comma}" if factor and "," not in inner else f"{inner}{comma}"


def _over(above: str, below: str) -> str:
    """A fraction: 1 and 2 are one half, and a and b are a over b."""
    digits = above.isdigit() and below.isdigit() and len(below) < 3
    if digits and 0 < int(above) < int(below) and int(below) > 1:
        return numbers.fraction(int(above), int(below))
    simple = SINGLE.fullmatch(above) and SINGLE.fullmatch(below)
    return f"{above} over {below}" if simple else f"{above}, over {below},"


def _letters(token: str) -> str:
    """Letters that follow one another are a product, and many are a name: mc is m c."""
    return token if len(token) > 3 else " ".join(token)


def _named(name: str) -> str:
    return name if name.isalnum() else ""


REWRITES = (drop_layout, read_formulas, read_texts, read_commands)
