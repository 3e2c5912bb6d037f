"""Decisions of one import that contradict each other: none of them is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.formats.bibliography.bib_record import Rejected
from review.words import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.workflow.records.read_files import ReadFile


def set_apart(files: Sequence[ReadFile]) -> None:
    """Move what one reviewer decides in two ways on one record to `contradicted` of its file.

    Which of them counts cannot be told from the order of rows, so that the record stays open for
    this reviewer.

    Args:
        files: of one import, all read.
    """
    said: dict[tuple[str, str, str], dict[str, str]] = {}
    for file in files:
        where = f"{file.name}:" if len(files) > 1 else "line "
        for ident, stage, reviewer, decision, _, line in file.decisions:
            places = said.setdefault((ident, stage, reviewer.casefold()), {})
            places.setdefault(decision, f"{decision} ({where}{line})")
    for file in files:
        kept = []
        for row in file.decisions:
            ident, stage, reviewer, decision, reason, line = row
            places = said[ident, stage, reviewer.casefold()]
            if len(places) < 2:
                kept.append(row)
                continue
            both = listed(places.values())
            why = f"{reviewer} decides {both} on {ident} ({stage}): none of these was taken"
            text = f"{decision}: {reason}" if reason else decision
            file.contradicted.append(Rejected(line, why, text, counted=False))
        file.decisions = kept
