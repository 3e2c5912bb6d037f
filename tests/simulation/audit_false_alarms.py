"""How often the audit accuses what is right, and how often it finds one wrong digit.

Run it from the checkout: `python tests/simulation/audit_false_alarms.py [--runs 2000]`. It takes a
few minutes and is no part of the tests.

Each kind of string or row is simulated from data: statistics drawn, p-values by scipy.stats,
numbers printed with the digits that papers print, some all cut off, in APA and Vancouver
style, with one-sided tests, corrections and averages said as papers say them. Printed is how many
of them are accused (inconsistent or impossible), and, after one digit of one number was replaced by
another, how many are: the power of the check. Numbers that only bound others (an order, a range)
leave room, so that power is small there by nature.

The exit status is 1 when a right one is accused.
"""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

import review
from review.stats.consistency.score_tables import SCORES
from review.workflow.audit import audit_rows, audit_sentences

if TYPE_CHECKING:
    from collections.abc import Callable

Rng = np.random.Generator
Made = str | list[dict[str, Any]]


def p_text(rng: Rng, p: float, *, exact: bool = False) -> str:
    sign, digits = rng.choice(["p", "P"]), int(rng.integers(2, 4))
    eq = rng.choice([" = ", "=", " ="])
    if p < 0.001 and not exact:
        return f"{sign} < .001"
    if not exact and rng.random() < 0.15:
        return f"{sign} < .05" if p < 0.05 else rng.choice(["ns", f"{sign} > .05", "n.s."])
    if rng.random() < 0.1:
        shown = np.floor(p * 10**digits) / 10**digits
        if shown > 0:
            return f"{sign}{eq}{shown:.{digits}f}"
    text = f"{p:.{digits}f}" if round(p, digits) > 0 else f"{p:.3f}"
    return f"{sign}{eq}{text}" if rng.random() < 0.5 else f"{sign}{eq}{text.replace('0.', '.', 1)}"


def styled(rng: Rng, text: str) -> str:
    """The same string as other people, programs and journals write it."""
    way = int(rng.integers(0, 7))
    if way == 1:
        text = text.replace(" = ", "\u2009=\u2009").replace("-", "\u2212")
    elif way == 2:
        text = text.replace(", ", ",\n")
    elif way == 3 and "<" not in text:
        text = re.sub(r"(\d)\.(\d)", r"\1,\2", text.replace(", ", "; "))
        text = re.sub(r"([= ])\.(\d)", r"\g<1>0,\2", text)
    elif way == 4:
        text = re.sub(r"\b([tFzrpP])(?=[ (=<>])", r"*\1*", text)
    elif way == 5:
        text = text.replace(".", "\u00b7") if "n.s." not in text else text
    return f"As expected ({text})."


def t_string(rng: Rng) -> str:
    df = int(rng.integers(5, 300))
    t = float(rng.standard_t(df) + rng.choice([0, 2, 3]))
    welch = rng.random() < 0.2
    degrees = df + float(rng.random()) if welch else float(df)
    p = 2 * stats.t.sf(abs(t), degrees)
    shown = f"{degrees:.1f}" if welch else str(df)
    heads = (f"t({shown}) = {t:.2f}", f"t({shown})={t:.2f}", f"t = {t:.2f}, df = {shown}")
    return styled(rng, f"{rng.choice(heads)}, {p_text(rng, float(p))}")


def f_string(rng: Rng) -> str:
    a, b = int(rng.integers(1, 6)), int(rng.integers(8, 300))
    f = float(rng.f(a, b) * rng.choice([1, 2, 4]))
    p = float(stats.f.sf(f, a, b))
    heads = (f"F({a}, {b}) = {f:.2f}", f"F({a},{b}) = {f:.2f}, MSE = 3.21", f"F{a},{b} = {f:.2f}")
    return styled(rng, f"{heads[int(rng.integers(0, 2))]}, {p_text(rng, p)}")


def chi2_string(rng: Rng) -> str:
    df, n = int(rng.integers(1, 9)), int(rng.integers(20, 900))
    x = float(rng.chisquare(df) * rng.choice([1, 2]))
    p = float(stats.chi2.sf(x, df))
    heads = (f"χ²({df}, N = {n}) = {x:.2f}", f"χ2({df}) = {x:.2f}", f"chi2 = {x:.2f}, df = {df}")
    return styled(rng, f"{rng.choice(heads)}, {p_text(rng, p)}")


