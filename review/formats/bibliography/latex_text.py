r"""LaTeX in the fields of BibTeX as plain text: accents, signs, braces.

Formulas between dollar signs and commands that are not known stay as they are.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_MARKS: Final = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306",
    ".": "\u0307", '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323",
    "c": "\u0327", "k": "\u0328", "b": "\u0331",
}  # fmt: skip
_ACCENT: Final = re.compile(
    r"""\\([`'^~="."])\s*(?:\{\s*(\\?[A-Za-z])\s*\}|(\\[ij]|[A-Za-z]))"""
    r"""|\\([uvHcdbkr])(?:\s*\{\s*(\\?[A-Za-z])\s*\}|\s+(\\[ij]|[A-Za-z])(?![A-Za-z]))"""
)
_WORDS: Final = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł",
    "aa": "å", "AA": "Å", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ",
    "dj": "đ", "DJ": "Đ", "textendash": "–", "textemdash": "—", "textquoteright": "’",
    "textquoteleft": "‘", "textquotesingle": "'", "textquotedblleft": "“",
    "textquotedblright": "”", "textdegree": "°", "textregistered": "®", "texttrademark": "™",
    "textcopyright": "©", "textbackslash": "\ue003", "textbraceleft": "\ue000",
    "textbraceright": "\ue001", "textasciitilde": "~", "textbar": "|",
    "textless": "<", "textgreater": ">", "textunderscore": "_", "textmu": "µ", "textpm": "±",
    "texttimes": "×", "ldots": "…", "dots": "…", "S": "§", "P": "¶", "pounds": "£", "euro": "€",
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "kappa": "κ", "mu": "μ", "chi": "χ",
}  # fmt: skip
_WORD: Final = re.compile(r"\\([A-Za-z]+)(?:\{\}|\s+|(?![A-Za-z]))")
_FONT: Final = re.compile(
    r"\\(?:text(?:it|bf|sc|rm|tt|sf|sl|up|md|normal)|emph|mbox|uppercase|(?:it|bf|em|rm)(?=\s))\s*"
)
_SIGN: Final = re.compile(r"\\([&%$#_{}@/ -])")
# held aside until the braces of BibTeX itself are gone
_PRIVATE: Final = {"{": "\ue000", "}": "\ue001", "$": "\ue002", "\\": "\ue003"}


def plain_text(text: str) -> str:
    r"""Return a value of BibTeX as text.

    Example:
        >>> plain_text(r"Deep {L}earning by Bergstr\"{o}m \& M{\"u}ller"), plain_text("$x_1$")
        ('Deep Learning by Bergström & Müller', '$x_1$')
    """
    if "\\" not in text and "{" not in text and "}" not in text:
        return text
    parts = re.split(r"((?<!\\)\$[^$]{1,200}(?<!\\)\$)", text)
    made = "".join(p if i % 2 else _plain(p) for i, p in enumerate(parts))
    for sign, held in _PRIVATE.items():
        made = made.replace(held, sign)
    return made


def _plain(text: str) -> str:
    if "\\" in text:
        text = _ACCENT.sub(_accented, text)
        text = _FONT.sub("", text)
        text = _WORD.sub(lambda m: _WORDS.get(m[1], m[0]), text)
        text = _SIGN.sub(lambda m: _PRIVATE.get(m[1], "" if m[1] in "/-" else m[1]), text)
    return text.replace("{", "").replace("}", "")


def _accented(found: re.Match[str]) -> str:
    mark = found[1] or found[4]
    letter = (found[2] or found[3] or found[5] or found[6]).lstrip("\\")
    return unicodedata.normalize("NFC", letter + _MARKS[mark])
