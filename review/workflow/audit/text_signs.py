"""The signs of a printed text as plain ones, each in its place.

Minus signs, thin spaces, line breaks, middle dots and mathematical letters become what a keyboard
has; marks of Markdown and LaTeX become blanks. Offsets stay, so that a finding can be quoted.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from review.schema.numerals import DASHES

_DASHES: Final = re.compile(f"[{DASHES}]")
_BLANKS: Final = str.maketrans(dict.fromkeys("\n\r\t\x0b\x0c*`$_^{}\\", " "))
_DIGIT_DOT: Final = re.compile(r"(?<=\d)[·∙⋅](?=\d)|(?<=[\s=<>])[·∙⋅](?=\d)")
_SUPERSCRIPTS: Final = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"
# a superscript after a digit is a power or the mark of a footnote, never a digit of the number
_POWER: Final = re.compile(rf"(?<=\d)[{_SUPERSCRIPTS.replace('⁻', '')}]+")


def plain_signs_of(text: str) -> str:
    r"""Return a text of the same length in plain signs.

    Example:
        >>> plain_signs_of("χ²(1) = 4·30,\np = .04; β = \u22120.2")
        'χ2(1) = 4.30, p = .04; β = -0.2'
    """
    text = text.translate(_BLANKS)
    if text.isascii():
        return text
    text = _POWER.sub(lambda m: " " * len(m[0]), text)
    text = _DASHES.sub("-", text)
    text = text.translate({ord(c): _plain(c) for c in sorted(set(text)) if not c.isascii()})
    return _DIGIT_DOT.sub(".", text)


def _plain(sign: str) -> str:
    if sign.isspace() or unicodedata.category(sign) in {"Zs", "Cf"}:
        return " "
    if sign in "ΧϰꭓᵡⲭꞳ":
        return "χ"
    other = unicodedata.normalize("NFKC", sign)
    other = "-" if _DASHES.match(other) else other
    return other if len(other) == 1 else sign
