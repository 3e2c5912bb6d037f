"""Funding, competing interests, and where the data can be had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.report.blocks import Facts, Section, empty

if TYPE_CHECKING:
    from review.report.results import Results

TITLE: Final = "Funding, interests and data"
PARTS: Final = {
    "funding": "Funding", "interests": "Competing interests", "availability": "Data and code",
}  # fmt: skip


def build(results: Results) -> Section:
    """Return the section."""
    settings = results.review.settings
    found = {title: getattr(settings, name) for name, title in PARTS.items()}
    if not any(found.values()):
        missing = ", ".join(PARTS)
        return empty("declarations", TITLE, "Not stated.", f"no {missing} in review.toml")
    rows = tuple((title, (words or "not stated",)) for title, words in found.items())
    return Section("declarations", TITLE, (Facts(rows),))