def z_string(rng: Rng) -> str:
    z = float(rng.normal() * 2)
    return styled(rng, f"z = {z:.2f}, {p_text(rng, float(2 * stats.norm.sf(abs(z))))}")


def r_string(rng: Rng) -> str:
    n = int(rng.integers(8, 300))
    r = float(np.tanh(rng.normal() * 0.3))
    p = float(2 * stats.t.sf(abs(r) * np.sqrt((n - 2) / (1 - r * r)), n - 2))
    shown = f"{r:.2f}".replace("0.", ".", 1)
    heads = (f"r({n - 2}) = {shown}", f"r({n}) = {shown}", f"r = {shown}, n = {n}")
    return styled(rng, f"{rng.choice(heads)}, {p_text(rng, p)}")


def explained_string(rng: Rng) -> str:
    """Right for a reason that the text names."""
    df = int(rng.integers(8, 120))
    t = abs(float(rng.standard_t(df))) + 0.3
    p = float(2 * stats.t.sf(t, df))
    way = int(rng.integers(0, 5))
    if way == 0:
        return f"t({df}) = {t:.2f}, {p_text(rng, p / 2, exact=True)}, one-tailed."
    if way == 1:
        m = int(rng.integers(2, 7))
        return f"With Bonferroni correction, t({df}) = {t:.2f}, {p_text(rng, min(1, m * p))}."
    if way == 2:
        k = int(rng.integers(2, 5))
        epsilon = float(rng.uniform(1 / k, 1))
        f = t * t
        corrected = float(stats.f.sf(f, k * epsilon, k * df * epsilon))
        head = f"F({k}, {k * df}) = {f:.2f}"
        return f"{head}, {p_text(rng, corrected)} (Greenhouse-Geisser)."
    if way == 3:
        return f"z = {t:.2f}, {p_text(rng, p, exact=True)}."  # a t written as z
    normal = float(2 * stats.norm.sf(t))
    return f"t({df}) = {t:.2f}, {p_text(rng, normal, exact=True)}."  # a z written as t


def q_string(rng: Rng) -> str:
    k = int(rng.integers(4, 25))
    q = float(rng.chisquare(k - 1) * rng.uniform(0.6, 3))
    i2 = max(0.0, 100 * (q - k + 1) / q)
    p = float(stats.chi2.sf(q, k - 1))
    texts = (
        f"Q({k - 1}) = {q:.2f}, {p_text(rng, p)}, I² = {i2:.1f}%",
        f"Chi² = {q:.2f}, df = {k - 1} ({p_text(rng, p)}); I² = {i2:.0f}%",
    )
    return f"Heterogeneity: {rng.choice(texts)}."


def ratio_string(rng: Rng) -> str:
    y, se = float(rng.normal() * 0.6), float(rng.uniform(0.08, 0.6))
    e, low, high = np.exp(y + np.array([0, -1.959964, 1.959964]) * se)
    p = float(2 * stats.norm.sf(abs(y / se)))
    name = rng.choice(["OR", "HR", "RR", "odds ratio", "adjusted hazard ratio"])
    texts = (
        f"{name} {e:.2f} (95% CI {low:.2f} to {high:.2f}; {p_text(rng, p)})",
        f"{name}, {e:.2f} [95% CI, {low:.2f}-{high:.2f}]; {p_text(rng, p)}",
        f"{name} = {e:.2f}, 95% CI [{low:.2f}, {high:.2f}], {p_text(rng, p)}",
    )
    return styled(rng, str(rng.choice(texts)))


def difference_string(rng: Rng) -> str:
    df = int(rng.integers(10, 200))
    y, se = float(rng.normal() * 3), float(rng.uniform(0.5, 3))
    half = stats.t.ppf(0.975, df) * se
    p = float(2 * stats.t.sf(abs(y / se), df))
    return f"MD {y:.2f} (95% CI {y - half:.2f} to {y + half:.2f}; {p_text(rng, p)})."


