"""The letter A against the article, by the words beside it."""

import re

import pytest

from tts.text.pronounce.letter_a import find_letter_a

TOKEN = re.compile(r"[A-Za-z']+|[.,;:?!]")
# Each A in brackets is the letter, and no other A is.
LETTERS = """
Plan [A] failed, so they went home.
We still have a Plan [A].
Vitamin [A] is stored in the liver.
Carrots have vitamin [A], and oranges have vitamin C.
Print the form on [A] four paper.
An [A] five notebook fits in a pocket.
[A] four sheets are cheap.
Your flight leaves from Gate [A] twelve.
Go to gate [A] at once.
He was vaccinated against hepatitis [A] and B.
She has a Type [A] personality.
My blood is type [A].
I got an [A] in chemistry.
She earned an [A] minus.
He finished with a grade of [A].
The eggs are Grade [A].
She knows it from [A] to Z.
They explained everything, [A] to Z.
He sat two [A] levels in June.
His [A] levels went well.
Section [A]: answer all of the questions.
See Appendix [A] for the tables.
Walk from point [A] to point B.
Choose option [a] or option b.
Was it [A], B or C?
[A], B and C are points on a line.
[A] or B will do.
[A] and B lie on a circle.
[A] is for apple.
[A] as in Alpha.
[A] equals B plus C.
The sonata is in [A] major.
It ends on an [A] flat.
[A] minor chords sound sad.
Play the scale of [A] minor.
Gerald [A] Behn drew the map.
Abraham Lincoln, James [A] Garfield and William McKinley were shot.
Mr Thomas [A] Swift wrote back.
[A] F Smith signed it.
[A] B Smith signed it.
D N [A] tests take a week.
He works for the F [A] [A].
An [A] I wrote this.
[A] I will change a lot.
The [A] P I is down.
Take the [A] train to Harlem.
She brought her Exhibit [A].
Class [A] drugs are banned.
Group [A] plays on Monday.
Use an [A] and a B.
Does [A] beat B?
If [A] then B follows.
If [A] beats B, who wins?
Is [A] taller than B?
[A] times B is C.
The letter [A] comes first.
Press [A].
It is bin [A].
[A] will always win.
[A] can be seen, B cannot.
List the points [a], b and c.
It goes from [a] to b.
""".strip().splitlines()
# No A is the letter, but for those in brackets.
ARTICLES = """
A plan failed.
A man came in.
A B grade is enough for a pass.
A Boeing landed in a field.
A German bought it.
A U S soldier waved.
A T V show about a cook.
A C E O resigned.
A D N [A] test takes a week.
A T shirt costs ten dollars.
A U turn is not allowed here.
A year ago it was a farm.
A big B on the wall.
A vitamin B shot hurts.
A plan B would help.
A major problem is the cost.
A minor injury kept her away.
A flat tire cost us a day.
A sharp knife is safe.
A natural talent is rare.
A plus is the price.
A minus sign was missing.
A four door car stood there.
A two year old cried.
A one in three chance is a good one.
A level playing field is all we ask.
A list of names was found.
A has-been actor told a story.
A to-do list hung on a wall.
A through-road leads to the farm.
A will was found.
A can of soup fell.
A must-have gadget.
He is a friend, and a good one.
It is a plus for us.
They plan a party and group a set of books.
Point a finger at it.
He had a C in maths.
She is a B student.
He saw a U F O.
This is a must.
I heard a voice.
What a day!
He lives a mile away.
Half a pound, please.
Not a word.
Once Upon A Time In America
The Story Of A Lost City
An a cappella group sang.
Give me a...
Rent A Car offices open at nine.
It contained a. U S money order.
He said, A man should rest.
We want a, well, a fair price.
A few of us left.
A lot of rain fell.
A hundred people came.
I want a J shaped hook.
""".strip().splitlines()


def marked(line):
    """The tokens of a line, and the places of those in brackets and of those before a hyphen."""
    places, words, compounds = [], [], []
    for match in re.finditer(r"\[A\]|\[a\]|" + TOKEN.pattern, line):
        if match.group().startswith("["):
            places.append(len(words))
        if line[match.end() : match.end() + 1] == "-":
            compounds.append(len(words))
        words.append(match.group().strip("[]"))
    return words, places, compounds


@pytest.mark.parametrize("line", LETTERS + ARTICLES)
def test_tells_the_letter_from_the_article(line):
    words, places, compounds = marked(line)
    assert list(find_letter_a(words, compounds=compounds)) == places


def test_there_are_many_of_each():
    assert min(len(LETTERS), len(ARTICLES)) >= 40


@pytest.mark.parametrize(
    ("tags", "places"), [(("NNP", "DT", "NNP", "VBD"), [1]), (("VB", "DT", "NN", "VBD"), [])]
)
def test_tags_tell_an_initial(tags, places):
    assert list(find_letter_a(["Gerald", "A", "Behn", "ran"], tags)) == places
