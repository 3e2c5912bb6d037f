"""Table 1: the five backbone networks of Kim et al. 2022, cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from review.analysis_api import Artifact, Options, Panel
from review.models.claims import Claim, check_claims
from review.models.printed import Verdict
from review.models.table1 import ModelRow, Table1, check_table1

if TYPE_CHECKING:
    from review.project import Review

ROLES = ("backbone",)
PUBLISHED = "table1"
TITLE = "Overview of backbone networks: every printed cell against the counted network"
COLUMNS = {
    "parameters": "parameters",
    "parameters_fe": "parameters of the feature extractor",
    "trainable_layers": "trainable layers",
    "fe_layers": "layers of the feature extractor",
    "fc_layers": "fully connected layers",
}


def build(review: Review, options: Options) -> Artifact:
    """Return the checked table, the ways to count each network, and further statements."""
    stated = review.published.data.get("table1") if review.published is not None else None
    table = check_table1(stated or None, torch=options.recount)
    claims = check_claims()
    source = review.name if stated else "kim2022"
    return Artifact(
        kind="table",
        key="1",
        title=TITLE,
        caption="Parameters by the closed formula of the paper, (a * b * c) + 1 per filter, on "
        f"plain layer tables{', and counted again on torch modules' * options.recount}. Layers are "
        "those on the longest path from input to output.",
        panels=(_cells(table, recount=options.recount), _variants(table), _claims(claims)),
        notes=(
            f"Table 1 of {source}: {_verdicts(table)}.",
            *(_note(row) for row in table.rows),
            f"{_differing(claims)} of {len(claims)} further statements of the reviews differ.",
            *([table.torch.note] if options.recount else []),
        ),
    )


def _verdicts(table: Table1) -> str:
    return ", ".join(f"{n} cells {verdict}" for verdict, n in table.verdicts.items())


def _note(row: ModelRow) -> str:
    said = []
    for cell in row.cells:
        text = f"{COLUMNS[cell.column]} {cell.printed}"
        if cell.verdict == Verdict.EXACT:
            said.append(f"{text} exact")
        elif cell.verdict == Verdict.ROUNDS_TO:
            said.append(f"{text} rounds from {cell.reproduced:,}")
        else:
            said.append(f"{text} differs from {cell.reproduced:,} [{cell.explanation}]")
    return f"{row.model}: {'; '.join(said)}."


def _differing(claims: tuple[Claim, ...]) -> int:
    return sum(c.verdict == Verdict.DIFFERS for c in claims)


def _cells(table: Table1, *, recount: bool) -> Panel:
    return Panel(
        letter="a",
        title="Printed and counted",
        rows=[_flat(row, recount=recount) for row in table.rows],
        statistics=table.to_dict(),
        alt=f"Table of {len(table.rows)} networks: {_verdicts(table)}.",
    )


def _flat(row: ModelRow, *, recount: bool) -> dict[str, Any]:
    flat: dict[str, Any] = {"model": row.model, "year": row.year}
    for cell in row.cells:
        flat[cell.column] = cell.printed
        flat[f"{cell.column}_counted"] = cell.reproduced
        flat[f"{cell.column}_verdict"] = cell.verdict.value
        flat[f"{cell.column}_explanation"] = cell.explanation
    return flat | {"torch_parameters": row.torch} if recount else flat


def _variants(table: Table1) -> Panel:
    rows = [
        {"model": row.model, "count": v.label, "parameters": v.parameters, "edits": v.edits}
        for row in table.rows
        for v in row.variants
    ]
    return Panel(
        letter="b",
        title="Ways to count each network",
        rows=rows,
        alt=f"Table of {len(rows)} parameter counts.",
    )


def _claims(claims: tuple[Claim, ...]) -> Panel:
    return Panel(
        letter="c",
        title="What the three reviews state about networks",
        rows=[c.to_dict() for c in claims],
        statistics={"claims": [c.to_dict() for c in claims]},
        alt=f"Table of {len(claims)} statements with their verdicts.",
    )
