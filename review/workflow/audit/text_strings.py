"""Finds the statistics in a text: test statistics with p, effects with interval, counts with %."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review.workflow.audit.text_patterns import Mark, Patterns, patterns

if TYPE_CHECKING:
    from collections.abc import Callable

_COMMAS: Final = re.compile(r"[=<>≤≥]\s?-?\d*,\d")
_JOIN: Final = re.compile(
    r"[\s,;:)\]]*(?:\b(?:and|with|at|yielding|giving)\s+)?(?:an?\s+|the\s+)?[(\[]?\s*(?:with\s+)?"
)
_CLAUSES: Final = 5
_AFTER: Final = 70  # signs after a p-value in which its test can be named
_OTHER_TEST: Final = re.compile(
    r"[\s,(]*(?:for|of)\s+(?:the\s+)?(?:(?:linear\s+)?trend|interaction|hetero|homogen|non-?inferior|"
    r"superior|equivalence|difference|subgroup|comparison)"
    r"|[\s,(]*(?:was|were|is|being)?\s*(?:considered|regarded|taken|deemed|as\s+(?:the\s+)?thres)",
    re.IGNORECASE,
)
_TEST_NAMED: Final = re.compile(
    r"[\s,(\[;]*(?:by\s+|from\s+|using\s+|on\s+)?(?:an?\s+|the\s+)?(?:(?:un)?stratified\s+)?"
    r"(?:log[\s-]?rank|(?:one|two|1|2)[\s-]?(?:sided|tailed?)|fisher|exact|permutation|"
    r"(?:bonferroni|holm|tukey|fdr)|(?:un)?corrected|adjusted\s+for\s+multip\w+)",
    re.IGNORECASE,
)
_SCORE: Final = re.compile(
    r"sens|spec|acc|au|area|pos|neg|ppv|npv|prec|recall|preval", re.IGNORECASE
)
_CODES: Final = {
    "chi": "chi2", "lost": "chi2", "t": "t", "F": "F", "z": "z", "rho": "rho", "r": "r", "Q": "Q",
    "U": "U", "H": "chi2",
}  # fmt: skip
_INDEXED: Final = frozenset({"chi", "t", "F"})  # r2 is a square, t1 a time, Q1 a quartile
_OF: Final = frozenset(
    {"patients", "participants", "subjects", "persons", "people", "individuals", "men", "women",
     "boys", "girls", "children", "adults", "cases", "studies", "trials", "articles", "papers",
     "reports", "records", "responders", "respondents", "students", "infants", "samples",
     "animals", "mice", "rats", "eyes", "lesions", "images"}
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """One string of a text.

    Attributes:
        kind: `statistic`, `effect`, `score`, `coefficient`, `share`, `mean`, `median` or `p`.
        start, end: where it stands.
        record: names of the audit -> text with decimal points.
        relation: of the statistic to its value.
        near: the words that follow it, where they name the test of its p-value.
    """

    kind: str
    start: int
    end: int
    record: dict[str, str]
    relation: str = "="
    near: str = ""


def find_strings(text: str) -> list[Found]:
    """Return the strings of a text in plain signs (see `plain_signs_of`), in their order.

    Example:
        >>> found = find_strings("as expected, t(28) = 2.20, p = .036, and 23/45 (51%)")
        >>> [(f.kind, f.record) for f in found]  # doctest: +NORMALIZE_WHITESPACE
        [('statistic', {'statistic': 't', 'value': '2.20', 'df1': '28', 'p': '= .036'}),
         ('share', {'k': '23', 'n': '45', 'percent': '51', 'of': '/'})]
    """
    marks: tuple[Mark, ...] = (".", ",") if _COMMAS.search(text) else (".",)
    free, found = _Free(), []
    for mark in marks:
        by = patterns(mark)
        for pattern, make in _kinds(by):
            for match in pattern.finditer(text):
                one = make(match, text, by)
                if one is not None and free.take(one.start, one.end):
                    found.append(one)
    return sorted(found, key=lambda f: f.start)


def _kinds(
    by: Patterns,
) -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str, Patterns], Found | None]], ...]:
    """The patterns, whole strings before bare p-values."""
    return (
        (by.head, _statistic), (by.effect, _effect), (by.coefficient, _coefficient),
        (by.share_after, _share), (by.share_before, _share), (by.mean, _mean),
        (by.median, _median), (by.p, _lone_p),
    )  # fmt: skip


class _Free:
    """The stretches of a text that no string has taken."""

    def __init__(self) -> None:
        self._taken: list[tuple[int, int]] = []

    def take(self, start: int, end: int) -> bool:
        at = bisect_left(self._taken, (start, end))
        around = self._taken[max(0, at - 1) : at + 1]
        if any(a < end and start < b for a, b in around):
            return False
        insort(self._taken, (start, end))
        return True


def _statistic(match: re.Match[str], text: str, by: Patterns) -> Found | None:
    named = next(name for name in _CODES if match[name])
    indexed = match["sub1"] is not None
    if indexed and (named not in _INDEXED or (named == "t" and float_of(match["sub1"]) < 3)):
        return None
    if named == "lost" and match["df1"] is None:
        return None
    plain = _plain(by.mark)
    record = {"statistic": _CODES[named], "value": plain(match["value"])}
    for name, groups in (
        ("df1", ("df1", "sub1")),
        ("df2", ("df2", "sub2")),
        ("n", ("n", "only_n")),
    ):
        given = next((match[g] for g in groups if match[g] is not None), None)
        if given is not None:
            record[name] = plain(given)
    if named == "t" and "df2" in record:  # t(1,234): a comma between thousands
        if len(record["df2"]) != 3:
            return None
        record["df1"] += record.pop("df2")
    p, clauses, end = _following(text, match.end(), by)
    for name in ("df1", "df2", "n"):
        if name in clauses:
            record.setdefault(name, clauses[name])
    if "i2" in clauses:
        record["i2"] = clauses["i2"]
    elif named in {"Q", "chi"} and (after := _i2_after(text, end, by)):
        record["i2"], end = after
    i2 = record.get("i2")
    stated = None if p is None else _p_text(p, by.mark)
    if stated is None:
        return Found("statistic", match.start(), end, record) if i2 is not None else None
    if named in {"r", "rho"} and abs(float_of(record["value"])) > 1 and "df1" not in record:
        return None
    record["p"] = stated
    assert p is not None
    start, beside = _coefficient_before(text, match.start(), by)
    return Found("statistic", start, end, record | beside | _tail(p), match["rel"],
                 _named_after(text, end))  # fmt: skip


def _coefficient_before(text: str, at: int, by: Patterns) -> tuple[int, dict[str, str]]:
    """Read `b = 0.35, SE = 0.10, ` before a t or z."""
    begin = max(0, at - 60)
    for match in by.coefficient.finditer(text, begin, at):
        join = _JOIN.match(text, match.end(), at)
        if (match.end() if join is None else join.end()) == at:
            plain = _plain(by.mark)
            return match.start(), {"estimate": plain(match["value"]), "se": plain(match["se"])}
    return at, {}


def _following(
    text: str, at: int, by: Patterns
) -> tuple[re.Match[str] | None, dict[str, str], int]:
    """Read what stands between a number and its p-value: degrees of freedom, MSE, effect sizes."""
    clauses: dict[str, str] = {}
    end, plain = at, _plain(by.mark)
    for _ in range(_CLAUSES):
        join = _JOIN.match(text, end)
        start = end if join is None else join.end()
        p = by.p.match(text, start)
        if p is not None and not _OTHER_TEST.match(text, p.end()):
            return p, clauses, p.end()
        clause = by.clause.match(text, start)
        if p is not None or clause is None:
            break
        name = (clause["name"] or "").replace(" ", "").replace(".", "")
        if clause["df"]:
            clauses["df1"] = plain(clause["df"])
        elif name.casefold() == "df":
            clauses["df1"] = plain(clause["number"])
            if clause["second"]:
                clauses["df2"] = plain(clause["second"])
        elif name in {"n", "N"} and clause["number"].strip().isdigit():
            clauses["n"] = clause["number"].strip()
        elif name == "I2":
            clauses["i2"] = plain(clause["number"])
        end = clause.end()
    return None, clauses, at if "i2" not in clauses else end


def _i2_after(text: str, end: int, by: Patterns) -> tuple[str, int] | None:
    join = _JOIN.match(text, end)
    found = by.i2.match(text, end if join is None else join.end())
    return (_plain(by.mark)(found["i2"]), found.end()) if found and found["percent"] else None


def _p_text(p: re.Match[str], mark: Mark) -> str | None:
    if p["ns"] or p["alone"]:
        return "ns"
    number = p["p"] or p["of"]
    if number is None:
        return None
    power = (p["power"] or p["exp"] or "").replace(" ", "")
    digits = _plain(mark)(number) + (f"e{power}" if power else "")
    return f"{p['rel'] or '='} {digits}"


def _tail(p: re.Match[str]) -> dict[str, str]:
    """What stands with the p itself: `p(one-tailed)`, `Bonferroni-corrected p`, `p_adj`."""
    said = " ".join(filter(None, (p["before"], p["sided"], p["kind"] and f"p {p['kind']}")))
    return {"said": said} if said else {}


def _named_after(text: str, end: int) -> str:
    named = _TEST_NAMED.match(text, end)
    return text[end : min(end + _AFTER, named.end() + 10)] if named else ""


def _effect(match: re.Match[str], text: str, by: Patterns) -> Found | None:
    plain = _plain(by.mark)
    low, high = match["low"] or match["low2"], match["high"] or match["high2"]
    measure = " ".join(match["measure"].split())
    is_score = _SCORE.match(measure)
    stated = match["ci"] or match["ci2"]
    if match["low2"] is not None and (is_score or float_of(plain(match["low2"])) <= 0):
        return None  # without the word, a bracket holds an interval only beside a ratio
    record = {"measure": measure, "estimate": plain(match["value"]), "ci_low": plain(low),
              "ci_high": plain(high)}  # fmt: skip
    level = match["level"] or match["level2"]
    if level:
        record["ci_level"] = plain(level)
    if stated and stated.casefold().startswith("cr"):
        record["said"] = "credible interval"
    if is_score:
        return Found("score", match.start(), match.end(), record)
    p, _, end = _following(text, match.end(), by)
    wording = _p_text(p, by.mark) if p is not None else None
    if wording is None or p is None or p["alone"]:
        return Found("effect", match.start(), match.end(), record)
    record = record | _tail(p) | {"p": wording}
    return Found("effect", match.start(), end, record, near=_named_after(text, end))


def _coefficient(match: re.Match[str], text: str, by: Patterns) -> Found | None:
    plain = _plain(by.mark)
    p, clauses, end = _following(text, match.end(), by)
    wording = _p_text(p, by.mark) if p is not None else None
    if wording is None or p is None or p["alone"]:
        return None
    record = {"estimate": plain(match["value"]), "se": plain(match["se"]), "p": wording}
    record |= {n: clauses[n] for n in ("df1", "n") if n in clauses} | _tail(p)
    return Found("coefficient", match.start(), end, record, near=_named_after(text, end))


def _share(match: re.Match[str], text: str, by: Patterns) -> Found | None:  # noqa: ARG001
    k, n = int(match["k"]), int(match["n"])
    percent = _plain(by.mark)(match["percent"])
    if not 0 < n < 10**9 or k > n or float_of(percent) > 100:
        return None
    if match["slash"] and k <= 12 and 1900 <= n <= 2100:  # a month
        return None
    words = set(match["words"].split())
    of = "/" if match["slash"] and not words else "of" if words <= _OF else "other"
    return Found("share", match.start(), match.end(),
                 {"k": str(k), "n": str(n), "percent": percent, "of": of})  # fmt: skip


def _mean(match: re.Match[str], text: str, by: Patterns) -> Found | None:  # noqa: ARG001
    plain = _plain(by.mark)
    record = {n: plain(match[n]) for n in ("mean", "sd", "min", "max", "n") if match[n]}
    return Found("mean", match.start(), match.end(), record)


def _median(match: re.Match[str], text: str, by: Patterns) -> Found | None:  # noqa: ARG001
    plain = _plain(by.mark)
    low, high = ("min", "max") if match["what"] == "range" else ("q1", "q3")
    record = {"median": plain(match["median"]), low: plain(match["low"])}
    return Found("median", match.start(), match.end(), record | {high: plain(match["high"])})


def _lone_p(match: re.Match[str], text: str, by: Patterns) -> Found | None:
    wording = _p_text(match, by.mark)
    if wording is None or match["alone"] or _OTHER_TEST.match(text, match.end()):
        return None
    return Found("p", match.start(), match.end(), {"p": wording})


def _plain(mark: Mark) -> Callable[[str], str]:
    """Return a function from a printed number to one with a decimal point."""
    grouping, point = (",", ".") if mark == "." else (".", ",")
    return lambda s: s.replace(" ", "").replace(grouping, "").replace(point, ".").lstrip("+")


def float_of(text: str) -> float:
    """Return a printed number as a float.

    Example:
        >>> float_of("-.5")
        -0.5
    """
    return float(text.replace(" ", "").replace(",", "."))
