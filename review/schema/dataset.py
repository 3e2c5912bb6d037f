"""A public data set that a review lists."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from review.schema.cell_types import Count, Text, Url, Year


class Dataset(BaseModel):
    """A row of `datasets.csv`; an empty cell is not stated."""

    model_config = ConfigDict(extra="forbid", frozen=True)

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
