"""Detection of the letter A: rules that tell it from the article by the words around it.

The word lists and rules were written by hand.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from tts.text.pronounce.symbols import PUNCTUATION


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Words that a letter follows as a name: option A.
LABELLED = _words("""
    addendum aisle angle annex answer appendix area arm attachment battery bay block box branch
    building capital case category channel chapter choice chord class clause cohort column company
    compound condition container country cup curve deck device division dock document drive element
    elevator entrance event exhibit exit factor figure flu form format formula gate grade grades
    group haemophilia hall hemophilia hepatitis immunoglobulin influenza input item key lane layer
    league letter letters level line list lot matrix method mode model module node note number
    option output panel part patient peak person phase pier pin plan platform player point pool port
    position problem product protein question region register retinol ring room route row sample
    scale scenario schedule seat section sector segment sequence serie series set shelf site size
    solution species spot staircase stairwell state step stream string studio subset supplement
    table team terminal test text theory tier title track triangle type uppercase unit user variable
    variant version vertex vitamin vitamins volume vowel ward wing witness zone
    """)
# No article follows these. Words such as `that` and `her` are not listed: they may end a clause.
DETERMINERS = _words("an another my our straight the their your")
# No article stands before these, except at the start of a compound: a to-do list.
FUNCTION_WORDS = _words("""
    and are as at because but did does during equals from had has if in into is of on or through
    to toward towards versus was were when whereas which while who with within without
    """)
MODALS = _words("can could may might must shall should will would")
AFTER_MODALS = _words("""
    always also be become beat come cost do get give go happen have lead lose make mean need never
    not only receive take win
    """)
MUSIC = _words("flat major minor natural sharp")
BEFORE_MUSIC = _words("and from in into key of or to")
OF_MUSIC = _words("""
    arpeggio ballad ballade chord chords concerto etude flat fugue major mass minor nocturne
    polonaise prelude quartet quintet scale scales sharp sonata symphony triad waltz
    """)
SIGNS = _words("divided minus over plus squared cubed times")
GRADED = _words("a am an earned get gets getting give got gave grade of received with")
LETTERED = _words("game games levels lister listers road side sides")
PAPER = _words("envelope format page pages paper poster print sheet sheets size")
NUMBERS = _words("""
    zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety
    """)
# Initialisms that begin with A. At the start of a sentence, other initials after A that begin with
# a consonant follow an article: A U S soldier.
INITIALISMS = _words("""
    AAA ABC ABCD ACDC ACL ACLU ADA ADC ADD ADHD AED AFAIK AFC AFL AGM AI AIG AKA AL ALS
    AM AMA AMC AMD AOC AOL APA API APR APY ARPG ASL ASMR ATF ATM ATP ATPS ATT AVC AWD
    AWS
    """)
CONSONANTS = frozenset("BCDGJKPQTUVWYZ")
# Words before an article with a capital in a title: Once Upon A Time, Rent A Car.
TITLED = _words("""
    about above add after against all and another as ask at be become been before being below
    beyond book break bring build but buy by call can cast catch change choose create draw drive
    earn eat enter fill find fly follow for from get give had has have he here hire hit hold how i
    if in into is it its join just keep kill know leave lend let like live lose love make meet name
    need never not of on once only open or order over pay pick place play post put raise read rent
    ride run save say see sell send set share she sing start such take tell than that the there they
    this through throw tie to try under until upon use very visit walk want was watch way we were
    what when where which who why win wish with without work write you
    """)


@dataclass(frozen=True, slots=True)
class TokenContext:
    """A token `A` and its neighbours, by offset; "" beyond either end of the sentence."""

    tokens: Sequence[str]
    tags: Sequence[str]
    index: int
    compounds: Collection[int] = ()

    def word(self, offset: int) -> str:
        place = self.index + offset
        return self.tokens[place] if 0 <= place < len(self.tokens) else ""

    def lower(self, offset: int) -> str:
        return self.word(offset).lower()

    def tag(self, offset: int) -> str:
        place = self.index + offset
        return self.tags[place] if 0 <= place < len(self.tags) else ""

    def ends(self, offset: int) -> bool:
        """Whether the sentence or a clause ends at an offset."""
        return not self.word(offset) or self.word(offset) in PUNCTUATION

    def single(self, offset: int) -> bool:
        """Whether a single letter stands at an offset, other than the words `a` and `I`."""
        word = self.word(offset)
        return len(word) == 1 and word.isalpha() and word not in ("a", "I")

    @property
    def capital(self) -> bool:
        return self.word(0) == "A"

    @property
    def begins(self) -> bool:
        """Whether it may begin a sentence, where an article has a capital too."""
        return self.ends(-1)


def find_letter_a(
    words: Sequence[str],
    tags: Sequence[str] | None = None,
    compounds: Collection[int] = (),
) -> Iterator[int]:
    """The indices of the tokens of a sentence where A is the letter, not the article.

    Args:
        words: the tokens, split at hyphens, with punctuation.
        tags: their Penn tags, for cases that the words alone do not decide.
        compounds: the indices of tokens that a hyphen joins to the next.

    Example:
        >>> list(find_letter_a(["Plan", "A", "is", "a", "plan", "."]))
        [1]
    """
    for index, word in enumerate(words):
        if word in ("A", "a"):
            place = TokenContext(words, tags or (), index, compounds)
            rules = CAPITAL if place.capital else SMALL
            if any(rule(place) for rule in rules):
                yield index


def _stands_alone(place: TokenContext) -> bool:
    """A capital before punctuation: A, B and C."""
    return place.ends(1)


def _is_listed(place: TokenContext) -> bool:
    """A small letter before punctuation, among other letters or after a label: option a, or b."""
    if not place.ends(1):
        return False
    before = place.single(-1) or (place.ends(-1) and place.single(-2))
    after = place.word(1) == "," and place.single(2)
    return before or after or place.lower(-1) in LABELLED | {"an", "the"}


def _is_determined(place: TokenContext) -> bool:
    """After another determiner: an A, the A train."""
    if place.lower(1) in ("capella", "cappella"):
        return False
    return place.lower(-1) in (DETERMINERS if place.capital else ("an",))


def _is_labelled(place: TokenContext) -> bool:
    """After a word that a letter follows as a name: Plan A, hepatitis A, Gate A twelve."""
    return place.lower(-1) in LABELLED


def _is_spelt(place: TokenContext) -> bool:
    """Among single capitals, initials or spelt words: D N A, A T M, but not A T-shirt."""
    if place.single(-1) or (place.word(-1) == "I" and place.single(-2)):
        return True
    run = _initials(place)
    if len(run) < 2 or not place.begins:
        return len(run) > 1
    if run in INITIALISMS or run[1] not in CONSONANTS:
        return True
    after = place.word(len(run))
    return len(run) == 2 and (after[:1].isupper() or after in FUNCTION_WORDS)


def _initials(place: TokenContext) -> str:
    """A and the single capitals after it."""
    stop = 1
    while place.single(stop) or (place.word(stop) in ("A", "I") and stop < len(place.tokens)):
        stop += 1
    return "".join(place.word(offset) for offset in range(stop)).upper()


def _is_subject(place: TokenContext) -> bool:
    """Before a word that follows no article: A is for apple, from A to Z, A or B."""
    if place.index + 1 in place.compounds:
        return False
    modal = place.lower(1) in MODALS and place.lower(2) in AFTER_MODALS
    return modal or place.lower(1) in FUNCTION_WORDS


def _is_small_subject(place: TokenContext) -> bool:
    """A small letter joined to another by one word: from a to z, a is b."""
    joined = place.lower(1) in FUNCTION_WORDS | SIGNS
    return joined and (place.single(2) or place.lower(-1) in LABELLED)


def _acts_on_another(place: TokenContext) -> bool:
    """Before a verb and another letter, or in a comparison: A beats B, is A taller than B."""
    verb = place.lower(1)
    if verb in LABELLED:
        return False
    verbal = not place.begins or (verb.endswith("s") and not verb.endswith("ss"))
    acts = verbal and place.single(2)
    compared = not place.begins and (verb == "more" or verb.endswith("er"))
    return acts or (compared and place.lower(2) == "than")


def _is_musical(place: TokenContext) -> bool:
    """A note or a key in music: in A minor, an A flat; but not A minor injury."""
    if place.lower(1) not in MUSIC:
        return False
    return place.lower(2) in OF_MUSIC or (
        not place.begins and place.lower(-1) in BEFORE_MUSIC | {"the"}
    )


def _is_reckoned(place: TokenContext) -> bool:
    """In a formula, or a school grade: A plus B, got A minus."""
    if place.lower(1) not in SIGNS:
        return False
    operand = place.single(2) or place.lower(2) in NUMBERS or place.lower(1) == "squared"
    return operand or (not place.begins and place.lower(-1) in GRADED)


def _is_numbered(place: TokenContext) -> bool:
    """Before a number, and not at the start of a sentence: on A four paper, the A forty."""
    if place.lower(1).partition("-")[0] not in NUMBERS:
        return False
    return not place.begins or place.lower(2) in PAPER or (place.ends(2) and bool(place.lower(1)))


def _is_compounded(place: TokenContext) -> bool:
    """Before a word that forms a compound with a letter: two A levels, his A game."""
    return place.lower(1) in LETTERED and (not place.begins or place.lower(1).endswith("s"))


def _is_initial(place: TokenContext) -> bool:
    """Between a first and a last name: Gerald A Behn; but not in a title: Once Upon A Time."""
    before, after = place.word(-1), place.word(1)
    if not (before[:1].isupper() and after[:1].isupper()) or before.lower() in TITLED:
        return False
    return not place.tags or place.tag(-1) == place.tag(1) == "NNP"


SMALL = (_is_listed, _is_determined, _is_small_subject)
CAPITAL = (
    _stands_alone,
    _is_determined,
    _is_labelled,
    _is_spelt,
    _is_subject,
    _acts_on_another,
    _is_musical,
    _is_reckoned,
    _is_numbered,
    _is_compounded,
    _is_initial,
)
