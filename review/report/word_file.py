"""The report as a Word file, for journals: Word's own headings, lists and tables."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from review.errors import MissingExtraError
from review.report.blocks import (
    Bullets,
    Cell,
    Explorer,
    Facts,
    Group,
    Lead,
    Link,
    Notice,
    Paragraph,
    Plot,
    Table,
)
from review.report.findings_block import Findings
from review.report.paper_tables import on_paper, rows_left

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from review.report.blocks import Block, Inline, Section

PICTURE_CM: Final = 16.0
TABLE_POINTS: Final = 8
SMALL_POINTS: Final = 6.5
MANY: Final = 8  # columns from which on the letters of a table are small
DEEPEST: Final = 9  # of Word's headings
DATE: Final = (1980, 1, 1, 0, 0, 0)  # of the parts of the file, so that it is the same each time
_FORBIDDEN: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def word_file(
    title: str, subtitle: str, sections: Sequence[Section], pictures: Mapping[str, bytes]
) -> bytes:
    """Return the report as a Word file.

    Args:
        title: of the review.
        subtitle: below it.
        sections: those of the report.
        pictures: PNG files of the figures, by their identifier.

    Raises:
        MissingExtraError: python-docx is not installed.
    """
    check_word()
    import docx
    from docx.shared import Cm

    document = docx.Document()
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.2)
    document.core_properties.title = _clean(title)
    document.core_properties.author = ""
    document.core_properties.comments = ""
    writer = _Writer(document, pictures)
    document.add_heading(_clean(title), 0)
    document.add_paragraph(_clean(subtitle))
    for section in sections:
        document.add_heading(_clean(section.title), 1)
        writer.blocks(section.blocks, 2)
    out = io.BytesIO()
    document.save(out)
    return _undated(out.getvalue())


def check_word() -> None:
    """Say how to get what Word files need.

    Raises:
        MissingExtraError: python-docx is not installed.
    """
    try:
        import docx  # noqa: F401
    except ImportError:
        raise MissingExtraError(
            "Word files need python-docx: pip install 'review-analytics[word]'"
        ) from None


@dataclass(frozen=True)
class _Writer:
    """Puts blocks into a document."""

    document: Any
    pictures: Mapping[str, bytes]

    def blocks(self, blocks: Iterable[Block], level: int) -> None:
        for block in blocks:
            self.block(block, level)

    def block(self, block: Block, level: int) -> None:
        match block:
            case Paragraph():
                self.inline(self.document.add_paragraph(), block.parts)
            case Notice():
                self.document.add_paragraph(_clean(block.text), style="Intense Quote")
            case Bullets():
                self.bullets(block.items, numbered=block.numbered)
            case Lead():
                self.lead(block, level)
            case Facts():
                rows = [(Cell(name), parts) for name, parts in block.rows]
                self.grid((), rows)
            case Group():
                self.document.add_heading(_clean(block.title), min(level, DEEPEST))
                self.blocks(block.blocks, level + 1)
            case Findings():
                self.blocks(block.plain, level)
            case Table():
                if on_paper(block):
                    self.caption(block.caption)
                    self.grid(block.columns, block.rows)
                    self.left(block)
            case Explorer():
                self.grid([c.label for c in block.columns if c.shown], block.rows)
                self.left(block)
            case Plot():
                self.plot(block, level)

    def lead(self, block: Lead, level: int) -> None:
        if block.question:
            self.document.add_paragraph(_clean(block.question), style="Quote")
        paragraph = self.document.add_paragraph()
        if block.label:
            paragraph.add_run(_clean(f"{block.label}: "))
        paragraph.add_run(_clean(" ".join(block.answer))).bold = True
        if block.sure:
            self.document.add_heading("How sure is this?", level)
            self.bullets([(said,) for said in block.sure])
        if block.others:
            self.document.add_heading("Further results", level)
            self.bullets([(f"{name}: {said}",) for name, said in block.others])

    def bullets(self, items: Iterable[Sequence[Inline]], *, numbered: bool = False) -> None:
        style = "List Number" if numbered else "List Bullet"
        for item in items:
            self.inline(self.document.add_paragraph(style=style), item)

    def plot(self, block: Plot, level: int) -> None:
        from docx.shared import Cm

        self.document.add_heading(_clean(block.title), min(level, DEEPEST))
        picture = self.pictures.get(block.ident)
        if picture is None:
            self.document.add_paragraph(_clean(block.alt), style="Quote")
        else:
            shape = self.document.add_picture(io.BytesIO(picture), width=Cm(PICTURE_CM))
            properties = shape._inline.docPr  # noqa: SLF001  python-docx has no name for it
            properties.set("descr", _clean(block.alt))
        self.caption(block.caption)

    def caption(self, text: str) -> None:
        if text:
            self.document.add_paragraph(_clean(text), style="Caption")

    def left(self, block: Table | Explorer) -> None:
        if said := rows_left(block):
            self.document.add_paragraph(said)

    def grid(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """A table of Word's own; its first row is repeated on every page."""
        held = list(rows)
        wide = len(columns) or (len(held[0]) if held else 0)
        if not wide:
            return
        table = self.document.add_table(rows=0, cols=wide, style="Table Grid")
        size = SMALL_POINTS if wide > MANY else TABLE_POINTS
        if columns:
            cells = table.add_row().cells
            for cell, name in zip(cells, columns, strict=True):
                self.fill(cell, name, size, bold=True)
            _repeated(table.rows[0])
        for row in held:
            cells = table.add_row().cells
            for cell, value in zip(cells, row, strict=True):
                self.fill(cell, value, size)
        self.document.add_paragraph()

    def fill(self, cell: Any, value: Any, size: float, *, bold: bool = False) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Pt

        paragraph = cell.paragraphs[0]
        if isinstance(value, Cell):
            if value.number:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            value = (Link(value.text, value.href),)
        self.inline(paragraph, (value,) if isinstance(value, str) else value)
        for run in paragraph.runs:
            run.font.size, run.bold = Pt(size), bold or None

    def inline(self, paragraph: Any, parts: Iterable[Inline]) -> None:
        for part in parts:
            if isinstance(part, Link) and part.href and not part.inside:
                _hyperlink(paragraph, _clean(part.text), part.href)
            else:
                paragraph.add_run(_clean(part if isinstance(part, str) else part.text))


def _clean(text: str) -> str:
    """Characters that XML forbids become blanks."""
    return _FORBIDDEN.sub(" ", text)


def _hyperlink(paragraph: Any, text: str, address: str) -> None:
    """Add a link to a web address, which python-docx reads but does not write."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    run = paragraph.add_run(text)
    run.font.underline = True
    link = OxmlElement("w:hyperlink")
    name = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link.set(qn("r:id"), name)
    run._r.addprevious(link)  # noqa: SLF001
    link.append(run._r)  # noqa: SLF001


def _repeated(row: Any) -> None:
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001


def _undated(data: bytes) -> bytes:
    """Return a zip file without the time of its making: the same report gives the same bytes."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for item in source.infolist():
            fresh = zipfile.ZipInfo(item.filename, DATE)
            fresh.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(fresh, source.read(item))
    return out.getvalue()