def beta_string(rng: Rng) -> str:
    df, b, se = int(rng.integers(10, 200)), float(rng.normal()), float(rng.uniform(0.2, 0.9))
    p = float(2 * stats.t.sf(abs(b / se), df))
    middle = f"t({df}) = {b / se:.2f}, " if rng.random() < 0.5 else ""
    return f"b = {b:.2f}, SE = {se:.2f}, {middle}{p_text(rng, p)}."


def share_string(rng: Rng) -> str:
    n = int(rng.integers(8, 400))
    k, digits = int(rng.integers(0, n + 1)), int(rng.integers(0, 2))
    share = f"{100 * k / n:.{digits}f}%"
    return str(rng.choice([f"{k}/{n} ({share})", f"{share} ({k}/{n})", f"{k} of {n} ({share})"]))


def printer(rng: Rng, digits: int = 2) -> Callable[[float], str]:
    """How one table prints its numbers: rounded, or cut off all alike."""
    if rng.random() < 0.15:
        return lambda x: f"{np.floor(x * 10**digits + 1e-9) / 10**digits:.{digits}f}"
    return lambda x: f"{x:.{digits}f}"


def scores(rng: Rng) -> Made:
    p, n = (int(x) for x in rng.integers(5, 400, 2))
    tp, tn = int(rng.binomial(p, 0.85)), int(rng.binomial(n, 0.9))
    row: dict[str, Any] = {"n_pos": p, "n_neg": n}
    show = printer(rng, 3)
    for name in rng.choice(sorted(set(SCORES) - {"lr_pos", "lr_neg"}), 3, replace=False):
        with np.errstate(all="ignore"):
            x = float(SCORES[str(name)](np.float64(tp), np.float64(tn), float(p), float(n)))
        if np.isfinite(x) and x >= 0:
            row[str(name)] = show(x)
    return [row]


def folds(rng: Rng) -> Made:
    k = int(rng.integers(3, 11))
    p, n = (int(x) for x in rng.integers(2 * k, 300, 2))
    names = ("accuracy", "sensitivity", "specificity", "balanced_accuracy")
    values = []
    for i in range(k):
        a, b = p // k + (i < p % k), n // k + (k - 1 - i < n % k)
        tp, tn = int(rng.binomial(a, 0.85)), int(rng.binomial(b, 0.9))
        values.append([float(SCORES[m](np.float64(tp), np.float64(tn), a, b)) for m in names])
    means, show = np.mean(values, axis=0), printer(rng, 3)
    row = {m: show(float(x)) for m, x in zip(names, means, strict=True)}
    return [row | {"n_pos": p, "n_neg": n, "averaged_over": f"{k} folds"}]


def scale(rng: Rng) -> Made:
    n = int(rng.integers(5, 80))
    x, show = rng.integers(1, 8, n), printer(rng)
    row = {"mean": show(x.mean()), "sd": show(x.std(ddof=1)), "n": n}
    if rng.random() < 0.5:
        q1, m, q3 = np.percentile(x, [25, 50, 75])
        row |= {"min": int(x.min()), "max": int(x.max()), "q1": show(q1), "q3": show(q3)}
        row |= {"median": show(m)}
    return [row]


def binary(rng: Rng) -> Made:
    n = int(rng.integers(5, 200))
    x, show = rng.integers(0, 2, n), printer(rng)
    return [{"mean": show(x.mean()), "sd": show(x.std(ddof=1)), "n": n, "data_type": "binary"}]


def heterogeneity(rng: Rng) -> Made:
    k = int(rng.integers(4, 30))
    v = rng.uniform(0.01, 0.3, k)
    y = rng.normal(0, np.sqrt(v + 0.05))
    fit = review.meta_analysis(y, v, method="DL")
    row = {"q": f"{fit.QE:.2f}", "df": k - 1, "i2": f"{fit.I2:.1f}", "h2": f"{fit.H2:.2f}"}
    return [row | {"p_q": f"{fit.QEp:.3f}" if fit.QEp >= 0.001 else "<0.001"}]


