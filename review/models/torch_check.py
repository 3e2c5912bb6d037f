"""The second count: the torch modules against the layer tables. Skipped without torch."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from review.errors import DataError
from review.models.loader import reference, why_no_torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.models.layers import LayerTable


@dataclass(frozen=True)
class TorchCheck:
    """Whether both counts were compared.

    Attributes:
        status: `agrees` or `skipped`; a disagreement is an error instead.
        note: one line for people.
        parameters: counted on the modules, by network; empty when skipped.
    """

    status: str
    note: str
    parameters: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return asdict(self)


def torch_check(tables: Sequence[LayerTable]) -> TorchCheck:
    """Compare the layer tables with the torch modules, exactly.

    Raises:
        DataError: two counts disagree.
    """
    reason = why_no_torch()
    if reason is not None:
        return TorchCheck("skipped", f"torch check skipped: {reason}", {})
    build, count, depth = (
        reference("zoo", "on_meta"), reference("counting", "count"), reference("counting", "depth")
    )  # fmt: skip
    from review.models.backbones import find_backbone

    counted: dict[str, int] = {}
    for table in tables:
        model, backbone = build(table.model), find_backbone(table.model)
        found = count(model)
        compare(
            table,
            {
                "parameters": found.parameters,
                "parameters of the feature extractor": found.features,
                "blocks": dict(found.blocks),
                "depth": depth(model, backbone.input, backbone.channels),
            },
        )
        counted[table.model] = found.parameters
    return TorchCheck(
        "agrees",
        f"torch check: {len(counted)} modules agree exactly with the layer tables",
        counted,
    )


def compare(table: LayerTable, found: dict[str, Any]) -> None:
    """Compare the counts of a layer table with those of its module.

    Raises:
        DataError: two counts disagree.
    """
    expected = {
        "parameters": table.parameters,
        "parameters of the feature extractor": table.features,
        "blocks": table.blocks,
        "depth": table.depth,
    }
    for what, value in expected.items():
        if found[what] != value:
            raise DataError(
                f"{table.model}: the layer table gives {value} as {what}, the torch module "
                f"{found[what]}; one of the two is wrong"
            )
