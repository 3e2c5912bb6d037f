"""A public data set that a review lists."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from review.schema import row_rules
from review.schema.cell_types import Count, Text, Url, Year
from review.schema.row_rules import Rule


class Dataset(BaseModel):
    """A row of `datasets.csv`; an empty cell is not stated."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    RULES: ClassVar[tuple[Rule, ...]] = row_rules.NAMED

    name: Text
    modality: Text = None
    region: Text = None
    task: Text = None
    year: Year = None
    n_images: Count = None
    n_patients: Count = None
    n_classes: Count = None
    access: Text = None
    link: Url = None
    source_url: Url = None
