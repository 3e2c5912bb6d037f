"""Starts a review from a sheet that a team fills already: its columns propose the codebook."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from review.errors import InputError
from review.formats.saved_mappings import mappings_text
from review.project.review import Review
from review.schema import Codebook
from review.schema.folder_files import MAPPINGS_FILE, SETTINGS_FILE
from review.schema.heading_map import HeadingMap
from review.workflow.coding.add import add_studies
from review.workflow.coding.init import make_folder, settings_text, studies_header
from review.workflow.coding.sheet_codebook import propose_codebook
from review.workflow.pooling.table_entries import entries_of

if TYPE_CHECKING:
    from pathlib import Path

    from review.formats.sheet_table import SheetTable
    from review.workflow.coding.sheet_codebook import Proposal


def init_from_sheet(
    folder: Path, table: SheetTable, *, title: str | None = None, studies: bool = False
) -> tuple[list[Path], Proposal]:
    """Make a review folder whose codebook fits a sheet; return its files and what was proposed.

    What the headings mean is saved, so that `review add --from` reads the same sheet as it is.

    Args:
        folder: made when it does not exist.
        table: the sheet.
        title: of the new review.
        studies: take the rows of the sheet over as studies, if all of them fit.

    Raises:
        DataError: something is wrong with the sheet; with `studies`, cells that do not fit.
        InputError: a file is in the way; the folder cannot be written to.
    """
    if table.options.mapping:
        raise InputError(
            "--map names variables of a codebook, which 'review init --from' only proposes; edit "
            "codebook.toml and mappings.toml afterwards"
        )
    table.require()
    proposal = propose_codebook(table)
    text = proposal.codebook_text(title or folder.name, table.source)
    codebook = Codebook.model_validate(tomllib.loads(text))
    shape = HeadingMap(
        headings=tuple(table.headings), map=proposal.mapping, note=f"from {table.source}"
    )
    files: dict[str, bytes | Path] = {
        # without the roles of the usual coding form, whose variables are not there
        SETTINGS_FILE: settings_text(title or folder.name).partition("\n[roles]")[0].encode(),
        "codebook.toml": text.encode(),
        "studies.csv": studies_header(codebook),
        MAPPINGS_FILE: mappings_text([shape]).encode(),
    }
    written = make_folder(folder, files)
    if studies:
        review = Review(folder)
        add_studies(review, entries_of(review, table)[0])
    return written, proposal
