"""Table 1 of Kim et al. 2022, cell by cell against the reference networks."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from review.models.layers import LayerTable, layer_table
from review.models.printed import Printed, Verdict, parse
from review.models.torch_check import TorchCheck, torch_check
from review.models.variants import Variant, explain, variants

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Cell:
    """A printed cell and the number that the network really has.

    Attributes:
        column: of `published.toml`.
        printed: as printed.
        reproduced: counted on the layer table.
        verdict: whether the printed number is that one.
        explanation: for `differs`, what the printed number is instead; otherwise what is counted.
    """

    column: str
    printed: str
    reproduced: int
    verdict: Verdict
    explanation: str


@dataclass(frozen=True)
class ModelRow:
    """A row of the table.

    Attributes:
        torch: parameters counted on the torch module, or None when that was skipped.
        variants: other ways to count the network.
    """

    model: str
    backbone: str
    year: int
    kind: str
    dataset: str
    cells: tuple[Cell, ...]
    torch: int | None
    variants: tuple[Variant, ...]

    def cell(self, column: str) -> Cell:
        """Return the cell of a column."""
        return next(c for c in self.cells if c.column == column)

    def to_dict(self) -> dict[str, Any]:
        """Return the row as JSON types, one entry per cell."""
        return {
            "model": self.model,
            "year": self.year,
            "kind": self.kind,
            "dataset": self.dataset,
            **{c.column: _cell_dict(c) for c in self.cells},
            "torch_parameters": self.torch,
            "variants": [asdict(v) for v in self.variants],
        }


@dataclass(frozen=True)
class Table1:
    """The table, checked.

    Attributes:
        rows: one per network.
        torch: whether the torch modules were counted as well.
    """

    rows: tuple[ModelRow, ...]
    torch: TorchCheck

    @property
    def verdicts(self) -> dict[str, int]:
        """How many cells are exact, rounded, different."""
        cells = [c.verdict for row in self.rows for c in row.cells]
        return {v.value: cells.count(v) for v in Verdict}

    def to_dict(self) -> dict[str, Any]:
        """Return the table as JSON types."""
        return {
            "models": [row.to_dict() for row in self.rows],
            "verdicts": self.verdicts,
            "torch_check": self.torch.to_dict(),
        }


def check_table1(
    published: Sequence[dict[str, Any]] | None = None, *, torch: bool = True
) -> Table1:
    """Check the published Table 1, by default that of Kim et al. 2022.

    Args:
        published: rows of `table1` in `published.toml`.
        torch: also count the torch modules, where torch is installed (it takes seconds to load).

    Raises:
        DataError: layer table and torch module disagree.

    Example:
        >>> table = check_table1()
        >>> [row.cell("parameters").reproduced for row in table.rows]
        [60000, 62378344, 138357544, 6998552, 25557032]
    """
    rows = published if published is not None else _bundled()
    tables = [layer_table(row["model"]) for row in rows]
    check = torch_check(tables) if torch else TorchCheck("skipped", "torch was not asked for", {})
    return Table1(
        tuple(_row(row, table, check) for row, table in zip(rows, tables, strict=True)), check
    )


def _bundled() -> list[dict[str, Any]]:
    from review.project import open_review

    published = open_review("kim2022").published
    assert published is not None
    return list(published.data["table1"])


def _row(row: dict[str, Any], table: LayerTable, check: TorchCheck) -> ModelRow:
    cells = [
        _parameters("parameters", str(row["parameters"]), table.parameters, table),
        _parameters("parameters_fe", str(row["parameters_fe"]), table.features, table),
        _layers("trainable_layers", row["trainable_layers"], table.depth, table),
        _layers("fe_layers", row["fe_layers"], table.feature_depth, table),
        _layers("fc_layers", row["fc_layers"], table.fc_layers, table),
    ]
    return ModelRow(
        model=row["model"],
        backbone=table.model,
        year=row["year"],
        kind=row.get("depth", ""),
        dataset=row.get("dataset", ""),
        cells=tuple(cells),
        torch=check.parameters.get(table.model),
        variants=variants(table),
    )


def _parameters(column: str, text: str, reproduced: int, table: LayerTable) -> Cell:
    printed = parse(text)
    verdict = printed.verdict(reproduced)
    explanation = ""
    if verdict == Verdict.ROUNDS_TO:
        explanation = f"{reproduced:,} rounds to {text}"
    elif verdict == Verdict.DIFFERS:
        explanation = _difference(printed, reproduced, column, table)
    return Cell(column, text, reproduced, verdict, explanation)


def _difference(printed: Printed, reproduced: int, column: str, table: LayerTable) -> str:
    said = explain(printed, table)
    if f"{reproduced:,}" in said:
        return said
    what = "the feature extractor has" if column == "parameters_fe" else "the full net has"
    return f"{said}; {what} {reproduced:,} ({printed.like(reproduced)})"


def _layers(column: str, number: int, reproduced: int, table: LayerTable) -> Cell:
    verdict = parse(number).verdict(reproduced)
    return Cell(
        column, str(number), reproduced, verdict, _layer_text(column, number, verdict, table)
    )


def _layer_text(column: str, number: int, verdict: Verdict, table: LayerTable) -> str:
    beside = table.conv_layers - table.feature_depth
    path, fc = table.feature_depth, table.fc_layers
    # in a residual net the convolutions beside the longest path are those of the shortcuts
    residual = table.model.startswith("ResNet")
    side = "projections in its shortcuts" if residual else "in side branches"
    counted = f"{path} convolutions on the longest path" + (f" + {beside} {side}" if beside else "")
    if column == "fc_layers":
        return "" if verdict == Verdict.EXACT else f"{fc} fully connected layers"
    if column == "fe_layers":
        if verdict == Verdict.EXACT:
            return counted if beside else ""
        hint = (
            f"{number} is the whole net with its {fc} fully connected layer: "
            if number == table.depth
            else ""
        )
        return f"{hint}the feature extractor has {counted}"
    if verdict == Verdict.EXACT:
        return f"{table.conv_layers + fc} when side branches are counted" if beside else ""
    hint = (
        f"{number} counts the fully connected layer twice ({table.depth} + {fc}): "
        if number == table.depth + fc
        else ""
    )
    return f"{hint}the net has {counted} and {fc} fully connected, not {number - fc} + {fc}"


def _cell_dict(cell: Cell) -> dict[str, Any]:
    return {
        "printed": cell.printed,
        "reproduced": cell.reproduced,
        "verdict": cell.verdict.value,
        "explanation": cell.explanation,
    }