def forest(rng: Rng) -> Made:
    k = int(rng.integers(3, 12))
    se = rng.uniform(0.1, 0.5, k)
    y = rng.normal(0.3, np.sqrt(se**2 + 0.03))
    fit = review.meta_analysis(y, se**2, method=str(rng.choice(["EE", "DL", "REML", "PM"])))
    w = 1 / (se**2 + fit.tau2)
    rows = [
        {"id": f"s{i}", "forest": "x", "measure": "OR", "weight": f"{100 * w[i] / w.sum():.1f}",
         "estimate": f"{np.exp(y[i]):.2f}", "ci_low": f"{np.exp(y[i] - 1.959964 * se[i]):.2f}",
         "ci_high": f"{np.exp(y[i] + 1.959964 * se[i]):.2f}"}
        for i in range(k)
    ]  # fmt: skip
    total = {"id": "Total", "forest": "x", "measure": "OR"}
    return [*rows, total | {"estimate": f"{np.exp(fit.beta[0]):.2f}"}]


def groups(rng: Rng) -> Made:
    n1, n2 = (int(x) for x in rng.integers(10, 150, 2))
    if rng.random() < 0.5:
        a, b = rng.normal(5, 2, n1), rng.normal(5.5, 2.5, n2)
        test = rng.choice([0, 1, 2])
        p = stats.ttest_ind(a, b, equal_var=bool(test == 0)).pvalue if test < 2 else (
            stats.mannwhitneyu(a, b).pvalue)  # fmt: skip
        row = {"mean1": f"{a.mean():.1f}", "sd1": f"{a.std(ddof=1):.1f}", "n1": n1,
               "mean2": f"{b.mean():.1f}", "sd2": f"{b.std(ddof=1):.1f}", "n2": n2}  # fmt: skip
    else:
        e1, e2 = int(rng.binomial(n1, 0.3)), int(rng.binomial(n2, 0.4))
        table = [[e1, n1 - e1], [e2, n2 - e2]]
        if min(e1 + e2, n1 + n2 - e1 - e2) == 0:
            return groups(rng)
        p = stats.fisher_exact(table).pvalue if rng.random() < 0.5 else (
            stats.chi2_contingency(table, correction=bool(rng.random() < 0.5)).pvalue)  # fmt: skip
        row = {"events1": e1, "n1": n1, "events2": e2, "n2": n2}
    return [row | {"p": f"{p:.3f}" if p >= 0.001 else "<0.001"}]


def crosstab(rng: Rng) -> Made:
    table = rng.integers(3, 40, (int(rng.integers(2, 4)), int(rng.integers(2, 4))))
    test = stats.chi2_contingency(table, correction=bool(rng.random() < 0.5))
    cells = " | ".join("; ".join(map(str, line)) for line in table.tolist())
    return [{"cells": cells, "statistic": "chi2", "value": f"{test.statistic:.2f}", "df1": test.dof,
             "p": f"{test.pvalue:.3f}" if test.pvalue >= 0.001 else "<0.001",
             "n": int(table.sum())}]  # fmt: skip


def regression(rng: Rng) -> Made:
    p, n = int(rng.integers(1, 6)), int(rng.integers(20, 200))
    r2 = float(rng.uniform(0.02, 0.8))
    f = r2 / p / ((1 - r2) / (n - p - 1))
    adjusted = 1 - (1 - r2) * (n - 1) / (n - p - 1)
    return [{"r2": f"{r2:.3f}", "adj_r2": f"{adjusted:.3f}", "statistic": "F", "value": f"{f:.2f}",
             "df1": p, "df2": n - p - 1}]  # fmt: skip


def percents(rng: Rng) -> Made:
    n = int(rng.integers(8, 90))
    parts, show = rng.multinomial(n, [0.5, 0.3, 0.2]), printer(rng, 1)
    return [{"percents": "; ".join(show(100 * k / n) for k in parts), "n": n}]


def agreement(rng: Rng) -> Made:
    table = rng.multinomial(int(rng.integers(20, 300)), [0.4, 0.1, 0.1, 0.4]).reshape(2, 2)
    share = table / table.sum()
    po, pe = float(np.trace(share)), float(share.sum(1) @ share.sum(0))
    return [{"agreement": f"{100 * po:.1f}", "expected_agreement": f"{100 * pe:.1f}",
             "kappa": f"{(po - pe) / (1 - pe):.2f}"}]  # fmt: skip


