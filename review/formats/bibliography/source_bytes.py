"""A file as lines of text with their numbers, read once and never held whole.

Exports come in every encoding and with every line end: UTF-8 with a mark in the middle, where files
were put together; lines of Windows-1252 among lines of UTF-8; carriage returns alone, or IEEE's
CR LF LF CR. A line that is longer than any record is cut, so that no file takes all memory.
"""

from __future__ import annotations

import codecs
import hashlib
import os
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from review.errors import DataError, InputError, suggest
from review.formats.text_encoding import named_codec, one_byte, text_codec
from review.formats.workbook import is_workbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

CHUNK: Final = 1 << 20
MAX_LINE: Final = 4_000_000
MAX_SIZE: Final = 20_000_000_000
_SAMPLE: Final = 100_000
_INNER: Final = bytes(range(0x80, 0xC0))
_DECLARED: Final = re.compile(rb"""<\?xml[^>]{0,200}encoding=["']([\w.-]{1,40})["']""")
_UNICODE: Final = ("utf-16", "utf-16-le", "utf-16-be", "utf-32")


class Line(NamedTuple):
    """One line.

    Attributes:
        number: from 1.
        text: without its end.
        cut: how many bytes of it were left out, since no record has lines that long.
    """

    number: int
    text: str
    cut: int = 0


