"""The features of a homograph: its tag, the words around it, and their tags.

A feature is a name and a value, as in `word-1=to`; the number is a position relative to the word.
The window sizes were chosen by hand.
"""

from collections.abc import Sequence
from typing import NamedTuple

NEAR = 10  # words on either side that are features
END = "^"
BIAS = "bias"
# Tags of words that stand between a word and the one that governs it.
MODIFIERS = frozenset(("RB", "RBR", "RBS", "JJ", "JJR", "JJS", "CD"))
ADVERBS = frozenset(("RB", "RBR", "RBS"))
AUXILIARIES = {
    **dict.fromkeys(("have", "has", "had", "having", "haven't", "hasn't", "hadn't"), "have"),
    **dict.fromkeys(("am", "is", "are", "was", "were", "be", "been", "being"), "be"),
    **dict.fromkeys(("isn't", "aren't", "wasn't", "weren't"), "be"),
    **dict.fromkeys(("do", "does", "did", "don't", "doesn't", "didn't"), "do"),
    **dict.fromkeys(("will", "would", "can", "could", "may", "might", "must", "shall"), "do"),
    **dict.fromkeys(("should", "won't", "wouldn't", "can't", "cannot", "couldn't"), "do"),
    **dict.fromkeys(("shouldn't", "to", "let's", "please"), "do"),
}
CONTRACTED = {"'ve": "have", "'ll": "do", "'re": "be", "'m": "be"}
REACH = 5  # the most words between an auxiliary and its verb

TAGS = {
    "CC": "a conjunction",
    "CD": "a number",
    "DT": "a determiner",
    "IN": "a preposition",
    "JJ": "an adjective",
    "JJR": "a comparative",
    "JJS": "a superlative",
    "MD": "a modal verb",
    "NN": "a noun",
    "NNP": "a name",
    "NNPS": "a plural name",
    "NNS": "a plural",
    "PDT": "a determiner",
    "POS": "a possessive",
    "PRP": "a pronoun",
    "PRP$": "a possessive",
    "RB": "an adverb",
    "RBR": "an adverb",
    "RBS": "an adverb",
    "RP": "a particle",
    "TO": '"to"',
    "VB": "a verb",
    "VBD": "a verb in the past",
    "VBG": "a verb in -ing",
    "VBN": "a past participle",
    "VBP": "a verb in the present",
    "VBZ": "a verb with -s",
    "WDT": "a relative pronoun",
    "WP": "a relative pronoun",
    "WRB": "a question word",
    END: "the edge of the sentence",
}
CASES = {"lower": "in small letters", "capital": "with a capital", "upper": "in capitals"}
CASES["first"] = "at the start of the sentence"
GOVERNED = {
    "have": "after a form of have",
    "be": "after a form of be",
    "do": "after an auxiliary",
    END: "after no auxiliary",
}
# The description of each feature for users; `{}` is its value, or a part of it.
PHRASES = {
    "word-1": "after {}",
    "word+1": "before {}",
    "word-2": "two words after {}",
    "word+2": "two words before {}",
    "words-2": "after {} {}",
    "words+2": "before {} {}",
    "governor": "after {}",
    "follower": "before {}",
    "near": "near {}",
    "<": "after {}",
    ">": "before {}",
}
TAG_PHRASES = {
    "tag": "tagged as {}",
    "tag-1": "after {}",
    "tag+1": "before {}",
    "tags-2": "after {1}, after {0}",
    "tags+2": "before {0}, before {1}",
    "tag-1,0": "tagged as {1} after {0}",
    "tag0,+1": "tagged as {0} before {1}",
    "tag-1,0,+1": "tagged as {1} between {0} and {2}",
    "tag-1,+1": "between {0} and {1}",
    "governor tag": "after {}",
    "governor tag,0": "tagged as {1} after {0}",
    "follower tag": "before {}",
    "any tag": "near {}",
}


# Words that occur near any other, so that naming them explains nothing.
SMALL = "a an and are as at be but by for from had has have he her his i in is it its of on or she"
SMALL_WORDS = frozenset(f"{SMALL} that the their they this to was we were with you".split(" "))

CLAUSE_ENDS = frozenset((*".?!;:,", "and", "but", "that", "which", "who", "when"))
PAST_TIMES = """
night week weekend month year decade century time spring summer fall autumn winter monday tuesday
wednesday thursday friday saturday sunday january february march april may june july august
september october november december
"""
TIMES = frozenset(PAST_TIMES.split())
DOERS = frozenset(word for word, kind in AUXILIARIES.items() if kind == "do")
OBJECT_WORDS = """
the a an this that these those my your his her its our their it him them me us
"""
OBJECTS = frozenset(OBJECT_WORDS.split())
FINITE = frozenset(("MD", "VBD", "VBP", "VBZ"))


class ContextFeatures(NamedTuple):
    """The features of a word in its sentence.

    Args:
        context: the features that all homographs share.
        near: the features that are weighed for each homograph on its own: words and tags nearby.
        cues: the words nearby in the notation of homographs.tsv: `word`, `<word` directly before,
            `>word` directly after.
    """

    context: list[str]
    near: list[str]
    cues: frozenset[str]


