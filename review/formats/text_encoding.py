"""Bytes of a text file to text: byte-order mark, UTF-8, UTF-16, then what the bytes look like."""

from __future__ import annotations

import codecs
import re
from typing import Final

from review.errors import DataError
from review.project.problems import Problem

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SHOWN: Final = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8 with BOM", "utf-16": "UTF-16", "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16", "utf-32": "UTF-32", "cp1252": "Windows-1252", "iso8859-1": "Latin-1",
    "mac-roman": "Mac Roman", "ascii": "ASCII",
}  # fmt: skip
# signs of Windows-1252 that tables of studies hold outside words
_SIGNS: Final = "€…†‡‰‹›‘’‚“”„•–—™¡¢£¥§©ª«¬®°±²³´µ¶·¹º»¼½¾¿×÷\u00a0"
_SIGNS_IN_WORDS: Final = "€†‡‰‹›‘“”•¡¢£¥§©ª«¬¯°²³´µ¶¸¹º»¼½¾¿÷"  # not inside a Western word
_LETTERS: Final = "ŠŽŒšžœƒÀ-ÖØ-öø-ÿ"  # without Ÿ, which is the ü of the Mac
_SMALL: Final = "a-zß-öø-ÿšžœƒ"
_STRANGE: Final = re.compile(
    rf"[^\x00-\x7f{_SIGNS}{_LETTERS}]|[{_LETTERS}]{{3}}|[\x00-\x08\x0e-\x1f]"
    rf"|[{_SMALL}][À-ÖØ-ÞŠŽŒŸ][{_SMALL}]|[a-z][{_SIGNS_IN_WORDS}][a-z]|ƒ[a-z]"
)
# six letters are Turkish in Windows-1254 and Icelandic in 1252, whose vowels Turkish lacks
_TURKISH: Final = re.compile(r"\A(?=[\s\S]*[ðþýÐÞÝ])[^áíúæÁÍÚÆ]*\Z")
_OTHERS: Final = [
    "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp866", "koi8_r",
    "iso8859_2", "iso8859_5", "iso8859_7", "cp932", "euc_jp", "gb18030", "big5", "cp949",
]  # fmt: skip
_WIDE: Final = frozenset({"cp932", "euc_jp", "gb18030", "big5", "cp949"})  # several bytes a letter
_SAMPLE: Final = 200_000


def decode_text(data: bytes, name: str, encoding: str | None = None) -> tuple[str, str]:
    r"""Return the text of a file without its mark, and the encoding in words.

    Args:
        data: the bytes.
        name: of the file, for messages.
        encoding: as Python names it; found out when not given.

    Raises:
        DataError: the bytes are not of the encoding given, or of none that is known.

    Example:
        >>> decode_text("Müller;±".encode("cp1252"), "a.csv")
        ('Müller;±', 'Windows-1252')
        >>> decode_text("a\tb".encode("utf-16"), "a.csv")
        ('a\tb', 'UTF-16')
        >>> decode_text("Kälin\n".encode() + "Müller".encode("cp1252"), "a.csv")
        ('Kälin\nMüller', 'UTF-8, 1 line of it Windows-1252')
    """
    if encoding:
        return _decoded(data, name, encoding), _shown(encoding)
    codec, words = text_codec(data, name)
    if codec.startswith("utf") or (mixed := _mixed(data, name)) is None:
        return _decoded(data, name, codec), words
    return mixed


def _mixed(data: bytes, name: str) -> tuple[str, str] | None:
    """Read lines of UTF-8 among others each as what it is; None where none is UTF-8.

    Letters of one byte are valid UTF-8 by chance hardly ever; those of several bytes may be.
    """
    lines = data.split(b"\n")
    others = [line for line in lines if not _is_utf8(line)]
    if all(line.isascii() for line in lines if _is_utf8(line)):
        return None
    codec, words = text_codec(b"\n".join(others), name)
    if codec.startswith("utf") or not one_byte(codec):
        return None
    text = "\n".join(
        line.decode("utf-8") if _is_utf8(line) else _decoded(line, name, codec) for line in lines
    )
    many = "1 line" if len(others) == 1 else f"{len(others):,} lines"
    return text, f"UTF-8, {many} of it {words}"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def text_codec(data: bytes, name: str, *, trust_ascii: bool = False) -> tuple[str, str]:
    """Return the codec of a text and its name in words.

    Args:
        data: the bytes.
        name: of the file, for messages.
        trust_ascii: bytes that carry no mark and are not UTF-16 are not looked at further, since
            the rest of the file decides.

    Raises:
        DataError: the bytes are of no encoding that is known.
    """
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return codec, _shown(codec)
    two = utf16_without_mark(data)
    if two is not None:
        return two, _shown(two)
    if trust_ascii:
        return "utf-8", "UTF-8"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8", "UTF-8"
    for codec in ("cp1252", "mac_roman", "cp850"):
        text = _western(data, codec)
        if text is not None and codec == "cp1252" and _TURKISH.search(text):
            return "cp1254", "Windows-1254 (by its looks)"
        if text is not None:
            return codec, _shown(codec)
    return _looks_like(data, name)


def one_byte(codec: str) -> bool:
    """Return whether a codec writes each letter as one byte, as those of alphabets do.

    Example:
        >>> one_byte("cp1252"), one_byte("gb18030")
        (True, False)
    """
    return codec not in _WIDE


def named_codec(codec: str) -> str:
    """Return the name of a codec in words.

    Example:
        >>> named_codec("cp1252"), named_codec("utf-8-sig")
        ('Windows-1252', 'UTF-8 with BOM')
    """
    return _shown(codec)


def _shown(codec: str) -> str:
    known = codec.lower().replace("_", "-")
    return _SHOWN.get(known, known.replace("cp", "code page ") if known[:2] == "cp" else known)


def _decoded(data: bytes, name: str, codec: str) -> str:
    try:
        return data.decode(codec).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problem = Problem(
            name,
            f"not {_shown(codec)}: byte 0x{data[error.start : error.start + 1].hex()}",
            line=line,
            remedy="say with --encoding what it is, or save the file as CSV UTF-8",
        )
        raise DataError(str(problem), [problem]) from None


def utf16_without_mark(data: bytes) -> str | None:
    """Return the kind of UTF-16 of text without a mark, or None.

    Latin letters have every other byte 0.
    """
    sample = data[:2000]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 2 < 0.4 * len(sample) or min(even, odd) > 0.05 * len(sample):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _western(data: bytes, codec: str) -> str | None:
    """Return the text when the bytes above 127 make sense as a Western language.

    Accented letters stand alone or in pairs inside words of small letters, signs outside words.
    Text of another code page has runs of accented letters, or signs inside words.
    """
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return None
    return None if _STRANGE.search(text) else text


def _looks_like(data: bytes, name: str) -> tuple[str, str]:
    """Let charset-normalizer decide among the code pages that spreadsheets write."""
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE], cp_isolation=_OTHERS).best()
    if best is None:
        problem = Problem(
            name, "the encoding of the file cannot be told",
            remedy="say what it is with --encoding, or save the file as CSV UTF-8",
        )  # fmt: skip
        raise DataError(str(problem), [problem])
    return best.encoding, f"{_shown(best.encoding)} (by its looks)"
