"""The tables of a review as data frames."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from review.schema import Dataset, ExcludedStudy, ReportedResult

if TYPE_CHECKING:
    import pandas as pd
    from pydantic import BaseModel

    from review.project.review import Kind, Review


def to_frame(review: Review, kind: Kind) -> pd.DataFrame:
    """Return the rows of a table: numbers as float (missing NaN), everything else as object."""
    import pandas as pd

    models: dict[str, type[BaseModel]] = {
        "studies": review.study_model,
        "results": ReportedResult,
        "datasets": Dataset,
        "excluded": ExcludedStudy,
    }
    rows: list[Any] = getattr(review, kind)
    columns: dict[str, pd.Series[Any]] = {}
    for name in models[kind].model_fields:
        values = [getattr(row, name) for row in rows]
        columns[name] = _series(values, numeric=_is_numeric(review, kind, name, values))
    return pd.DataFrame(columns)


def _is_numeric(review: Review, kind: Kind, name: str, values: list[Any]) -> bool:
    if kind == "studies" and name in review.codebook:
        return review.codebook[name].is_numeric
    known = [v for v in values if v is not None]
    return bool(known) and all(
        isinstance(v, int | Decimal) and not isinstance(v, bool) for v in known
    )


def _series(values: list[Any], *, numeric: bool) -> pd.Series[Any]:
    import pandas as pd

    if numeric:
        return pd.Series([float("nan") if v is None else float(v) for v in values], dtype=float)
    plain = [";".join(v) if isinstance(v, tuple) else v for v in values]
    return pd.Series(plain, dtype=object)