def context_features(words: Sequence[str], tags: Sequence[str], place: int) -> ContextFeatures:
    """The features of a word in a sentence.

    Args:
        words: the tokens of the sentence.
        tags: the Penn tag of each.
        place: the index of the word.
    """
    first, last = max(0, place - NEAR), place + NEAR + 1
    lower = [END, END, *(word.lower() for word in words[first:last]), END, END]
    near = [END, END, *tags[first:last], END, END]
    here = place - first + 2
    w2, w1, _, v1, v2 = lower[here - 2 : here + 3]
    s2, s1, tag, t1, t2 = near[here - 2 : here + 3]
    governor, follower = here - 1, here + 1
    while near[governor] in MODIFIERS:
        governor -= 1
    while near[follower] in ADVERBS:
        follower += 1
    governing = near[governor]
    context = [
        f"tag={tag}",
        f"tag-1={s1}",
        f"tag+1={t1}",
        f"tags-2={s2} {s1}",
        f"tags+2={t1} {t2}",
        f"tag-1,0={s1} {tag}",
        f"tag0,+1={tag} {t1}",
        f"tag-1,0,+1={s1} {tag} {t1}",
        f"tag-1,+1={s1} {t1}",
        f"governor tag={governing}",
        f"governor tag,0={governing} {tag}",
        f"follower tag={near[follower]}",
        f"word-1={w1}",
        f"word+1={v1}",
        f"word-2={w2}",
        f"word+2={v2}",
        f"words-2={w2} {w1}",
        f"words+2={v1} {v2}",
        f"governor={lower[governor]}",
        f"follower={lower[follower]}",
        f"end-1={w1[-3:]}",
        f"end+1={v1[-3:]}",
        f"case={_case(words[place], place)}",
        f"auxiliary={_auxiliary(lower[:here], near)}",
    ]
    around = {word for word in (*lower[2:here], *lower[here + 1 : -2]) if word[0].isalpha()}
    nearby = [f"near={word}" for word in around]
    nearby += [f"any tag={one}" for one in {*near[2:here], *near[here + 1 : -2]}]
    return ContextFeatures(context, nearby, frozenset((*around, f"<{w1}", f">{v1}")))


def past_time(words: Sequence[str], place: int) -> str:
    """The feature of a past time in the clause after a verb without auxiliary, or "".

    Example:
        >>> past_time(["I", "read", "it", "yesterday"], 1)
        'near=yesterday'
    """
    before = [word.lower() for word in words[max(0, place - REACH) : place]]
    if any(word in DOERS for word in before):
        return ""
    for word, following in zip(
        words[place + 1 : place + NEAR], [*words[place + 2 :], END], strict=False
    ):
        if word in CLAUSE_ENDS:
            break
        if word in ("yesterday", "ago") or (word == "last" and following.lower() in TIMES):
            return f"near={word}"
    return ""


def commanded_object(words: Sequence[str], tags: Sequence[str], place: int) -> str:
    """The feature of the object after a command at the start of a sentence, or "".

    No finite verb may follow it, as in the sentence `Progress the team made was slow`.
    """
    object_word = words[place + 1].lower() if place + 1 < len(words) else ""
    if place or object_word not in OBJECTS:
        return ""
    for word, tag in zip(words[2 : 2 + NEAR], tags[2 : 2 + NEAR], strict=True):
        if word in CLAUSE_ENDS:
            break
        if tag in FINITE:
            return ""
    return f"word+1={object_word}"


def is_informative(feature: str) -> bool:
    """Whether a feature explains something to a user; the absence of a word does not."""
    name, _, value = feature.partition("=")
    if name in ("any tag", "end-1", "end+1") or END in value or value == "lower":
        return False
    return name != "near" or value not in SMALL_WORDS


def describe_feature(feature: str) -> str:
    """A feature in words, for `tts explain`.

    Example:
        >>> describe_feature("word-1=to"), describe_feature("tag=VB")
        ('after "to"', 'tagged as a verb (VB)')
        >>> describe_feature("near=guitar")
        'near "guitar"'
    """
    name, _, value = feature.partition("=")
    if name == BIAS:
        return "as most often"
    if name == "case":
        return CASES[value]
    if name == "auxiliary":
        return GOVERNED[value]
    if name.startswith("end"):
        side = "after" if name == "end-1" else "before"
        return f"{side} a word in -{value}" if value != END else f"{side} {TAGS[END]}"
    if name in PHRASES:
        return PHRASES[name].format(*map(_quoted, value.split(" ")))
    said = TAG_PHRASES[name].format(*(TAGS.get(tag, "a mark") for tag in value.split(" ")))
    return f"{said} ({value})" if name == "tag" else said


def _quoted(word: str) -> str:
    return TAGS[END] if word == END else f'"{word}"'


def _case(word: str, place: int) -> str:
    if word.islower():
        return "lower"
    if word.isupper():
        return "upper"
    return "capital" if place else "first"


def _auxiliary(before: Sequence[str], tags: Sequence[str]) -> str:
    """The kind of auxiliary before the word, if any; words may stand between: `have you read`."""
    for place in range(len(before) - 1, max(1, len(before) - REACH - 2), -1):
        word = before[place]
        if known := AUXILIARIES.get(word) or CONTRACTED.get(word[word.find("'") :]):
            return known
        if tags[place][:2] == "VB" or not word[0].isalpha():
            break
    return END
