"""Risk-of-bias assessments of a review: tools, loading, checking, one judgement per cell."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from review.errors import UnknownNameError, suggest
from review.project.models import build_row, unknown_columns
from review.project.problems import Problem, raise_problems
from review.project.settings import read_settings
from review.schema.risk_of_bias import KINDS, OVERALL, Assessment, Level, Tool

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from review.project import Review

FILE: Final = "risk_of_bias.csv"
TOOLS_FOLDER: Final = "tools"
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
            found.setdefault(key, {})[column] = _settle(used, several)
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

        The columns are called D1, D2, ... (`overall` last), those of applicability A1, A2, ...;
        `Tool.columns` has their titles in the same order.
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
                found[short] = [cells[s].word if s in cells else None for s in study_ids]
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


def _settle(tool: Tool, several: list[Assessment]) -> Judgement:
    settled = [a for a in several if (a.assessor or "").casefold() == CONSENSUS]
    shown = (settled or several)[0]
    words = {a.judgement for a in settled or several}
    word = shown.judgement or ""
    if len(words) > 1:
        said = "; ".join(f"{a.assessor or 'assessor'}: {a.judgement}" for a in several)
        return Judgement(NOT_AGREED, "unclear", said)
    return Judgement(word, tool.level(word), shown.rationale or "")


@cache
def bundled_tools() -> dict[str, Tool]:
    """Return the tools that come with the package, by name.

    Example:
        >>> "QUADAS-2" in bundled_tools()
        True
    """
    return _read_tools((Path(__file__).parent / "rob_tools").glob("*.toml"))


def load_tools(review: Review | None = None) -> dict[str, Tool]:
    """Return the bundled tools and those in the folder `tools/` of a review, which win.

    Raises:
        DataError: a tool file is broken.
    """
    own = {} if review is None else _read_tools((review.path / TOOLS_FOLDER).glob("*.toml"))
    replaced = {name.casefold() for name in own}
    kept = {k: t for k, t in bundled_tools().items() if k.casefold() not in replaced}
    return kept | own


def _read_tools(paths: Iterable[Path]) -> dict[str, Tool]:
    found = [read_settings(p, Tool, f"{p.parent.name}/{p.name}") for p in sorted(paths)]
    return {tool.name: tool for tool in found}


def load_assessments(review: Review) -> Assessments:
    """Return the assessments of a review; none when it has no `risk_of_bias.csv`.

    A filtered view holds the assessments of its studies only.

    Raises:
        DataError: the file has problems; all are listed.
    """
    items, problems = read_assessments(review)
    raise_problems(problems, what=str(review.path / FILE))
    tools = load_tools(review)
    used = {item.tool for item in items}
    labels = {s.study_id: s.label for s in review.studies}
    if review.filter is not None:
        items = [a for a in items if a.study_id in labels]
    return Assessments(tuple(items), {n: t for n, t in tools.items() if n in used}, labels)


def read_assessments(review: Review) -> tuple[list[Assessment], list[Problem]]:
    """Return the valid assessments and every problem of the file (warnings included)."""
    if not (review.path / FILE).exists():
        return [], []
    table = review.table(FILE)
    problems = [*table.problems, *unknown_columns(table, Assessment)]
    if any(p.line == 1 for p in problems):
        return [], problems
    checker = _Checker(load_tools(review), _all_studies(review))
    good: list[Assessment] = []
    for row in table.rows:
        if len(row.cells) == len(table.header):
            item, wrong = build_row(Assessment, row.cells, name=FILE, line=row.line)
            if item is not None:
                item, wrong = checker.check(item, row.line)
            problems += wrong
            good += [] if item is None else [item]
    return good, [*problems, *_gaps(good, checker.tools)]


def _all_studies(review: Review) -> set[str]:
    whole = review if review.filter is None else type(review)(review.path)
    return {s.study_id for s in whole.studies}


class _Checker:
    """Checks rows against tools and studies, and remembers what was judged already."""

    def __init__(self, tools: dict[str, Tool], studies: set[str]) -> None:
        self.tools, self.studies = tools, studies
        self._by_fold = {name.casefold(): tool for name, tool in tools.items()}
        self._seen: dict[tuple[str, ...], int] = {}

    def check(self, item: Assessment, line: int) -> tuple[Assessment | None, list[Problem]]:
        """Return the row in the tool's own spelling, or None, and its problems."""
        made = partial(Problem, FILE, line=line, study_id=item.study_id)
        wrong: list[Problem] = []
        if self.studies and item.study_id not in self.studies:
            hint = suggest(item.study_id, self.studies, most=1)
            wrong.append(
                made("no such study in studies.csv", column="study_id", value=item.study_id,
                     allowed="a study_id of studies.csv", suggestion=hint[0] if hint else None)
            )  # fmt: skip
        tool = self._by_fold.get((item.tool or "").casefold())
        if tool is None:
            return None, [*wrong, _unknown(made, "tool", "unknown tool", item.tool, self.tools)]
        domain = (item.domain or "").casefold()
        kind = (item.kind or KINDS[0]).casefold()
        words = {w.casefold(): w for w in tool.words}
        domains = [d.key for d in tool.domain] + ([OVERALL] if tool.overall else [])
        if domain not in domains:
            message = f"no domain of {tool.name}"
            wrong.append(_unknown(made, "domain", message, item.domain, domains))
        elif kind not in tool.kinds(domain):
            message = f"{tool.name} does not judge this in the domain {domain!r}"
            wrong.append(_unknown(made, "kind", message, item.kind, tool.kinds(domain)))
        if (item.judgement or "").casefold() not in words:
            message = f"no judgement of {tool.name}"
            wrong.append(_unknown(made, "judgement", message, item.judgement, tool.words))
        parts = (item.study_id, tool.name, item.unit, domain, kind, item.assessor)
        first = self._seen.setdefault(tuple(str(p or "").casefold() for p in parts), line)
        if first != line:
            once = "each study, tool, unit, domain, kind and assessor once"
            wrong.append(made(f"the same judgement stands in line {first}", allowed=once))
        if wrong:
            return None, wrong
        if item.version and tool.version and item.version != tool.version:
            message = f"the domains and words known here are those of version {tool.version}"
            wrong = [made(message, column="version", value=item.version, level="warning")]
        spelled = {
            "tool": tool.name,
            "version": item.version or tool.version or None,
            "domain": domain,
            "kind": kind,
            "judgement": words[(item.judgement or "").casefold()],
        }
        return item.model_copy(update=spelled), wrong


