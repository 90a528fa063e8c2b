"""A little grammar: the kinds of words, and what each kind lets the word beside it be."""

from collections.abc import Sequence

Votes = dict[str, dict[str, float]]


def _kinds() -> dict[str, str]:
    words = {
        "article": "a an the my your our their its his every each some any no another whose",
        "demonstrative": "this that these those her",
        "number": "two three four five six seven eight nine ten many several few both all",
        "to": "to",
        "modal": "will would can could may might must shall should do did does don't doesn't "
        "didn't won't wouldn't can't couldn't shouldn't cannot let's please i'll you'll he'll "
        "she'll it'll we'll they'll i'd you'd he'd she'd we'd they'd",
        "we": "i you we they who",
        "it": "it",
        "he": "he she nobody everyone someone everybody somebody",
        "me": "me him us them himself herself itself themselves myself yourself",
        "have": "have has had having i've you've we've they've haven't hasn't hadn't",
        "be": "is are was were be been being am isn't aren't wasn't weren't i'm you're he's she's "
        "it's we're they're that's",
        "of": "of",
        "preposition": "in on at by for with from about into over against under between through "
        "after before without during within behind near as like than toward towards",
        "many things": "people men women children police folk mice cattle",
        "conjunction": "and or but then if when while because so",
        "adverb": "not never always often still also just even rarely sometimes soon ever again "
        "seldom already now once twice",
        "degree": "very quite too more rather most",
    }
    return {word: name for name, group in words.items() for word in group.split()}


KINDS = _kinds()
# How much the word before, and the word after, speaks for each part of speech.
BEFORE: Votes = {
    "article": {"noun": 3, "plural": 3, "adjective": 2, "verb": -3, "third": -3, "past": -3},
    "demonstrative": {"noun": 1.5, "plural": 1.5, "adjective": 1, "verb": -0.5, "third": -0.5},
    "number": {"plural": 2.5, "adjective": 1, "third": -2},
    "to": {"verb": 4, "noun": -1, "third": -3, "past": -2},
    "modal": {"verb": 4, "noun": -2, "plural": -2, "adjective": -2, "third": -3, "past": -2},
    "we": {
        "verb": 2.5,
        "past": 1.5,
        "habit": 1.5,
        "noun": -2,
        "plural": -2,
        "adjective": -1,
        "third": -3,
    },
    "he": {"third": 3, "past": 3, "habit": 3, "verb": -2, "noun": -2, "plural": -2},
    "it": {"third": 3, "past": 3, "habit": 3, "verb": -2, "noun": -2, "plural": -2},
    "me": {"verb": 1, "adjective": 1},
    "have": {"past": 3.5, "noun": 0.5, "verb": -2},
    "be": {"adjective": 2, "past": 1.5, "plural": 0.5, "verb": -3, "third": -3, "habit": -3},
    "of": {"noun": 2, "plural": 2, "adjective": 0.5, "verb": -3, "third": -3, "past": -3},
    "preposition": {"noun": 1.5, "plural": 1.5, "adjective": 0.5, "verb": -2, "third": -2},
    "degree": {"adjective": 2, "noun": -1, "verb": -1},
    "many things": {"verb": 1.5, "past": 0.5, "adjective": 0.5, "noun": -0.3, "third": -2},
    "the thing": {"noun": 1.7, "plural": 1.7, "third": 0.7, "past": 1, "verb": -1.5},
    "thing": {
        "noun": 0.7,
        "plural": 0.3,
        "third": 0.3,
        "past": 0.7,
        "habit": 0.7,
        "adjective": 0.3,
        "verb": -0.3,
    },
}
AFTER: Votes = {
    "article": {"verb": 2, "third": 2, "past": 2, "noun": -1, "adjective": -1.5},
    "demonstrative": {"verb": 1.5, "third": 1.5, "past": 1.5, "noun": -0.5, "adjective": -1},
    "number": {"verb": 1, "third": 1, "past": 1, "adjective": 0.3},
    "me": {"verb": 3, "third": 3, "past": 3, "noun": -1, "adjective": -1.5},
    "we": {"noun": 0.7, "plural": 0.7},
    "he": {"noun": 0.5, "plural": 0.5, "verb": 0.5},
    "it": {"verb": 1.5, "third": 1.5, "past": 1.5, "noun": 0.5, "plural": 0.5},
    "of": {"noun": 2, "plural": 2, "verb": -1.5, "adjective": -1.5},
    "be": {"noun": 1.5, "plural": 1.5, "verb": -2, "third": -2, "past": -2, "adjective": -1},
    "have": {"noun": 1.5, "plural": 1.5, "verb": -2, "third": -2, "past": -2, "adjective": -1},
    "modal": {"noun": 1.5, "plural": 1.5, "verb": -2, "third": -2, "past": -2, "habit": -2},
    "preposition": {"noun": 0.3, "plural": 0.3},
    "adverb": {"verb": 0.7, "third": 0.7, "past": 0.7},
    "many things": {"adjective": 1.5, "noun": 0.2},
    "thing": {"adjective": 1},
    "edge": {"noun": 0.5, "plural": 0.5, "adjective": 0.5},
}


def governing(words: Sequence[str]) -> str:
    """What the last of two words is to the one after it."""
    *others, last = [kind(word) for word in words] or ["edge"]
    match others, last:
        case ["modal"], "he" | "it":  # a question: did he record
            return "modal"
        case ["have"], "he" | "it" | "we":  # a question: have you read
            return "have"
        case ["article"], "thing":
            return "the thing"
        case _:
            return last


def kind(word: str) -> str:
    """The kind of a word in small letters; whatever is no word is an edge of the sentence."""
    if not word[0].isalpha():
        return "edge"
    if known := KINDS.get(word):
        return known
    if word.endswith(("'s", "s'")):
        return "article"
    if word.endswith("ly"):
        return "adverb"
    many = word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return "many things" if many else "thing"
