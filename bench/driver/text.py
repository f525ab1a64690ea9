# SPDX-License-Identifier: MIT
"""text.py - numbers and foreign words as people read them."""

_UNITS = {"ns": (("ns", 1), ("us", 1e3), ("ms", 1e6)), "us": (("us", 1), ("ms", 1e3))}


def one_line(words):
    """What others wrote, on one line and without bytes that a terminal would obey."""
    line = " / ".join(part.strip() for part in words.splitlines() if part.strip())
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line)


def number(value, unit=""):
    """Three digits, or all of those before the point; a count is whole if it can be."""
    if value == 0 or (not unit and value == int(value)):
        return f"{int(value):,}"
    decimals = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:,.{decimals}f}"


def unit_for(values, unit):
    """The unit for a whole column, and by what to divide: the one that suits the middle value."""
    positive = sorted(value for value in values if value > 0)
    middle = positive[len(positive) // 2] if positive else 0
    name, divisor = unit, 1
    for larger, by in _UNITS.get(unit, ()):
        if middle >= by:
            name, divisor = larger, by
    return name, divisor


def duration(seconds):
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"
