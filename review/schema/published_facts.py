"""Published facts: what the paper of a reproduced review states, for figures and the audit."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from review.schema.prisma_flow import PrismaCounts


class _Open(BaseModel):
    # a paper may state anything: what is not modelled here stays available as given
    model_config = ConfigDict(extra="allow", frozen=True)


class Source(_Open):
    """The paper that states the facts."""

    key: str = Field(min_length=1)
    doi: str = ""
    pmid: str = ""
    authors: tuple[str, ...] = ()
    year: int | None = None
    journal: str = ""
    published_until: dt.date | None = None
    studies_claimed: int | None = None


class PublishedCorrelation(_Open):
    """A published rank correlation."""

    panels: tuple[str, ...] = ()
    x: str = ""
    y: str = ""
    rho: float = Field(ge=-1, le=1)
    p: float = Field(ge=0, le=1)


class Figure6(_Open):
    """The selection and correlations of a performance figure."""

    selection: dict[str, int] = Field(default_factory=dict)
    spearman: tuple[PublishedCorrelation, ...] = ()


class Table1Row(_Open):
    """A row of Kim's Table 1; parameter counts as printed."""

    model: str
    year: int
    parameters: str
    parameters_fe: str
    trainable_layers: int
    fe_layers: int
    fc_layers: int


class PublishedFacts(_Open):
    """`published.toml`.

    Attributes:
        counts: published counts per variable and category, such as `counts["backbone"]["VGG"]`.
        claims: statements with numbers, as dictionaries.
    """

    source: Source
    prisma: PrismaCounts | None = None
    counts: dict[str, dict[str, int]] = Field(default_factory=dict)
    figure6: Figure6 | None = None
    table1: tuple[Table1Row, ...] = ()
    claims: tuple[dict[str, Any], ...] = ()

    @property
    def data(self) -> dict[str, Any]:
        """Everything the file states, as plain dictionaries."""
        return self.model_dump()
