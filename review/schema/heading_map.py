"""Saved meanings of headings: `mappings.toml`, one entry for each shape of file."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class HeadingMap(BaseModel):
    """What the headings of one shape of file mean.

    Attributes:
        headings: all headings of the file, which are how the shape is recognised.
        map: heading -> variable; several variables of one column joined by `+`; `-` for a column
            that is not read.
        note: where the shape comes from.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    headings: tuple[str, ...] = Field(min_length=1)
    map: dict[str, str]
    note: str = ""


class HeadingMaps(BaseModel):
    """All of `mappings.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mapping: tuple[HeadingMap, ...] = ()
