"""A coded study: who, where it was published, what was read, and the codebook's variables."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, create_model

from review.schema import row_rules
from review.schema.cell_types import Count, Doi, Identifier, Text, Url, Year
from review.schema.row_rules import Rule

if TYPE_CHECKING:
    from review.schema.codebook import Codebook, Variable


class Study(BaseModel):
    """The identity columns that every review has; `study_model` adds the codebook's variables.

    Attributes:
        study_id: unique within the review.
        source_url: where the study can be read, when there is no DOI or besides it.
        evidence: what was read (`abstract`, `full text`).
        coders: how many people coded the study.
        RULES: what `review check` asks of a row.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    RULES: ClassVar[tuple[Rule, ...]] = row_rules.STUDY

    study_id: Identifier
    first_author: Text = None
    year: Year = None
    title: Text = None
    venue: Text = None
    doi: Doi = None
    pmid: Text = None
    source_url: Url = None
    evidence: Text = None
    coders: Count = None

    @property
    def link(self) -> str | None:
        """The address of the source: the DOI's when there is one."""
        return f"https://doi.org/{self.doi}" if self.doi else self.source_url

    @property
    def label(self) -> str:
        """A short name for figures: author and year, or the study_id."""
        if not self.first_author:
            return self.study_id
        return f"{self.first_author} {self.year}" if self.year else self.first_author

    def value(self, name: str) -> Any:
        """Return the value of a column, identity or coded; None when missing."""
        return getattr(self, name)


class ExcludedStudy(Study):
    """A study that was coded and then excluded, with the reason."""

    RULES: ClassVar[tuple[Rule, ...]] = row_rules.EXCLUDED

    reason: Text = None


IDENTITY_COLUMNS: Final = tuple(Study.model_fields)


def cell_field(variable: Variable) -> tuple[Any, Any]:
    """Return the pydantic field (annotation, default) of a codebook variable."""
    return Annotated[Any, BeforeValidator(variable.parse)], None


@lru_cache(maxsize=32)
def _study_model(variables: tuple[Variable, ...]) -> type[Study]:
    fields: dict[str, Any] = {v.name: cell_field(v) for v in variables}
    return create_model("CodedStudy", __base__=Study, **fields)


def study_model(codebook: Codebook) -> type[Study]:
    """Return the pydantic model of a study coded with `codebook`.

    Raises:
        ValueError: a variable has the name of an identity column.

    Example:
        >>> from review.schema import Codebook, Variable
        >>> book = Codebook(variable=[Variable(name="auc", type="number", maximum=1)])
        >>> study_model(book)(study_id="lee2019", auc="0.90").auc
        Decimal('0.90')
    """
    taken = [v.name for v in codebook.variable if v.name in {*IDENTITY_COLUMNS, "link", "label"}]
    if taken:
        raise ValueError(f"variable {taken[0]!r} has the name of an identity column")
    return _study_model(codebook.variable)
