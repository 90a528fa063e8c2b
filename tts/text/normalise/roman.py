"""Roman numerals, which are the same in every language."""

import re

VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
ROMAN = re.compile("(?=.)M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")


def read_roman(letters: str) -> int:
    """The value of a Roman numeral in either case: XIV is 14; 0 if it is not one."""
    if not ROMAN.fullmatch(letters.upper()):
        return 0
    values = [VALUES[letter] for letter in letters.upper()]
    return sum(
        -value if value < max(values[place:]) else value for place, value in enumerate(values)
    )
