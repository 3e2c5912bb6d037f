"""Text of papers: each line with its place, and clear words for what cannot be read."""

import io
import zipfile

import docx
import pytest
from docx.oxml import parse_xml

from review.errors import DataError
from review.formats import document_text
from review.formats.document_text import read_document
from review.formats.html_lines import html_lines
from review.formats.pdf_lines import pdf_lines
from review.formats.word_lines import word_lines

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
M = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


def word_file(*paragraphs, table=()):
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if table:
        made = document.add_table(1, len(table))
        for cell, text in zip(made.rows[0].cells, table, strict=True):
            cell.text = text
    return document


def saved(document):
    data = io.BytesIO()
    document.save(data)
    return data.getvalue()


def pdf_file(*pages, more=""):
    """A PDF written by hand: one line of Helvetica a page."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for i, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET" if text else ""
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * i} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    data, places = b"%PDF-1.4\n", []
    for i, body in enumerate(objects, 1):
        places.append(len(data))
        data += f"{i} 0 obj\n{body}\nendobj\n".encode()
    start = len(data)
    table = "".join(f"{at:010d} 00000 n \n" for at in places)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R {more} >>\nstartxref\n{start}\n%%EOF\n"
    return data + f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode()


SENTENCE = "The groups differed, t(28) = 2.20, p = .036."
ENCRYPT = (
    f"/ID [<{'00' * 16}> <{'00' * 16}>] /Encrypt << /Filter /Standard /V 1 /R 2 "
    f"/O <{'11' * 32}> /U <{'22' * 32}> /P -4 >>"
)


def test_paragraphs_tables_equations_and_notes_of_a_word_file():
    document = word_file("First.", "", SENTENCE, table=("OR 2.10", "(0.95-4.64)"))
    body = document.element.body
    body.insert(1, parse_xml(
        f'<w:p {W} {M}><m:oMath><m:r><m:t>χ</m:t></m:r></m:oMath><w:r><w:t>2(1)</w:t></w:r>'
        '<w:del><w:r><w:delText>gone</w:delText></w:r></w:del>'
        '<w:ins><w:r><w:t xml:space="preserve"> = 4</w:t></w:r></w:ins>'
        '<w:r><w:sym w:font="Symbol" w:char="F0B3"/><w:noBreakHyphen/></w:r></w:p>'
    ))  # fmt: skip
    lines, notes = word_lines(saved(document), "a.docx")
    assert lines == [
        ("paragraph 1", "First."), ("paragraph 2", "χ2(1) = 4≥-"), ("paragraph 4", SENTENCE),
        ("paragraph 5", "OR 2.10"), ("paragraph 6", "(0.95-4.64)"),
    ]  # fmt: skip
    assert notes == ("Word file",)


def test_pages_of_a_pdf():
    lines, notes = pdf_lines(pdf_file(SENTENCE, SENTENCE), "a.pdf")
    assert lines == [("page 1, line 1", SENTENCE), ("page 2, line 1", SENTENCE)]
    assert notes == ("PDF, 2 pages",)


RAISED = "An odds ratio of 2.5 (95% CI 1.2 to 5.1), I2 = 45%, dose 5 × 10^3."


@pytest.mark.trap(
    "pdfminer.six 20260107",
    "the raised number of a reference is joined to the number before it: 2.5 with reference 4 "
    "reads 2.54",
)
def test_marks_of_references_are_no_digits():
    """Raised marks behind numbers are left out, which is said; exponents and I2 stay."""
    up = ") Tj /F1 8 Tf 5 Ts ({}) Tj /F1 12 Tf 0 Ts ("
    text = RAISED.replace("×", "x").replace("(", "\\(").replace(")", "\\)")
    text = text.replace("2.5 ", "2.5" + up.format(4) + " ", 1).replace("I2", "I" + up.format(2))
    lines, notes = pdf_lines(pdf_file(text.replace("^3", up.format(3))), "a.pdf")
    assert [t for _, t in lines] == [RAISED.replace("×", "x")]
    assert notes[-1] == "1 raised mark behind a number left out"
    html = RAISED.replace("2.5 ", "2.5<sup>4</sup> ", 1).replace("I2", "I<sup>2</sup>")
    assert html_lines(html.replace("^3", "<sup>3</sup>")) == [("line 1", RAISED)]
    document = docx.Document()
    paragraph = document.add_paragraph("An odds ratio of 2.5")
    for signs, raised in (
        ("4", True), (" (95% CI 1.2 to 5.1), I", False), ("2", True),
        (" = 45%, dose 5 × 10", False), ("3", True), (".", False),
    ):  # fmt: skip
        paragraph.add_run(signs).font.superscript = raised
    assert [t for _, t in word_lines(saved(document), "a.docx")[0]] == [RAISED]


def test_the_visible_text_of_a_page():
    text = "<title>x</title><p>χ<sup>2</sup>(1)<br>\n= 4</p><script>p = .000</script><td>a</td>"
    assert [t for _, t in html_lines(text)] == ["χ2(1)", "= 4", "a"]


def test_a_file_is_read_in_a_process_of_its_own(tmp_path):
    path = tmp_path / "paper.docx"
    path.write_bytes(saved(word_file("One.", SENTENCE)))
    found = read_document(path)
    assert found.place(found.text.index("t(28)")) == "paper.docx, paragraph 2"
    assert found.notes == ("paper.docx: Word file, 48 signs of text read",)


def bomb(name="word/document.xml"):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(name, b" " * 30_000_000)
    return data.getvalue()


def entities():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("word/document.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    return data.getvalue()


@pytest.mark.parametrize(
    ("reader", "data", "said"),
    [
        (word_lines, b"no archive", "not a readable Word file (the file is damaged)"),
        (word_lines, bomb(), "30 MB in word/document.xml"),
        (word_lines, entities(), "document type"),
        (word_lines, bomb("other.xml")[:2000], "damaged"),
        (word_lines, b"\xd0\xcf\x11\xe0" + b"\0" * 600, "encrypted or in the old Word format"),
        (pdf_lines, b"no pdf at all", "not a PDF"),
        (pdf_lines, b"%PDF-1.4\ngarbage", "not a readable PDF"),
        (pdf_lines, pdf_file(SENTENCE)[:200], "not a readable PDF"),
        (pdf_lines, pdf_file("", ""), "2 pages and no text: a scan"),
        (pdf_lines, pdf_file(SENTENCE, more=ENCRYPT), "encrypted"),
    ],
)
def test_what_cannot_be_read_is_said(reader, data, said):
    with pytest.raises(DataError) as error:
        reader(data, "paper")
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n ", "empty"),
        ("a.md", b"\x00\x01\x02text" * 50, "not text"),
        ("a.html", b"<script>p = .000</script>", "no text"),
        ("a.doc", b"x", "save it as .docx"),
        ("a.rtf", b"x", ".txt, .md, .html"),
    ],
)
def test_files_without_text(tmp_path, name, data, said):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(DataError) as error:
        read_document(path)
    assert said in str(error.value)


def test_a_text_larger_than_any_paper_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(document_text, "MAX_TEXT", 1000)
    path = tmp_path / "a.txt"
    path.write_text("a" * 1001)
    with pytest.raises(DataError, match="at most 0 MB"):
        read_document(path)


def test_a_missing_package_names_its_extra(tmp_path, monkeypatch):
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf_file(SENTENCE))
    monkeypatch.setitem(document_text._NEEDS, ".pdf", ("no_such_module", "pdfminer.six", "pdf"))
    with pytest.raises(Exception, match=r"review-analytics\[pdf\]"):
        read_document(path)