def _unknown(
    made: partial[Problem], column: str, message: str, value: Any, known: Iterable[str]
) -> Problem:
    names = list(known)
    close = suggest(str(value), names, most=1)
    return made(
        message, column=column, value=str(value), allowed=", ".join(names[:40]),
        suggestion=close[0] if close else None,
    )  # fmt: skip


def _gaps(items: list[Assessment], tools: dict[str, Tool]) -> list[Problem]:
    """Return a warning for each assessed unit that lacks domains, and each cell not agreed on."""
    judged: dict[tuple[str, str, str], dict[Column, list[Assessment]]] = defaultdict(dict)
    for a in items:
        row = judged[a.study_id, a.tool or "", a.unit or ""]
        row.setdefault((a.domain or "", a.kind or ""), []).append(a)
    found = []
    for (study_id, name, unit), row in judged.items():
        where = f"{name}{f', {unit}' if unit else ''}"
        missing = [
            f"{domain} ({kind})"
            for domain, kind, _ in tools[name].columns()
            if (domain, kind) not in row and domain != OVERALL
        ]
        if missing:
            message = f"{where}: no judgement of {', '.join(missing)}"
            found.append(Problem(FILE, message, study_id=study_id, level="warning"))
        for (domain, kind), several in row.items():
            if _settle(tools[name], several).word == NOT_AGREED:
                message = f"{where}: the assessors differ on {domain} ({kind})"
                hint = f"a row of the assessor {CONSENSUS!r}"
                found.append(
                    Problem(FILE, message, study_id=study_id, level="warning", allowed=hint)
                )
    return found
