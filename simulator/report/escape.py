"""What a terminal must never get from a name: control characters, and characters that reorder or hide text.

Every AWS name and every word of a file is somebody else's text. A `Name` tag may hold an escape sequence that repaints the screen,
or a mark that turns the reading direction round; both are shown as what they are.
"""

from __future__ import annotations

import unicodedata

# Cc control, Cf format (reading direction, zero width), Cs half a character, Co private use, Zl and Zp line and paragraph ends.
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def plain(text: str) -> str:
    r"""A text with every character that is not simply shown written as an escape.

    >>> print(plain("web\x1b[2Jserver\n"))
    web\x1b[2Jserver\x0a
    >>> print(plain("naïve 10 %"), plain("\u202egnp.exe"))
    naïve 10 % \u202egnp.exe
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    if unicodedata.category(character) not in HIDDEN:
        return character
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
