"""A coder's coding of a study, and the adjudication of two codings."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, create_model

from review.schema.cell_types import Day, Identifier, Text
from review.schema.study import cell_field

if TYPE_CHECKING:
    from review.schema.codebook import Codebook, Variable


class Coding(BaseModel):
    """One row of `codings/NAME.csv`: what one coder read off one study."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    study_id: Identifier

    def value(self, name: str) -> Any:
        """Return the coded value of a variable; None when missing."""
        return getattr(self, name)


@lru_cache(maxsize=32)
def _coding_model(variables: tuple[Variable, ...]) -> type[Coding]:
    fields: dict[str, Any] = {v.name: cell_field(v) for v in variables}
    return create_model("CodebookCoding", __base__=Coding, **fields)


def coding_model(codebook: Codebook) -> type[Coding]:
    """Return the pydantic model of a coding made with `codebook`."""
    return _coding_model(codebook.variable)


class Adjudication(BaseModel):
    """One row of `codings/adjudication.csv`: a disagreement and how it was settled."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    study_id: Identifier
    variable: Text
    coder1: Text = None
    coder2: Text = None
    consensus: Text = None
    reason: Text = None
    adjudicator: Text = None
    date: Day = None
    previous: Text = None  # what the cell of studies.csv held before, for undoing
