"""P-values against the statistics that they were computed from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review.errors import StatsError, UnknownNameError
from review.stats.consistency.recomputed_pvalues import (
    Recomputed,
    recompute_p,
    show_p,
    statistic_name,
)
from review.stats.consistency.reported_correlation import check_reported_correlation
from review.stats.consistency.rounding_ranges import Printed, printed
from review.workflow.audit.claim import Claim, Verdict
from review.workflow.audit.p_explanations import Tested, explain, with_rounded_df, zero_p
from review.workflow.audit.said_words import Said, words_in

if TYPE_CHECKING:
    from review.stats.consistency.recomputed_pvalues import Tail
    from review.workflow.audit.facts import Facts

_P: Final = re.compile(r"\s*(?:p\s*)?(<=|>=|<|>|=|≤|≥)?\s*([0-9]*\.?[0-9]+(?:[eE][+-]?\d+)?)\s*\Z")
TAILS: Final[dict[str, Tail]] = {
    "two": "two", "2": "two", "two-sided": "two", "two-tailed": "two", "one": "one", "1": "one",
    "one-sided": "one", "one-tailed": "one",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StatedP:
    """A p-value as printed: `0.03`, `<0.001`, `>0.05`.

    Attributes:
        sign: "=", "<" or ">".
        number: as printed.
    """

    sign: str
    number: Printed

    def __str__(self) -> str:
        return f"p {self.sign} {self.number}"


def parse_p(text: str) -> StatedP | None:
    """Return a printed p-value; `ns` means p > 0.05; None when it cannot be read.

    Example:
        >>> str(parse_p("<.001")), str(parse_p("p = 0.030")), parse_p("small")
        ('p < 0.001', 'p = 0.030', None)
    """
    if text.strip().casefold() in {"ns", "n.s.", "not significant"}:
        return StatedP(">", printed("0.05"))
    match = _P.match(text)
    if match is None:
        return None
    sign = (match.group(1) or "=").replace("≤", "<").replace("≥", ">")[0]
    digits = match.group(2)
    try:
        return StatedP(sign, printed("0" + digits if digits.startswith(".") else digits))
    except StatsError:  # an exponent beyond what can be computed with
        return None


def check_p_value(
    facts: Facts, said: Said | None = None, *, df_may_be_n: bool = False
) -> list[Claim]:
    """Recompute the p-value of a stated statistic and compare it with the printed one.

    Args:
        facts: the row.
        said: what the text around it says; what the words of the row say when not given.
        df_may_be_n: r(30) may be written for 30 points.
    """
    statistic, value = facts.words.get("statistic"), facts.get("value")
    stated = parse_p(facts.words.get("p", ""))
    if statistic is None or value is None:
        return []
    try:
        code = statistic_name(statistic)
    except UnknownNameError as error:
        return [facts.claim("p-value", f"{statistic} = {value}", Verdict.UNCHECKED,
                            note=error.message)]  # fmt: skip
    text = f"{code} = {value} has {stated or 'its p-value'}"
    if stated is not None and stated.number.value > 1:
        return [facts.claim("p-value", text, Verdict.IMPOSSIBLE, reported=stated, at="p",
                            note="a p-value lies between 0 and 1")]  # fmt: skip
    if code in {"r", "rho"} and abs(value.value) > 1:
        return [facts.claim("p-value", text, Verdict.IMPOSSIBLE, reported=value, at="value",
                            note="a correlation lies between -1 and 1")]  # fmt: skip
    if code in {"F", "chi2"} and value.value < 0:
        return [facts.claim("p-value", text, Verdict.IMPOSSIBLE, reported=value, at="value",
                            note=f"{code} is not negative")]  # fmt: skip
    if stated is None:
        return [facts.claim("p-value", text, Verdict.UNCHECKED, note="p is not stated")]
    n_max = facts.count("n_max")
    has_df = facts.has("df1") or facts.has("df2") or facts.has("n")
    if code in {"r", "rho"} and n_max is not None and not has_df:
        return [at_most(facts, code, value, stated, n_max)]
    try:
        found = {tail: _recompute(facts, code, value, tail) for tail in ("two", "one")}
    except StatsError as error:
        return [facts.claim("p-value", text, Verdict.UNCHECKED, reported=stated, at="p",
                            note=error.message)]  # fmt: skip
    tested = Tested(code, value, _df(facts), facts.count("n"), df_may_be_n=df_may_be_n)
    rounded = tuple(facts.numbers[d] for d in ("df1", "df2") if facts.has(d))
    found = {
        tail: None if p is None or tail == "one" else with_rounded_df(tested, rounded, p)
        for tail, p in found.items()
    } | {"one": found["one"]}
    if said is None:
        said = Said(here=words_in(" ".join(facts.words.values())))
    return [_judge(facts, text, stated, found, (tested, said))]


def _df(facts: Facts) -> tuple[float, ...]:
    return tuple(float(facts.numbers[d]) for d in ("df1", "df2") if facts.has(d))


def _recompute(facts: Facts, code: str, value: Printed, tail: str) -> Recomputed | None:
    df1, df2 = facts.get("df1"), facts.get("df2")
    try:
        return recompute_p(
            code, value, df1=None if df1 is None else float(df1),
            df2=None if df2 is None else float(df2), n=facts.count("n"),
            tail="one" if tail == "one" else "two",
        )  # fmt: skip
    except StatsError:
        if tail == "one":
            return None  # F and chi2 with more than one df1 have no side
        raise


def _judge(
    facts: Facts,
    text: str,
    stated: StatedP,
    found: dict[str, Recomputed | None],
    context: tuple[Tested, Said],
) -> Claim:
    tail = TAILS.get(facts.words.get("tail", "two").casefold(), "two")
    main = found[tail]
    if main is None:
        return facts.claim("p-value", text, Verdict.UNCHECKED, reported=stated, at="p",
                           note="this statistic has no one-sided test")  # fmt: skip
    verdict, note = compare(stated, main), ""
    if verdict is Verdict.INCONSISTENT and tail == "two":
        verdict, note = explain(context[0], stated, context[1])
    elif verdict is Verdict.INCONSISTENT:
        two = found["two"]
        if two is not None and compare(stated, two) is not Verdict.INCONSISTENT:
            note = f"a two-sided test gives it (p = {show_p(two.p)})"
    computation = main.formula
    if main.high - main.low > 0 and verdict is not Verdict.CONFIRMED:
        computation += f"; {show_p(main.low)} to {show_p(main.high)} with the statistic's rounding"
    zero = zero_p(stated)
    if zero:
        note = "; ".join(filter(None, (note, zero)))
        if stated.sign == "<":
            verdict = Verdict.IMPOSSIBLE
        elif verdict is Verdict.CONFIRMED:
            verdict = Verdict.ROUNDING
    if _crosses(stated, main) and verdict is not Verdict.CONSISTENT:
        note = "; ".join(filter(None, (note, _decision(verdict))))
    return facts.claim("p-value", text, verdict, reported=stated, recomputed=show_p(main.p),
                       computation=computation, note=note, at="p")  # fmt: skip


def _decision(verdict: Verdict) -> str:
    sides = "the two lie on different sides of 0.05"
    if verdict in {Verdict.CONFIRMED, Verdict.ROUNDING}:
        return f"{sides}, and only rounding explains it"
    return sides


def compare(stated: StatedP, found: Recomputed) -> Verdict:
    """Return the verdict on a printed p-value.

    `confirmed`: the statistic as printed gives it; `rounding`: one that rounds to the printed
    statistic does, or digits of p were cut off; `inconsistent`: neither.
    """
    number = stated.number
    if stated.sign == "<":
        bound = float(number)
        if found.p < bound or (number.fit(found.p) == "rounds" and found.p <= bound):
            return Verdict.CONFIRMED
        return Verdict.ROUNDING if found.low < bound else Verdict.INCONSISTENT
    if stated.sign == ">":
        bound = float(number)
        if found.p >= bound:
            return Verdict.CONFIRMED
        return Verdict.ROUNDING if found.high > bound else Verdict.INCONSISTENT
    if number.fit(found.p) == "rounds":
        return Verdict.CONFIRMED
    fits = number.fit(found.low, found.high)
    return Verdict.INCONSISTENT if fits == "no" else Verdict.ROUNDING


def _crosses(stated: StatedP, found: Recomputed) -> bool:
    if stated.sign == "<" and float(stated.number) > 0.05:
        return False
    says = stated.sign != ">" and float(stated.number) <= 0.05
    return says != (found.p <= 0.05)


def at_most(facts: Facts, code: str, value: Printed, stated: StatedP, n_max: int) -> Claim:
    """Check a printed correlation and its p-value when only the most points are known."""
    text = f"{code} = {value} has {stated} with at most {n_max} points"
    if n_max < 3 or stated.sign != "=":
        note = "only an exact p-value and 3 points or more can be checked this way"
        return facts.claim("p-value", text, Verdict.UNCHECKED, reported=stated, note=note, at="p")
    check = check_reported_correlation(str(value), str(stated.number), n_max)
    needed = "no number of points" if check.n_needed is None else f"about {check.n_needed:,} points"
    computation = (
        f"with {n_max} points p is {show_p(check.p_low)} or more; {code} = {value} with {stated} "
        f"needs {needed}"
    )
    if check.n_needed_low is not None and check.n_needed_low != check.n_needed:
        computation += f" ({check.n_needed_low:,} at the least, with {code} rounded down)"
    note = ""
    if not check.possible:
        note = (
            "a one-sided test would give it" if check.possible_one_sided
            else "a one-sided test would not give it either"
        )  # fmt: skip
    return facts.claim(
        "p-value", text, Verdict.CONSISTENT if check.possible else Verdict.IMPOSSIBLE,
        reported=stated, recomputed=f"p >= {show_p(check.p_low)}", computation=computation,
        note=note, at="p",
    )  # fmt: skip
