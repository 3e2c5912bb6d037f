r"""Text on its way to a terminal: what could command it or deceive its reader is written out.

A cell, a file name or an option may hold escape sequences (ECMA-48) that move the cursor, set the
title of the window or fill the clipboard, and Unicode signs that reverse the order of reading
(Unicode Standard Annex 9) or are not seen at all. `\x1b` is then shown as the four signs it is
written with here.
"""

from __future__ import annotations

import re
from typing import Final

# C0 without tab and line feed, DEL, C1, half surrogates; marks, overrides and isolates of
# direction; what has no width, separators of lines, tags. The joiners of Persian and Hindi and of
# emoji (U+200C, U+200D) and the soft hyphen are text.
_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")


def terminal_text(text: str) -> str:
    r"""Return text that a terminal shows and does not obey; lines and tabs stay.

    Example:
        >>> print(terminal_text("\x1b[2Jtitle\u202e"))
        \x1b[2Jtitle\u202e
        >>> terminal_text("Müller\t0.93\n") == "Müller\t0.93\n"
        True
    """
    return _UNSAFE.sub(_written_out, text)


def terminal_json(text: str, *, encoding: str | None = "utf-8") -> str:
    r"""Return the same JSON with such signs written as JSON writes them.

    Args:
        text: JSON.
        encoding: of the stream; signs that ASCII lacks are written out unless it is UTF-8.

    Example:
        >>> import json
        >>> text = terminal_json('{"title": "\u202eabc"}')
        >>> text, json.loads(text)["title"] == "\u202eabc"
        ('{"title": "\\u202eabc"}', True)
    """
    pattern = _UNSAFE if is_utf8(encoding) else _NOT_ASCII
    return "\n".join(
        # a line of plain ASCII is told in a hundredth of the time that the patterns take
        line if line.isascii() and line.isprintable()
        else pattern.sub(_in_json, _UNSAFE.sub(_in_json, line))
        for line in text.split("\n")
    )  # fmt: skip


def is_utf8(encoding: str | None) -> bool:
    """Tell whether a stream can hold every sign.

    Example:
        >>> is_utf8("UTF-8"), is_utf8("ascii")
        (True, False)
    """
    return (encoding or "").replace("-", "").replace("_", "").casefold() in {"utf8", "utf8sig"}


def _written_out(found: re.Match[str]) -> str:
    code = ord(found.group())
    return (
        f"\\x{code:02x}"
        if code < 0x100
        else f"\\u{code:04x}"
        if code < 0x10000
        else (f"\\U{code:08x}")
    )


def _in_json(found: re.Match[str]) -> str:
    units = found.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