@dataclass(frozen=True)
class Source:
    """A file that was looked through once.

    Attributes:
        path, name: of the file.
        size: in bytes.
        sha256: of its bytes.
        head: its first bytes.
        codec: of its text; lines that are not UTF-8 are of `other`.
        other: the codec of lines that are not UTF-8, "" when there are none.
        encoding: in words.
    """

    path: Path
    name: str
    size: int
    sha256: str
    head: bytes
    codec: str
    other: str
    encoding: str

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of the file."""
        return _chunks(self.path)

    def texts(self) -> Iterator[str]:
        """Yield the text of the file in pieces that end anywhere; no line is cut."""
        decoder = codecs.getincrementaldecoder(self.codec)(_handler(self.other))
        for chunk in self.chunks():
            yield decoder.decode(chunk).replace("\ufeff", "")
        yield decoder.decode(b"", final=True)

    def lines(self) -> Iterator[Line]:
        """Yield the lines of the file; any of CR LF, LF and CR ends one."""
        pieces = self._bytes() if self.codec in _UNICODE else self.chunks()
        for number, (raw, cut) in enumerate(_split(pieces), 1):
            yield Line(number, self._decoded(raw, cut=cut > 0), cut)

    def _bytes(self) -> Iterator[bytes]:
        """The text of UTF-16 as UTF-8, whose line ends are single bytes."""
        return (text.encode("utf-8", "replace") for text in self.texts())

    def head_text(self) -> str:
        """The text that the file starts with."""
        if self.codec in _UNICODE:
            return codecs.getincrementaldecoder(self.codec)("replace").decode(self.head)
        return "\n".join(self._decoded(raw, cut=True) for raw, _ in _split([self.head]))

    def _decoded(self, raw: bytes, *, cut: bool) -> str:
        if raw.isascii():
            return raw.decode("ascii")
        codec = "utf-8" if self.codec in _UNICODE else self.codec
        if cut:  # somewhere, perhaps in the middle of a character
            return raw.decode(codec, "ignore").replace("\ufeff", "")
        if self.other:
            try:
                return raw.decode("utf-8").replace("\ufeff", "")
            except UnicodeDecodeError:
                codec = self.other
        return raw.decode(codec, "replace").replace("\ufeff", "")


def require_file(path: Path) -> None:
    """Refuse what is no plain file.

    Raises:
        InputError: there is no such file, or it is none; one of a similar name is suggested.
    """
    if not path.exists():
        there = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        close = suggest(path.name, there, most=1)
        hint = f"; did you mean {path.parent / close[0]}?" if close else ""
        raise InputError(f"{path}: no such file{hint}")
    if not stat.S_ISREG(path.stat().st_mode):
        raise InputError(f"{path}: {'is a folder' if path.is_dir() else 'not a plain file'}")


def open_source(path: Path, encoding: str | None = None) -> Source:
    """Look through a file once: its digest, and what encoding it has.

    Args:
        path: of a plain file.
        encoding: as the user says.

    Raises:
        InputError: there is no such file, or it is none.
        DataError: it cannot be read, or is empty.
    """
    require_file(path)
    size = path.stat().st_size
    if size > MAX_SIZE:
        raise DataError(f"{path.name}: the file has {size / 1e9:,.1f} GB: split it")
    digest = hashlib.sha256()
    head = b""
    survey = _Survey()
    for chunk in _chunks(path):
        digest.update(chunk)
        if len(head) < CHUNK:
            head += chunk
        survey.add(chunk)
    if not head.removeprefix(codecs.BOM_UTF8).strip():
        raise DataError(f"{path.name}: the file is empty")
    codec, other, words = survey.verdict(head, path.name, encoding)
    return Source(path, path.name, size, digest.hexdigest(), head, codec, other, words)


def _handler(other: str) -> str:
    """Return the name of an error handler that reads bytes that do not fit in another codec."""
    if not other:
        return "replace"

    def read(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        return error.object[error.start : error.end].decode(other, "replace"), error.end

    name = f"review-{other}"
    codecs.register_error(name, read)
    return name


def _chunks(path: Path) -> Iterator[bytes]:
    # without waiting, so that no pipe that has taken the file's place is waited for
    try:
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
    except OSError as error:
        raise DataError(f"{path.name}: cannot be read ({error.strerror})") from None


class _Survey:
    """Tells UTF-8 from other text, line by line, while a file passes."""

    def __init__(self) -> None:
        self.good = self.bad = 0
        self.sample = b""
        self._rest = b""

    def add(self, chunk: bytes) -> None:
        if chunk.isascii() and self._rest.isascii():
            # the common case, at the speed of memory
            self._rest = chunk[chunk.rfind(b"\n") + 1 :][-_SAMPLE:]
            return
        lines = (self._rest + chunk).split(b"\n")
        rest = lines.pop()
        # cut where a character starts
        self._rest = rest[-MAX_LINE:].lstrip(_INNER) if len(rest) > MAX_LINE else rest
        self._look(lines)

    def _look(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
                self.good += 1
            except UnicodeDecodeError:
                self.bad += 1
                if len(self.sample) < _SAMPLE:
                    self.sample += line[:_SAMPLE] + b"\n"

    def verdict(self, head: bytes, name: str, encoding: str | None) -> tuple[str, str, str]:
        """Return the codec, that of the lines that are not of it, and both in words."""
        if is_workbook(head):
            return "utf-8", "", "binary"
        self._look([self._rest])
        if encoding is not None:
            return encoding, "", named_codec(encoding)
        start, words = text_codec(head[:4096], name, trust_ascii=True)
        if start in _UNICODE:
            return start, "", words
        mark = " with BOM" if head.startswith(codecs.BOM_UTF8) else ""
        if not self.bad:
            return "utf-8", "", f"UTF-8{mark}"
        stated = _DECLARED.match(head)
        if stated is not None and (codec := _known(stated[1].decode("ascii"))):
            return codec, "", named_codec(codec)
        other, words = text_codec(self.sample, name)
        if other.startswith("utf"):  # nothing but damaged UTF-8
            other, words = "cp1252", named_codec("cp1252")
        # words of one byte a letter are valid UTF-8 by chance hardly ever: such lines are UTF-8
        if (self.good and (one_byte(other) or self.good > self.bad)) or mark:
            lines = "line" if self.bad == 1 else "lines"
            return "utf-8", other, f"UTF-8{mark}, {self.bad:,} {lines} of it {words}"
        return other, "", words


def _known(encoding: str) -> str:
    """Return the codec that an XML file names, "" for one that is none or UTF-8 after all."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        return ""
    return "" if name.startswith("utf") else name


def _split(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    """Yield lines without their ends, and how much of each was cut."""
    rest, cut, held = b"", 0, b""
    for piece in pieces:
        data = held + piece
        # a carriage return at the end of a piece may be half of a line end
        held = b"\r" if data.endswith(b"\r") else b""
        data = data[: len(data) - len(held)]
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = data.split(b"\n")
        lines[0] = rest + lines[0]
        rest = lines.pop()
        for line in lines:
            if cut or len(line) > MAX_LINE:
                cut += max(len(line) - MAX_LINE, 0)
                yield line[:MAX_LINE], cut
                cut = 0
            else:
                yield line, 0
        if len(rest) > MAX_LINE:
            cut += len(rest) - MAX_LINE
            rest = rest[:MAX_LINE]
    if held or rest:
        yield rest, cut
