"""A table of counts beside the chi-square, degrees of freedom and p-value printed for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from review.errors import StatsError
from review.stats.consistency.recomputed_pvalues import show_p
from review.workflow.audit.claim import Claim, Verdict
from review.workflow.audit.facts import decimal_text
from review.workflow.audit.p_explanations import fits
from review.workflow.audit.pvalues import parse_p

if TYPE_CHECKING:
    from review.workflow.audit.facts import Facts

_ROWS: Final = re.compile(r"[|/\n]")
_CELLS: Final = re.compile(r"[;,\s]+")
_PLAIN: Final = ("chi-square", "likelihood ratio", "Yates' chi-square", "chi-square with n - 1")


def parse_cells(text: str) -> list[list[int]] | None:
    """Return a table of counts written as `20; 10 | 15; 25`, or None.

    Example:
        >>> parse_cells("20; 10 | 15; 25"), parse_cells("20; x")
        ([[20, 10], [15, 25]], None)
    """
    rows = [[c for c in _CELLS.split(row.strip()) if c] for row in _ROWS.split(text)]
    if not all(
        cell.isascii() and cell.isdigit() and len(cell) < 10 for row in rows for cell in row
    ):
        return None
    table = [[int(cell) for cell in row] for row in rows]
    same = len({len(row) for row in table}) == 1 and len(table) > 1 and len(table[0]) > 1
    return table if same else None


def check_crosstab(facts: Facts) -> list[Claim]:
    """Recompute chi-square, its degrees of freedom and p from the cells of the table."""
    from review.stats.consistency.table_tests import table_degrees, table_tests

    table = parse_cells(facts.words.get("cells", ""))
    if table is None:
        return []
    try:
        found, df = table_tests(table), table_degrees(table)
    except StatsError as error:
        return [facts.claim("table", "the table has a test", Verdict.UNCHECKED, note=error.message)]
    return [
        *_total(facts, table), *_degrees(facts, df), *_value(facts, found), *_p(facts, found),
    ]  # fmt: skip


def _value(facts: Facts, found: dict[str, tuple[float, float]]) -> list[Claim]:
    value = facts.get("value")
    if value is None or facts.words.get("statistic", "").casefold() not in {"chi2", "x2", "χ2"}:
        return []
    named = {n: s for n, (s, _) in found.items() if n in _PLAIN}
    fit = next((n for n, s in named.items() if value.fit(s) != "no"), None)
    verdict = Verdict.INCONSISTENT
    if fit is not None:
        verdict = Verdict.CONFIRMED if fit == "chi-square" else Verdict.CONSISTENT
    shown = "; ".join(f"{n} {decimal_text(s, value)}" for n, s in named.items())
    note = "" if fit is None or fit == "chi-square" else f"by {fit}"
    return [
        facts.claim("table", f"chi2 {value} is that of the table", verdict, reported=value,
                    computation=shown, at="value", note=note,
                    recomputed=decimal_text(found["chi-square"][0], value))
    ]  # fmt: skip


def _p(facts: Facts, found: dict[str, tuple[float, float]]) -> list[Claim]:
    stated = parse_p(facts.words.get("p", ""))
    if stated is None or stated.number.value > 1:
        return []
    right = next((n for n, (_, p) in found.items() if fits(stated, p, p)), None)
    half = next((n for n, (_, p) in found.items() if fits(stated, p / 2, p / 2)), None)
    verdict, note = Verdict.INCONSISTENT, ""
    if right is not None:
        verdict, note = Verdict.CONFIRMED, f"by {right}"
    elif half is not None:
        verdict, note = Verdict.UNCHECKED, f"a one-sided {half} gives it"
    shown = "; ".join(f"{n} {show_p(p)}" for n, (_, p) in found.items())
    return [facts.claim("table", f"the table has {stated}", verdict, reported=stated,
                        computation=shown, note=note, at="p")]  # fmt: skip


def _total(facts: Facts, table: list[list[int]]) -> list[Claim]:
    n, total = facts.count("n"), sum(map(sum, table))
    if n is None:
        return []
    verdict = Verdict.CONFIRMED if n == total else Verdict.INCONSISTENT
    shown = f"the cells are {total} together"
    return [facts.claim("table", "the cells of the table make up n", verdict, reported=n,
                        recomputed=total, computation=shown)]  # fmt: skip


def _degrees(facts: Facts, df: int) -> list[Claim]:
    stated = facts.get("df1")
    if stated is None:
        return []
    right = stated.value == df
    return [facts.claim("table", f"the table has {stated} degrees of freedom", reported=stated,
                        verdict=Verdict.CONFIRMED if right else Verdict.INCONSISTENT,
                        recomputed=df, computation=f"(rows - 1)(columns - 1) = {df}",
                        at="df1")]  # fmt: skip
