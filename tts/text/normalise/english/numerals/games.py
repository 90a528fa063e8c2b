"""Rewrites of the moves of chess, so that their numbers end no sentence."""

import re

from tts.text.normalise.english import numbers
from tts.text.normalise.rule import rewrite

PIECES = {"K": "king", "Q": "queen", "R": "rook", "B": "bishop", "N": "knight"}
MOVE = (
    r"(?:[KQRBN][a-h]?[1-8]?x?[a-h][1-8]|(?:[a-h]x)?[a-h][1-8](?:=[QRBN])?|O-O(?:-O)?|0-0(?:-0)?)"
    r"[+#]?[!?]{0,2}"
)
PARTS = re.compile(
    r"(?P<piece>[KQRBN])?(?P<from>[a-h]?[1-8]?)(?P<takes>x)?(?P<file>[a-h])(?P<rank>[1-8])"
    r"(?:=(?P<queen>[QRBN]))?(?P<check>[+#])?"
)


@rewrite(
    rf"(?<![\w.])(?P<number>[0-9]{{1,3}})(?P<dots>\.\.\.|\.) ?(?P<white>{MOVE})"
    rf"(?: (?P<black>{MOVE}))?(?![\w-])(?P<more>(?= [0-9]{{1,3}}\.))?",
    needs=r"[0-9]\. ?(?:[a-hKQRBN][a-hx1-8]|[O0]-)|[0-9]\.\.\.",
)
def read_moves(match: re.Match[str]) -> str:
    """A move of chess is read with its number: 2. Nf3 is two, knight F three."""
    said = [numbers.cardinal(match["number"]), _move(match["white"])]
    if match["black"]:
        said.append(_move(match["black"]))
    return ", ".join(said) + (";" if match["more"] is not None else "")


@rewrite(
    r"(?<![\w.])(?P<move>[KQRBN][a-h]?[1-8]?(?:x[a-h][1-8][+#]?|[a-h][1-8][+#])|[a-h]x[a-h][1-8][+#]?)"
    r"(?![\w-])",
    needs="[a-hKQRBN][a-h1-8]?[a-hx][a-h1-8]",
)
def read_captures(match: re.Match[str]) -> str:
    """A move with a capture or a check is read in words: Qxf7+ is queen takes F seven, check."""
    return _move(match["move"])


def _move(written: str) -> str:
    if written[0] in "O0":
        return "castles queenside" if written.count("-") == 2 else "castles"
    move = PARTS.match(written)
    assert move
    piece, start = PIECES.get(move["piece"], ""), " ".join(map(_square, move["from"]))
    takes, target = (
        "takes" if move["takes"] else "",
        f"{_square(move['file'])} {_square(move['rank'])}",
    )
    queen = f"promotes to {PIECES[move['queen']]}" if move["queen"] else ""
    check = {"+": ", check", "#": ", checkmate"}.get(move["check"], "")
    return " ".join(part for part in (piece, start, takes, target, queen) if part) + check


def _square(part: str) -> str:
    return numbers.cardinal(part) if part.isdigit() else part.upper()


REWRITES = (read_moves, read_captures)
