"""The sections of the report, one module each; every one has `build(results) -> Section`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

from review.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from review.report.blocks import Section
    from review.report.results import Results

# in the order of the report
NAMES: Final = (
    "summary", "protocol", "flow", "search", "studies", "figures", "tables", "correlations",
    "meta", "accuracy", "risk_of_bias", "agreement", "audit", "missing", "discussion",
    "declarations",
)  # fmt: skip
# these hold the authors' words, which are shown as they are
OWN_WORDS: Final = frozenset({"summary", "protocol", "search", "studies", "discussion",
                              "declarations"})  # fmt: skip
# each stands behind the section named, where it concerns the review or is asked for
OPTIONAL: Final = {"certainty": "summary", "networks": "accuracy", "log": "missing"}
# these need the sections above
LAST: Final = ("methods", "checklist", "provenance", "references")
CHANGES: Final = "changes"
ORDER: Final = tuple(
    name for n in NAMES for name in (n, *(o for o, behind in OPTIONAL.items() if behind == n))
)
ALL: Final = (*ORDER, *LAST, CHANGES)


def parse_sections(values: Iterable[str]) -> tuple[str, ...]:
    """Return section names given one by one or joined by commas, in the order of the report.

    Raises:
        UnknownNameError: no such section.

    Example:
        >>> parse_sections(["audit,summary", "risk-of-bias"])
        ('summary', 'risk_of_bias', 'audit')
    """
    wanted = {
        part.strip().casefold().replace("-", "_") for value in values for part in value.split(",")
    } - {""}
    for name in sorted(wanted):
        if name not in ALL:
            raise UnknownNameError("section", name, ALL)
    return tuple(name for name in ALL if name in wanted)


def build_section(name: str, results: Results) -> Section:
    """Build one of the sections in `ORDER`."""
    section: Section = _module(name).build(results)
    return section


def belongs(name: str, results: Results) -> bool:
    """Return whether a report that names no sections has this one."""
    return name not in OPTIONAL or bool(_module(name).concerns(results))


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"review.report.sections.{name}_section")
