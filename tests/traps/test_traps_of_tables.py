"""Numbers and words in tables, forms and flows that libraries change or let through."""

from __future__ import annotations

import openpyxl
import pytest

from review.errors import DataError
from review.formats.read_options import ReadOptions
from review.formats.reading import read_sheet
from review.project import open_review
from review.schema.prisma_flow import PrismaCounts
from review.schema.prisma_sums import prisma_checks
from review.workflow.audit.csv_rows import audit_rows
from review.workflow.pooling.table_entries import entries_of


@pytest.fixture
def workbook(tmp_path):
    def make(*rows, sheets=("Sheet",)):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name in sheets:
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        path = tmp_path / "table.xlsx"
        book.save(path)
        return path

    return make


@pytest.mark.trap("pandas 3.1.1", "texts such as 001 in a workbook become the number 1")
@pytest.mark.trap("pandas 3.1.1", "a study called None, or of the author Na, is a missing value")
def test_texts_of_a_workbook_stay_texts(workbook):
    """001 keeps its zeros, and a name is a name."""
    table = read_sheet(workbook(["study", "x"], ["None", "001"], ["A", "002"]))
    assert [*table.texts("x")] == ["001", "002"]
    assert [*table.texts("study")] == ["None", "A"]


@pytest.mark.trap(
    "asreview 3.0.8",
    "of several sheets the one with most known columns is read, in silence",
)
def test_several_sheets_are_a_question(workbook):
    """Which sheet is meant must be said."""
    path = workbook(["title", "year"], ["A", 2020], sheets=("long", "other"))
    with pytest.raises(DataError, match="other"):
        read_sheet(path)
    assert len(read_sheet(path, ReadOptions(sheet="long"))) == 1


@pytest.mark.trap("pandera 0.35.0", "with coerce=True 1.5 becomes the whole number 1")
@pytest.mark.trap("pandera 0.35.0", "with coerce=True the words yes, no and False are all true")
def test_cells_are_not_forced_into_a_type(table):
    """1.5 classes are refused, with their place."""
    sheet = table("first_author,year,title,n_classes\nKim,2020,Nets,1.5\n")
    with pytest.raises(DataError, match=r"n_classes"):
        entries_of(open_review("kim2022"), sheet)


@pytest.mark.trap(
    "mlscorecheck 1.0.3",
    "unknown names of scores are ignored: accuracy instead of acc, and nothing is checked",
)
@pytest.mark.trap("mlscorecheck 1.0.3", "an AUC of 7.0 is consistent")
def test_scores_by_any_name_and_unknown_columns_said():
    """acc, sens and spec are known beside n_pos and n_neg; what no check knows is named."""
    row = {"n_pos": 50, "n_neg": 50}
    short = audit_rows([{**row, "acc": "0.91", "sens": "0.95", "spec": "0.92"}])
    full = audit_rows([{**row, "accuracy": "0.91", "sensitivity": "0.95", "specificity": "0.92"}])
    assert [c.verdict for c in short.claims] == [c.verdict for c in full.claims]
    assert any(c.failed for c in full.claims)
    assert any("column 'quality' is not used" in n
               for n in audit_rows([{**row, "acc": "0.9", "quality": 3}]).notes)  # fmt: skip
    (claim,) = audit_rows([{"auc": "7.0"}]).claims
    assert claim.failed


@pytest.mark.trap(
    "prisma-flow 0.6.1",
    "reasons that do not add up are a warning, a wrong sum is drawn, and a count of 1080.0 is"
    " refused",
)
def test_sums_of_a_flow_are_checked():
    """A record too many is found, whole numbers may be written with .0."""
    counts = PrismaCounts(identified=1200, duplicates_removed=120, screened=1081.0, included=3)
    assert counts.screened == 1081
    assert any(not check.holds for check in prisma_checks(counts))
