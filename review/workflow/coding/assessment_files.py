"""Risk-of-bias tools and assessments of a review folder: reading and checking."""

from __future__ import annotations

from collections import defaultdict
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from review.errors import DataError, suggest
from review.project.problems import Problem, raise_problems
from review.project.row_models import build_row, unknown_columns
from review.project.toml_files import read_settings
from review.schema.assessment import KINDS, OVERALL, Assessment, Tool
from review.workflow.coding.assessments import (
    CONSENSUS,
    NOT_AGREED,
    Assessments,
    Column,
    Judgement,
    settle,
)

__all__ = [
    "Assessments",
    "Judgement",
    "bundled_tools",
    "check_assessments",
    "load_assessments",
    "load_tools",
    "read_assessments",
]

if TYPE_CHECKING:
    from collections.abc import Iterable

    from review.project import Review

FILE: Final = "risk_of_bias.csv"
TOOLS_FOLDER: Final = "tools"


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
    if review is None:
        own = {}
    else:
        own = _read_tools((review.path / TOOLS_FOLDER).glob("*.toml"), root=review.root)
    replaced = {name.casefold() for name in own}
    kept = {k: t for k, t in bundled_tools().items() if k.casefold() not in replaced}
    return kept | own


def _read_tools(paths: Iterable[Path], *, root: Path | None = None) -> dict[str, Tool]:
    found: dict[str, tuple[str, Tool]] = {}
    for path in sorted(paths):
        name = f"{path.parent.name}/{path.name}"
        tool = read_settings(path, Tool, name, root=root)
        if (other := found.get(tool.name.casefold())) is not None:
            message = f"the tool has the name of that in {other[0]}"
            problem = Problem(name, message, column="name", value=tool.name)
            raise DataError(str(problem), [problem])
        found[tool.name.casefold()] = name, tool
    return {tool.name: tool for _, tool in found.values()}


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
        if row.whole:
            item, wrong = build_row(Assessment, row.cells, name=FILE, line=row.line)
            if item is not None:
                item, wrong = checker.check(item, row.line)
            problems += wrong
            good += [] if item is None else [item]
    return good, [*problems, *_gaps(good, checker.tools)]


def check_assessments(review: Review) -> tuple[int, list[Problem]]:
    """Return how many assessments are right, and every problem of `risk_of_bias.csv` and `tools/`.

    Problems of other files, such as a codebook that cannot be read, are left to their own checks.
    """
    try:
        items, problems = read_assessments(review)
    except DataError as error:
        mine = (FILE, f"{TOOLS_FOLDER}/")
        found = error.problems or [Problem(FILE, error.message)]
        return 0, [p for p in found if p.file.startswith(mine)]
    return len(items), problems


def _all_studies(review: Review) -> set[str]:
    return {s.study_id for s in review.whole.studies}


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
            if settle(tools[name], several).word == NOT_AGREED:
                message = f"{where}: the assessors differ on {domain} ({kind})"
                hint = f"a row of the assessor {CONSENSUS!r}"
                found.append(
                    Problem(FILE, message, study_id=study_id, level="warning", allowed=hint)
                )
    return found
