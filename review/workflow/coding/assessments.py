"""The risk-of-bias assessments of a review: one judgement per cell, columns, shares."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from review.errors import UnknownNameError
from review.schema.assessment import KINDS, OVERALL, Assessment, Level, Tool

if TYPE_CHECKING:
    from collections.abc import Sequence

CONSENSUS: Final = "consensus"
NOT_AGREED: Final = "not agreed"
_SEVERITY: Final[dict[Level, int]] = {"low": 0, "unclear": 1, "some": 2, "high": 3, "critical": 4}

Key = tuple[str, str]  # study_id, unit
Column = tuple[str, str]  # domain, kind


@dataclass(frozen=True, slots=True)
class Judgement:
    """The judgement that a figure shows in a cell.

    Attributes:
        word: as the tool words it, or `not agreed` when assessors differ without a consensus.
        level: decides colour and symbol.
        rationale: of the assessor whose judgement is shown.
    """

    word: str
    level: Level
    rationale: str = ""


@dataclass(frozen=True)
class Assessments:
    """All assessments of a review.

    Attributes:
        items: the rows of `risk_of_bias.csv`, in file order, with the tool's own spelling.
        tools: the tools in use, by name.
        labels: study_id -> name for figures.
    """

    items: tuple[Assessment, ...]
    tools: dict[str, Tool]
    labels: dict[str, str]

    def __bool__(self) -> bool:
        return bool(self.items)

    def tool(self, name: str | None = None) -> Tool:
        """Return a tool in use; without a name the only or first one.

        Raises:
            UnknownNameError: no assessment was made with it.
        """
        if name is None and self.tools:
            return next(iter(self.tools.values()))
        for known, tool in self.tools.items():
            if name is not None and known.casefold() == name.casefold():
                return tool
        raise UnknownNameError("tool", name or "", list(self.tools), where="in the assessments")

    def table(self, tool: str | None = None) -> dict[Key, dict[Column, Judgement]]:
        """Return (study_id, unit) -> (domain, kind) -> judgement, in file order.

        Where several assessors judged a cell, the assessor `consensus` counts; without one, the
        judgement that all share; otherwise the cell is `not agreed`.
        """
        used = self.tool(tool)
        cells: dict[tuple[Key, Column], list[Assessment]] = defaultdict(list)
        for item in self.items:
            if item.tool == used.name:
                key = (item.study_id, item.unit or "")
                cells[key, (item.domain or "", item.kind or KINDS[0])].append(item)
        found: dict[Key, dict[Column, Judgement]] = {}
        for (key, column), several in cells.items():
            found.setdefault(key, {})[column] = settle(used, several)
        return found

    def columns(self, tool: str | None = None) -> dict[str, dict[str, Judgement]]:
        """Return column title -> study_id -> judgement, for tables and forest plots.

        A study with several assessed units gets its most severe judgement.
        """
        used = self.tool(tool)
        found: dict[str, dict[str, Judgement]] = {}
        for domain, kind, title in used.columns():
            name = f"{title} (applicability)" if kind == "applicability" else title
            cells: dict[str, Judgement] = {}
            for (study_id, _), row in self.table(used.name).items():
                here = row.get((domain, kind))
                before = cells.get(study_id)
                if here and (before is None or _SEVERITY[here.level] > _SEVERITY[before.level]):
                    cells[study_id] = here
            if cells:
                found[name] = cells
        return found

    def forest_columns(
        self, study_ids: Sequence[str], tool: str | None = None
    ) -> dict[str, list[str | None]]:
        """Return column -> one judgement word per study, as forest plots take them.

        The columns are called `D1: title`, `D2: title`, ... (`D all` last), those of
        applicability `A1: title`, ...; forest plots are headed by the first part and explain it.
        """
        found: dict[str, list[str | None]] = {}
        used, filled = self.tool(tool), self.columns(tool)
        number = {"bias": 0, "applicability": 0}
        for domain, kind, title in used.columns():
            number[kind] += 1
            letter = "A" if kind == "applicability" else "D"
            short = f"{letter}{number[kind]}" if domain != OVERALL else f"{letter} all"
            cells = filled.get(f"{title} (applicability)" if letter == "A" else title)
            if cells:
                found[f"{short}: {title}"] = [
                    cells[s].word if s in cells else None for s in study_ids
                ]
        return found

    def counts(
        self, tool: str | None = None, weights: dict[str, float] | None = None
    ) -> list[dict[str, Any]]:
        """Return one row per column and level: number and (weighted) share of the assessed units.

        Args:
            tool: name of the tool.
            weights: study_id -> weight, such as those of a meta-analysis; equal without it. Units
                of one study share its weight; a study without a weight counts nothing.
        """
        used, table = self.tool(tool), self.table(tool)
        units: dict[str, int] = defaultdict(int)
        for study_id, _ in table:
            units[study_id] += 1
        rows = []
        for domain, kind, title in used.columns():
            number: dict[str, int] = defaultdict(int)
            weight: dict[str, float] = defaultdict(float)
            for (study_id, _), row in table.items():
                if (domain, kind) in row:
                    level = row[domain, kind].level
                    number[level] += 1
                    weight[level] += (
                        1.0 if weights is None else weights.get(study_id, 0.0) / units[study_id]
                    )
            total = sum(weight.values())
            for level in _SEVERITY:
                if number[level]:
                    share = weight[level] / total if total > 0 else 0.0
                    rows.append(
                        {"domain": domain, "kind": kind, "title": title, "level": level,
                         "n": number[level], "share": share}
                    )  # fmt: skip
        return rows

    def rows(self) -> list[dict[str, Any]]:
        """Return one dictionary per assessment, same keys in each."""
        return [
            {k: v or "" for k, v in item.model_dump().items()}
            | {"label": self.labels.get(item.study_id, item.study_id)}
            for item in self.items
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return everything, ready for JSON."""
        return {
            "tools": [t.model_dump(mode="json") for t in self.tools.values()],
            "assessments": self.rows(),
            "counts": {name: self.counts(name) for name in self.tools},
        }


def settle(tool: Tool, several: list[Assessment]) -> Judgement:
    """Return the judgement that counts among those of several assessors of one cell."""
    settled = [a for a in several if (a.assessor or "").casefold() == CONSENSUS]
    shown = (settled or several)[0]
    words = {a.judgement for a in settled or several}
    word = shown.judgement or ""
    if len(words) > 1:
        said = "; ".join(f"{a.assessor or 'assessor'}: {a.judgement}" for a in several)
        return Judgement(NOT_AGREED, "unclear", said)
    return Judgement(word, tool.level(word), shown.rationale or "")
