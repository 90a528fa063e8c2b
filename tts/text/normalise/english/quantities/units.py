"""Units of measure: their symbols, and their singular and plural in American English."""

import re

MU, OMEGA = "\N{GREEK SMALL LETTER MU}", "\N{GREEK CAPITAL LETTER OMEGA}"
PREFIXES = {
    "G": "giga",
    "M": "mega",
    "k": "kilo",
    "h": "hecto",
    "d": "deci",
    "c": "centi",
    "m": "milli",
    MU: "micro",
    "u": "micro",
    "n": "nano",
    "p": "pico",
}
# Each unit with its name and its usual prefixes.
PREFIXED = {
    "m": ("meter", f"k d c m {MU} u n p"),
    "g": ("gram", f"k m {MU} u n"),
    "L": ("liter", f"h d c m {MU}"),
    "l": ("liter", f"h d c m {MU}"),
    "s": ("second", f"m {MU} u n p"),
    "Hz": ("hertz", "k M G"),
    "W": ("watt", "k M G m"),
    "Wh": ("watt hour", "k M G"),
    "V": ("volt", "k m M"),
    "Pa": ("pascal", "k h M G"),
    "J": ("joule", "k M G"),
    "N": ("newton", "k"),
    "cal": ("calorie", "k"),
    "eV": ("electron volt", "k M G"),
    OMEGA: ("ohm", "m"),
    "mol": ("mole", "m"),
    "A": ("amp", "m k"),
    "Ah": ("amp hour", "m"),
    "F": ("farad", f"p n {MU}"),
    "bar": ("bar", "m"),
    "t": ("ton", "k M"),
    "bit": ("bit", "k M G"),
    "bps": ("bit per second", "k M G"),
}
UNPREFIXED_UNITS = {
    f"k{OMEGA}": "kilohm",
    f"M{OMEGA}": "megohm",
    "KB": "kilobyte",
    "kB": "kilobyte",
    "MB": "megabyte",
    "GB": "gigabyte",
    "TB": "terabyte",
    "PB": "petabyte",
    "KiB": "kibibyte",
    "MiB": "mebibyte",
    "GiB": "gibibyte",
    "Kb": "kilobit",
    "Mb": "megabit",
    "Gb": "gigabit",
    "KHz": "kilohertz",
    "THz": "terahertz",
    "TWh": "terawatt hour",
    "MP": "megapixel",
    "px": "pixel",
    "h": "hour",
    "hr": "hour",
    "hrs": "hour",
    "min": "minute",
    "mins": "minute",
    "sec": "second",
    "secs": "second",
    "yr": "year",
    "yrs": "year",
    "wk": "week",
    "wks": "week",
    "mos": "month",
    "ft": "foot",
    "yd": "yard",
    "yds": "yard",
    "mi": "mile",
    "nmi": "nautical mile",
    "oz": "ounce",
    "lb": "pound",
    "lbs": "pound",
    "gal": "gallon",
    "qt": "quart",
    "tsp": "teaspoon",
    "tbsp": "tablespoon",
    "ha": "hectare",
    "ac": "acre",
    "cc": "cubic centimeter",
    "dB": "decibel",
    "hp": "horsepower",
    "psi": "P S I",
    "mcg": "microgram",
    "pts": "point",
    "ppm": "part per million",
    "ppb": "part per billion",
    "rpm": "R P M",
    "RPM": "R P M",
    "bpm": "beat per minute",
    "BPM": "beat per minute",
    "fps": "frame per second",
    "dpi": "dot per inch",
    "mph": "mile per hour",
    "MPH": "mile per hour",
    "mpg": "mile per gallon",
    "kph": "kilometer per hour",
    "kmh": "kilometer per hour",
    "km/hr": "kilometer per hour",
    "sq ft": "square foot",
    "sq mi": "square mile",
    "sq km": "square kilometer",
    "sq m": "square meter",
    "sq in": "square inch",
    "sq yd": "square yard",
    "cu ft": "cubic foot",
    "cu m": "cubic meter",
    "cu in": "cubic inch",
    "cu yd": "cubic yard",
    "Kbps": "kilobit per second",
    "Tbps": "terabit per second",
    "MBps": "megabyte per second",
    "GBps": "gigabyte per second",
    "fl oz": "fluid ounce",
    "fl. oz": "fluid ounce",
    "ft-lb": "foot pound",
    "kgf": "kilogram force",
    "lm": "lumen",
    "lx": "lux",
    "IU": "international unit",
    "mmHg": "millimeter of mercury",
    "atm": "atmosphere",
    "ly": "light year",
    "pc": "parsec",
    "AU": "astronomical unit",
    "in": "inch",
}
# These are often written with a full stop that does not end the sentence.
DOTTED = {
    *("ft", "in", "oz", "lb", "lbs", "yd", "yds", "mi", "gal", "qt", "tsp", "tbsp", "sq ft"),
    *(
        "sq. ft",
        "sq. mi",
        "sq. in",
        "sq. yd",
        "cu. ft",
        "cu. in",
        "cu. yd",
        "fl oz",
        "fl. oz",
        "hr",
        "hrs",
        "min",
        "mins",
        "sec",
        "secs",
        "yr",
        "yrs",
    ),
    *("wk", "wks", "mos", "pts"),
}
IRREGULAR = {
    "foot": "feet",
    "inch": "inches",
    "hertz": "hertz",
    "horsepower": "horsepower",
    "lux": "lux",
    "P S I": "P S I",
    "R P M": "R P M",
}
# Units that are also written all in capitals, as in 12KG, or all in small letters, as in 10 gbps.
IN_CAPITALS = (
    "kg mg km cm ml lb lbs oz ft yd Hz kHz kW kWh kph kmh dB hr hrs min mins sec secs yrs gal tsp "
    "tbsp mpg psi cc MHz GHz"
)
IN_SMALL_LETTERS = "kbps Mbps Gbps Tbps KB MB GB TB Hz kHz MHz GHz THz kW kWh mAh"
AREA = re.compile("(?:sq|cu) ")


def _units() -> dict[str, str]:
    units = {unit: name for unit, (name, _) in PREFIXED.items()}
    for unit, (name, prefixes) in PREFIXED.items():
        units |= {prefix + unit: PREFIXES[prefix] + name for prefix in prefixes.split()}
    units |= UNPREFIXED_UNITS
    units |= {short.replace(" ", ". "): name for short, name in units.items() if AREA.match(short)}
    units |= {short.upper(): units[short] for short in IN_CAPITALS.split()}
    units |= {short.lower(): units[short] for short in IN_SMALL_LETTERS.split()}
    return units | {"SQ FT": "square foot", "KM/H": units["kmh"]}


UNITS = _units()


def pluralise(name: str) -> str:
    """The plural of a unit: feet, square feet, miles per hour."""
    first, joint, rest = name.partition(" of ") if " of " in name else name.partition(" per ")
    before, space, last = ("", "", first) if first in IRREGULAR else first.rpartition(" ")
    plural = IRREGULAR.get(last) or (last if last.endswith("hertz") else f"{last}s")
    return f"{before}{space}{plural}{joint}{rest}"
