"""The one way in which numbers are read of what others wrote: text of tables, options and fields.

Python itself takes more for a number than a table means by one: 1_000, digits of every script, inf.
"""

import re
import sys

# No film has so many pixels a side, and no program writes a double at more length: what is beyond
# is a mistake.
FARTHEST_PX = 100_000
LONGEST_TEXT = 64

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")


def number_of(text: str, largest: float = 1e15) -> float | None:
    """Return the number that a text is, with a decimal point; None where it is anything else.

    largest: what is as far from nought or farther is no number of this kind, and so None.
    """
    text = text.strip()
    if len(text) > LONGEST_TEXT or not _NUMBER.fullmatch(text):
        return None
    return plain_number(float(text), largest)


def plain_number(value: object, largest: float = 1e15) -> float | None:
    """Return a value of a JSON or TOML file as a number; None for true, text, NaN and the huge.

    None also for one so near to nought that a float has lost digits of it: no program computes it.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Compared as it is: a whole number of 400 digits does not become a float.
    if not -largest < value < largest or 0 < abs(value) < sys.float_info.min:
        return None
    return float(value)