def effects(rng: Rng) -> Made:
    n1, n2 = (int(x) for x in rng.integers(20, 200, 2))
    e1, e2 = int(rng.binomial(n1, 0.3)), int(rng.binomial(n2, 0.4))
    if min(e1, e2, n1 - e1, n2 - e2) == 0:
        return effects(rng)
    measure = str(rng.choice(["OR", "RR"]))
    es = review.effect_size(measure, ai=[e1], n1i=[n1], ci=[e2], n2i=[n2])
    y, se = float(es.yi[0]), float(np.sqrt(es.vi[0]))
    p = 2 * stats.norm.sf(abs(y / se))
    return [{"measure": measure, "estimate": f"{np.exp(y):.2f}", "events1": e1, "n1": n1,
             "events2": e2, "n2": n2, "ci_low": f"{np.exp(y - 1.959964 * se):.2f}",
             "ci_high": f"{np.exp(y + 1.959964 * se):.2f}",
             "p": f"{p:.3f}" if p >= 0.001 else "<0.001"}]  # fmt: skip


TEXTS: dict[str, Callable[[Rng], Made]] = {
    "t in text": t_string, "F in text": f_string, "chi2 in text": chi2_string,
    "z in text": z_string, "r in text": r_string, "Q and I2 in text": q_string,
    "ratio in text": ratio_string, "difference in text": difference_string,
    "b and SE in text": beta_string, "count and % in text": share_string,
    "explained in text": explained_string,
}  # fmt: skip
ROWS: dict[str, Callable[[Rng], Made]] = {
    "scores of a table": scores, "scores over folds": folds, "mean and SD": scale,
    "binary mean and SD": binary, "heterogeneity": heterogeneity, "forest plot": forest,
    "two groups with p": groups, "table of counts": crosstab, "R2, F, adjusted": regression,
    "percentages of one n": percents, "kappa": agreement, "effect of counts": effects,
}  # fmt: skip


def failed(made: Made) -> list[Any]:
    report = audit_sentences(made) if isinstance(made, str) else audit_rows(made)
    return list(report.failed)


def changed(rng: Rng, made: Made) -> Made:
    """One digit of one printed number replaced by another."""
    if isinstance(made, str):
        at = [m.start() for m in re.finditer(r"\d", made) if made[m.start() - 1] not in "χ²I"]
        i = at[int(rng.integers(0, len(at)))]
        return made[:i] + _other(rng, made[i]) + made[i + 1 :]
    rows = [dict(row) for row in made]
    cells = [(i, k) for i, row in enumerate(rows) for k, v in row.items()
             if k not in {"id", "forest", "measure", "statistic", "data_type", "averaged_over"}
             and re.search(r"\d", str(v)) and not str(v).startswith("<")]  # fmt: skip
    row, key = cells[int(rng.integers(0, len(cells)))]
    text = str(rows[row][key])
    at = [m.start() for m in re.finditer(r"\d", text)]
    i = at[int(rng.integers(0, len(at)))]
    rows[row][key] = text[:i] + _other(rng, text[i]) + text[i + 1 :]
    return rows


def _other(rng: Rng, digit: str) -> str:
    return str((int(digit) + int(rng.integers(1, 10))) % 10)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=20220413)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    print(f"{'check':24}{'right':>8}{'accused':>9}{'one digit changed':>20}{'found':>9}")
    wrong = 0
    for name, make in (TEXTS | ROWS).items():
        if options.only not in name:
            continue
        rng = np.random.default_rng([options.seed, len(name), ord(name[0])])
        accused, found, tried = 0, 0, max(1, options.runs // 4)
        for i in range(options.runs):
            made = make(rng)
            claims = failed(made)
            accused += bool(claims)
            if claims and accused <= 3:
                print(f"  {made}\n  {claims[0]}")
            if i < tried:
                try:
                    found += bool(failed(changed(rng, made)))
                except review.errors.DataError:
                    found += 1
        wrong += accused
        print(f"{name:24}{options.runs:8}{accused:9}{tried:20}{found / tried:9.0%}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
