"""The parts that sections of a report are made of; templates turn each kind into HTML.

A block holds plain text and values only: escaping is the template's work, so no text of a study
can become markup.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from review.report.findings_block import Findings

if TYPE_CHECKING:
    from review.report.literature import Reference

_WEB: Final = re.compile(r"https?://[^\s<>\"'`\\]+\Z", re.IGNORECASE)
_DOI: Final = re.compile(r"10\.\d{4,9}/\S+\Z")
WIDE: Final = 36  # a cell with more characters gets room for a few words per line
_DOI_SAFE: Final = "-._~:/?#[]@!$&()*+,;="


def web_address(text: str | None) -> str | None:
    """Return the address that a link may lead to: http, https or a DOI; otherwise None.

    Example:
        >>> web_address("10.1186/s12880-022-00793-7")
        'https://doi.org/10.1186/s12880-022-00793-7'
        >>> web_address("javascript:alert(1)") is None
        True
    """
    from urllib.parse import quote

    if not text:
        return None
    text = text.strip()
    bare = re.sub(r"^doi:\s*", "", text, flags=re.IGNORECASE)
    if _DOI.match(bare):
        return "https://doi.org/" + quote(bare, safe=_DOI_SAFE + "%")
    return text if _WEB.match(text) else None


@dataclass(frozen=True)
class Link:
    """Text with an address: `#anchor` in the report, or a web address.

    Attributes:
        href: None when the address is no web address; the text is shown without a link.
    """

    text: str
    href: str | None

    @classmethod
    def web(cls, text: str, address: str | None) -> Link:
        """Return a link to a web address, or plain text when it is none."""
        return cls(text, web_address(address))

    @property
    def inside(self) -> bool:
        """Whether the link stays within the report."""
        return (self.href or "").startswith("#")


Inline = str | Link
Tone = Literal["info", "warning", "empty"]


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    kind: ClassVar[str] = "paragraph"
    parts: tuple[Inline, ...]


@dataclass(frozen=True)
class Notice:
    """A sentence that stands out: something is missing, limited or wrong."""

    kind: ClassVar[str] = "notice"
    text: str
    tone: Tone = "info"


@dataclass(frozen=True)
class Bullets:
    """A list; `numbered` for references."""

    kind: ClassVar[str] = "bullets"
    items: tuple[tuple[Inline, ...], ...]
    numbered: bool = False


@dataclass(frozen=True)
class Lead:
    """The answer of a review, as its first page gives it.

    Attributes:
        question: "" when the review states none.
        label: what the answer is about; "" for the review as a whole.
        answer: two sentences at most.
        sure: how sure that is, and what a new study may find: one sentence or two each.
        others: further results: what each is about, and its answer.
    """

    kind: ClassVar[str] = "lead"
    question: str
    label: str
    answer: tuple[str, ...]
    sure: tuple[str, ...]
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Facts:
    """Names with what is stated for each."""

    kind: ClassVar[str] = "facts"
    rows: tuple[tuple[str, tuple[Inline, ...]], ...]


@dataclass(frozen=True)
class Cell:
    """A table cell.

    Attributes:
        tone: a word for the style, such as a verdict; the text says it too.
    """

    text: str
    number: bool = False
    href: str | None = None
    tone: str = ""

    @property
    def inside(self) -> bool:
        """Whether the link stays within the report."""
        return (self.href or "").startswith("#")

    @property
    def style(self) -> str:
        """The class of the cell, which decides alignment, colour and width; "" for none."""
        if self.number:
            return "number"
        if self.tone:
            return f"tone-{self.tone}"
        return "wide" if len(self.text) > WIDE else ""


@dataclass(frozen=True)
class Table:
    """A table with a caption.

    Attributes:
        name: stem of the file that the download button offers; no button without one.
        rows: what is written as HTML.
        total: how many rows there are in all.
        records: all rows as JSON text when there are more than are shown.
        folded: shown closed, to be opened.
        turned: the columns of the data are the rows that are shown.
        reasons: its words are the program's: why something is left out.
    """

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    name: str = ""
    total: int = 0
    records: str = ""
    folded: bool = False
    turned: bool = False
    reasons: bool = False


@dataclass(frozen=True)
class Plot:
    """A figure: a plotly figure as JSON text, or an SVG drawing.

    Attributes:
        ident: the anchor, unique in the report.
        smaller: (medium, drawing) of an SVG drawing on "phone" and "paper", where it is another.
        alt: what it shows, in words.
        table: its data.
        facts: the statistics shown with it.
    """

    kind: ClassVar[str] = "plot"
    ident: str
    title: str
    alt: str
    caption: str = ""
    json: str = ""
    svg: str = ""
    height: int = 520
    table: Table | None = None
    facts: tuple[tuple[str, str], ...] = ()
    smaller: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Group:
    """Blocks below a heading of their own."""

    kind: ClassVar[str] = "group"
    ident: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Explorer:
    """The searchable table of studies; its rows are those of the report's data block."""

    kind: ClassVar[str] = "explorer"
    columns: tuple[ExplorerColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int
    name: str


@dataclass(frozen=True)
class ExplorerColumn:
    """A column of the table of studies.

    Attributes:
        kind: how it sorts and filters.
        shown: whether it is shown at first.
        choices: the words that a filter offers.
        wide: its texts are long.
    """

    key: str
    label: str
    kind: Literal["text", "number", "category", "list"]
    shown: bool
    choices: tuple[str, ...] = ()
    help: str = ""
    wide: bool = False


Block = (
    Paragraph | Notice | Bullets | Lead | Facts | Table | Findings | Plot | Group | Explorer
)  # fmt: skip


@dataclass(frozen=True)
class Estimate:
    """A number that a later report is compared with.

    Attributes:
        key: the same in each report of the review, such as `meta.auc.estimate`.
        label: what it is, in words.
        n: how many studies or points it rests on.
        null: the value that means that there is no effect; None where none does.
    """

    key: str
    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    null: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the estimate as a dictionary."""
        return {
            "key": self.key, "label": self.label, "value": self.value,
            "low": self.low, "high": self.high, "n": self.n, "null": self.null,
        }  # fmt: skip


@dataclass(frozen=True)
class Section:
    """A section of the report.

    Attributes:
        name: as `--section` takes it, and the anchor.
        has_data: False when the review lacks what the section shows; a notice says so.
        planned: it is shown although it has no data, since the review planned what it lacks.
        remarks: what its authors should know and its readers need not: told by the command.
        methods: sentences for the methods section, naming every estimator used.
        references: keys of `review.report.literature`, or publications themselves.
    """

    name: str
    title: str
    blocks: tuple[Block, ...]
    has_data: bool = True
    methods: tuple[str, ...] = ()
    references: tuple[str | Reference, ...] = ()
    remarks: tuple[str, ...] = ()
    planned: bool = False
    estimates: tuple[Estimate, ...] = field(default=(), repr=False)


def text(*parts: Inline) -> Paragraph:
    """Return a paragraph of texts and links."""
    return Paragraph(tuple(parts))


def paragraphs(words: str) -> tuple[Paragraph, ...]:
    """Return text of several lines as paragraphs; an empty line parts them."""
    parts = re.split(r"\n\s*\n", words.strip())
    return tuple(text(" ".join(part.split())) for part in parts if part.strip())


def empty(name: str, title: str, said: str, *why: str) -> Section:
    """Return a section without data.

    Args:
        name: of the section.
        title: its heading.
        said: what a reader is told who asked for it.
        why: what its authors can do about it.
    """
    return Section(name, title, (Notice(said, "empty"),), has_data=False, remarks=why)
